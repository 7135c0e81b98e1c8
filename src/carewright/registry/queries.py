"""Questions about who our patients are."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from django.db import connection, models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.registry.models import ContactPoint, Coverage, FieldSource, Identifier, Patient
from carewright.registry.names import name_key

AT_LEAST = 2
WORDS = 6
PHONE_DIGITS = 7
GUESSED_FROM = 4
WORDS_AT_MOST = 400
FEW = 2_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"
_AFTER_EVERY_LETTER = "\U0010ffff"
_DATES = (
    re.compile(r"\b(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4})\b"),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
)


def find(asked: str, *, among: QuerySet[Patient], names: bool = True, limit: int = 51) -> list[Patient]:
    """
    The patients somebody typed a name, a birth date, a phone or another number for; nobody when too little was typed.

    `among` are the patients the reader may see (`access.guard.patients_for`). Understood are the beginning of a family
    or given name in either order ("Núñez", "maria nun", "Nunez, Maria"), any word of a name or of the name they wish to
    be called by, a birth date (MM/DD/YYYY or YYYY-MM-DD), name and date together, a phone number as anyone writes it,
    and the beginning of a member ID, a record number or a `person_id`. Who answers exactly comes first; only when
    nobody does are names tried that differ by one letter. With `names=False` (a reader who sees people without their
    names) only whole numbers are looked for.
    """
    text = asked.strip()
    if not names:
        return list(among.filter(_numbered(text, whole=True))[:limit]) if len(text) >= AT_LEAST else []
    born_on, rest = _birth_date(text)
    key = name_key(rest)
    if born_on is None and len(key.replace(" ", "")) < AT_LEAST:
        return []
    # A reader with a caseload is asked among the caseload, not among everybody behind the wall.
    few = list(among.order_by().values_list("pk", flat=True)[: FEW + 1])
    if len(few) > FEW:
        few = []
    elif few:
        among = among.filter(pk__in=few)
    else:
        return []
    among = among.filter(born_on=born_on) if born_on else among
    words = key.split()[:WORDS]
    found: dict[int, Patient] = {}
    for way in _ways(words, rest.strip()):
        if len(found) >= limit:
            break
        for patient in way(among)[:limit]:
            found.setdefault(patient.pk, patient)
    if len(found) < limit and (len(words) == 1 or (words and not found)):
        # Any word of the name; of several words only when nobody answered to them as given and family name.
        for patient in _with_words(among, words, few, limit):
            found.setdefault(patient.pk, patient)
    if not found and words:
        for patient in _with_words(among, words, few, limit, misspelled=True):
            found.setdefault(patient.pk, patient)
    return list(found.values())[:limit]


Way = Callable[[QuerySet[Patient]], QuerySet[Patient]]


def _ways(words: list[str], text: str) -> Iterator[Way]:
    """The ways a text can be meant, the likeliest first; each is one question that an index answers."""
    if not words:
        yield lambda among: among.order_by("sort_name", "id")
        return
    if any(letter.isdigit() for letter in text):
        if (digits := re.sub(r"[^0-9]", "", text)) and len(digits) >= PHONE_DIGITS:
            yield lambda among: among.filter(pk__in=list(_with_phone(digits))).order_by("sort_name", "id")
        yield lambda among: among.filter(_numbered(text)).order_by("sort_name", "id")
    joined = " ".join(words)
    yield lambda among: among.filter(_begins("sort_name", joined)).order_by("sort_name", "id")
    yield lambda among: among.filter(_begins("given_key", joined)).order_by("given_key")
    for cut in range(1, min(len(words), 5)):
        given, family = " ".join(words[:cut]), " ".join(words[cut:])
        yield lambda among, given=given, family=family: among.filter(  # type: ignore[misc]
            _begins("given_key", given) & _begins("sort_name", family)
        ).order_by("sort_name", "id")


SPELLED = """
select n.patient_id from unnest(%s::text[]) as s (word)
cross join lateral (select w.patient_id from registry_nameword w where w.word = s.word{few} limit 30000) n
"""
"""Whose name has one of these words; the inner limit is what makes the database look each of them up by the index."""

BEGINS = "select w.patient_id from registry_nameword w where w.word >= %s and w.word < %s{few}"
"""Whose name has a word that begins so."""

ALSO = "exists (select 1 from registry_nameword w where w.patient_id = d.patient_id and w.word >= %s and w.word < %s)"
"""The same, asked about each of those who are left."""


def _with_words(
    among: QuerySet[Patient], words: list[str], few: list[int], limit: int, *, misspelled: bool = False
) -> list[Patient]:
    """
    Those whose name has a word that begins with each of these, or, `misspelled`, is as typed or one letter away.

    Digits, and words too short to guess from, are not guessed. `few` are the only ones there are to ask among, where
    they are few. The words are asked apart from the people, and the names are put in order here: in one question with
    them the database would rather walk through everybody than trust a word to be rare.
    """
    # The beginning that very many words share is asked last, about those who are left.
    longest = max(map(len, words))
    first = [word for word in words if len(word) >= min(GUESSED_FROM, longest)]
    parts: list[str] = []
    params: list[str | list[str] | list[int]] = []
    for word in first:
        guessed = misspelled and len(word) >= GUESSED_FROM and not word.isdigit()
        part = SPELLED if guessed else BEGINS
        parts.append(part.format(few=" and w.patient_id = any(%s)" if few else ""))
        params += [spellings(word)] if guessed else [word, word + _AFTER_EVERY_LETTER]
        params += [few] if few else []
    rest = [word for word in words if word not in first]
    params += [text for word in rest for text in (word, word + _AFTER_EVERY_LETTER)]
    where = f" where {' and '.join([ALSO] * len(rest))}" if rest else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select d.patient_id from ({' intersect '.join(parts)}) d{where} limit {WORDS_AT_MOST}",
            params,
        )
        ids = {pk for (pk,) in cursor.fetchall()}
    order = [pk for _name, pk in sorted(among.filter(pk__in=ids).order_by().values_list("sort_name", "pk"))[:limit]]
    known = Patient.objects.in_bulk(order)
    return [known[pk] for pk in order if pk in known]


def spellings(word: str) -> list[str]:
    """
    A word and every word one letter away: left out, exchanged, exchanged with its neighbor, or added.

    >>> "maria" in spellings("mria"), "nunez" in spellings("munez"), "smith" in spellings("simth")
    (True, True, True)
    """
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    without = {a + b[1:] for a, b in cuts if b}
    turned = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    other = {a + letter + b[1:] for a, b in cuts if b for letter in LETTERS}
    more = {a + letter + b for a, b in cuts for letter in LETTERS}
    return sorted({word} | without | turned | other | more)


def _with_phone(digits: str) -> Iterable[int]:
    """Whose number ends in these digits when ten were typed, or begins with them when fewer were."""
    shown = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE)
    wanted = {"digits": digits[-10:]} if len(digits) >= 10 else _range("digits", digits)
    return shown.filter(**wanted).values_list("patient_id", flat=True)[:WORDS_AT_MOST]


def by_person_id(person_id: str) -> Patient | None:
    """The patient the warehouse knows by this number."""
    return Patient.objects.filter(
        identifiers__system="person_id", identifiers__assigner="", identifiers__value=person_id
    ).first()


def said_by(patient: Patient) -> list[str]:
    """Which fields somebody of ours wrote down, who and when, in words."""
    rows = patient.field_sources.select_related("said_by").order_by("field")
    return [f"{_called(row.field)}: {said_how(row)}" for row in rows]


def said_how(row: FieldSource) -> str:
    """Who wrote down a field, when, and from what."""
    told = {"who": row.said_by.name, "day": date_format(timezone.localdate(row.said_at), "M j, Y")}
    if row.source == FieldSource.Source.ASSESSMENT:
        return _("%(who)s, %(day)s, as said in an assessment") % told
    return _("%(who)s, %(day)s") % told


def _called(field: str) -> str:
    """
    A field in words; a detail of a phone without the number of its row.

    >>> _called("written_language"), _called("contact_point_12_best_time")
    ('written language', 'phone, best time')
    """
    return re.sub(r"^contact point \d+ ", "phone, ", field.replace("_", " "))


def dates_in_words(row: models.Model) -> str:
    """The first day or moment a row names, in words, to tell rows apart by; nothing when it names none."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, date):
            return _("of %(day)s") % {"day": date_format(value, "M j, Y")}
    return f"#{row.pk}"


def _birth_date(text: str) -> tuple[date | None, str]:
    for shape in _DATES:
        if match := shape.search(text):
            try:
                day = date(int(match["year"]), int(match["month"]), int(match["day"]))
            except ValueError:
                continue
            return day, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _numbered(number: str, *, whole: bool = False) -> Q:
    def holds(field: str) -> Q:
        return Q(**{field: number}) if whole else _begins(field, number)

    # Asked by themselves for the same reason as the words of names.
    ids = set(Identifier.objects.filter(holds("value")).values_list("patient_id", flat=True)[:WORDS_AT_MOST])
    ids |= set(Coverage.objects.filter(holds("member_id")).values_list("patient_id", flat=True)[:WORDS_AT_MOST])
    return Q(pk__in=ids)


def _begins(field: str, text: str) -> Q:
    # Written as a range, not as LIKE: row-level security lets only leakproof operators reach an index, and LIKE is none.
    return Q(**_range(field, text))


def _range(field: str, text: str) -> dict[str, str]:
    return {f"{field}__gte": text, f"{field}__lt": text + _AFTER_EVERY_LETTER}
