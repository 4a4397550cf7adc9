"""What received parts become: shown, and written back to files."""
