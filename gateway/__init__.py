"""What stands between an outbox and the phones: the journal, the upload, the gateway's logs."""
