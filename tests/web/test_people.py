"""The pages about who somebody is: matching review, joins and their undoing, contact details."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.audit.models import Entry
from carewright.registry import joining, relating
from carewright.registry.matching import actions as matching
from carewright.registry.models import (
    Authority,
    ContactPoint,
    FieldSource,
    Join,
    Patient,
    PatientPreference,
    PossibleMatch,
    RelatedPerson,
)
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.registry import (
    AddressFactory,
    ContactPointFactory,
    IdentifierFactory,
    PatientFactory,
    RelatedPersonFactory,
)
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def lead(client, settings):
    """A supervisor who sees everyone, signed in."""
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    user = UserFactory(role="supervisor")
    TieFactory(user=user, population="everyone")
    client.force_login(user)
    return user


@pytest.fixture
def pair():
    one = PatientFactory(given_name="Ruth", family_name="Abernathy", person_id="p1")
    other = PatientFactory(given_name="Ruthie", family_name="Abernathy", person_id="p2")
    matching.let_wait((one.pk, other.pk), ["given_names_differ", "same_birth_date"], by="system:t", at=AT, score=0.97)
    return one, other


class TestMatching:
    def test_a_pair_waits_with_its_reasons_and_leads_to_both_side_by_side(self, client, lead, pair):
        text = client.get(reverse("people:waiting")).content.decode()
        assert "Ruthie Abernathy" in text and "The given names are not the same to the letter" in text
        match = PossibleMatch.objects.get()
        page = client.get(reverse("people:match", args=[match.pk])).content.decode()
        assert "differs" in page and "p1" in page and "p2" in page
        assert Entry.objects.filter(did="saw_list", page="people:match", patient_ids=[p.pk for p in pair]).exists()

    def test_one_person_keeps_the_record_chosen_and_is_listed(self, client, lead, pair):
        match = PossibleMatch.objects.get()
        answer = client.post(
            reverse("people:match", args=[match.pk]),
            {"decision": "keep_second", "why": "She told me on the phone", "take": ["given_name"]},
        )
        assert answer.status_code == 302
        join = Join.objects.get()
        assert (join.patient, join.other, join.joined_by, join.by_machine) == (pair[1], pair[0], lead.email, False)
        assert Patient.objects.get().given_name == "Ruth"
        listed = client.get(reverse("people:joins")).content.decode()
        assert "She told me on the phone" in listed and "stands" in listed
        assert not PossibleMatch.objects.waiting().exists()

    def test_two_people_are_kept_apart(self, client, lead, pair):
        match = PossibleMatch.objects.get()
        client.post(reverse("people:match", args=[match.pk]), {"decision": "two", "why": "Sisters"})
        match.refresh_from_db()
        assert (match.state, match.decided_by) == ("kept_apart", lead.email)
        assert "Sisters" in client.get(reverse("people:match", args=[match.pk])).content.decode()

    def test_without_a_reason_nothing_happens(self, client, lead, pair):
        match = PossibleMatch.objects.get()
        answer = client.post(reverse("people:match", args=[match.pk]), {"decision": "keep_first", "why": ""})
        assert answer.status_code == 422 and not Join.objects.exists()

    def test_undoing_gives_back_and_later_rows_go_where_one_says(self, client, lead, pair):
        one, other = pair
        join = joining.merge(keep=one, other=other, why="alike", by="system:matching", at=AT)
        hers = IdentifierFactory(patient=one, system="mrn", assigner="General", value="9")
        address = reverse("people:join", args=[join.pk])
        assert f"registry.Identifier|patient|{hers.pk}" in client.get(address).content.decode()
        assert client.post(address, {"because": ""}).status_code == 422
        answer = client.post(address, {"because": "Two sisters", "later": [f"registry.Identifier|patient|{hers.pk}"]})
        assert answer.status_code == 302
        assert set(other.identifiers.values_list("value", flat=True)) == {"p2", "9"}
        assert "Two sisters" in client.get(address).content.decode()

    def test_a_row_that_is_not_on_the_list_is_refused_in_words(self, client, lead, pair):
        join = joining.merge(keep=pair[0], other=pair[1], why="alike", by=lead, at=AT)
        stranger = IdentifierFactory()
        answer = client.post(
            reverse("people:join", args=[join.pk]),
            {"because": "Sisters", "later": [f"registry.Identifier|patient|{stranger.pk}"]},
        )
        assert answer.status_code == 422 and "Look at the list again" in answer.content.decode()
        join.refresh_from_db()
        assert join.undone_at is None

    def test_who_may_see_one_of_two_sees_no_pair(self, client, pair, settings):
        settings.SECOND_FACTOR_ROLES = frozenset({"none"})
        user = UserFactory(role="supervisor")
        TieFactory(user=user, patient=pair[0])
        client.force_login(user)
        assert "Ruthie" not in client.get(reverse("people:waiting")).content.decode()
        assert client.get(reverse("people:match", args=[PossibleMatch.objects.get().pk])).status_code == 404

    def test_joining_moves_everything_though_ones_own_tie_moves_too(self, client, pair, settings):
        """Who sees a record by one tie loses sight of it while it is moved; nothing may stay behind unseen."""
        settings.SECOND_FACTOR_ROLES = frozenset({"none"})
        user, (one, other) = UserFactory(role="supervisor"), pair
        TieFactory(user=user, patient=one), TieFactory(user=user, patient=other, because="team")
        ContactPointFactory(patient=other), AddressFactory(patient=other), RelatedPersonFactory(patient=other)
        client.force_login(user)
        match = PossibleMatch.objects.get()
        answer = client.post(reverse("people:match", args=[match.pk]), {"decision": "keep_first", "why": "Same"})
        assert answer.status_code == 302
        assert all(not pointer.keys(other) for pointer in joining.pointers())
        assert "Ruth Abernathy" in client.get(reverse("people:joins")).content.decode()

    @pytest.mark.parametrize("role", ["care_manager", "billing", "analyst", "administrator"])
    def test_only_who_may_match_people(self, client, role, settings):
        settings.SECOND_FACTOR_ROLES = frozenset({"none"})
        client.force_login(UserFactory(role=role))
        for name in ("people:waiting", "people:joins"):
            assert client.get(reverse(name)).status_code == 403


class TestTheSamePerson:
    """Somebody knows that two records are one person, and no machine suggested it."""

    @pytest.fixture
    def two(self):
        one = PatientFactory(given_name="Ruth", family_name="Abernathy", person_id="p1")
        return one, PatientFactory(given_name="Dolores", family_name="Ortega", person_id="p2", born_on=date(1950, 2, 5))

    def address(self, one, other) -> str:
        return reverse("people:together", args=[one.public_id, other.public_id])

    def said(self, **more):
        return {"keep": "first", "why": "She told me her maiden name"} | more

    def test_the_other_record_is_found_from_a_patients_page_and_the_words_stand_in_no_log(self, client, lead, two):
        one, other = two
        here = reverse("people:same", args=[one.public_id])
        assert here in client.get(reverse("patient:glance", args=[one.public_id])).content.decode()
        assert here in client.post(reverse("web:search"), {"q": "abernathy"}).content.decode()
        page = client.post(here, {"q": "ortega"}).content.decode()
        assert self.address(one, other) in page
        assert Entry.objects.filter(did="saw_list", page="people:same", patient_ids=[other.pk]).exists()
        assert not Entry.objects.filter(why__icontains="ortega").exists()
        assert self.address(one, one) not in client.post(here, {"q": "abernathy"}).content.decode()

    def test_both_are_side_by_side_with_both_names_and_what_speaks_against_it(self, client, lead, two):
        page = client.get(self.address(*two)).content.decode()
        assert "Are Ruth Abernathy and Dolores Ortega one person?" in page
        assert "Join Ruth Abernathy and Dolores Ortega" in page
        assert "The birth dates differ" in page and "p1" in page and "p2" in page
        for patient in two:
            assert Entry.objects.filter(did="saw", page="people:together", patient_ids=[patient.pk]).exists()

    @pytest.mark.parametrize(
        ("born", "told"),
        [
            (date(1951, 5, 2), "Ruth Abernathy, May 2, 1951"),
            (date(1950, 5, 2), "Ruth Abernathy, May 2, 1950 (second record)"),
        ],
    )
    def test_two_of_one_name_are_told_apart(self, client, lead, two, born, told):
        other = PatientFactory(given_name="Ruth", family_name="Abernathy", born_on=born)
        assert client.get(self.address(two[0], other)).content.decode().count(told) >= 4

    @pytest.mark.parametrize(("keep", "kept"), [("first", 0), ("second", 1)])
    def test_they_are_joined_into_the_record_that_was_chosen(self, client, lead, two, keep, kept):
        answer = client.post(self.address(*two), self.said(keep=keep, take=["family_name"]), follow=True)
        join = Join.objects.get()
        assert (join.patient, join.other, join.joined_by, join.by_machine) == (
            two[kept],
            two[1 - kept],
            lead.email,
            False,
        )
        assert join.why == "She told me her maiden name" in answer.content.decode()
        assert Patient.objects.get().family_name == two[1 - kept].family_name
        assert "Undo the join" in answer.content.decode()

    @pytest.mark.parametrize(
        "wrong", [{"why": " "}, {"why": ""}, {"keep": ""}, {"keep": "both"}, {"take": ["payer"]}], ids=str
    )
    def test_without_a_reason_or_a_choice_nothing_happens(self, client, lead, two, wrong):
        assert client.post(self.address(*two), self.said(**wrong)).status_code == 422
        assert not Join.objects.exists()

    def test_a_record_is_not_joined_with_itself(self, client, lead, two):
        answer = client.post(self.address(two[0], two[0]), self.said(), follow=True)
        assert "These are the same record" in answer.content.decode() and not Join.objects.exists()

    def test_two_that_are_joined_already_lead_to_their_join(self, client, lead, two):
        join = joining.merge(keep=two[0], other=two[1], why="one", by=lead, at=AT)
        answer = client.post(self.address(*two), self.said(), follow=True)
        assert "These two were joined already" in answer.content.decode()
        assert answer.redirect_chain == [(reverse("people:join", args=[join.pk]), 302)]
        assert client.get(self.address(two[1], two[0])).status_code == 404, "a record that was joined away has no page"
        assert Join.objects.count() == 1

    def test_one_that_was_joined_into_a_third_leads_to_that_one(self, client, lead, two):
        third = PatientFactory(given_name="Lola", family_name="Ortega")
        joining.merge(keep=third, other=two[1], why="one", by=lead, at=AT)
        answer = client.get(self.address(*two), follow=True)
        assert answer.redirect_chain == [(self.address(two[0], third), 302)]
        assert "Lola Ortega" in answer.content.decode()
        with_hidden = UserFactory(role="supervisor")
        TieFactory(user=with_hidden, patient=two[0])
        client.force_login(with_hidden)
        assert client.get(self.address(*two)).status_code == 404, "whom one may not see one does not hear of either"

    def test_a_running_entry_in_both_is_refused_in_words(self, client, lead, two):
        for patient in two:
            EnrollmentFactory(patient=patient)
        answer = client.post(self.address(*two), self.said())
        assert answer.status_code == 422 and "End one of them first" in answer.content.decode()
        assert Patient.objects.count() == 2

    def test_who_was_kept_apart_is_joined_only_with_that_before_ones_eyes(self, client, lead, two):
        matching.let_wait((two[0].pk, two[1].pk), ["same_birth_date"], by="system:t", at=AT)
        joining.keep_apart(match=PossibleMatch.objects.get(), because="Two sisters", by=lead, at=AT)
        assert "Two sisters" in client.get(self.address(*two)).content.decode()
        client.post(self.address(*two), self.said())
        assert PossibleMatch.objects.get().state == "joined"

    @pytest.mark.parametrize("role", ["care_manager", "billing", "analyst", "administrator"])
    def test_only_who_may_match_people_may_join_two(self, client, role, two, settings):
        settings.SECOND_FACTOR_ROLES = frozenset({"none"})
        user = UserFactory(role=role)
        TieFactory(user=user, population="everyone")
        client.force_login(user)
        assert client.post(self.address(*two), self.said()).status_code == 403
        assert client.get(reverse("people:same", args=[two[0].public_id])).status_code == 403
        assert not Join.objects.exists()

    @pytest.mark.parametrize("seen", [0, 1])
    def test_a_record_one_may_not_see_is_not_there(self, client, two, seen, settings):
        settings.SECOND_FACTOR_ROLES = frozenset({"none"})
        user = UserFactory(role="supervisor")
        TieFactory(user=user, patient=two[seen])
        client.force_login(user)
        assert client.get(self.address(*two)).status_code == 404
        assert client.post(self.address(*two), self.said()).status_code == 404
        assert not Join.objects.exists()
        assert Entry.objects.filter(outcome="refused", what=f"patient {two[1 - seen].public_id}").exists()

    def test_broken_glass_reads_and_joins_nothing(self, client, two, settings):
        settings.SECOND_FACTOR_ROLES = frozenset({"none"})
        user = UserFactory(role="supervisor")
        TieFactory(user=user, patient=two[0])
        BreakGlassFactory(user=user, patient=two[1])
        client.force_login(user)
        page = client.get(self.address(*two)).content.decode()
        assert "Emergency access is for reading" in page and "Join Ruth" not in page
        assert client.post(self.address(*two), self.said()).status_code == 403
        assert not Join.objects.exists()


class TestContactDetails:
    @pytest.fixture
    def nurse(self, client, settings):
        settings.SECOND_FACTOR_ROLES = frozenset({"none"})
        user = UserFactory(role="care_manager")
        client.force_login(user)
        return user

    @pytest.fixture
    def ruth(self, nurse):
        patient = PatientFactory(given_name="Ruth", family_name="Abernathy")
        TieFactory(user=nurse, patient=patient)
        return patient

    def do(self, client, patient, do, row="", **said):
        prefix = f"{do}{row}"
        typed = {f"{prefix}-{name}": value for name, value in said.items()}
        return client.post(reverse("people:contact", args=[patient.public_id]), {"do": do, "row": row} | typed)

    def read(self, client, patient):
        answer = client.get(reverse("people:contact", args=[patient.public_id]))
        assert answer.status_code == 200
        return answer.content.decode()

    def test_a_number_is_added_described_flagged_and_flagged_right(self, client, ruth, nurse):
        assert self.do(client, ruth, "add_point", kind="phone", value="413-555-0100").status_code == 302
        point = ContactPoint.objects.get()
        assert point.is_safe_for_message is None and point.is_shared is None
        assert "message: not asked" in self.read(client, ruth)
        answer = self.do(
            client, ruth, "describe_point", point.pk, use="mobile", rank="1", best_time="mornings",
            is_safe_for_message="no", is_shared="yes", consent="given",
        )  # fmt: skip
        assert answer.status_code == 302
        point.refresh_from_db()
        assert (point.use, point.rank, point.is_safe_for_message, point.is_shared) == ("mobile", 1, False, True)
        assert (point.text_consent, point.consent_by) == ("given", nurse)
        self.do(client, ruth, "wrong", point.pk)
        assert "wrong since" in self.read(client, ruth)
        assert not ContactPoint.objects.right().exists()
        self.do(client, ruth, "right", point.pk)
        assert ContactPoint.objects.right().exists()

    def test_a_number_without_its_area_code_is_refused_at_its_form(self, client, ruth):
        answer = self.do(client, ruth, "add_point", kind="phone", value="555-0100")
        assert answer.status_code == 422 and "area code" in answer.content.decode()

    def test_what_we_write_down_says_who_wrote_it(self, client, ruth, nurse):
        answer = self.do(
            client, ruth, "facts", given_name="Ruth", family_name="Abernathy-Lee", born_on="1950-05-02", sex="female"
        )
        assert answer.status_code == 302
        assert FieldSource.objects.get(field="family_name").said_by == nurse
        assert "family name: " + nurse.name in self.read(client, ruth)

    def test_preferences_keep_what_nobody_asked_apart_from_no(self, client, ruth):
        self.do(client, ruth, "preference", preferred_name="Ruthie", needs_interpreter="no", safe_contact="Mornings")
        preference = PatientPreference.objects.get()
        assert (preference.needs_interpreter, preference.hearing_aid) == (False, None)

    def test_an_authority_to_decide_needs_its_document(self, client, ruth):
        person = RelatedPersonFactory(patient=ruth)
        answer = self.do(client, ruth, "authority", person.pk, kind="full_proxy", starts_on="2026-11-01")
        assert answer.status_code == 422 and "Name the document" in answer.content.decode()
        answer = self.do(
            client, ruth, "authority", person.pk, kind="full_proxy", starts_on="2026-11-01", document="Proxy of 2024"
        )
        assert answer.status_code == 302
        authority = Authority.objects.get()
        assert authority.verified_by is not None
        assert self.do(client, ruth, "end_authority", authority.pk, because="Revoked").status_code == 302

    def test_somebody_held_away_vanishes_with_their_number_from_every_role_that_may_not_know(
        self, client, ruth, settings
    ):
        person = RelatedPersonFactory(patient=ruth, given_name="Victor", family_name="Harm", phone="413-555-0142")
        ContactPointFactory(patient=ruth, value="(413) 555-0142")
        self.do(client, ruth, "hold", person.pk, because="Threatened her", is_suspected_abuser="on")
        assert not RelatedPerson.objects.exists() and not ContactPoint.objects.exists()
        text = self.read(client, ruth)
        assert "Held away for safety" in text and "Victor Harm" in text and "555-0142" not in text
        pharmacist = UserFactory(role="pharmacist")
        TieFactory(user=pharmacist, patient=ruth)
        client.force_login(pharmacist)
        told = self.read(client, ruth)
        assert "Victor" not in told and "555-0142" not in told
        assert self.do(client, ruth, "lift", person.pk, because="?").status_code == 404

    def test_a_hold_is_lifted_with_a_reason(self, client, ruth, nurse):
        person = RelatedPersonFactory(patient=ruth)
        relating.hold_person(person=person, because="?", is_suspected_abuser=False, by=nurse, at=timezone.now())
        assert self.do(client, ruth, "lift", person.pk, because="").status_code == 422
        assert self.do(client, ruth, "lift", person.pk, because="Mistaken").status_code == 302
        assert RelatedPerson.objects.get() == person

    def test_another_patients_row_is_not_there(self, client, ruth):
        other = ContactPointFactory()
        assert self.do(client, ruth, "wrong", other.pk).status_code == 404
        assert self.do(client, ruth, "describe_point", "x").status_code in (404, 422)
        assert self.do(client, ruth, "nonsense").status_code == 404

    def test_broken_glass_reads_and_changes_nothing(self, client, nurse):
        glass = BreakGlassFactory(user=nurse)
        text = self.read(client, glass.patient)
        assert 'value="add_point"' not in text
        assert self.do(client, glass.patient, "add_point", kind="phone", value="413-555-0100").status_code == 403
        assert not ContactPoint.objects.exists()

    def test_a_child_says_until_when_somebody_decides_for_them(self, client, nurse):
        child = PatientFactory(born_on=date(2014, 6, 5))
        TieFactory(user=nurse, patient=child)
        AddressFactory(patient=child)
        assert "Under age." in self.read(client, child)
        mother = RelatedPersonFactory(patient=child)
        answer = self.do(
            client,
            child,
            "authority",
            mother.pk,
            kind="personal_representative",
            starts_on="2026-11-01",
            document="Birth record",
        )
        assert answer.status_code == 422 and "June 4, 2032" in answer.content.decode()
