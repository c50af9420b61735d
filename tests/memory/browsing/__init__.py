"""Browsing and shaping memory."""
