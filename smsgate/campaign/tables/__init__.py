"""Tables of recipients: CSV, JSON lines, spreadsheets, cards."""
