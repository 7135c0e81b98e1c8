"""Emergency access: what it takes, what it opens, when it ends, who hears of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from carewright.access import break_glass, sensitive
from carewright.access.models import BreakGlass
from carewright.audit.models import Entry
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.registry import CoverageFactory, PatientFactory
from tests.factories.staff import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
GIVEN = {
    "family_name": "Ortega", "born_on": "1952-03-09", "reason": "medical_emergency",
    "words": "Unresponsive at home, the paramedics ask for medicines.", "password": PASSWORD,
}  # fmt: skip


@pytest.fixture
def ortega():
    return PatientFactory(given_name="Luis", family_name="Ortega", born_on=date(1952, 3, 9))


@pytest.fixture
def nurse():
    return UserFactory(with_password=True)


@pytest.fixture
def signed_in(client, nurse):
    client.force_login(nurse)
    return client


def break_it(by, patient, **changed):
    given = {"reason": "medical_emergency", "words": "Unresponsive at home.", "password": PASSWORD, "at": NOW}
    return break_glass.break_glass(patient=patient, by=by, **given | changed)


def test_it_opens_one_patient_for_an_hour_and_waits_for_review(nurse, ortega):
    glass = break_it(nurse, ortega)
    assert (glass.starts_at, glass.ends_at) == (NOW, NOW + timedelta(minutes=60))
    assert list(BreakGlass.objects.filter(reviewed_at__isnull=True)) == [glass]
    entry = Entry.objects.get(did="broke_glass")
    assert (entry.by, entry.patient_ids, entry.why) == (nurse.email, [ortega.pk], "medical_emergency")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "wrong"}, "not your password"),
        ({"password": None}, "not your password"),
        ({"words": "  help  "}, "in a few words"),
        ({"reason": "curious"}, "one of the reasons"),
        ({"reason": "safety", "part2": break_glass.Part2Record("Dr. Shah", "", "overdose")}, "medical emergency"),
        ({"part2": break_glass.Part2Record(" ", "", "overdose")}, "to whom"),
        ({"part2": break_glass.Part2Record("Dr. Shah", "", "")}, "what the emergency is"),
    ],
)
def test_it_opens_nothing(nurse, ortega, changed, said):
    with pytest.raises(CannotDo, match=said):
        break_it(nurse, ortega, **changed)
    assert not BreakGlass.objects.exists()


def test_a_role_without_it_is_refused(ortega):
    with pytest.raises(NotPermitted):
        break_it(UserFactory(role="billing", with_password=True), ortega)


def test_somebody_without_a_password_proves_themselves_elsewhere(ortega):
    by_provider = UserFactory()
    by_provider.set_unusable_password()
    by_provider.save()
    assert break_it(by_provider, ortega, password=None).user == by_provider


def test_the_database_refuses_part2_without_its_record(nurse, ortega):
    with pytest.raises(IntegrityError, match="part2_only_in_a_medical_emergency"):
        BreakGlassFactory(user=nurse, patient=ortega, opens_part2=True)


def test_part2_opens_for_this_person_this_patient_and_this_hour(nurse, ortega):
    break_it(nurse, ortega, part2=break_glass.Part2Record("Dr. Shah", "Springfield General", "overdose"))
    another = PatientFactory()
    later = NOW + timedelta(minutes=60)
    assert "part2" not in sensitive.hidden_tags(nurse, ortega, at=NOW)
    assert "part2" in sensitive.hidden_tags(nurse, at=NOW)
    assert "part2" in sensitive.hidden_tags(nurse, another, at=NOW)
    assert "part2" in sensitive.hidden_tags(nurse, ortega, at=later)
    assert "part2" in sensitive.hidden_tags(UserFactory(), ortega, at=NOW)


def test_an_ordinary_emergency_leaves_part2_closed(nurse, ortega):
    break_it(nurse, ortega)
    assert "part2" in sensitive.hidden_tags(nurse, ortega, at=NOW)


def test_one_is_found_only_by_exact_details(ortega):
    CoverageFactory(patient=ortega, member_id="H1")
    find = break_glass.find_exactly
    assert find(family_name="ORTEGA", born_on=ortega.born_on) == ortega
    assert find(family_name="", number="H1", born_on=ortega.born_on) == ortega
    assert find(family_name="Orte", born_on=ortega.born_on) is None
    assert find(family_name="Ortega", born_on=date(1952, 3, 10)) is None
    assert find(family_name="", born_on=ortega.born_on) is None
    assert find(family_name="Ortega", born_on=None) is None
    PatientFactory(family_name="Ortega", born_on=ortega.born_on)
    assert find(family_name="Ortega", born_on=ortega.born_on) is None


def test_the_page_opens_the_patient_and_the_banner_says_until_when(signed_in, ortega):
    answer = signed_in.post(reverse("access:emergency"), GIVEN)
    glass = BreakGlass.objects.get()
    assert answer.status_code == 302 and answer.url == reverse("access:opened", args=[glass.pk])
    page = signed_in.get(answer.url)
    assert page.status_code == 200
    assert "Emergency access is open." in page.content.decode()
    assert "Luis Ortega" in page.content.decode()
    assert f'href="{reverse("patient:glance", args=[ortega.public_id])}"' in page.content.decode(), "what they take"
    assert "emergency" in Entry.objects.get(did="saw").purpose


def test_it_opens_their_record_and_no_other(signed_in, ortega):
    signed_in.post(reverse("access:emergency"), GIVEN)
    log = reverse("access:patient_log", args=[ortega.public_id])
    assert signed_in.get(log).status_code == 200
    assert signed_in.get(reverse("access:patient_log", args=[PatientFactory().public_id])).status_code == 404


def test_when_the_hour_is_over_the_door_is_closed(signed_in, nurse, ortega):
    past = timezone.now() - timedelta(minutes=61)
    BreakGlassFactory(user=nurse, patient=ortega, starts_at=past, ends_at=past + timedelta(minutes=60))
    assert signed_in.get(reverse("access:patient_log", args=[ortega.public_id])).status_code == 404


def test_nothing_can_be_changed(signed_in, nurse, ortega):
    BreakGlassFactory(user=nurse, patient=ortega)
    answer = signed_in.post(reverse("access:patient_log_file", args=[ortega.public_id]), {"purpose": "I want it"})
    assert answer.status_code == 403
    assert "change nothing" in answer.content.decode()
    assert Entry.objects.filter(did="refused", why="break-glass is read-only").exists()


@pytest.mark.parametrize(
    "changed", [{"password": "wrong"}, {"family_name": "Ortego"}, {"words": ""}, {"opens_part2": "on"}]
)
def test_what_fails_says_so_and_opens_nothing(signed_in, ortega, changed):
    answer = signed_in.post(reverse("access:emergency"), GIVEN | changed)
    assert answer.status_code == 422
    assert not BreakGlass.objects.exists()


def test_part2_with_its_record_opens_and_is_shown_to_the_reviewer(signed_in, ortega, client):
    record = {"opens_part2": "on", "part2_disclosed_to": "Dr. Shah", "part2_emergency": "Overdose"}
    page = signed_in.post(reverse("access:emergency"), GIVEN | record, follow=True).content.decode()
    assert "42 CFR Part 2" in page
    glass = BreakGlass.objects.get()
    assert "part2" not in sensitive.hidden_tags(glass.user, ortega)
    client.force_login(UserFactory(role="quality"))
    said = client.get(reverse("access:review_glass", args=[glass.pk])).content.decode()
    assert "Dr. Shah" in said and "Overdose" in said


@pytest.mark.parametrize("changed", [{"reason": "safety"}, {"part2_disclosed_to": ""}, {"part2_emergency": " "}])
def test_part2_without_all_of_it_stays_closed(signed_in, ortega, changed):
    record = {"opens_part2": "on", "part2_disclosed_to": "Dr. Shah", "part2_emergency": "Overdose"}
    assert signed_in.post(reverse("access:emergency"), GIVEN | record | changed).status_code == 422
    assert not BreakGlass.objects.exists()


@pytest.mark.parametrize("password", ["!", None])
def test_an_empty_form_is_answered_with_what_is_missing(client, password):
    client.force_login(UserFactory(password="!") if password else UserFactory(with_password=True))
    assert client.post(reverse("access:emergency"), {}).status_code == 422


def test_the_form_wants_a_name_or_a_number(signed_in, ortega):
    answer = signed_in.post(reverse("access:emergency"), GIVEN | {"family_name": ""})
    assert answer.status_code == 422 and "Give the family name, or a number." in answer.content.decode()


def test_somebody_without_a_password_is_asked_to_prove_themselves_first(client, ortega):
    by_provider = UserFactory()
    by_provider.set_unusable_password()
    by_provider.save()
    client.force_login(by_provider)
    address = reverse("access:emergency")
    given = {name: value for name, value in GIVEN.items() if name != "password"}
    answer = client.post(address, given)
    assert answer.status_code == 422 and "sign in again" in answer.content.decode()
    assert "sign in again" in client.get(address).content.decode()
    for minutes, opened in ((6, 0), (4, 1)):
        session = client.session
        at = (timezone.now() - timedelta(minutes=minutes)).timestamp()
        session["account_authentication_methods"] = [{"method": "socialaccount", "at": at}]
        session["account_authentication_methods_user"] = str(by_provider.pk)
        session.save()
        client.post(address, given)
        assert BreakGlass.objects.count() == opened


def test_a_second_review_is_refused_on_the_page(client):
    officer = UserFactory(role="quality")
    glass = BreakGlassFactory()
    break_glass.review(glass=glass, verdict="justified", words="fine", by=officer, at=timezone.now())
    client.force_login(officer)
    answer = client.post(reverse("access:review_glass", args=[glass.pk]), {"verdict": "not_justified", "words": "no"})
    assert answer.status_code == 422 and "reviewed already" in answer.content.decode()


def test_guessing_stops_after_ten_tries(signed_in, ortega):
    for _ in range(10):
        signed_in.post(reverse("access:emergency"), GIVEN | {"family_name": "Guess"})
    assert Entry.objects.filter(did="refused", what="break_glass").count() == 10
    answer = signed_in.post(reverse("access:emergency"), GIVEN)
    assert answer.status_code == 422 and "Too many tries" in answer.content.decode()
    assert not BreakGlass.objects.exists()


def test_one_closes_ones_own_and_nobody_elses(signed_in, nurse, ortega):
    mine, theirs = BreakGlassFactory(user=nurse, patient=ortega), BreakGlassFactory(patient=ortega)
    assert signed_in.post(reverse("access:close", args=[theirs.pk])).status_code == 404
    assert signed_in.get(reverse("access:opened", args=[theirs.pk])).status_code == 404
    signed_in.post(reverse("access:close", args=[mine.pk]))
    assert signed_in.get(reverse("access:opened", args=[mine.pk])).status_code == 404
    with pytest.raises(NotPermitted):
        break_glass.close(glass=theirs, by=nurse, at=timezone.now())
    mine.refresh_from_db()
    with pytest.raises(NotNow):
        break_glass.close(glass=mine, by=nurse, at=timezone.now() + timedelta(seconds=2))


class TestReview:
    @pytest.fixture
    def officer(self):
        return UserFactory(role="quality")

    def test_the_officer_sees_it_waiting_without_the_name_and_judges(self, client, officer, nurse, ortega):
        glass = break_it(nurse, ortega, at=timezone.now())
        client.force_login(officer)
        page = client.get(reverse("access:review")).content.decode()
        assert nurse.full_title in page and "Luis Ortega" not in page and ortega.masked_name in page
        address = reverse("access:review_glass", args=[glass.pk])
        assert "Unresponsive at home." in client.get(address).content.decode()
        assert client.post(address, {"verdict": "justified", "words": ""}).status_code == 422
        client.post(address, {"verdict": "justified", "words": "Paramedics were there."})
        glass.refresh_from_db()
        assert (glass.verdict, glass.reviewed_by) == ("justified", officer)
        assert "Nothing waits for review" in client.get(reverse("access:review")).content.decode()

    def test_nobody_reviews_their_own(self, officer, ortega):
        glass = BreakGlassFactory(user=officer, patient=ortega)
        with pytest.raises(NotPermitted, match="their own"):
            break_glass.review(glass=glass, verdict="justified", words="fine", by=officer, at=NOW)
        with pytest.raises(IntegrityError, match="not_reviewed_by_oneself"):
            BreakGlass.objects.update(reviewed_by=officer, reviewed_at=NOW, verdict="justified")

    @pytest.mark.parametrize(("verdict", "words"), [("maybe", "fine"), ("justified", " ")])
    def test_a_review_says_what_and_why(self, officer, verdict, words):
        with pytest.raises(CannotDo):
            break_glass.review(glass=BreakGlassFactory(), verdict=verdict, words=words, by=officer, at=NOW)

    def test_once_and_only_by_who_may(self, officer, nurse):
        glass = BreakGlassFactory()
        with pytest.raises(NotPermitted):
            break_glass.review(glass=glass, verdict="justified", words="fine", by=nurse, at=NOW)
        break_glass.review(glass=glass, verdict="not_justified", words="no need", by=officer, at=NOW)
        with pytest.raises(NotNow):
            break_glass.review(glass=glass, verdict="justified", words="fine", by=officer, at=NOW)

    def test_a_glass_that_is_not_there_is_not_found(self, client, officer):
        client.force_login(officer)
        assert client.get(reverse("access:review_glass", args=[404])).status_code == 404


def test_whoever_is_tied_needs_no_glass(signed_in, nurse, ortega):
    TieFactory(user=nurse, patient=ortega)
    BreakGlassFactory(user=nurse, patient=ortega)
    page = signed_in.get(reverse("access:patient_log", args=[ortega.public_id]))
    assert "Emergency access is open." not in page.content.decode()
