"""Converting many sources into an outbox: once, or as they arrive in a folder."""
