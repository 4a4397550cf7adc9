"""Messages from phones: read, joined, given to accounts, and charged."""
