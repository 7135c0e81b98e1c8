"""From two landed numbers to one person on the page: joined, counted together by the next run, separated, counted apart."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from carewright.population import actions, joined
from carewright.population.models import JoinedNumber, Run, Score, Stay, Utilization
from carewright.registry import joining
from carewright.registry.models import Join, Patient
from carewright.registry.queries import by_person_id
from tests.factories.access import TieFactory
from tests.factories.registry import IdentifierFactory
from tests.factories.staff import UserFactory
from tests.warehouse.by_hand import TODAY, ByHand, day

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOT_YET, STILL = "Not all of this person's facts are counted yet", "Facts of another person are counted here"


@pytest.fixture
def hand():
    """Ada has one stay as `ada` and one as `ada2`; Bea is somebody else."""
    hand = ByHand()
    hand.person("ada", payer="Acme", enrollment_end_date=day(6, 30))
    hand.person("ada2", payer="Borough", plan="Silver", member_id="B2")
    hand.person("bea")
    hand.bed("a1", day(7, 1), day(7, 5))
    hand.bed("b1", day(11, 1), day(11, 5), person_id="ada2", diagnosis_code_1="I509")
    return hand


@pytest.fixture
def stratify(hand):
    """Run the warehouse and receive the run, each time a day's work later."""
    times = iter(range(24))

    def run():
        if not hand.landed.exists():
            hand.land()
        at = AT.replace(hour=next(times))
        return actions.stratify(hand, as_of=TODAY, at=at, by="system:test")[1]

    return run


def why(client, patient) -> str:
    return client.get(reverse("population:why", args=[patient.public_id])).content.decode().replace("&#x27;", "'")


def stays_of(run, patient) -> list:
    return list(
        Stay.objects.filter(run=run, patient=patient).order_by("admitted_on").values_list("admitted_on", flat=True)
    )


def spans_of(patient) -> list:
    return list(patient.coverages.order_by("payer").values_list("payer", "ends_on"))


def test_joined_counted_together_separated_counted_apart(stratify, as_role, client):
    """The whole way; one test, because each run of the warehouse takes seconds."""
    supervisor = as_role("supervisor")
    first = stratify()
    ada, other = by_person_id("ada"), by_person_id("ada2")
    assert stays_of(first, ada) == [day(7, 1)]
    assert stays_of(first, other) == [day(11, 1)]
    assert NOT_YET not in why(client, ada)

    join = joining.merge(keep=ada, other=other, why="She told us so", by=supervisor, at=AT.replace(hour=0, minute=30))
    assert joined.how_counted(first, ada) == joined.Counted(not_yet=True)
    assert NOT_YET in why(client, ada)
    assert NOT_YET in client.get(reverse("patient:glance", args=[ada.public_id])).content.decode().replace(
        "&#x27;", "'"
    )

    assert "joined since" in client.get(reverse("population:people")).content.decode()

    second = stratify()
    assert "joined since" not in client.get(reverse("population:people")).content.decode()
    assert stays_of(second, ada) == [day(7, 1), day(11, 1)]
    assert Utilization.objects.get(run=second, patient=ada).stays_12 == 2
    assert not Score.objects.filter(run=second, patient=other).exists()
    assert Score.objects.filter(run=second).count() == Patient.objects.count() == 2
    row = JoinedNumber.objects.get()
    assert (row.run, row.patient, row.number, row.counted_as) == (second, ada, "ada2", "ada")
    assert not joined.how_counted(second, ada)
    page = why(client, ada)
    assert NOT_YET not in page and "Jul 1" in page and "Nov 1" in page

    assert spans_of(ada) == [("Acme", day(6, 30)), ("Borough", date(2099, 12, 31))], "each number's own"

    joining.unmerge(join=join, because="Two sisters", by=supervisor, at=AT)
    assert joined.how_counted(second, ada) == joined.how_counted(second, other) == joined.Counted(with_another=True)
    assert STILL in why(client, ada) and STILL in why(client, other)

    third = stratify()
    assert stays_of(third, ada) == [day(7, 1)]
    assert stays_of(third, other) == [day(11, 1)]
    assert not joined.how_counted(third, ada) and not joined.how_counted(third, other)
    assert spans_of(ada) == [("Acme", day(6, 30))] and spans_of(other) == [("Borough", date(2099, 12, 31))]
    assert STILL not in why(client, ada)


def test_who_comes_by_two_numbers_and_one_card_is_joined_by_the_run_that_makes_them_known(hand, stratify):
    """The payer numbered her anew: same card, name and birth date. The next run counts her once."""
    for number in ("cyd", "cyd-new"):
        hand.person(number, first_name="Cyd", member_id="C7")
    first = stratify()
    join = Join.objects.get()
    cyd = by_person_id("cyd-new")
    assert (join.by_machine, cyd) == (True, by_person_id("cyd"))
    assert joined.how_counted(first, cyd) == joined.Counted(not_yet=True)
    second = stratify()
    assert not joined.how_counted(second, cyd)
    assert JoinedNumber.objects.filter(run=second).count() == 1


def test_a_number_that_came_since_the_run_is_not_counted_yet(run, patient):
    ada = patient("ada")
    assert not joined.how_counted(run, ada)
    IdentifierFactory(patient=ada, value="hospital-1")
    assert joined.how_counted(run, ada) == joined.Counted(not_yet=True)


def test_before_the_first_run_nothing_is_said(run, patient):
    assert not joined.how_counted(None, patient("ada"))


def test_who_may_see_only_one_of_two_separated_is_told_too(run, patient, client):
    """The row that says so is about a patient this reader has no tie to."""
    ada, ben = patient("ada"), patient("ben")
    JoinedNumber.objects.create(run=run, patient=ada, number="ben", counted_as="ada")
    Run.objects.filter(pk=run.pk).update(rows=run.rows | {"joined_number": 1})
    user = UserFactory(role="care_manager")
    TieFactory(user=user, patient=ben)
    client.force_login(user)
    assert STILL in why(client, ben)
