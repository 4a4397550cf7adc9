"""The inbox: what the simulated phones got, replies, receipts, and faults of the network."""
