"""A number is one number however it is written: what is known of it holds for each way it stands on the record."""

from datetime import UTC, date, datetime

import pytest

from carewright.audit.models import Entry
from carewright.channel import actions as channel
from carewright.channel import queries as channel_queries
from carewright.channel.configuration import Sending
from carewright.contacts import actions as contacts
from carewright.kernel.errors import CannotDo, NotNow
from carewright.registry import joining, reaching
from carewright.registry.models import ContactPoint, PatientPreference
from tests.factories.registry import ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory
from tests.registry.test_receiving import RUTH, receive, ruth

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
ON = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _sending(settings):
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")


@pytest.fixture
def nurse():
    return UserFactory(role="supervisor")


@pytest.fixture
def twice(nurse):
    """Somebody whose one number stands on the record in two ways, as two feeds wrote it."""
    patient = PatientFactory()
    given = {"text_consent": "given", "consent_at": AT, "consent_by": nurse}
    one = ContactPointFactory(patient=patient, value="413-555-0177", **given)
    return patient, one, ContactPointFactory(patient=patient, value="+1 (413) 555 0177", **given)


def test_a_number_flagged_wrong_is_offered_in_no_other_writing(twice, nurse):
    patient, one, other = twice
    reaching.flag_wrong(point=one, on=ON, by=nurse)
    assert list(patient.contact_points.right()) == []
    assert channel_queries.may(patient, "call", AT).because == "none"
    sent = channel.send(to=other, kind="sms", template="please_call", by=nurse, at=AT)
    assert (sent.state, sent.because) == ("refused", "wrong_number")
    reaching.flag_right(point=other, by=nurse, why="They answered there")
    assert patient.contact_points.right().count() == 2


def test_where_a_message_is_not_safe_none_is_left_in_any_writing(twice, nurse):
    patient, one, other = twice
    reaching.describe_contact_point(point=one, facts={"is_safe_for_message": False}, by=nurse)
    assert channel.send(to=other, kind="sms", template="please_call", by=nurse, at=AT).because == "not_safe"
    with pytest.raises(CannotDo, match="not safe"):
        contacts.record(patient=patient, kind="call", ended="left_message", contact_point=other, by=nurse, at=AT)


def test_neither_a_person_nor_a_file_adds_the_same_number_again(nurse):
    receive(RUTH | {"phone": "413-555-0177"})
    with pytest.raises(NotNow, match="already"):
        reaching.add_contact_point(patient=ruth(), kind="phone", value="(413) 555-0177", by=nurse)
    reaching.flag_wrong(point=ContactPoint.objects.get(patient=ruth(), kind="phone"), on=ON, by=nurse)
    receive(RUTH | {"phone": "4135550177"}, run_id="run-2")
    assert [point.value for point in ContactPoint.objects.filter(patient=ruth(), kind="phone")] == ["413-555-0177"]
    receive(RUTH | {"phone": "4135550188"}, run_id="run-3")
    assert ContactPoint.objects.filter(patient=ruth(), kind="phone").count() == 2


def test_joining_two_records_keeps_every_warning_and_undoing_gives_it_back(nurse):
    keep, other = PatientFactory(person_id="p1"), PatientFactory(person_id="p2")
    mine = ContactPointFactory(patient=keep, value="413-555-0177", text_consent="given", consent_at=AT)
    ContactPointFactory(
        patient=other, value="413-555-0177", is_safe_for_message=False, wrong_since_on=ON, text_consent="refused",
        consent_at=AT,
    )  # fmt: skip
    reaching.set_preference(
        patient=keep, facts={"preferred_name": "Ruthie", "safe_contact": "Mornings"}, by=nurse, at=AT
    )
    reaching.set_preference(
        patient=other, facts={"safe_contact": "Hang up if he answers", "needs_interpreter": True, "preferred_name": "R"},
        by=nurse, at=AT,
    )  # fmt: skip

    def known():
        mine.refresh_from_db()
        told = PatientPreference.objects.get(patient=keep)
        return (
            mine.is_safe_for_message, mine.wrong_since_on, mine.text_consent, told.safe_contact, told.needs_interpreter,
            told.preferred_name,
        )  # fmt: skip

    before = known()
    join = joining.merge(keep=keep, other=other, why="She told us so", by=nurse, at=AT)
    assert known() == (False, ON, "refused", "Mornings; Hang up if he answers", True, "Ruthie")
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=AT)
    assert known() == before
    reaching.describe_contact_point(point=mine, facts={"is_safe_for_message": True}, by=nurse)
    assert ContactPoint.objects.get(patient=other).is_safe_for_message is False


def test_a_join_writes_one_line_for_each_row_it_warns_on_and_undoing_it_another(nurse):
    keep, other = PatientFactory(), PatientFactory()
    ContactPointFactory(patient=keep, value="413-555-0177")
    ContactPointFactory(
        patient=other, value="413-555-0177", is_safe_for_message=False, wrong_since_on=ON, is_shared=True
    )
    reaching.set_preference(patient=keep, facts={"preferred_name": "Ruthie"}, by=nurse, at=AT)
    reaching.set_preference(
        patient=other, facts={"safe_contact": "Hang up if he answers", "needs_interpreter": True}, by=nurse, at=AT
    )
    join = joining.merge(keep=keep, other=other, why="One person", by=nurse, at=AT)
    carried = Entry.objects.filter(did="carry_warning")
    assert sorted(entry.what.split(":")[0] for entry in carried) == ["contactpoint", "patientpreference"]
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=AT)
    assert Entry.objects.filter(did="give_back_warning").count() == 2


def test_a_warning_written_down_since_is_not_given_back(nurse):
    keep, other = PatientFactory(person_id="p1"), PatientFactory(person_id="p2")
    mine = ContactPointFactory(patient=keep, value="413-555-0177")
    ContactPointFactory(patient=other, value="413-555-0177", is_safe_for_message=False)
    join = joining.merge(keep=keep, other=other, why="She told us so", by="system:matching", at=AT)
    mine.refresh_from_db()
    reaching.describe_contact_point(point=mine, facts={"is_safe_for_message": True}, by=nurse)
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=AT)
    mine.refresh_from_db()
    assert mine.is_safe_for_message is True
