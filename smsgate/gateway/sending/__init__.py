"""Messages to message centres, and receipts back."""
