"""Who looked at a patient, and what the week shows that deserves a second look."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.access import queries, weekly
from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.audit.models import Entry
from carewright.registry import joining
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.audit import behind_our_back
from tests.factories.registry import PatientFactory
from tests.factories.staff import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # noon in New York


def saw(user, patient, at=NOON, did="saw", outcome="allowed"):
    """An entry of that moment; the log's own clock is the database's, so it is set as the owner of the table."""
    entry = audit._write(by=user, did=did, patient_ids=[patient.pk], page="population:why", outcome=outcome)
    behind_our_back("update audit_entry set at = %s where id = %s", [at, entry.pk])
    return entry


@pytest.fixture
def tie():
    return TieFactory(user=UserFactory(first_name="Maria", last_name="Delgado"))


class TestPatientLog:
    @pytest.fixture
    def page(self, client, tie):
        client.force_login(tie.user)
        return lambda **asked: client.get(reverse("access:patient_log", args=[tie.patient.public_id]), asked)

    def test_it_says_who_when_as_what_and_why(self, page, tie):
        other = UserFactory(first_name="Priya", last_name="Nair", role="supervisor")
        audit.saw(tie.patient, by=other, page="population:why", purpose="treatment")
        said = page().content.decode()
        for word in ("Priya Nair", "Supervisor", "Opened", "treatment", "Why is this person here?"):
            assert word in said

    def test_it_lists_who_was_not_let_in(self, page, tie, client):
        stranger = UserFactory(first_name="Pat", last_name="Stranger")
        client.force_login(stranger)
        assert client.get(reverse("access:patient_log", args=[tie.patient.public_id])).status_code == 404
        client.force_login(tie.user)
        said = page().content.decode()
        assert "Pat Stranger" in said and "Not let in" in said

    def test_looking_at_the_log_is_in_the_log(self, page):
        page()
        assert Entry.objects.get(did="saw").page == "access:patient_log"

    def test_it_can_be_narrowed(self, tie):
        other, patient = UserFactory(first_name="Priya", last_name="Nair"), tie.patient
        mine = saw(tie.user, patient)
        hers = saw(other, patient, at=NOON + timedelta(days=2))
        shown = saw(other, patient, did="saw_list")
        log = queries.log_of
        assert set(log(patient)) == {mine, hers, shown}
        assert set(log(patient, by="priya")) == set(log(patient, by=other.email)) == {hers, shown}
        assert set(log(patient, did="saw_list")) == {shown}
        assert set(log(patient, until=DAY)) == {mine, shown}
        assert set(log(patient, since=DAY + timedelta(1))) == {hers}

    def test_who_looked_at_a_record_that_was_joined_into_theirs_is_there_too(self, page, tie):
        before, joined, further = UserFactory(first_name="Olu", last_name="Bright"), PatientFactory(), PatientFactory()
        seen = saw(before, joined)
        audit.refused(by=before, what=f"patient {further.public_id}", why="no tie", page="web:search")
        stranger = saw(before, PatientFactory())
        supervisor = UserFactory(role="supervisor")
        joining.merge(keep=joined, other=further, why="one person", by=supervisor, at=NOON)
        join = joining.merge(keep=tie.patient, other=joined, why="one person", by=supervisor, at=NOON)
        lines = set(queries.log_of(tie.patient))
        assert seen in lines and stranger not in lines
        assert {line.outcome for line in lines if line.by_id == before.pk} == {"allowed", "refused"}
        with acting_as(tie.user):  # nobody has a tie to a record that was joined away
            assert seen in set(queries.log_of(tie.patient))
        assert "Olu Bright" in page().content.decode()
        joining.unmerge(join=join, because="two people", by=supervisor, at=NOON)
        assert seen not in set(queries.log_of(tie.patient))

    def test_the_page_narrows_and_says_when_nothing_fits(self, page):
        assert "No line fits" in page(by="nobody of that name").content.decode()
        assert page(since="not a day").status_code == 200
        assert page(page="999").status_code == 200

    def test_the_filter_offers_what_was_done_in_words(self, page, tie):
        saw(tie.user, tie.patient)
        saw(tie.user, tie.patient, did="saw_list")
        said = page().content.decode()
        assert '<option value="saw">Opened</option>' in said
        assert '<option value="saw_list">Was shown in a list</option>' in said

    def test_it_leads_to_the_record_for_whoever_may_open_it(self, page, tie):
        assert reverse("population:why", args=[tie.patient.public_id]) in page().content.decode()

    def test_an_emergency_is_said_in_plain_english(self, page, tie):
        audit.saw(tie.patient, by=UserFactory(), page="population:why", why="broke the glass: unexpected_contact")
        said = page().content.decode()
        assert "emergency access: on the phone or at the door, and needed help at once" in said
        assert "unexpected_contact" not in said

    def test_the_file_is_in_words_too(self, client, tie):
        client.force_login(tie.user)
        saw(tie.user, tie.patient, did="saw_list")
        audit.saw(tie.patient, by=tie.user, page="population:why", why="broke the glass: cover")
        answer = client.post(
            reverse("access:patient_log_file", args=[tie.patient.public_id]), {"purpose": "The patient asked."}
        )
        said = answer.content.decode()
        assert "Care manager,Was shown in a list,Why is this person here?" in said
        assert "emergency access: covering for a colleague" in said

    def test_the_file_needs_a_purpose_and_is_written_down(self, client, tie):
        client.force_login(tie.user)
        address = reverse("access:patient_log_file", args=[tie.patient.public_id])
        assert client.post(address, {"purpose": ""}).status_code == 422
        tie.user.first_name = "=cmd()"
        audit.saw(tie.patient, by=tie.user, page="x")
        answer = client.post(address, {"purpose": "The patient asked who looked."})
        lines = answer.content.decode().splitlines()
        assert lines[0] == "when,who,role,did,page,purpose,why,outcome"
        assert any("'=cmd() Delgado" in line for line in lines)
        assert Entry.objects.get(did="exported").purpose == "The patient asked who looked."

    def test_a_reviewer_needs_no_tie_and_sees_no_name(self, client):
        patient = PatientFactory(given_name="Ruth", family_name="Abernathy")
        client.force_login(UserFactory(role="quality"))
        said = client.get(reverse("access:patient_log", args=[patient.public_id])).content.decode()
        assert patient.masked_name in said and "Abernathy" not in said
        gone = "00000000-0000-4000-8000-000000000000"
        assert client.get(reverse("access:patient_log", args=[gone])).status_code == 404


class TestWeek:
    def found(self, code) -> list[tuple[str, int]]:
        rules = {rule.code: rule for rule in weekly.review(on=DAY)}
        return [(sign.who, sign.count) for sign in rules[code].signs]

    def test_opened_without_a_tie_on_that_day(self, tie):
        saw(tie.user, tie.patient)
        stranger = UserFactory(first_name="Pat", last_name="Stranger")
        saw(stranger, tie.patient)
        saw(stranger, tie.patient, at=NOON + timedelta(minutes=1))
        TieFactory(user=stranger, patient=tie.patient, starts_on=DAY + timedelta(1))
        assert self.found("no_tie") == [("Pat Stranger", 2)]

    @pytest.mark.parametrize("population", ["everyone", "payer:Evergreen", "candidates"])
    def test_a_tie_to_a_population_is_a_tie(self, population):
        from carewright.access.models import PopulationMember

        patient, nurse = PatientFactory(payer="Evergreen"), UserFactory()
        PopulationMember.objects.create(population="candidates", patient=patient)
        saw(nurse, patient)
        assert self.found("no_tie") == [(nurse.name, 1)]
        TieFactory(team=TeamFactory(members=[nurse]), user=None, population=population)
        assert self.found("no_tie") == []

    def test_more_than_fifty_patients_in_an_hour(self, tie):
        patients = [PatientFactory() for _ in range(51)]
        for patient in patients[:50]:
            saw(tie.user, patient)
            saw(tie.user, patient)
        assert self.found("many_charts") == []
        saw(tie.user, patients[50])
        assert self.found("many_charts") == [("Maria Delgado", 51)]

    def test_the_same_family_name(self, tie):
        saw(tie.user, PatientFactory(family_name="DELGADO"))
        saw(tie.user, PatientFactory(family_name="Abernathy"))
        assert self.found("same_surname") == [("Maria Delgado", 1)]

    @pytest.mark.parametrize(("hour", "late"), [(10, True), (11, False), (24, False), (25, True)])
    def test_after_hours_by_the_organizations_clock(self, tie, hour, late, settings):
        # UTC hours of that day; New York is five hours behind in November: 5 AM, 6 AM, 7 PM, 8 PM.
        at = datetime(2026, 11, 23, 0, 0, tzinfo=UTC) + timedelta(hours=hour)
        saw(tie.user, tie.patient, at=at)
        assert bool(self.found("after_hours")) is late

    def test_refused_again_and_again(self, tie):
        for _ in range(9):
            saw(tie.user, tie.patient, did="refused", outcome="refused")
        assert self.found("refusals") == []
        saw(tie.user, tie.patient, did="refused", outcome="refused")
        assert self.found("refusals") == [("Maria Delgado", 10)]

    def test_last_week_is_last_week(self, tie):
        saw(UserFactory(), tie.patient, at=NOON - timedelta(days=7))
        assert self.found("no_tie") == []

    def test_what_the_house_does_itself_is_no_sign(self, tie):
        saw("system:nightly", tie.patient)
        assert self.found("no_tie") == []

    def test_the_page_shows_signs_and_whose_it_showed_is_written(self, client, tie):
        saw(UserFactory(first_name="Pat", last_name="Stranger"), tie.patient, at=timezone.now())
        officer = UserFactory(role="quality")
        client.force_login(officer)
        said = client.get(reverse("access:review")).content.decode()
        assert "Pat Stranger" in said and tie.patient.masked_name in said
        assert Entry.objects.get(did="saw_list", by_id=officer.pk).patient_ids == [tie.patient_id]
        assert client.get(reverse("access:review"), {"until": "2026-01-05"}).status_code == 200


def test_the_review_leads_to_each_patients_log_and_says_that_it_was_kept(client):
    glass, officer = BreakGlassFactory(), UserFactory(role="quality")
    client.force_login(officer)
    log = reverse("access:patient_log", args=[glass.patient.public_id])
    assert f'href="{log}"' in client.get(reverse("access:review")).content.decode(), "while it waits"
    address = reverse("access:review_glass", args=[glass.pk])
    answer = client.post(address, {"verdict": "justified", "words": "An emergency indeed."}, follow=True)
    said = answer.content.decode()
    assert f"Your review of the emergency access by {glass.user.name} is kept." in said
    assert f'href="{log}"' in said, "when it was reviewed"
    assert client.get(log).status_code == 200


def test_what_waits_for_a_reviewer_is_counted_but_not_their_own():
    officer = UserFactory(role="quality")
    BreakGlassFactory()
    BreakGlassFactory(user=officer)
    assert queries.review_count(officer) == 1
