"""
What happens outside hospitals: family doctors, specialists, tests, therapy, and care that comes in series.

Everyone who is ill sees a family doctor a few times a year; the conditions they have are named on most of those bills,
which is how conditions are known at all. A few percent have no usual doctor, and one in eleven none the payer knows of.
"""

import numpy as np

from carewright.demo import tables
from carewright.demo.people import FEMALE, MERIDIAN
from carewright.demo.providers import SPECIALTIES
from carewright.demo.scene import Scene, beside
from carewright.demo.tables import BILL_TYPE, COMMERCIAL, DISABLED, DX, MEDICAID_ADULT, SENIOR, Choice

NEEDS = Choice("Z5900:2|Z59819:1|Z5941:3|Z5982:2|Z59869:2|Z5987:1|Z602:2|Z560:2|Z634:1", DX)
SHARE_WITH_A_NEED_CODED = 0.023


def all_visits(scene: Scene) -> None:
    """Add every visit, test and service outside hospitals to the ledger."""
    family_doctor(scene)
    prevention(scene)
    specialists(scene)
    tests(scene)
    therapy(scene)
    series(scene)
    confidential(scene)
    needs(scene)


def family_doctor(scene: Scene) -> None:
    """Visits for what hurts today and for what lasts; one in ten by video."""
    people, health, rng = scene.people, scene.health, scene.rng
    kinds = tables.conditions()
    ill = health.has @ np.array([kind.office for kind in kinds])
    base = np.array([1.1, 1.5, 0.65, 0.9, 0.5])[people.segment]
    a_year = (base + 0.62 * np.sqrt(ill) * 1.55) * np.exp(health.need)
    person, day = scene.happen(scene.seasonal(a_year, 0.3))
    chosen = scene.choose_reason(tables.reasons("office_reasons"), person, day)
    today = scene.reason_codes(tables.reasons("office_reasons"), chosen)
    lasting = scene.problems(person, day, most=6, typical=4.2)
    for_what_lasts = (lasting[:, 0] >= 0) & (rng.random(len(person)) < 0.72)
    also_today = rng.random(len(person)) < 0.35
    first = np.where(for_what_lasts, lasting[:, 0], today)
    rest = np.concatenate([lasting, np.where(also_today, today, -1)[:, None]], axis=1)
    dx = beside(first, rest)
    video = rng.random(len(person)) < 0.08
    scene.seen.append((person[~video], day[~video]))
    for kind, which, place in (("pcp", ~video, "11"), ("telehealth", video, "10")):
        at = np.flatnonzero(which)
        who = person[at]
        scene.office(kind, who, day[at], dx[at], _seen(scene, who), billing=scene.practice[who], place=place)


def _seen(scene: Scene, person: np.ndarray) -> np.ndarray:
    """The usual doctor, or, one time in seven and for those without one, whoever is there."""
    other = scene.rng.random(len(person)) < 0.14
    pool = scene.directory.doctors
    usual = scene.doctor[person]
    return np.where(other | (usual < 0), pool[scene.rng.integers(0, len(pool), len(person))], usual).astype(np.int32)


def prevention(scene: Scene) -> None:
    """Yearly wellness visits, checkups, children's visits and vaccines, mammograms, colonoscopies."""
    people, rng = scene.people, scene.rng
    age = people.age(scene.calendar.as_of)
    keen = np.exp(0.5 * rng.normal(0, 1, people.count))
    over65, child = age >= 65.2, age < 19
    plans = (
        ("wellness", np.where(over65, 0.5, 0) * keen, "Z0000"),
        ("checkup", np.where(~over65 & ~child, 0.28, 0) * keen, "Z0000"),
        ("well_child", np.where(child, np.where(age < 3, 2.4, 0.75), 0) * keen.clip(0.4, 1.8), "Z00129"),
        ("mammogram", np.where((people.sex == FEMALE) & (age >= 50) & (age < 75), 0.4, 0) * keen, "Z1231"),
        ("colonoscopy", np.where((age >= 46) & (age < 78), 0.05, 0) * keen, "Z1211"),
        ("cataract", np.where(age >= 67, 0.05, 0), "H2513"),
    )
    for kind, a_year, code in plans:
        person, day = scene.happen(a_year)
        if kind in ("wellness", "checkup", "well_child"):
            dx = beside(scene.dx(code, len(person)), scene.problems(person, day, most=8, typical=5))
            scene.office(kind, person, day, dx, _seen(scene, person), billing=scene.practice[person])
        elif kind == "mammogram":
            pool = scene.place("imaging center")
            scene.office(kind, person, day, scene.dx(code, len(person)), np.full(len(person), pool))
        else:
            who = scene.specialist("gastroenterology" if kind == "colonoscopy" else "ophthalmology", person)
            dx = beside(scene.dx(code, len(person)), scene.problems(person, day, most=3, typical=2))
            center = np.full(len(person), scene.place("ambulatory surgery center"))
            scene.office(kind, person, day, dx, who, billing=center, place="24")


def specialists(scene: Scene) -> None:
    """Visits to the specialist of a condition, by those who have it."""
    kinds, health, rng = tables.conditions(), scene.health, scene.rng
    visits = np.array([kind.specialty_visits for kind in kinds]) * 0.17 * scene.busy
    person, which = np.nonzero(health.has & (visits > 0))
    begins = np.maximum(health.onset[person, which], scene.calendar.start)
    span = (scene.calendar.as_of - begins + 1).clip(0)
    expected = visits[which] * np.exp(health.need[person]) * span / 365.25
    repeat = rng.poisson(expected)
    person, which, begins, span = (np.repeat(part, repeat) for part in (person, which, begins, span))
    day = (begins + np.floor(rng.random(len(person)) * span)).astype(np.int32)
    keep = scene.covered(person, day) & ~_written(scene, person)
    person, which, day = person[keep].astype(np.int32), which[keep], day[keep]
    reason = health.code_on(person, which, day)
    lasting = scene.problems(person, day, most=4, typical=3)
    dx = beside(reason, lasting)
    names = np.array([SPECIALTIES.index(k.specialty) if k.specialty else -1 for k in kinds])[which]
    known = tables.bills()
    for number, specialty in enumerate(SPECIALTIES):
        at = np.flatnonzero(names == number)
        if not len(at):
            continue
        claims = scene.office("specialist", person[at], day[at], dx[at], scene.specialist(specialty, person[at]))
        if specialty in known:
            scene.ledger.bill(rng, specialty, claims, day[at])


def _written(scene: Scene, person: np.ndarray) -> np.ndarray:
    return scene.written[person] if len(scene.written) else np.zeros(len(person), dtype=bool)


def tests(scene: Scene) -> None:
    """Blood tests at the laboratory, imaging, and hospital clinics."""
    health, people = scene.health, scene.people
    ill = np.sqrt(health.has.sum(axis=1))
    adult = people.age(scene.calendar.as_of) >= 18
    need = np.exp(health.need)
    lab = scene.seasonal(np.where(adult, 0.15 + 0.5 * ill, 0.12) * need * scene.busy, 0.3)
    person, day = scene.happen(lab)
    dx = scene.problems(person, day, most=4, typical=3)
    checkup = np.where(adult[person], DX.number("Z0000"), DX.number("Z00129"))
    dx[:, 0] = np.where(dx[:, 0] < 0, checkup, dx[:, 0])
    laboratory = np.full(len(person), scene.place("laboratory"))
    scene.office("lab", person, day, dx, laboratory, place="81")
    scene.tested.append((person, day))
    person, day = scene.happen(np.where(adult, 0.08 + 0.16 * ill, 0.1) * need * scene.busy)
    reasons = tables.reasons("office_reasons")
    why = scene.reason_codes(reasons, scene.choose_reason(reasons, person, day))
    imaging = np.full(len(person), scene.place("imaging center"))
    dx = beside(why, scene.problems(person, day, most=2, typical=1.5))
    scene.office("imaging", person, day, dx, imaging)
    person, day = scene.happen(scene.seasonal(np.where(adult, 0.02 + 0.16 * ill, 0.06) * need * scene.busy, 0.5))
    why = scene.reason_codes(reasons, scene.choose_reason(reasons, person, day))
    lasting = scene.problems(person, day, most=6, typical=3)
    dx = beside(np.where(lasting[:, 0] >= 0, lasting[:, 0], why), lasting)
    outpatient(scene, "clinic", person, day, dx)


def outpatient(
    scene: Scene,
    kind: str,
    person: np.ndarray,
    day: np.ndarray,
    dx: np.ndarray,
    *,
    facility: np.ndarray | None = None,
    bill_type: str = "131",
    until: np.ndarray | None = None,
    factor: np.ndarray | float = 1.0,
) -> np.ndarray:
    """A hospital's outpatient bill of this kind for each event."""
    where = scene.hospital_of(person) if facility is None else facility
    claims = scene.ledger.add(
        person,
        day,
        dx,
        end=day if until is None else until,
        institutional=True,
        facility=where,
        billing=where,
        rendering=scene.specialist("hospitalist", person),
        bill_type=BILL_TYPE.number(bill_type),
    )
    scene.ledger.bill(scene.rng, kind, claims, day, factor=factor)
    return claims


def therapy(scene: Scene) -> None:
    """Talking therapy for the mind, exercises for backs and joints, equipment at home."""
    health, rng, people = scene.health, scene.rng, scene.people
    at = tables.place_of_condition()
    troubled = np.zeros(people.count, dtype=bool)
    for name in ("depression", "anxiety", "bipolar_disorder", "schizophrenia", "adhd"):
        troubled |= health.with_condition(name)
    in_therapy = troubled & (rng.random(people.count) < 0.24)
    person, day = scene.happen(scene.seasonal(np.where(in_therapy, 9.0, 0) * scene.busy, 0.3))
    first = _first_of(scene, person, day, ("schizophrenia", "bipolar_disorder", "depression", "anxiety", "adhd"))
    keep = first >= 0
    person, day = person[keep], day[keep]
    scene.office("therapy", person, day, first[keep][:, None], scene.specialist("therapy", person), place="11")
    sore = health.with_condition("arthritis") | health.with_condition("low_back_pain")
    person, day = _series(scene, *scene.happen(np.where(sore, 0.16, 0.012) * scene.busy), step=4, most=8)
    dx = beside(scene.dx("M5450", len(person)), scene.problems(person, day, most=2, typical=1.5))
    scene.office("physical_therapy", person, day, dx, scene.specialist("physical_therapy", person))
    home = health.has[:, [at["copd"], at["sleep_apnea"], at["diabetes"]]].sum(axis=1)
    person, day = scene.happen(home * 0.9 * scene.busy)
    dx = scene.problems(person, day, most=2, typical=2)
    keep = dx[:, 0] >= 0
    person, day, dx = person[keep], day[keep], dx[keep]
    scene.office("equipment", person, day, dx, np.full(len(person), scene.place("medical supply")), place="12")


def _first_of(scene: Scene, person: np.ndarray, day: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """The first of these conditions each person has on that day, as a code; -1 for none."""
    active = scene.health.active(person, day)
    at = tables.place_of_condition()
    code = np.full(len(person), -1, dtype=np.int32)
    for name in reversed(names):
        column = np.full(len(person), at[name])
        code = np.where(active[:, at[name]], scene.health.code_on(person, column, day), code)
    return code


def _series(
    scene: Scene, person: np.ndarray, day: np.ndarray, *, step: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Each event followed by more of its kind every few days, while the person is covered."""
    many = scene.rng.integers(2, most + 1, len(person))
    who = np.repeat(person, many)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(many) - many, many)
    when = (np.repeat(day, many) + turn * step).astype(np.int32)
    keep = scene.covered(who, when)
    return who[keep], when[keep]


def series(scene: Scene) -> None:
    """Chemotherapy, dialysis, and the opioid treatment program: the same again, for months."""
    health, rng, people = scene.health, scene.rng, scene.people
    cancers = ("cancer_lung", "cancer_colorectal", "cancer_blood", "cancer_breast")
    ill = np.zeros(people.count, dtype=bool)
    for name in cancers:
        ill |= health.with_condition(name)
    treated = ill & (rng.random(people.count) < 0.42)
    person, day = _series(scene, *scene.happen(np.where(treated, 0.75, 0)), step=21, most=11)
    first = _first_of(scene, person, day, cancers)
    keep = first >= 0
    person, day, first = person[keep], day[keep], first[keep]
    dx = beside(
        np.full(len(person), DX.number("Z5111")), np.stack([first, *scene.problems(person, day, 3, 2).T], axis=1)
    )
    outpatient(scene, "chemotherapy", person, day, dx, factor=np.exp(health.dear[person] * 0.6))
    dialysis(scene)
    hooked = health.with_condition("opioid_use_disorder") & (rng.random(people.count) < 0.32)
    hooked &= (people.segment == MEDICAID_ADULT) | (people.segment == DISABLED) | (people.segment == SENIOR)
    person, day = _weeks(scene, hooked)
    first = _first_of(scene, person, day, ("opioid_use_disorder",))
    keep = first >= 0
    person, day, first = person[keep], day[keep], first[keep]
    program = np.full(len(person), scene.place("opioid treatment program"))
    medicare = people.payer_on(person, day, scene.calendar) == MERIDIAN
    for kind, which in (("opioid_program", ~medicare), ("opioid_program_medicare", medicare)):
        at = np.flatnonzero(which)
        scene.office(kind, person[at], day[at], first[at][:, None], program[at], place="58")


def _weeks(scene: Scene, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every second week of a stretch of months, for these people."""
    person = np.flatnonzero(who & ~_written(scene, np.arange(scene.people.count)))
    begins = scene.rng.integers(scene.calendar.start, scene.calendar.as_of - 60, len(person))
    many = scene.rng.integers(4, 26, len(person))
    everyone = np.repeat(person, many)
    turn = np.arange(len(everyone)) - np.repeat(np.cumsum(many) - many, many)
    day = (np.repeat(begins, many) + 14 * turn).astype(np.int32)
    keep = scene.covered(everyone, day)
    return everyone[keep].astype(np.int32), day[keep]


def dialysis(scene: Scene) -> None:
    """Monthly bills of a dialysis center: thirteen sessions each, for those whose kidneys have failed."""
    failed = scene.health.with_condition("end_stage_renal_disease")
    person, month = np.nonzero(failed[:, None] & (scene.years * 365.25 >= 27))
    first = scene.people.first[person, month]
    person = person.astype(np.int32)
    dx = beside(scene.dx("N186", len(person)), scene.dx("Z992", len(person)))
    center = np.full(len(person), scene.place("dialysis center"))
    claims = scene.ledger.add(
        person,
        first,
        dx,
        end=first + 26,
        institutional=True,
        facility=center,
        billing=center,
        rendering=scene.specialist("nephrology", person),
        bill_type=BILL_TYPE.number("721"),
    )
    for session in range(13):
        scene.ledger.bill(scene.rng, "dialysis", claims, first + 2 * session)


def confidential(scene: Scene) -> None:
    """Family planning, also for the young; tests for what is passed on in bed."""
    people = scene.people
    age = people.age(scene.calendar.as_of)
    fertile = (people.sex == FEMALE) & (age >= 15.5) & (age < 45)
    person, day = scene.happen(np.where(fertile, 0.14, 0))
    dx = Choice("Z3009:5|Z3041:3|Z30430:1|Z113:2|A5602:1", DX).draw(scene.rng, len(person))[:, None]
    scene.office("family_planning", person, day, dx, scene.specialist("obstetrics", person))


def needs(scene: Scene) -> None:
    """What stands in the way at home, coded on a visit: for about 2 % of adults a year."""
    people, rng = scene.people, scene.rng
    adult = (people.age(scene.calendar.as_of) >= 18) & (people.segment != COMMERCIAL)
    chance = np.where(adult, 1.0, 0) * np.exp(0.5 * scene.health.general)
    mean = chance.mean() or 1
    adults = float((people.age(scene.calendar.as_of) >= 18).mean())
    person, day = scene.happen(chance / mean * SHARE_WITH_A_NEED_CODED * adults)
    code = NEEDS.draw(rng, len(person))
    dx = beside(np.where(rng.random(len(person)) < 0.5, DX.number("Z7189"), code), code[:, None])
    scene.office("pcp", person, day, dx, _seen(scene, person), billing=scene.practice[person])
    # Violence at home, seldom said and seldom coded.
    person, day = scene.happen(np.where(adult & (people.sex == FEMALE), 0.0015, 0))
    dx = Choice("T7411XA:2|Z6911:3|T7491XA:1", DX).draw(rng, len(person))[:, None]
    scene.office("pcp", person, day, dx, _seen(scene, person), billing=scene.practice[person])
