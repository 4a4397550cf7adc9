"""The gateway: message files in a folder become messages on phones, and its logs say so."""
