"""The terminal app: `memento` without a command opens it."""
