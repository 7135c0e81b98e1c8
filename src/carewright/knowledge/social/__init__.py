"""Needs outside medicine that were written down, and what is known of an area as a whole."""
