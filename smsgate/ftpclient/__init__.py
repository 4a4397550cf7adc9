"""Sending an outbox to an FTP server, and fetching the server's logs."""
