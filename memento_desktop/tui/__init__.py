"""The terminal app; `memento` with no argument will open it."""
