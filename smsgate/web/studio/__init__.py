"""The studio: messages made, seen, heard, explained, kept and sent in a browser."""
