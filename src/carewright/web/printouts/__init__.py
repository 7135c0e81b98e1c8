"""
Paper for bad days: what somebody needs to go on when the screens are dark.

`sheet` gathers a caseload in a few questions, `nightly` writes each lead's sheet into the home every morning, where it
can be read and printed without a server or a database.
"""
