"""
Invented people of whom the truth is known: who has two records, how the second one went wrong, and who only looks alike.

Made for measuring (`./carewright bench match`) and for tests; the same seed always makes the same people.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from carewright.registry.matching.described import Described, describe

WOMEN = """
Mary Patricia Linda Barbara Elizabeth Jennifer Maria Susan Margaret Dorothy Lisa Nancy Karen Betty Helen
Sandra Donna Carol Ruth Sharon Michelle Laura Sarah Kimberly Deborah Jessica Shirley Cynthia Angela Melissa
Brenda Amy Anna Rebecca Virginia Kathleen Pamela Martha Debra Amanda Stephanie Carolyn Christine Marie Janet
Catherine Frances Ann Joyce Diane Alice Julie Heather Teresa Gloria Evelyn Jean Cheryl Rosa Carmen Guadalupe
Juana Lourdes Ximena Aaliyah Keisha Mei Linh
""".split()
MEN = """
James John Robert Michael William David Richard Charles Joseph Thomas Christopher Daniel Paul Mark Donald
George Kenneth Steven Edward Brian Ronald Anthony Kevin Jason Matthew Gary Timothy Jose Larry Jeffrey Frank
Scott Eric Stephen Andrew Raymond Gregory Joshua Jerry Dennis Walter Patrick Peter Harold Douglas Henry Carl
Arthur Ryan Roger Joe Juan Jack Albert Jonathan Justin Terry Gerald Keith Samuel Luis Miguel Jesus Ramon
Alejandro Jamal Darnell Wei Minh Hung
""".split()
FAMILIES = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis
Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart
Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim
Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo
Sanders Patel Myers Long Ross Foster Jimenez Abernathy O'Neil Núñez Strauß Vandenberg Okafor Kowalski Haddad
Petrov Johansson Yamamoto Castellanos Fitzgerald Montgomery Villanueva Papadopoulos Abdullah Oyelaran
""".split()
STREETS = """
Elm Oak Maple Cedar Pine Washington Lake Hill Walnut Spring North Ridge Church Willow Mill Sunset Railroad
""".split()
NICKNAMES = {
    "Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Margaret": "Peggy", "Jennifer": "Jenny", "Michael": "Mike",
    "Patricia": "Pat", "Christopher": "Chris", "Jose": "Pepe", "Francisco": "Paco", "Catherine": "Cathy",
}  # fmt: skip
PAYERS = ("Meridian", "Harbor", "Atlas")
BORN_FIRST, BORN_LAST = date(1928, 1, 1), date(2026, 6, 30)


@dataclass
class Person:
    """What an invented record says, before it is put in the shape of `Described`."""

    given: str
    family: str
    sex: str
    born_on: date
    street: str
    zip_code: str
    phone: str
    email: str = ""
    member: tuple[str, str] | None = None
    suffix: str = ""
    numbers: frozenset[tuple[str, str, str]] = frozenset()


@dataclass
class Invented:
    """The records, who each one truly is, and how each second or look-alike record came about."""

    records: list[Described] = field(default_factory=list)
    truth: dict[int, int] = field(default_factory=dict)
    kind: dict[int, str] = field(default_factory=dict)

    def add(self, person: Person, who: int, kind: str) -> None:
        """One more record of somebody."""
        number = len(self.records) + 1
        self.records.append(
            describe(
                number, given_name=person.given, family_name=person.family, name_suffix=person.suffix, sex=person.sex,
                born_on=person.born_on, line=person.street, zip_code=person.zip_code,
                phones=[person.phone] if person.phone else [], emails=[person.email] if person.email else [],
                members=[person.member] if person.member else [], numbers=person.numbers,
            )
        )  # fmt: skip
        self.truth[number], self.kind[number] = who, kind

    def true_pairs(self) -> set[tuple[int, int]]:
        """The pairs of records that are one person."""
        by_person: dict[int, list[int]] = {}
        for record, who in self.truth.items():
            by_person.setdefault(who, []).append(record)
        return {(a, b) for same in by_person.values() for a in same for b in same if a < b}


def population(people: int, *, seed: int = 1, second_records: float = 0.1, look_alikes: float = 0.04) -> Invented:
    """So many people, a share of them with a second record, and among them pairs that look alike and are two people."""
    draw = random.Random(seed)  # noqa: S311 - invented people, no secret
    made = Invented()
    for who in range(people):
        person = _person(draw, who)
        made.add(person, who, "first record")
        if draw.random() < second_records:
            how = draw.choice(tuple(SECOND))
            made.add(SECOND[how](draw, person), who, how)
        if draw.random() < look_alikes:
            how = draw.choice(tuple(ALIKE))
            first, second = ALIKE[how](draw, person)
            if first is not None:
                made.add(first, people + 2 * who, how)
            made.add(second, people + 2 * who + 1, how)
    return made


def _skewed(draw: random.Random, names: list[str]) -> str:
    return names[min(int(draw.expovariate(3.0) * len(names)), len(names) - 1)]


def _person(draw: random.Random, who: int) -> Person:
    sex = draw.choice(("female", "male"))
    family = _skewed(draw, FAMILIES)
    if draw.random() < 0.15:
        family = f"{family} {_skewed(draw, FAMILIES)}"
    given = _skewed(draw, WOMEN if sex == "female" else MEN)
    if draw.random() < 0.25:
        given = f"{given} {_skewed(draw, WOMEN if sex == 'female' else MEN)}"
    return Person(
        given=given, family=family, sex=sex, street=_street(draw), zip_code=f"{1000 + draw.randrange(80):05d}",
        born_on=BORN_FIRST + timedelta(draw.randrange((BORN_LAST - BORN_FIRST).days)), phone=_phone(draw),
        email=f"{given.split()[0]}.{who}@example.org".lower() if draw.random() < 0.4 else "",
        member=(draw.choice(PAYERS), f"M{who:08d}"),
        numbers=frozenset({("mrn", "General", str(who))}) if draw.random() < 0.6 else frozenset(),
    )  # fmt: skip


def _street(draw: random.Random) -> str:
    return f"{draw.randrange(1, 900)} {draw.choice(STREETS)} {draw.choice(('Street', 'St', 'Avenue', 'Rd.'))}"


def _phone(draw: random.Random) -> str:
    return f"413-{draw.randrange(200, 999)}-{draw.randrange(10_000):04d}"


def _typo(draw: random.Random, name: str) -> str:
    at = draw.randrange(max(1, len(name) - 1))
    letter = draw.choice("aeinorst")
    return draw.choice(
        (name[:at] + name[at + 1 :], name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :],
         name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :])
    )  # fmt: skip


def _elsewhere(draw: random.Random, person: Person) -> Person:
    """The same person as another source knows them: no number of the first hospital, often another payer."""
    kept = person.member if draw.random() < 0.6 else None
    return replace(
        person, numbers=frozenset(), member=kept, email=person.email if draw.random() < 0.5 else "",
        phone=person.phone if draw.random() < 0.8 else _phone(draw),
    )  # fmt: skip


def _date_slip(draw: random.Random, day: date) -> date:
    slips = [day.replace(year=max(1925, day.year + draw.choice((-1, 1, 10))), day=min(day.day, 28))]
    if day.day <= 12 and day.day != day.month:
        slips.append(date(day.year, day.day, day.month))
    return draw.choice([*slips, day + timedelta(draw.choice((-1, 1)))])


SECOND = {
    "the same": lambda draw, p: _elsewhere(draw, p),
    "moved": lambda draw, p: replace(_elsewhere(draw, p), street=_street(draw), zip_code=f"{1000 + draw.randrange(80):05d}"),
    "moved, new phone": lambda draw, p: replace(
        _elsewhere(draw, p), street=_street(draw), zip_code=f"{1000 + draw.randrange(80):05d}", phone=_phone(draw)
    ),
    "slip in the family name": lambda draw, p: replace(_elsewhere(draw, p), family=_typo(draw, p.family)),
    "slip in the given name": lambda draw, p: replace(_elsewhere(draw, p), given=_typo(draw, p.given)),
    "names swapped": lambda draw, p: replace(_elsewhere(draw, p), given=p.family, family=p.given),
    "nickname": lambda draw, p: replace(
        _elsewhere(draw, p), given=NICKNAMES.get(p.given.split()[0], p.given.split()[0][:3])
    ),
    "slip in the birth date": lambda draw, p: replace(_elsewhere(draw, p), born_on=_date_slip(draw, p.born_on)),
    "married": lambda draw, p: replace(_elsewhere(draw, p), family=_skewed(draw, FAMILIES)),
    "middle name left out": lambda draw, p: replace(_elsewhere(draw, p), given=p.given.split()[0]),
    "first and second family name": lambda draw, p: replace(_elsewhere(draw, p), family=p.family.split()[0]),
    "two numbers of one hospital": lambda draw, p: replace(
        _elsewhere(draw, p), numbers=frozenset({("mrn", "General", f"again-{p.phone}")})
    ),
}  # fmt: skip
"""How one person came to have a second record."""


def _twins(draw: random.Random, p: Person) -> tuple[Person | None, Person]:
    names = WOMEN if p.sex == "female" else MEN
    other = draw.choice([name for name in names if name != p.given.split()[0]])
    if draw.random() < 0.4:  # Maria Luisa and Maria Jose; Jayden and Jaydon
        other = draw.choice((f"{p.given.split()[0]} {other}", _typo(draw, p.given.split()[0])))
    while describe(0, given_name=other).given == describe(0, given_name=p.given).given:
        other = draw.choice(names)
    twin = replace(p, given=other, email="", numbers=frozenset())
    return None, twin


def _junior(draw: random.Random, p: Person) -> tuple[Person | None, Person]:
    child = replace(
        p, email="", numbers=frozenset(), suffix=draw.choice(("Jr", "Jr.", "II", "")),
        born_on=date(min(2024, p.born_on.year + draw.randrange(20, 36)), draw.randrange(1, 13), draw.randrange(1, 29)),
    )  # fmt: skip
    if draw.random() < 0.2:  # a registrar typed the father's birth date for the son
        child = replace(child, suffix="Jr", born_on=p.born_on)
    return None, child


def _newborns(draw: random.Random, p: Person) -> tuple[Person | None, Person]:
    born = date(2026, draw.randrange(1, 7), draw.randrange(1, 29))
    called = draw.choice(("Baby Boy", "Babyboy", "BB", "Newborn", "Boy"))
    baby = replace(p, given=called, sex="male", born_on=born, email="", numbers=frozenset())
    return baby, replace(baby, given=draw.choice((called, f"{called} B", f"{called} 2")))


def _stranger(draw: random.Random, p: Person) -> tuple[Person | None, Person]:
    return None, replace(
        p, street=_street(draw), zip_code=f"{1000 + draw.randrange(80):05d}", phone=_phone(draw), email="",
        numbers=frozenset(), member=(draw.choice(PAYERS), f"S{draw.randrange(10**8):08d}"),
    )  # fmt: skip


def _recycled(draw: random.Random, p: Person) -> tuple[Person | None, Person]:
    sex = draw.choice(("female", "male"))
    return None, Person(
        given=_skewed(draw, WOMEN if sex == "female" else MEN), family=_skewed(draw, FAMILIES), sex=sex,
        born_on=BORN_FIRST + timedelta(draw.randrange((BORN_LAST - BORN_FIRST).days)), street=_street(draw),
        zip_code=p.zip_code, phone=p.phone, member=p.member,
    )  # fmt: skip


def _spouse(draw: random.Random, p: Person) -> tuple[Person | None, Person]:
    return None, replace(
        p, given=_skewed(draw, MEN if p.sex == "female" else WOMEN), sex="male" if p.sex == "female" else "female",
        born_on=p.born_on + timedelta(draw.randrange(-2000, 2000)), email="", numbers=frozenset(),
    )  # fmt: skip


ALIKE = {
    "twins": _twins,
    "father and son of one name": _junior,
    "newborns without a name": _newborns,
    "a stranger of the same name and birth date": _stranger,
    "a recycled number and phone": _recycled,
    "husband and wife": _spouse,
}
"""How two people come to look like one."""
