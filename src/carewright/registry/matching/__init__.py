"""
Finding records that are one person: what two records say is compared by rules anyone can read, and weighed by splink.

Only what the rules call sure is joined by the machine. Everything else that looks alike waits for a person.
"""
