"""Which route a message goes by, and when it moves on to another."""
