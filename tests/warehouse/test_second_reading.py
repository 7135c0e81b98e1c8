"""Stays, emergency visits and readmissions of random people, compared with a second, obvious reading (reading.py)."""

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.warehouse import reading
from tests.warehouse.by_hand import ByHand, day

START = day(1, 1)
TODAY = day(4, 15)
PLACES = st.sampled_from(["1111111111", "2222222222", None])
STATUSES = st.sampled_from(["01", "01", "01", "02", "03", "06", "07", "20", "30", "62", "65", "82"])


@st.composite
def bed(draw):
    start = START + timedelta(days=draw(st.integers(0, 60)))
    end = start + timedelta(days=draw(st.integers(0, 9)))
    return start, end, draw(PLACES), draw(STATUSES), draw(st.booleans())


@st.composite
def emergency(draw):
    start = START + timedelta(days=draw(st.integers(0, 60)))
    by_doctor = draw(st.booleans())
    end = start if by_doctor else start + timedelta(days=draw(st.integers(0, 2)))
    return (
        start,
        end,
        None if by_doctor else draw(st.sampled_from(["1111111111", "2222222222"])),
        by_doctor,
        (draw(st.booleans()) if by_doctor else True),
    )


COMPARED = [
    (table, "*") for table in ("core.inpatient_stay", "core.ed_visit", "marts.readmission", "marts.utilization")
] + [("core.diagnosis", "* exclude (claim_key)")]
TABLES = [table for table, _ in COMPARED]

PERSON = st.tuples(st.lists(bed(), max_size=6), st.lists(emergency(), max_size=5))
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing person is read off the assertion; shrinking a whole warehouse takes minutes."""

MODEST = settings(
    phases=UNSHRUNK,
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def write_down(people):
    """The same people twice: as landed claims, and as bills for the second reading."""
    home = ByHand()
    beds, emergencies = defaultdict(list), defaultdict(list)
    for number, (given_beds, given_emergencies) in enumerate(people):
        person = f"p{number:02d}"
        home.person(person)
        for count, (start, end, facility, status, urgent) in enumerate(given_beds):
            claim_id = f"{person}-b{count}"
            still = status == "30"
            home.bed(
                claim_id,
                start,
                end,
                facility=facility,
                person_id=person,
                discharge_disposition_code=status,
                discharge_date=None if still else end,
                admit_type_code="1" if urgent else "3",
            )
            beds[person].append(reading.Bed(claim_id, start, end, facility, status, urgent))
        for count, (start, end, facility, by_doctor, bills_visit) in enumerate(given_emergencies):
            claim_id = f"{person}-e{count}"
            if by_doctor:
                home.claim(
                    claim_id, start, end, person_id=person, place_of_service_code="23",
                    hcpcs_code="99283" if bills_visit else "71046",
                )  # fmt: skip
            else:
                home.emergency(claim_id, start, end, person_id=person, facility=facility)
            emergencies[person].append(reading.Emergency(claim_id, start, end, facility, by_doctor, bills_visit))
    return home, beds, emergencies


@MODEST
@given(st.lists(PERSON, min_size=15, max_size=40))
def test_both_readings_agree(people):
    home, beds, emergencies = write_down(people)
    con = home.build("core.ed_visit", "marts.readmission", as_of=TODAY)

    found = defaultdict(set)
    for person, start, end, ids in con.execute(
        "select person_id, admitted_on, discharged_on, claim_ids from core.inpatient_stay"
    ).fetchall():
        found[person].add((start, end, frozenset(ids.split(";"))))
    visits = defaultdict(set)
    for person, led_to_stay, ids in con.execute(
        "select person_id, led_to_stay, claim_ids from core.ed_visit"
    ).fetchall():
        visits[person].add((frozenset(ids.split(";")), led_to_stay))
    returned = defaultdict(set)
    for person, left, back, is_index in con.execute(
        "select person_id, discharged_on, readmitted_on, is_index from marts.readmission"
    ).fetchall():
        returned[person].add((left, back, is_index))

    for number in range(len(people)):
        person = f"p{number:02d}"
        expected = reading.stays(beds[person], TODAY)
        assert found[person] == {
            (stay.start, stay.end if reading.is_over(stay, expected, TODAY) else None, stay.claim_ids)
            for stay in expected
        }
        assert visits[person] == set(reading.emergency_visits(emergencies[person], expected, TODAY))
        assert returned[person] == reading.readmissions(expected, TODAY)


@settings(
    phases=UNSHRUNK,
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(PERSON, min_size=10, max_size=25), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(people, chance):
    home, _, _ = write_down(people)
    straight = snapshot(home.build(*TABLES, "marts.readmission", "marts.utilization", as_of=TODAY))

    def shuffled(rows):
        chance.shuffle(rows)
        return rows

    again, _, _ = write_down(people)
    again.land(shuffled)
    assert snapshot(again.build(*TABLES, as_of=TODAY)) == straight


def snapshot(con):
    return {table: con.execute(f"select {columns} from {table} order by all").fetchall() for table, columns in COMPARED}


def test_the_second_reading_knows_a_transfer_from_a_return():
    beds = [
        reading.Bed("a", day(3, 1), day(3, 3), "x", "01", True),
        reading.Bed("b", day(3, 4), day(3, 5), "y", "01", True),
        reading.Bed("c", day(3, 6), day(3, 7), "y", "01", True),
    ]
    assert [stay.claim_ids for stay in reading.stays(beds, TODAY)] == [{"a", "b"}, {"c"}]


@pytest.mark.parametrize("as_of", [day(1, 20), day(2, 10), day(3, 1)])
def test_an_earlier_day_sees_only_what_had_begun(as_of):
    home = ByHand()
    home.person()
    for number in range(8):
        start = START + timedelta(days=10 * number)
        home.bed(f"s{number}", start, start + timedelta(days=3))
        home.emergency(f"e{number}", start + timedelta(days=6))
        home.fill(f"f{number}", start)
    con = home.build("core.ed_visit", "core.dispensing", "marts.month", as_of=as_of)
    for column, table in (
        ("admitted_on", "core.inpatient_stay"),
        ("visited_on", "core.ed_visit"),
        ('"on"', "core.dispensing"),
    ):
        [[latest, rows]] = con.execute(f"select max({column}), count(*) from {table}").fetchall()
        assert latest <= as_of and rows > 0
