"""Shared pools: chosen memories in a folder that several people read, each of them writing only a file of their own."""
