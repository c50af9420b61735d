"""The `memento` command: parse, call the assistant, print; nothing else."""
