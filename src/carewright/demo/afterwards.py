"""
What follows a stay: nursing facilities, nursing at home, and, at the end of life, hospice.
"""

import numpy as np

from carewright.demo.admissions import Stays
from carewright.demo.people import MERIDIAN
from carewright.demo.scene import Scene, beside
from carewright.demo.tables import ADMIT_SOURCE, ADMIT_TYPE, BILL_TYPE, DISPOSITION, DX, SENIOR


def all_care(scene: Scene, found: Stays, status: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bill what follows each stay; answers person, first and last day of the nursing facility stays."""
    following = np.full(len(found), scene.calendar.as_of + 400, dtype=np.int32)
    if len(found) > 1:
        same = found.person[1:] == found.person[:-1]
        following[:-1][same] = found.admitted[1:][same]
    nursing = _nursing_facility(scene, found, status, following)
    _home_health(scene, found, status, following)
    return nursing


def _nursing_facility(
    scene: Scene, found: Stays, status: np.ndarray, following: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng, people = scene.rng, scene.people
    at = np.flatnonzero(status == DISPOSITION.number("03"))
    person, start = found.person[at], found.discharged[at]
    nights = np.clip(np.round(rng.gamma(2.2, 9.5, len(at))), 3, 95).astype(np.int32)
    end = np.minimum(np.minimum(start + nights, following[at]), people.died[person]).astype(np.int32)
    back = end >= following[at] - 1
    left = np.where(back, DISPOSITION.number("02"), DISPOSITION.number("01"))
    left = np.where((rng.random(len(at)) < 0.35) & ~back, DISPOSITION.number("06"), left)
    left = np.where(end >= people.died[person], DISPOSITION.number("20"), left)
    pool = scene.directory.nursing
    home = pool[person % len(pool)]
    dx = beside(found.dx[at], scene.problems(person, start, most=8, typical=6))
    for piece in range(4):
        first = start + 30 * piece
        last = np.minimum(end, first + 29)
        final = end <= first + 29
        on = np.flatnonzero(
            (first <= end) & (last <= scene.calendar.as_of) & (scene.covered(person, first)) & (last > first)
        )
        only = "211" if piece == 0 else "214"
        more = "212" if piece == 0 else "213"
        bill_type = np.where(final[on], BILL_TYPE.number(only), BILL_TYPE.number(more))
        claims = scene.ledger.add(
            person[on],
            first[on],
            dx[on],
            end=last[on],
            institutional=True,
            admitted=start[on],
            discharged=np.where(final[on], last[on], -1),
            admit_type=ADMIT_TYPE.number("3"),
            admit_source=ADMIT_SOURCE.number("4"),
            disposition=np.where(final[on], left[on], DISPOSITION.number("30")),
            bill_type=bill_type,
            facility=home[on],
            billing=home[on],
            rendering=scene.doctor[person[on]],
        )
        days = (last[on] - first[on] + 1).astype(np.float64)
        scene.ledger.bill(rng, "nursing_facility", claims, first[on], until=last[on], factor=days)
        scene.office(
            "nursing_facility_doctor",
            person[on],
            first[on] + 1,
            dx[on, :4],
            scene.specialist("hospitalist", person[on]),
            place="31",
        )
    return person, start, end


def _home_health(scene: Scene, found: Stays, status: np.ndarray, following: np.ndarray) -> None:
    at = np.flatnonzero(status == DISPOSITION.number("06"))
    person, start = found.person[at], found.discharged[at] + 2
    end = np.minimum(np.minimum(start + 29, following[at] - 1), scene.people.died[person])
    on = np.flatnonzero((end > start + 3) & (end <= scene.calendar.as_of) & scene.covered(person, start))
    person, start, end = person[on], start[on].astype(np.int32), end[on].astype(np.int32)
    agency = np.full(len(on), scene.place("home health agency"))
    dx = beside(found.dx[at][on], scene.problems(person, start, most=6, typical=5))
    claims = scene.ledger.add(
        person,
        start,
        dx,
        end=end,
        institutional=True,
        admitted=start,
        disposition=DISPOSITION.number("01"),
        bill_type=BILL_TYPE.number("329"),
        facility=agency,
        billing=agency,
        rendering=scene.doctor[person],
    )
    for kind, chance in (("home_health_nurse", 1.0), ("home_health_therapy", 0.6), ("home_health_aide", 0.25)):
        with_it = np.flatnonzero(scene.rng.random(len(on)) < chance)
        scene.ledger.bill(scene.rng, kind, claims[with_it], start[with_it] + 1)


def hospice(scene: Scene) -> None:
    """The last weeks of nearly half of the older people who die, and of a few who are still with us."""
    rng, people, calendar = scene.rng, scene.people, scene.calendar
    dying = (people.died <= calendar.as_of) & (people.segment == SENIOR) & (rng.random(people.count) < 0.45)
    begins = people.died - np.clip(np.round(rng.gamma(0.9, 45, people.count)), 3, 200).astype(np.int32)
    failing = (people.segment == SENIOR) & (people.died > calendar.as_of) & (rng.random(people.count) < 0.004)
    failing &= scene.health.has.sum(axis=1) >= 4
    begins = np.where(failing, calendar.as_of - rng.integers(20, 120, people.count), begins).astype(np.int32)
    chosen = dying | failing
    if len(scene.written):
        chosen &= ~scene.written
    person = np.flatnonzero(chosen).astype(np.int32)
    person = person[people.payer_on(person, begins[person], calendar) == MERIDIAN]
    people.hospice_from[person] = begins[person]
    place = scene.place("hospice")
    for piece in range(8):
        first = begins[person] + 30 * piece
        last = np.minimum(first + 29, people.died[person])
        final = last >= people.died[person]
        on = np.flatnonzero((first <= last) & (last <= calendar.as_of) & scene.covered(person, first))
        who = person[on]
        lasting = scene.problems(who, first[on], most=5, typical=4)
        dx = beside(np.where(lasting[:, 0] >= 0, lasting[:, 0], DX.number("R627")), lasting)
        claims = scene.ledger.add(
            who,
            first[on],
            dx,
            end=last[on],
            institutional=True,
            admitted=begins[who],
            disposition=np.where(final[on], DISPOSITION.number("40"), DISPOSITION.number("30")),
            bill_type=np.where(final[on], BILL_TYPE.number("814"), BILL_TYPE.number("812" if piece == 0 else "813")),
            facility=place,
            billing=place,
            rendering=scene.doctor[who],
        )
        scene.ledger.bill(rng, "hospice", claims, first[on], until=last[on], factor=(last - first + 1.0)[on])
