"""The databases that a gateway can have: a file of SQLite, or a server of PostgreSQL."""
