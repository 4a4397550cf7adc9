"""Text files as text messages."""
