"""Message files on a disk: written, read, checked and locked, with a journal beside them."""
