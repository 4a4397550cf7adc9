"""From rows of a table to messages: recipients, numbers, templates, texts, attachments."""
