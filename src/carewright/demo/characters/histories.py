"""
Histories written by hand become the same bills, fills, results and notices as everybody else's.
"""

from dataclasses import dataclass, fields

import numpy as np

from carewright.demo import calendar, tables
from carewright.demo.admissions import Stays
from carewright.demo.calendar import NEVER, Calendar
from carewright.demo.characters import (
    Asked,
    Character,
    Emergency,
    Fills,
    Measured,
    Nursing,
    Stay,
    Visit,
    everyone,
)
from carewright.demo.health import Health
from carewright.demo.medicines import Fills as AllFills
from carewright.demo.people import ATLAS, HARBOR, LANGUAGES, MERIDIAN, People
from carewright.demo.results import QUESTIONS, Answers, Results
from carewright.demo.scene import Scene
from carewright.demo.tables import (
    ADMIT_SOURCE,
    ADMIT_TYPE,
    BILL_TYPE,
    DISPOSITION,
    DRG,
    DX,
    HCPCS,
    PLACE,
    REVENUE,
    Choice,
)

PAYER_OF = {0: MERIDIAN, 1: MERIDIAN, 2: HARBOR, 4: ATLAS}
NEEDS = ("food", "housing", "rides", "bills", "safety")
PLACES = {"telehealth": "10", "equipment": "12", "dialysis": ""}
SPECIALTY_OF = {"prenatal": "obstetrics", "therapy": "therapy"}


@dataclass
class Told:
    """What the people written by hand add to a block: hospital stays and visits for the notices, fills, results, answers."""

    stays: Stays
    status: np.ndarray
    visits: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    hospitals: np.ndarray
    fills: AllFills
    lab: Results
    practice: Results
    answers: Answers


def join(people: People, well: Health, days: Calendar) -> tuple[People, Health, np.ndarray]:
    """Everyone of the block and, after them, the people written by hand; and which are those."""
    characters = everyone()
    written = np.arange(people.count + len(characters)) >= people.count
    return _people(people, characters, days), _health(well, characters, days), written


def _people(people: People, characters: tuple[Character, ...], days: Calendar) -> People:
    places = [row["zip_code"] for row in tables.read("places")]
    base, many = people.count, len(characters)
    at = {one.number: base + i for i, one in enumerate(characters)}
    month = np.arange(days.months)
    payer = np.stack(
        [np.where(month >= days.months - 1 - one.months_covered, PAYER_OF[one.segment], -1) for one in characters]
    )
    new = {
        "number": [one.number for one in characters],
        "segment": [one.segment for one in characters],
        "birth": [_birth(one, days) for one in characters],
        "sex": [0 if one.sex == "female" else 1 for one in characters],
        "household": [at.get(one.lives_with, at[one.number]) for one in characters],
        "mother": [-1] * many,
        "people": [one.people for one in characters],
        "language": [LANGUAGES.index(one.language) for one in characters],
        "place": [places.index(one.zip_code) for one in characters],
        "street": [one.number % 1_000_000 for one in characters],
        "phone": [43092 if one.family == "Ortega" else one.number % 100_000 for one in characters],
        "given": [0] * many,
        "family": [0] * many,
        "died": [NEVER] * many,
        "payer": payer,
        "first": np.broadcast_to(days.firsts, (many, days.months)),
        "last": np.broadcast_to(days.lasts, (many, days.months)),
        "dual": [one.dual for one in characters],
        "entitlement": [1 if one.segment == 1 else 0 if one.segment == 0 else -1 for one in characters],
        "institutional": [False] * many,
        "hospice_from": [NEVER] * many,
    }
    joined = {
        name: np.concatenate([getattr(people, name), np.asarray(value, dtype=getattr(people, name).dtype)])
        for name, value in new.items()
    }
    return People(count=base + many, **joined)


def _birth(one: Character, days: Calendar) -> int:
    """The birthday that makes them as old as they are said to be on the last day."""
    today = calendar.day_of(days.as_of)
    had_it = (today.month, today.day) >= one.birthday
    return calendar.number(
        today.replace(year=today.year - one.age - (not had_it), month=one.birthday[0], day=one.birthday[1])
    )


def _health(well: Health, characters: tuple[Character, ...], days: Calendar) -> Health:
    many, kinds = len(characters), len(tables.conditions())
    at = tables.place_of_condition()
    has = np.zeros((many, kinds), dtype=bool)
    code = np.zeros((many, kinds), dtype=np.int32)
    for row, one in enumerate(characters):
        for condition in one.conditions:
            name, _, said = condition.partition("=")
            has[row, at[name]] = True
            code[row, at[name]] = DX.number(said)
    zeros = {field.name: np.zeros((many, *getattr(well, field.name).shape[1:])) for field in fields(Health)}
    new = zeros | {
        "has": has,
        "onset": np.full((many, kinds), days.start - 900),
        "code": code,
        "later_code": code,
        "turns": np.full((many, kinds), days.as_of + 1),
    }
    return Health(
        **{
            name: np.concatenate([getattr(well, name), value.astype(getattr(well, name).dtype)])
            for name, value in new.items()
        }
    )


def tell(scene: Scene, rng: np.random.Generator) -> Told:
    """Add every bill of the people written by hand to the ledger; answer what else is known of them."""
    stays: list[dict[str, object]] = []
    visits: list[tuple[int, int, int, int]] = []
    fills: list[tuple[int, ...]] = []
    values: list[tuple[int, int, int, float]] = []
    answers: list[tuple[int, int, int, str]] = []
    people = everyone()
    for row, one in enumerate(people):
        person = scene.people.count - len(people) + row
        for event in one.events:
            day = scene.calendar.as_of - event.ago
            match event:
                case Visit():
                    _visit(scene, rng, person, day, event)
                case Stay():
                    _stay(scene, rng, person, day, event)
                    stays.append(_notice(scene, person, day, event))
                case Emergency():
                    _emergency(scene, rng, person, day, event)
                    visits.append((person, day, DX.number(event.dx[0]), _place(scene, event.hospital)))
                case Nursing():
                    _nursing(scene, rng, person, day, event)
                case Fills():
                    fills += _fills(scene, person, event)
                case Measured():
                    values += _measured(person, day, event)
                case Asked():
                    answers += _asked(person, day, event)
    return _told(stays, visits, fills, values, answers)


def _codes(dx: tuple[str, ...]) -> np.ndarray:
    return np.array([[DX.number(code) for code in dx]], dtype=np.int32)


def _place(scene: Scene, name: str) -> int:
    return next(at for at, provider in enumerate(scene.directory.everyone) if provider.name == name)


def _one(*values: object) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value]) for value in values)


def _visit(scene: Scene, rng: np.random.Generator, person: int, day: int, event: Visit) -> None:
    who, when = _one(person, day)
    if event.kind in ("pcp", "telehealth"):
        rendering, billing, kind = scene.doctor[person], scene.practice[person], event.kind
    elif event.kind == "equipment":
        rendering = billing = scene.place("medical supply")
        kind = event.kind
    elif event.kind == "dialysis":
        _dialysis(scene, rng, who, when, event)
        return
    else:
        specialty = SPECIALTY_OF.get(event.kind, event.kind)
        rendering = billing = scene.specialist(specialty, who)[0]
        kind = event.kind if event.kind in SPECIALTY_OF else "specialist"
    claims = scene.ledger.add(
        who, when, _codes(event.dx), rendering=rendering, billing=billing, lag=event.paid_after,
        place=PLACE.number(PLACES.get(event.kind, "11")), said=_claim_number(event.claim, day),
    )  # fmt: skip
    scene.ledger.bill(rng, kind, claims, when)


def _claim_number(claim: int, day: int) -> int:
    return -1 if claim < 0 else calendar.day_of(day).year % 100 * 10**7 + claim


def _dialysis(scene: Scene, rng: np.random.Generator, who: np.ndarray, when: np.ndarray, event: Visit) -> None:
    center = scene.place("dialysis center")
    claims = scene.ledger.add(
        who, when, _codes(event.dx), end=when + 26, institutional=True, facility=center, billing=center,
        rendering=scene.specialist("nephrology", who), bill_type=BILL_TYPE.number("721"), lag=event.paid_after,
    )  # fmt: skip
    for session in range(13):
        scene.ledger.bill(rng, "dialysis", claims, when + 2 * session)


def _stay(scene: Scene, rng: np.random.Generator, person: int, day: int, event: Stay) -> None:
    if event.nights is None or event.paid_after is None:
        return
    who, start = _one(person, day)
    end, hospital = start + event.nights, _place(scene, event.hospital)
    claims = scene.ledger.add(
        who, start, _codes(event.dx), end=end, institutional=True, admitted=start, discharged=end,
        admit_type=ADMIT_TYPE.number("1" if event.emergency else "3"), admit_source=ADMIT_SOURCE.number("1"),
        disposition=DISPOSITION.number(event.status), bill_type=BILL_TYPE.number("111"), drg=DRG.number(event.drg),
        facility=hospital, billing=hospital, rendering=scene.specialist("hospitalist", who), lag=event.paid_after,
        said=_claim_number(event.claim, day),
    )  # fmt: skip
    nights = max(event.nights, 1)
    scene.ledger.line(
        claims, start, revenue=REVENUE.number("0120"), units=nights, price=event.weight * 11_600 / nights, until=end
    )
    for code in ("0250", "0300", "0324", "0730"):
        scene.ledger.line(claims, start, revenue=REVENUE.number(code), until=end)
    if event.emergency:
        worst = Choice("99285:1", HCPCS).draw(rng, 1)
        scene.ledger.line(claims, start, revenue=REVENUE.number("0450"), hcpcs=worst)
    doctor = scene.ledger.add(
        who, start, _codes(event.dx), end=end, rendering=scene.specialist("hospitalist", who), billing=hospital,
        facility=hospital, place=PLACE.number("21"), lag=event.paid_after,
    )  # fmt: skip
    scene.ledger.bill(rng, "hospitalist_first", doctor, start)
    for night in range(1, nights):
        scene.ledger.bill(rng, "hospitalist_day", doctor, start + night)
    scene.ledger.bill(rng, "hospitalist_last", doctor, end)


def _notice(scene: Scene, person: int, day: int, event: Stay) -> dict[str, object]:
    end = scene.calendar.as_of + 5 if event.nights is None else day + event.nights
    return {
        "person": person,
        "admitted": day,
        "discharged": end,
        "dx": DX.number(event.dx[0]),
        "drg": DRG.number(event.drg),
        "emergency": event.emergency,
        "status": DISPOSITION.number(event.status),
        "hospital": _place(scene, event.hospital),
    }


def _emergency(scene: Scene, rng: np.random.Generator, person: int, day: int, event: Emergency) -> None:
    if event.paid_after is None:
        return
    who, when = _one(person, day)
    hospital = _place(scene, event.hospital)
    claims = scene.ledger.add(
        who, when, _codes(event.dx), institutional=True, facility=hospital, billing=hospital,
        rendering=scene.specialist("hospitalist", who), bill_type=BILL_TYPE.number("131"), lag=event.paid_after,
    )  # fmt: skip
    scene.ledger.bill(rng, "emergency", claims, when)
    doctor = scene.ledger.add(
        who, when, _codes(event.dx), rendering=scene.specialist("emergency", who), billing=hospital,
        place=PLACE.number("23"), lag=event.paid_after,
    )  # fmt: skip
    scene.ledger.bill(rng, "emergency_doctor", doctor, when)


def _nursing(scene: Scene, rng: np.random.Generator, person: int, day: int, event: Nursing) -> None:
    """Billed only when it has ended and a few weeks have passed; until then nobody has seen a bill."""
    if event.nights is None:
        return
    who, start = _one(person, day)
    home = _place(scene, event.facility)
    claims = scene.ledger.add(
        who, start, _codes(event.dx), end=start + event.nights, institutional=True, admitted=start,
        discharged=start + event.nights, admit_type=ADMIT_TYPE.number("3"), admit_source=ADMIT_SOURCE.number("4"),
        disposition=DISPOSITION.number(event.status), bill_type=BILL_TYPE.number("211"), facility=home, billing=home,
        rendering=scene.doctor[person], lag=25,
    )  # fmt: skip
    scene.ledger.bill(rng, "nursing_facility", claims, start, until=start + event.nights, factor=float(event.nights))


def _fills(scene: Scene, person: int, event: Fills) -> list[tuple[int, ...]]:
    drug = next(at for at, one in enumerate(tables.drugs()) if one.name == event.drug)
    pharmacy = int(scene.directory.other["pharmacy"][0])
    days = range(event.ago, event.until - 1, -event.every)
    return [
        (person, scene.calendar.as_of - ago, drug, 0, event.days, int(scene.doctor[person]), pharmacy, turn % 6)
        for turn, ago in enumerate(days)
    ]


def _measured(person: int, day: int, event: Measured) -> list[tuple[int, int, int, float]]:
    names = [row["test"] for row in tables.read("results")]
    return [(person, day, names.index(name), value) for name, value in event.values.items()]


def _asked(person: int, day: int, event: Asked) -> list[tuple[int, int, int, str]]:
    return [
        (person, day, at, yes[0] if need in event.yes else no)
        for at, (need, (_, _, _, yes, no)) in enumerate(zip(NEEDS, QUESTIONS, strict=True))
    ]


def _told(stays: list, visits: list, fills: list, values: list, answers: list) -> Told:
    many = len(stays)

    def column(name: str, kind: type) -> np.ndarray:
        return np.array([stay[name] for stay in stays], dtype=kind)

    nothing = np.zeros(many, dtype=bool)
    found = Stays(
        person=column("person", np.int32), admitted=column("admitted", np.int32), discharged=column("discharged", np.int32),
        reason=np.zeros(many, dtype=np.int16), dx=column("dx", np.int32), drg=column("drg", np.int16),
        procedure=np.full(many, -1, dtype=np.int16), emergency=column("emergency", bool), through_ed=column("emergency", bool),
        died=nothing, price=np.ones(many), onward=np.zeros(many), transfer=nothing, surgical=nothing,
    )  # fmt: skip
    fill = np.array(fills, dtype=np.int32).reshape(-1, 8).T
    value = np.array([row[:3] for row in values], dtype=np.int32).reshape(-1, 3).T
    number = np.array([row[3] for row in values])
    tests = [row["test"] for row in tables.read("results")]
    at_practice = np.isin(value[2], [tests.index(name) for name in ("systolic", "diastolic", "weight", "bmi", "phq9")])
    said = np.array([row[:3] for row in answers], dtype=np.int32).reshape(-1, 3).T
    seen = np.array(visits, dtype=np.int32).reshape(-1, 4).T
    return Told(
        stays=found,
        status=column("status", np.int16),
        visits=(seen[0], seen[1], seen[2], seen[3]),
        hospitals=column("hospital", np.int32),
        fills=AllFills(*fill),
        lab=Results(value[0][~at_practice], value[1][~at_practice], value[2][~at_practice], number[~at_practice]),
        practice=Results(value[0][at_practice], value[1][at_practice], value[2][at_practice], number[at_practice]),
        answers=Answers(said[0], said[1], said[2], [row[3] for row in answers]),
    )
