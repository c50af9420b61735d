"""Copies of the bank, putting one back, and finding and mending what a disk can break."""
