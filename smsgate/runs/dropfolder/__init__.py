"""A watched folder: its sources, its rows in the journal, and the names of what it files."""
