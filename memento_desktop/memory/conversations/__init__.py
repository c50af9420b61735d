"""What was said, word for word: kept, and found again by windows over the lines."""
