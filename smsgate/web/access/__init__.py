"""Who may see the gateway's pages: log-in, sessions, roles."""
