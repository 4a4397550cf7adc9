"""What a campaign has written: journal tables, open files, names of files, and the archive."""
