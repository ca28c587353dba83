"""Text: folding it so that what reads the same compares the same, and finding phrases in it."""
