"""Message files on a disk: read, written, locked, and what a journal knows of them."""
