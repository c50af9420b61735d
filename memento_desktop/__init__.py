"""Memento Desktop: a private assistant that plans with a local model and learns from its own cases."""

__version__ = "0.1.0"
