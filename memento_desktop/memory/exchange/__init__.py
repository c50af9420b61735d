"""Memory in and out: other programs' exports read, one file a format, and everything written to files that are read back equal."""
