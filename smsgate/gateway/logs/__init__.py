"""What the gateway writes into a folder: answers, and the history of all messages."""
