"""A message centre to test against."""
