"""Message files that are complete: taken out of the folder, read, and answered."""
