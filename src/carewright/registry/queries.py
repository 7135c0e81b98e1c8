"""Questions about who our patients are."""

import re
from datetime import date

from django.db.models import Q, QuerySet

from carewright.registry.models import Coverage, Identifier, Patient
from carewright.registry.names import name_key

AT_LEAST = 2
_AFTER_EVERY_LETTER = "\U0010ffff"
_DATES = (
    re.compile(r"\b(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4})\b"),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
)


def find(asked: str, *, among: QuerySet[Patient], names: bool = True) -> QuerySet[Patient]:
    """
    The patients somebody typed a name, a birth date or a number for, by name; nobody when too little was typed.

    `among` are the patients the reader may see (`access.guard.patients_for`). Understood are the beginning of a family
    or given name in either order ("Núñez", "maria nun", "Nunez, Maria"), a birth date (MM/DD/YYYY or YYYY-MM-DD), both
    together, and the beginning of a member ID, a record number or a `person_id`. With `names=False` (a reader who sees
    people without their names) only whole numbers are looked for.
    """
    text = asked.strip()
    if not names:
        return among.filter(_numbered(text, whole=True)) if len(text) >= AT_LEAST else among.none()
    born_on, rest = _birth_date(text)
    key = name_key(rest)
    if born_on is None and len(key.replace(" ", "")) < AT_LEAST:
        return among.none()
    found = among.filter(born_on=born_on) if born_on else among
    if key:
        wanted = _named(key.split())
        if any(letter.isdigit() for letter in rest):
            wanted |= _numbered(rest.strip())
        found = found.filter(wanted)
    return found.order_by("sort_name", "id")


def by_person_id(person_id: str) -> Patient | None:
    """The patient the warehouse knows by this number."""
    return Patient.objects.filter(
        identifiers__system="person_id", identifiers__assigner="", identifiers__value=person_id
    ).first()


def _birth_date(text: str) -> tuple[date | None, str]:
    for shape in _DATES:
        if match := shape.search(text):
            try:
                day = date(int(match["year"]), int(match["month"]), int(match["day"]))
            except ValueError:
                continue
            return day, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _named(words: list[str]) -> Q:
    """Family name first, or given name first, whichever way the words are divided between the two."""
    wanted = _begins("sort_name", " ".join(words)) | _begins("given_key", " ".join(words))
    for cut in range(1, min(len(words), 5)):
        wanted |= _begins("given_key", " ".join(words[:cut])) & _begins("sort_name", " ".join(words[cut:]))
    return wanted


def _numbered(number: str, *, whole: bool = False) -> Q:
    def holds(field: str) -> Q:
        return Q(**{field: number}) if whole else _begins(field, number)

    return Q(pk__in=Identifier.objects.filter(holds("value")).values("patient")) | Q(
        pk__in=Coverage.objects.filter(holds("member_id")).values("patient")
    )


def _begins(field: str, text: str) -> Q:
    # Written as a range, not as LIKE: row-level security lets only leakproof operators reach an index, and LIKE is none.
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + _AFTER_EVERY_LETTER})
