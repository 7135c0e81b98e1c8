"""Indexes that sum up how many serious illnesses a person has."""
