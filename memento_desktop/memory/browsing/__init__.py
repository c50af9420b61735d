"""The owner's view of the whole bank."""
