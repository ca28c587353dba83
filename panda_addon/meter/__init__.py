"""What a call uses and what it costs: tokens, prices, and the limits on both."""
