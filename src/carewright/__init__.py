"""Carewright: the open-source platform that runs a care management program."""

__version__ = "0.1.0"
