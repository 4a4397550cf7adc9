"""Many sources to an outbox: once, or as they arrive in a folder."""
