"""Curation: what gets into memory, in which order it is kept, and what is put to its owner."""
