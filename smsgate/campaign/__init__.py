"""Campaigns: one text for many people, from a table of recipients to message files."""
