"""What waits to be sent, and what became of it: functions on one database transaction."""
