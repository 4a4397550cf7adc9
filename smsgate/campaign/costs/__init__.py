"""What a campaign costs: parts counted, prices, and the bill."""
