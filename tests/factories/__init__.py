"""Makers of invented people and things for tests; one file per stage."""
