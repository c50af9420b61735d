"""What `memento eval` runs."""
