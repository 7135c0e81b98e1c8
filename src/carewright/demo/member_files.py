"""
Who is covered, who gives care, and who is already followed: the smaller files beside the claims.
"""

import numpy as np
import pyarrow as pa

from carewright.demo import tables
from carewright.demo.calendar import NEVER, day_of
from carewright.demo.characters import Character
from carewright.demo.claim_files import PAYER_TYPES, PAYERS, PLANS
from carewright.demo.columns import coded, days, joined, same
from carewright.demo.deliveries import Schedule, Writers
from carewright.demo.people import ATLAS, HARBOR, LANGUAGES, MERIDIAN, name_lists
from carewright.demo.providers import Directory, Provider
from carewright.demo.scene import Scene
from carewright.demo.tables import SENIOR

DUAL = ("", "01", "02", "03", "05", "06", "08")
STREETS = (
    "Maple Ave", "Lincoln St", "Kedzie Ave", "Lake St", "Oak St", "Madison St", "Grant Ave", "River Rd", "Cedar St",
    "Washington Blvd", "Park Ave", "Elm St", "Mitchell St", "Greenfield Ave", "Calumet Ave", "Prairie Ave",
    "Cleveland St", "Division St", "Harrison St", "Sunset Dr",
)  # fmt: skip
PCP_UNKNOWN = 0.09
PROGRAMS = ("complex_care", "chronic_care")
FOLLOWED = 0.018


def eligibility(
    scene: Scene, *, schedule: Schedule, writers: Writers, written_names: dict[int, tuple[str, str]]
) -> None:
    """Write one row per person and span of coverage, one file per payer, sent on the last day."""
    people, calendar = scene.people, scene.calendar
    person, start, end, payer = spans(scene)
    last = len(schedule.cuts) - 1
    alive = people.died > calendar.as_of
    open_end = (end >= calendar.as_of) & alive[person]
    numbers = people.number[person]
    given, family = _names(scene, person, written_names)
    births = people.birth[person].copy()
    _contradict(scene, person, payer, given, births)
    places = tables.read("places")
    medicare = payer == MERIDIAN
    head = people.household[person]
    dual = people.dual[person] * medicare
    entitlement = people.entitlement[person]
    older = people.segment[person] == SENIOR
    failed = scene.health.with_condition("end_stage_renal_disease")[person]
    status = np.where(older, np.where(failed, 1, 0), np.where(entitlement == 2, 4, np.where(failed, 3, 2)))
    doctors = [provider.npi for provider in scene.directory.everyone]
    known = np.where((scene.doctor[person] >= 0) & ~_pcp_unknown(scene)[person], scene.doctor[person], -1)
    in_hospice = (people.hospice_from[person] <= end) & medicare
    house = 100 + people.street[person] % 8900
    street = coded((people.street[person] // 8900) % len(STREETS), STREETS).cast(pa.string())
    address = pa.compute.binary_join_element_wise(pa.array(house.astype(np.int64)).cast(pa.string()), street, " ")
    race = coded(np.array([0, 1, 0, 2, 3])[people.people[person]], ["white", "black", "asian", "other race"])
    whole = pa.table(
        {
            "person_id": joined("", numbers),
            "member_id": joined("M", numbers * 3 + payer),
            "subscriber_id": joined("M", np.where(payer == ATLAS, people.number[head], numbers) * 3 + payer),
            "gender": coded(people.sex[person], ["female", "male"]),
            "race": race,
            "ethnicity": coded(np.where(people.people[person] == 2, 0, 1), ["hispanic", "not hispanic"]),
            "birth_date": days(births),
            "death_date": days(people.died[person], people.died[person] > calendar.as_of),
            "death_flag": coded(np.where(alive[person], 0, 1), ["0", "1"]),
            "enrollment_start_date": days(start),
            "enrollment_end_date": days(end, open_end),
            "payer": coded(payer, PAYERS),
            "payer_type": coded(payer, PAYER_TYPES),
            "plan": coded(payer, PLANS),
            "original_reason_entitlement_code": coded(np.where(medicare, entitlement.clip(0), -1), ["0", "1", "2"]),
            "dual_status_code": coded(np.where(dual > 0, dual, -1), DUAL),
            "medicare_status_code": coded(np.where(medicare, status, -1), ["10", "11", "20", "21", "31"]),
            "first_name": pa.array(given, pa.string()),
            "last_name": pa.array(family, pa.string()),
            "subscriber_relation": coded(np.where((payer == ATLAS) & (head != person), 1, 0), ["self", "dependent"]),
            "address": address,
            "city": coded(people.place[person], [row["city"] for row in places]),
            "state": coded(people.place[person], [row["state"] for row in places]),
            "zip_code": coded(people.place[person], [row["zip_code"] for row in places]),
            "phone": _phones(people.phone[person]),
            "language": coded(people.language[person], LANGUAGES),
            "pcp_npi": coded(known, doctors),
            "enrollment_status": coded(np.where(people.institutional[person] & medicare, 0, -1), ["Institutional"]),
            "hospice_flag": coded(np.where(in_hospice, 1, 0), ["0", "1"]),
            "medicaid_indicator": coded(np.where((payer == HARBOR) | (dual > 0), 1, 0), ["0", "1"]),
            "long_term_institutional_flag": coded(np.where(people.institutional[person] & medicare, 1, 0), ["0", "1"]),
        }
    )
    for company, name in enumerate(PAYERS):
        rows = whole.filter(pa.array(payer == company))
        rows = rows.append_column("file_name", same("eligibility", len(rows)))
        rows = rows.append_column("file_date", days(np.full(len(rows), calendar.as_of)))
        writers.write(f"{name.lower()}/{schedule.name(last)}/eligibility.csv", rows)


def spans(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Unbroken stretches with one payer: person, first day, last day, payer."""
    payer = scene.people.payer
    before = np.pad(payer[:, :-1], ((0, 0), (1, 0)), constant_values=-1)
    after = np.pad(payer[:, 1:], ((0, 0), (0, 1)), constant_values=-1)
    person, month = np.nonzero((payer >= 0) & (payer != before))
    same_person, last_month = np.nonzero((payer >= 0) & (payer != after))
    assert (person == same_person).all()
    return (
        person,
        scene.people.first[person, month],
        scene.people.last[same_person, last_month],
        payer[person, month].astype(np.int64),
    )


def _names(scene: Scene, person: np.ndarray, written: dict[int, tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    _, _, given_list, family_list = name_lists()
    given = np.array(given_list, dtype=object)[scene.people.given[person]]
    family = np.array(family_list, dtype=object)[scene.people.family[person]]
    for who, (first, last) in written.items():
        given[person == who], family[person == who] = first, last
    return given, family


def _contradict(scene: Scene, person: np.ndarray, payer: np.ndarray, given: np.ndarray, births: np.ndarray) -> None:
    """Two people of the block are somebody else to their first payer: other given name, other birth date."""
    two = np.flatnonzero((payer == ATLAS) & (np.isin(person, person[payer == MERIDIAN])))[:2]
    for at in two:
        given[at] = "Marion" if given[at] != "Marion" else "Robin"
        births[at] -= 366


def _pcp_unknown(scene: Scene) -> np.ndarray:
    """Who has a usual doctor the payer does not know of."""
    unknown = (scene.people.number * 40503 % 1009) < 1009 * PCP_UNKNOWN
    return unknown & ~scene.written if len(scene.written) else unknown


def _phones(numbers: np.ndarray) -> pa.Array:
    """Telephone numbers nobody can have: area code 555, exchange beginning with 0 (`555-014-3092`)."""
    text = pa.array((100_000 + numbers).astype(np.int64)).cast(pa.string())
    front = pa.compute.utf8_slice_codeunits(text, start=1, stop=2)
    back = pa.compute.utf8_slice_codeunits(text, start=2)
    front = pa.compute.binary_join_element_wise("01", front, "")
    return pa.compute.binary_join_element_wise("555", front, back, "-")


def directory_files(directory: Directory, *, first: bool, schedule: Schedule, writers: Writers) -> None:
    """Write professionals and places; those every block shares are written once."""
    mine: list[Provider] = directory.everyone if first else directory.own
    day = schedule.name(len(schedule.cuts) - 1)
    people = [provider for provider in mine if not provider.place]
    writers.write(
        f"directory/{day}/practitioner.csv",
        pa.table(
            {
                "practitioner_id": [one.npi for one in people],
                "npi": [one.npi for one in people],
                "first_name": [one.name for one in people],
                "last_name": [one.family for one in people],
                "practice_affiliation": [one.practice for one in people],
                "specialty": [one.kind.replace("_", " ") for one in people],
            }
        ),
    )
    places = [provider for provider in mine if provider.place]
    if places:
        where = {row["zip_code"]: row for row in tables.read("places")}
        columns = {
            "organization_id": [one.npi for one in places],
            "npi": [one.npi for one in places],
            "name": [one.name for one in places],
            "facility_type": [one.kind for one in places],
            "city": [where.get(one.zip_code, {}).get("city", "") for one in places],
            "state": [where.get(one.zip_code, {}).get("state", "") for one in places],
            "zip_code": [one.zip_code for one in places],
        }
        writers.write(f"directory/{day}/organization.csv", pa.table(columns))
        program = next(one for one in places if one.kind == "opioid treatment program")
        writers.write(
            "part2_sources.csv",
            pa.table(
                {
                    "kind": ["npi"],
                    "value": [program.npi],
                    "tag": ["part2"],
                    "because": [f"{program.name} is an opioid treatment program (42 CFR Part 2)"],
                }
            ),
        )


def caseload(
    scene: Scene, *, leads: tuple[str, ...], schedule: Schedule, writers: Writers, written: tuple[Character, ...]
) -> None:
    """Write the people a care team already follows: fewer than two in a hundred, the frailest more often."""
    people, calendar, rng = scene.people, scene.calendar, scene.rng
    able = (people.payer[:, -1] >= 0) & (people.died == NEVER) & (people.age(calendar.as_of) >= 18)
    if len(scene.written):
        able &= ~scene.written
    who = np.flatnonzero(able)
    key = 1.2 * scene.health.stay_risk[who] + rng.gumbel(0, 1, len(who))
    who = np.sort(who[np.argsort(-key)[: round(FOLLOWED * people.count)]])
    since = calendar.as_of - rng.integers(10, 420, len(who))
    complex_care = rng.random(len(who)) < 0.4
    lead = rng.integers(0, len(leads), len(who))
    goals = rng.integers(1, 5, len(who))
    rows = pa.table(
        {
            "person_id": joined("", people.number[who]).cast(pa.string()),
            "lead": coded(lead, leads).cast(pa.string()),
            "program": coded(np.where(complex_care, 0, 1), PROGRAMS).cast(pa.string()),
            "consent_date": days(since - 2),
            "consent_kind": same("verbal", len(who)).cast(pa.string()),
            "enrolled_on": days(since),
            "open_goals": coded(goals - 1, GOALS).cast(pa.string()),
            "open_tasks": coded(goals % 3, TASKS).cast(pa.string()),
        }
    )
    day = schedule.name(len(schedule.cuts) - 1)
    followed = [one for one in written if one.program]
    if followed:
        joined_on = day_of(calendar.as_of - 30)
        mine = [
            {
                "person_id": str(one.number),
                "lead": leads[0],
                "program": one.program,
                "consent_date": joined_on,
                "consent_kind": "verbal",
                "enrolled_on": joined_on,
                "open_goals": one.goals or GOALS[at % len(GOALS)],
                "open_tasks": one.tasks or TASKS[at % len(TASKS)],
            }
            for at, one in enumerate(followed)
        ]
        rows = pa.concat_tables([pa.Table.from_pylist(mine, schema=rows.schema), rows])
    writers.write(f"caseload/{day}/caseload.csv", rows)


GOALS = (
    "Take each medicine as it is meant",
    "Weigh every morning;Call when up 3 pounds",
    "Blood sugar under control;Walk 20 minutes",
    "Stay out of hospital for 90 days;See the family doctor every month",
)
TASKS = ("Call this week", "Call this week;Book a visit", "Ask about rides")
