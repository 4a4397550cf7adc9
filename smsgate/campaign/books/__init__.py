"""What a campaign has written: its ledger, spool pieces, file names and archive."""
