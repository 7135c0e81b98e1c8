"""Which sources are protected by 42 CFR Part 2, and the lock that keeps declaring one and taking facts in apart."""

from carewright.plumbing.declaring import while_declaring
from carewright.plumbing.declaring import while_using as while_taking_to_the_chart
from carewright.warehouse import landing

Protected = tuple[frozenset[str], frozenset[str]]
"""Feeds and NPIs protected by 42 CFR Part 2."""


def sources(home: landing.HasLanded) -> Protected:
    """The feeds, and the NPIs, that are declared to be protected by 42 CFR Part 2."""
    declared = landing.part2_sources(home)
    return (
        frozenset(value for kind, value in declared if kind == "feed"),
        frozenset(value for kind, value in declared if kind == "npi"),
    )


__all__ = ["Protected", "sources", "while_declaring", "while_taking_to_the_chart"]
