"""
Which sensitive facts stay closed to whom.

Every fact carries sensitivity tags from the moment it lands. `part2` (42 CFR Part 2) is closed to everyone, because no
consent to disclose has been recorded yet; consent comes with enrollment.
"""

from django.db.models import QuerySet

from carewright.staff import roles

EVERY_TAG = roles.ALWAYS_HIDDEN | roles.SENSITIVE


def hidden_tags(user, patient=None, *, at=None) -> frozenset[str]:
    """The tags whose facts this person must not see, anywhere: pages, search, reasons, counts, files."""
    role = roles.role_of(user)
    return EVERY_TAG if role is None else role.hidden_tags


def without_hidden(facts: QuerySet, user, patient=None, *, at=None) -> QuerySet:
    """Only the facts this person may see, by the `tags` column of their table."""
    return facts.exclude(tags__overlap=sorted(hidden_tags(user, patient, at=at)))
