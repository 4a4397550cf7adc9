"""What a campaign costs: parts counted, prices, the bill."""
