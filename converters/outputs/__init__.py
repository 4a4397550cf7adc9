"""What a payload is written as, and read back: message files, TPDUs, spool files, JSON."""
