"""
What a hospital bills: emergency visits, observation, stays with their doctors, transfers, long stays in parts.

Bill types, revenue codes, places of service, admission and discharge codes follow the rules of the UB-04, so that a
reader who filters by them (as CMS-HCC does) finds what it should: 111 a whole inpatient stay, 112/113/114 its parts,
131 hospital outpatient; revenue 045x an emergency visit, 0762 observation.
"""

import numpy as np

from carewright.demo import tables
from carewright.demo.admissions import DELIVERY, NEWBORN, Stays
from carewright.demo.scene import Scene, beside
from carewright.demo.tables import (
    ADMIT_SOURCE,
    ADMIT_TYPE,
    BILL_TYPE,
    DISPOSITION,
    DX,
    ED_VISITS_A_YEAR,
    PLACE,
    Choice,
)
from carewright.demo.visits import outpatient

DOLLARS_PER_WEIGHT = 11_600.0


def stays(scene: Scene, found: Stays) -> tuple[np.ndarray, np.ndarray]:
    """Bill every stay; answers each stay's discharge status (as number in DISPOSITION) and its first hospital."""
    rng = scene.rng
    status = _dispositions(scene, found)
    home = scene.hospital_of(found.person, 0.8)
    whole = found.discharged <= scene.calendar.as_of
    moved = found.transfer & (found.discharged - found.admitted >= 2) & whole
    # The first hospital keeps a moved patient one night; the second one bills the rest.
    until = np.where(moved, found.admitted + 1, found.discharged)
    here = np.flatnonzero(whole)
    first_status = np.where(moved, DISPOSITION.number("02"), status)
    source = np.where(found.through_ed, ADMIT_SOURCE.number("1"), ADMIT_SOURCE.number("2"))
    source = np.where(found.reason == NEWBORN, ADMIT_SOURCE.number("5"), source)
    _facility(scene, found.take(here), found.admitted[here], until[here], home[here], first_status[here], source[here])
    second = np.flatnonzero(moved)
    pool = scene.directory.hospitals
    other = pool[(np.searchsorted(pool, home[second]) + 1 + rng.integers(0, 3, len(second))) % len(pool)]
    moved_stays = found.take(second)
    moved_stays.through_ed[:] = False
    _facility(
        scene,
        moved_stays,
        until[second],
        found.discharged[second],
        other,
        status[second],
        np.full(len(second), ADMIT_SOURCE.number("4")),
    )
    _doctors(scene, found.take(here), found.discharged[here], home[here])
    return status, home


def _dispositions(scene: Scene, found: Stays) -> np.ndarray:
    """Where people go: mostly home; to a nursing facility or home with nursing the older they are; some against advice."""
    rng = scene.rng
    many = len(found)
    u = rng.random(many)
    age = scene.age(found.person, found.admitted)
    status = np.full(many, DISPOSITION.number("01"))
    nursing = u < found.onward * 0.62
    status[nursing] = DISPOSITION.number("03")
    status[(u >= found.onward * 0.62) & (u < found.onward * 0.62 + np.where(age >= 65, 0.2, 0.04))] = (
        DISPOSITION.number("06")
    )
    status[(u > 0.975) & found.emergency] = DISPOSITION.number("07")
    status[(u > 0.96) & (u <= 0.97) & (age >= 65)] = DISPOSITION.number("62")
    status[found.reason < 0] = DISPOSITION.number("01")
    status[found.died] = DISPOSITION.number("20")
    return status.astype(np.int16)


def _facility(
    scene: Scene,
    found: Stays,
    admitted: np.ndarray,
    discharged: np.ndarray,
    hospital: np.ndarray,
    status: np.ndarray,
    source: np.ndarray,
) -> None:
    """The hospital's bills: one per stay, or one per thirty days of a long one."""
    long = discharged - admitted > 32
    parts = (
        (~long, admitted, discharged, "111", status, found.price),
        (long, admitted, admitted + 30, "112", np.full(len(found), DISPOSITION.number("30")), found.price * 0.5),
        (long, admitted + 31, discharged, "114", status, found.price * 0.5),
    )
    kind = np.where(found.emergency, ADMIT_TYPE.number("1"), ADMIT_TYPE.number("3"))
    kind = np.where(found.reason == DELIVERY, ADMIT_TYPE.number("1"), kind)
    kind = np.where(found.reason == NEWBORN, ADMIT_TYPE.number("4"), kind)
    lasting = scene.problems(found.person, admitted, most=10, typical=7.5)
    lasting[found.reason == NEWBORN] = -1
    lasting[np.flatnonzero(found.reason == DELIVERY), 3:] = -1
    born = np.full((len(found), 2), -1, dtype=np.int32)
    delivery = found.reason == DELIVERY
    born[delivery] = DX.number("Z370"), DX.number("Z3A39")
    newborn = found.reason == NEWBORN
    born[newborn, 0] = Choice("P0739:4|P0718:3|P220:3|P590:3", DX).draw(scene.rng, int(newborn.sum()))
    dx = beside(found.dx, np.concatenate([born, lasting], axis=1))
    for which, start, end, bill_type, left, price in parts:
        at = np.flatnonzero(which)
        if not len(at):
            continue
        person = found.person[at]
        claims = scene.ledger.add(
            person,
            start[at],
            dx[at],
            end=end[at],
            institutional=True,
            admitted=admitted[at],
            discharged=np.where(left[at] == DISPOSITION.number("30"), -1, end[at]),
            admit_type=kind[at],
            admit_source=source[at],
            disposition=left[at],
            bill_type=BILL_TYPE.number(bill_type),
            drg=found.drg[at],
            procedure=found.procedure[at],
            facility=hospital[at],
            billing=hospital[at],
            rendering=scene.specialist("hospitalist", person),
        )
        _room_and_board(scene, found.take(at), claims, start[at], end[at], price[at])


def _room_and_board(
    scene: Scene, found: Stays, claims: np.ndarray, start: np.ndarray, end: np.ndarray, weight: np.ndarray
) -> None:
    """The lines of a hospital bill; the whole DRG payment stands on the first one."""
    rng = scene.rng
    payment = weight * DOLLARS_PER_WEIGHT * np.exp(scene.health.dear[found.person] * 0.5)
    payment *= np.exp(rng.normal(0, 0.35, len(found)))
    room = np.where(found.reason == DELIVERY, 0, np.where(found.reason == NEWBORN, 1, 2))
    revenue = (tables.REVENUE.number("0122"), tables.REVENUE.number("0172"), tables.REVENUE.number("0120"))
    for at, code in enumerate(revenue):
        which = np.flatnonzero(room == at)
        nights = (end[which] - start[which]).clip(1)
        scene.ledger.line(
            claims[which], start[which], revenue=code, units=nights, price=payment[which] / nights, until=end[which]
        )
    others = [line for line in tables.bills()["inpatient"] if line.revenue != revenue[2]]
    for spec in others:
        on = np.flatnonzero((rng.random(len(found)) < spec.chance) & (room == 2))
        scene.ledger.line(claims[on], start[on], revenue=spec.revenue, until=end[on])
    for spec in (line for line in tables.bills()["maternity"] if line.revenue != revenue[0]):
        on = np.flatnonzero(room == 0)
        scene.ledger.line(claims[on], start[on], revenue=spec.revenue, until=end[on])
    surgical = np.flatnonzero(found.surgical)
    scene.ledger.bill(rng, "surgery", claims[surgical], start[surgical])
    through = np.flatnonzero(found.through_ed)
    scene.ledger.line(
        claims[through],
        found.admitted[through],
        revenue=tables.REVENUE.number("0450"),
        hcpcs=Choice("99285:6|99284:4", tables.HCPCS).draw(rng, len(through)),
    )


def _doctors(scene: Scene, found: Stays, discharged: np.ndarray, hospital: np.ndarray) -> None:
    """What doctors bill for a stay: the emergency physician, the first day, some days, the last, and the surgeon."""
    rng, ledger = scene.rng, scene.ledger
    through = np.flatnonzero(found.through_ed)
    person = found.person[through]
    scene.office(
        "emergency_doctor", person, found.admitted[through], found.dx[through][:, None],
        scene.specialist("emergency", person), place="23",
    )  # fmt: skip
    ordinary = np.flatnonzero(found.reason >= 0)
    person, start = found.person[ordinary], found.admitted[ordinary]
    dx = beside(found.dx[ordinary], scene.problems(person, start, most=4, typical=3))
    claims = ledger.add(
        person, start, dx, end=discharged[ordinary], rendering=scene.specialist("hospitalist", person),
        billing=hospital[ordinary], facility=hospital[ordinary], place=PLACE.number("21"),
    )  # fmt: skip
    ledger.bill(rng, "hospitalist_first", claims, start)
    nights = discharged[ordinary] - start
    for night in range(1, 7):
        at = np.flatnonzero(nights > night)
        ledger.bill(rng, "hospitalist_day", claims[at], start[at] + night)
    ledger.bill(rng, "hospitalist_last", claims, discharged[ordinary])
    cut = np.flatnonzero(found.surgical)
    person = found.person[cut]
    day = np.minimum(found.admitted[cut] + 1, discharged[cut])
    for kind, specialty in (("surgeon", "orthopedics"), ("anesthesia", "hospitalist")):
        scene.office(kind, person, day, found.dx[cut][:, None], scene.specialist(specialty, person), place="21")
    birth = np.flatnonzero(found.reason == DELIVERY)
    person = found.person[birth]
    dx = np.stack([found.dx[birth], np.full(len(birth), DX.number("Z370"))], axis=1)
    scene.office("delivery", person, found.admitted[birth], dx, scene.specialist("obstetrics", person), place="21")
    _before_birth(scene, person, found.admitted[birth])


def _before_birth(scene: Scene, mother: np.ndarray, day: np.ndarray) -> None:
    """Monthly visits before a birth."""
    for before in range(6, 235, 26):
        when = (day - before).astype(np.int32)
        on = np.flatnonzero(scene.covered(mother, when) & (scene.rng.random(len(mother)) < 0.82))
        dx = scene.dx("Z3493" if before < 90 else "Z3492", len(on))
        scene.office("prenatal", mother[on], when[on], dx, scene.specialist("obstetrics", mother[on]))


def emergency(scene: Scene, found: Stays) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Emergency visits that end at home; answers person, day, diagnosis and hospital of each, for the notices."""
    rng, people, health = scene.rng, scene.people, scene.health
    parts = []
    for segment in range(5):
        mine = people.segment == segment
        wanted = round(ED_VISITS_A_YEAR[segment] * scene.years[mine].sum())
        through = int(((people.segment[found.person] == segment) & found.through_ed).sum())
        rate = np.where(mine, np.exp(health.ed_risk), 0)
        parts.append(scene.happen(scene.seasonal(rate, 0.6), exactly=max(wanted - through, 0)))
    person, day = (np.concatenate([part[at] for part in parts]) for at in range(2))
    # Nobody is at once in a bed upstairs and downstairs.
    upstairs = _in_hospital(found, person, day)
    person, day = person[~upstairs], day[~upstairs]
    table = tables.reasons("ed_visits")
    chosen = scene.choose_reason(table, person, day)
    code = scene.reason_codes(table, chosen)
    severity = np.array([float(reason.row["severity"]) for reason in table])[chosen]
    observed = rng.random(len(person)) < np.array([float(reason.row["observed"]) for reason in table])[chosen]
    hospital = scene.hospital_of(person)
    child = scene.age(person, day) < 15
    dx = beside(code, scene.problems(person, day, most=5, typical=3))
    price = severity * np.exp(health.dear[person] * 0.5)
    for kind, which in (("emergency", ~child), ("emergency_child", child)):
        at = np.flatnonzero(which)
        until = np.minimum(np.minimum(day[at] + observed[at], scene.calendar.as_of), people.died[person[at]])
        claims = outpatient(
            scene, kind, person[at], day[at], dx[at], facility=hospital[at], until=until, factor=price[at]
        )
        watched = np.flatnonzero(observed[at])
        scene.ledger.bill(rng, "observation", claims[watched], day[at][watched])
    scene.office("emergency_doctor", person, day, dx[:, :3], scene.specialist("emergency", person), place="23")
    by_car = np.flatnonzero(rng.random(len(person)) < np.where(scene.age(person, day) >= 65, 0.3, 0.12))
    ambulance = np.full(len(by_car), scene.place("ambulance"))
    scene.office("ambulance", person[by_car], day[by_car], dx[by_car, :2], ambulance, place="41")
    return person, day, code, hospital


def _in_hospital(found: Stays, person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Whether each of these people is in a hospital bed that day or the day before or after."""
    if not len(found):
        return np.zeros(len(person), dtype=bool)
    wide = 100_000
    at = (
        np.searchsorted(
            found.person.astype(np.int64) * wide + found.admitted - 1,
            person.astype(np.int64) * wide + day,
            side="right",
        )
        - 1
    )
    return (at >= 0) & (found.person[at] == person) & (day <= found.discharged[at] + 1)
