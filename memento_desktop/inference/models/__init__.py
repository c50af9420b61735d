"""Models: which are on this disk, which are recommended, which fit this machine, and getting them."""
