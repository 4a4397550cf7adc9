"""An outbox to an FTP server, and the server's logs back."""
