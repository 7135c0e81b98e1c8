"""
Whether two records are one person, said in rules that a registrar could read aloud.

A machine joins only what cannot reasonably be two people: the same given names to the letter, a family name that is the
same or a slip of the pen away, the same birth date, something of their own besides (a member number, a phone, an email,
the same street), nothing that speaks against it, and a likelihood that agrees. **What speaks against it always wins.** Twins, father and son, newborns without a name and
numbers given to a second person look alike by nature, so anything that could be one of them waits for a person.

Everything here is pure: two `Described` in, one `Verdict` out.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_noop

from carewright.registry.matching.described import ONE_EACH, Described

SURE_FROM = 0.999
"""The least likelihood at which the machine joins."""

WAITS_FROM = 0.30
"""The least likelihood at which a pair waits for a person."""

SAME, PERHAPS, DIFFERENT = "same", "perhaps", "different"

AGAINST = {
    "no_name": gettext_noop("One of them has no name of their own yet, as newborns do"),
    "could_be_twins": gettext_noop("Same birth date and home, and the given names differ: this is how twins look"),
    "given_names_differ": gettext_noop("The given names are not the same to the letter"),
    "middle_names_differ": gettext_noop("The middle names differ"),
    "family_names_differ": gettext_noop("The family names differ"),
    "suffixes_differ": gettext_noop("Junior and senior, or one of them says neither"),
    "birth_dates_differ": gettext_noop("The birth dates differ"),
    "birth_date_missing": gettext_noop("A birth date is missing"),
    "sexes_differ": gettext_noop("The recorded sex differs"),
    "two_numbers_of_one_kind": gettext_noop("The same assigner gave them two different numbers"),
    "one_died": gettext_noop("One of them died, the other was seen later or has another date of death"),
    "nothing_besides_the_name": gettext_noop("Nothing but the name and the birth date agrees"),
    "number_contradicts": gettext_noop("A number that belonged to one person came with another's name or birth date"),
    "numbers_of_two": gettext_noop("One source's numbers point to both records"),
    "kept_apart": gettext_noop("Somebody decided that these are two people"),
    "joined_wrongly": gettext_noop("They were joined once, and it was undone"),
}
"""Why a machine may not join, each in words."""

FOR = {
    "same_name": gettext_noop("The same name"),
    "same_birth_date": gettext_noop("The same birth date"),
    "same_member_number": gettext_noop("The same member number of one payer"),
    "same_phone": gettext_noop("The same phone number"),
    "same_email": gettext_noop("The same email address"),
    "same_street": gettext_noop("The same street and ZIP code"),
    "names_swapped": gettext_noop("Given and family name changed places"),
    "same_number": gettext_noop("The same number from one assigner"),
}
"""What speaks for one person, each in words."""

SAID = AGAINST | FOR


@dataclass(frozen=True)
class Verdict:
    """What came of comparing two records: same, perhaps or different, what speaks for it and what against."""

    kind: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    score: float | None = None

    @property
    def reasons(self) -> list[str]:
        """All codes, those against it first."""
        return [*self.speaks_against, *self.speaks_for]

    @property
    def why(self) -> str:
        """Both sides as one line, in words."""
        return "; ".join(SAID[code] for code in (*self.speaks_for, *self.speaks_against))


def judge(a: Described, b: Described, *, score: float | None = None) -> Verdict:
    """Compare two records; `score` is the likelihood splink gives the pair, nothing when it saw no reason to look."""
    against, speaks_for = speaks_against(a, b), evidence_for(a, b)
    own = set(speaks_for) - {"same_name", "same_birth_date", "names_swapped"}
    if not own:
        against = (*against, "nothing_besides_the_name")
    likely = score is not None and score >= SURE_FROM
    if not against and (likely or {"same_name", "same_birth_date", "same_member_number"} <= set(speaks_for)):
        kind = SAME
    elif "same_number" in own or (score is not None and score >= WAITS_FROM and not _plainly_two(a, b)):
        kind = PERHAPS
    else:
        kind = DIFFERENT
    return Verdict(kind, speaks_for, against, score)


def speaks_against(a: Described, b: Described) -> tuple[str, ...]:
    """Every rule that keeps a machine from joining these two."""
    found = []
    if a.has_no_name_yet or b.has_no_name_yet or not (a.given and b.given):
        found.append("no_name")
    if a.born_on is None or b.born_on is None:
        found.append("birth_date_missing")
    elif a.born_on != b.born_on:
        found.append("birth_dates_differ")
    if a.first != b.first and not names_swapped(a, b):
        twins = a.born_on is not None and a.born_on == b.born_on and shares_a_home(a, b)
        found.append("could_be_twins" if twins else "given_names_differ")
    elif a.given != b.given and not names_swapped(a, b):
        found.append("middle_names_differ")
    if a.family != b.family and not names_swapped(a, b) and not slip_of_the_pen(a.family, b.family):
        found.append("family_names_differ")
    if a.suffix != b.suffix:
        found.append("suffixes_differ")
    if {a.sex, b.sex} == {"female", "male"}:
        found.append("sexes_differ")
    if two_numbers(a, b):
        found.append("two_numbers_of_one_kind")
    if a.died_on and b.died_on and a.died_on != b.died_on:
        found.append("one_died")
    return tuple(found)


def evidence_for(a: Described, b: Described) -> tuple[str, ...]:
    """What the two records share."""
    found = []
    if a.given and a.family and (a.given, a.family) == (b.given, b.family):
        found.append("same_name")
    elif names_swapped(a, b):
        found.append("names_swapped")
    if a.born_on is not None and a.born_on == b.born_on:
        found.append("same_birth_date")
    for shared, code in (
        (a.members & b.members, "same_member_number"), (a.phones & b.phones, "same_phone"),
        (a.emails & b.emails, "same_email"), (a.numbers & b.numbers, "same_number"),
    ):  # fmt: skip
        if shared:
            found.append(code)
    if a.street and a.zip_code and (a.street, a.zip_code) == (b.street, b.zip_code):
        found.append("same_street")
    return tuple(found)


def contradicts(a: Described, b: Described) -> bool:
    """
    Whether a shared number must be wrong: the birth dates differ, or no part of the names agrees.

    What one of them does not say contradicts nothing.
    """
    if a.born_on is not None and b.born_on is not None and a.born_on != b.born_on:
        return True
    if not (a.given and a.family and b.given and b.family):
        return False
    if a.suffix and b.suffix and a.suffix != b.suffix:
        return True
    same_given = a.first == b.first or a.has_no_name_yet or b.has_no_name_yet
    return not (same_given or names_swapped(a, b)) and (a.family != b.family or a.born_on is None or b.born_on is None)


def slip_of_the_pen(one: str, other: str) -> bool:
    """Whether two family names of some length differ by one letter, or only by how they are divided into words."""
    plain_one, plain_other = one.replace(" ", ""), other.replace(" ", "")
    return min(len(plain_one), len(plain_other)) >= 5 and edits(plain_one, plain_other) <= 1


def names_swapped(a: Described, b: Described) -> bool:
    """Whether one record has the given name where the other has the family name."""
    return bool(a.given and a.family) and a.given != a.family and (a.given, a.family) == (b.family, b.given)


def shares_a_home(a: Described, b: Described) -> bool:
    """Whether they live together as far as anyone can tell: one street, one phone, one family's member number."""
    same_street = bool(a.street) and (a.street, a.zip_code) == (b.street, b.zip_code)
    return same_street or bool(a.phones & b.phones) or bool(a.members & b.members)


def two_numbers(a: Described, b: Described) -> bool:
    """Whether one assigner gave them two different numbers of a kind of which a person has one."""

    def by_kind(one: Described) -> dict[tuple[str, str], set[str]]:
        found: dict[tuple[str, str], set[str]] = {}
        for kind, assigner, value in one.numbers:
            if kind in ONE_EACH:
                found.setdefault((kind, assigner), set()).add(value)
        return found

    mine, theirs = by_kind(a), by_kind(b)
    return any(not (mine[key] & theirs[key]) for key in mine.keys() & theirs.keys())


def _plainly_two(a: Described, b: Described) -> bool:
    """Housemates who share everything but themselves: they are not put before a person as one."""
    if a.born_on and b.born_on and a.born_on != b.born_on and abs((a.born_on - b.born_on).days) > 366 * 10:
        same_day = (a.born_on.month, a.born_on.day) == (b.born_on.month, b.born_on.day)
        return not same_day  # a slip in the year alone still looks like one person
    return a.first != b.first and not _alike(a.first, b.first) and not names_swapped(a, b) and shares_a_home(a, b)


def _alike(one: str, other: str) -> bool:
    """Whether two words could be one, written differently: one begins the other, or few letters differ."""
    if not one or not other or one in other or other in one:
        return True
    return edits(one, other) <= (1 if min(len(one), len(other)) < 6 else 2)


def edits(one: str, other: str) -> int:
    """
    How many letters must be changed, added, left out or exchanged with their neighbor to make one word the other.

    >>> edits("maria", "mraia"), edits("jon", "john"), edits("ruth", "ruth")
    (1, 1, 0)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
