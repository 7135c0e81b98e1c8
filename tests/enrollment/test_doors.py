"""The doors: what was typed is kept, one person is one item, and nobody outside learns whom we know."""

import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from carewright.channel.configuration import Sending
from carewright.enrollment import queries, referring, triaging
from carewright.enrollment.models import IncomingReferral, TriageItem
from carewright.enrollment.referring import TooMany, receive
from carewright.kernel.errors import BadInput, NotNow, NotPermitted
from carewright.plumbing.problems import PLAIN
from tests.enrollment.conftest import AT, ON
from tests.factories.registry import ContactPointFactory, IdentifierFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
PUBLIC = "system:public_form"
SELF = {"person_name": "Alberto Moreno", "person_phone": "(312) 555-0182", "for_whom": "me", "best_time": "evening",
        "may_leave_message": False, "reasons": ["food"]}  # fmt: skip
FORM = {"person_name": "Alberto Moreno", "person_phone": "(312) 555-0182", "for_whom": "me", "best_time": "evening",
        "may_leave_message": "no", "reasons": ["food", "health"]}  # fmt: skip
PROVIDER = {"person_name": "Alberto Moreno", "person_born": "03/17/1958", "person_phone": "312 555 0182",
            "person_language": "es", "reasons": ["left_hospital"], "how_soon": "today", "does_know": "wants_it",
            "words": "Call after 3", "sender_name": "Linda Marsh", "sender_organization": "Oakwood Clinic"}  # fmt: skip


def send(client, door="public_self", data=None, **more):
    return client.post(reverse(f"enrollment:{door}"), (data or FORM) | more)


def test_a_self_referral_stands_on_the_triage_list_at_once_with_its_clock(client, nurse):
    assert send(client).status_code == 302
    [row] = queries.rows(queries.triage(nurse, on=date.today()), at=IncomingReferral.objects.get().received_at)
    assert (row.name, row.item.door, row.clock) == ("Alberto Moreno", "self", "ok")
    assert row.item.due_at > row.item.opened_at


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", '=HYPERLINK("http://x")', "  O’Brien  ", "José\tÑúñez"])
def test_what_was_typed_is_kept_as_it_was_and_is_never_run(client, nurse, typed):
    send(client, person_name=typed)
    referral = IncomingReferral.objects.get()
    assert referral.person_name == typed
    client.force_login(nurse)
    page = client.get(reverse("enrollment:triage")).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize("typed", ["Ann\u202eMoreno", "Ann\x07Moreno", "\u200b\u200d", "\u3164", " \ufeff "])
def test_characters_that_hide_are_refused_with_a_sentence(client, typed):
    answer = send(client, person_name=typed)
    assert answer.status_code == 422
    assert not IncomingReferral.objects.exists()
    with pytest.raises(BadInput, match="cannot be seen") as refused:
        receive(door="self", at=AT, by=PUBLIC, **SELF | {"person_name": typed})
    assert PLAIN.worded(refused.value) == str(refused.value)


def test_the_words_of_a_referral_cannot_be_changed_or_removed():
    receive(door="self", at=AT, by=PUBLIC, **SELF)
    with pytest.raises(DatabaseError), transaction.atomic():
        IncomingReferral.objects.update(person_name="Somebody Else")
    with pytest.raises(DatabaseError), transaction.atomic():
        IncomingReferral.objects.all().delete()


def test_the_same_name_and_phone_hang_on_one_item_from_whichever_door():
    first = receive(door="self", at=AT, by=PUBLIC, **SELF)
    again = receive(door="provider", at=AT + timedelta(days=1), by=PUBLIC, person_name="MORENO, alberto",
                    person_phone="312.555.0182")  # fmt: skip
    assert not again.joined, "another order of the words is not the same name as typed; a person says who it is"
    third = receive(door="provider", at=AT + timedelta(days=1), by=PUBLIC, person_name="alberto  MORENO",
                    person_phone="+1 312 555 0182", how_soon="today")  # fmt: skip
    assert third.joined
    assert third.referral.item == first.referral.item
    assert third.referral.item.is_urgent


def test_a_father_and_his_son_are_two():
    receive(door="provider", at=AT, by=PUBLIC, person_name="Alberto Moreno", person_phone="3125550182",
            person_born="3/17/1958")  # fmt: skip
    son = receive(door="provider", at=AT, by=PUBLIC, person_name="Alberto Moreno", person_phone="3125550182",
                  person_born="3/17/1988")  # fmt: skip
    assert not son.joined
    assert TriageItem.objects.count() == 2


def test_a_number_and_the_birth_date_say_surely_who_it_is_and_a_name_never_does(patient):
    IdentifierFactory(patient=patient, system="member_id", value="MBR-77120")
    typed = {"person_name": "A. Moreno", "person_born": "03/17/1958", "person_phone": ""}
    by_name = receive(door="provider", at=AT, by=PUBLIC, **typed | {"person_name": "Alberto Moreno"})
    assert by_name.referral.patient is None
    wrong_day = receive(
        door="staff", at=AT, by=PUBLIC, person_number="MBR-77120", **typed | {"person_born": "03/18/1958"}
    )
    assert wrong_day.referral.patient is None
    sure = receive(door="internal", at=AT, by=PUBLIC, person_number="MBR-77120", **typed)
    assert sure.referral.patient == patient
    assert receive(door="internal", at=AT, by=PUBLIC, person_number="MBR-77120", **typed).joined


def test_a_new_referral_wakes_somebody_who_was_set_aside(patient, nurse):
    item = receive(door="self", at=AT, by=PUBLIC, **SELF).referral.item
    triaging.say_who(item=item, patient=patient, by=nurse, on=ON, at=AT)
    triaging.not_now(item=item, until=ON + timedelta(days=60), because="life_event", by=nurse, on=ON, at=AT)
    assert item not in queries.triage(nurse, on=ON + timedelta(days=5))
    later = AT + timedelta(days=5)
    assert receive(door="self", at=later, by=PUBLIC, **SELF).joined
    assert item in queries.triage(nurse, on=ON + timedelta(days=5))


def test_the_public_page_answers_alike_whether_we_know_the_person_or_not(client, patient):
    IdentifierFactory(patient=patient, system="member_id", value="MBR-77120")

    def shown(**typed):
        client.cookies.clear()
        sent = send(client, "public_provider", PROVIDER, **typed)
        page = client.get(sent.url).content.decode()
        page = re.sub(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", "CODE", page)
        return sent.status_code, sent.url, re.sub(r"X-CSRFToken[^}]*|csrfmiddlewaretoken[^>]*", "", page)

    known = shown()
    unknown = shown(person_name="Nobody Atall", person_phone="2075550100", person_born="01/02/1970")
    twice = shown()
    assert known == unknown == twice
    assert "Moreno" not in known[2]


def test_one_address_may_send_only_so_much_in_an_hour(client):
    for number in range(referring.PER_HOUR["self"]):
        assert send(client, person_name=f"Person {number}").status_code == 302
    answer = send(client, person_name="One Too Many")
    assert answer.status_code == 429
    assert b"call us" in answer.content
    assert IncomingReferral.objects.count() == referring.PER_HOUR["self"]
    with pytest.raises(TooMany):
        receive(door="self", at=IncomingReferral.objects.latest("received_at").received_at, by=PUBLIC,
                came_from="127.0.0.1", **SELF)  # fmt: skip


def test_the_sender_asks_by_a_code_that_says_nothing_about_the_person(client, patient, nurse):
    done = receive(door="provider", at=AT, by=PUBLIC, **{k: v for k, v in PROVIDER.items() if k != "lang"})
    page = reverse("enrollment:public_status")
    first = client.post(page, {"code": done.code.lower().replace("-", " ")})
    assert b"Nobody has looked yet" in first.content
    item = triaging.say_who(item=done.referral.item, patient=patient, by=nurse, on=ON, at=AT)
    assert b"Somebody is looking" in client.post(page, {"code": done.code}).content
    triaging.exclude(item=item, because="hospice", by=nurse, on=ON, at=AT)
    last = client.post(page, {"code": done.code}).content.decode()
    assert "We have done our part" in last
    assert not re.search(r"Moreno|Alberto|hospice|1958|0182", last)
    assert client.post(page, {"code": "AAAA-BBBB-CCCC"}).status_code == 422
    assert client.get(page + f"?code={done.code}").content.count(done.code.encode()) == 0


def test_codes_are_not_guessed_one_by_one(client):
    from django.core.cache import cache

    cache.clear()
    page = reverse("enrollment:public_status")
    answers = [client.post(page, {"code": f"AAAA-BBBB-{number:04}"}).status_code for number in range(32)]
    assert answers[:30] == [422] * 30
    assert answers[30:] == [429] * 2


def test_the_pages_speak_spanish(client):
    page = client.get(reverse("enrollment:public_self") + "?lang=es").content.decode()
    assert '<html lang="es"' in page
    assert "Pida una persona que le ayude" in page
    wrong = client.post(reverse("enrollment:public_self") + "?lang=es", {"lang": "es", "person_phone": "12"})
    assert "Escríbalo con código de área" in wrong.content.decode()
    assert "Por favor conteste esto." in wrong.content.decode()
    sent = client.post(reverse("enrollment:public_self"), FORM | {"lang": "es"})
    assert "Lo recibimos" in client.get(sent.url).content.decode()
    assert IncomingReferral.objects.get().form_language == "es"


def test_every_public_word_is_there_in_both_languages():
    from carewright.enrollment import public_words

    tables = [value for name, value in vars(public_words).items() if name.isupper() and name != "LANGUAGES"]
    assert len(tables) >= 6
    for table in tables:
        for key, both in table.items():
            assert len(both) == 2, key
            assert both[0].strip() and both[1].strip() and both[0] != both[1], key


def test_a_practice_sees_how_far_its_own_referrals_are_and_nobody_elses(client, supervisor, nurse, patient):
    today = date.today()
    link, code = referring.make_link(
        organization="Oakwood Clinic", contact_name="Linda Marsh", ends_on=today + timedelta(days=30), on=today, at=AT,
        by=supervisor,
    )  # fmt: skip
    address = reverse("enrollment:public_practice", args=[code])
    given = {key: value for key, value in PROVIDER.items() if key != "sender_organization"}
    assert client.post(address, given).status_code == 302
    receive(door="provider", at=AT, by=PUBLIC, person_name="Nora Pell", person_phone="2075550100")
    page = client.get(address).content.decode()
    assert "Alberto M." in page and "Moreno" not in page and "Nora" not in page
    assert IncomingReferral.objects.get(link=link).sender_organization == "Oakwood Clinic"
    referring.end_link(link=link, at=AT, by=supervisor)
    assert client.get(address).status_code == 404
    with pytest.raises(NotPermitted):
        referring.end_link(link=link, at=AT, by=nurse)


def test_a_birth_date_to_come_is_refused(client):
    answer = send(client, "public_provider", PROVIDER, person_born="03/17/2058")
    assert answer.status_code == 422
    assert b"in the future" in answer.content


# --- who is this? ---------------------------------------------------------------------------------------------------


def test_people_it_could_be_are_found_with_what_speaks_for_them_and_the_look_is_logged(patient, db):
    from carewright.audit.models import Entry

    triager = UserFactory(role="care_manager")  # without a tie to anybody
    PatientFactory(given_name="Ruth", family_name="Other")
    item = receive(door="provider", at=AT, by=PUBLIC, **PROVIDER).referral.item
    [found] = triaging.possible_people(item=item, by=triager)
    assert found.patient == patient
    assert set(found.because) == {"phone", "birth date", "name"}
    assert Entry.objects.filter(did="saw_list", patient_ids=[patient.pk], by=triager.email).exists()


def test_saying_who_it_is_ties_whoever_said_it_and_joins_the_item_that_is_there(patient, nurse):
    triager = UserFactory(role="care_manager")
    first = receive(door="self", at=AT, by=PUBLIC, **SELF).referral.item
    second = receive(door="provider", at=AT + timedelta(hours=1), by=PUBLIC, person_name="Al Moreno").referral.item
    triaging.say_who(item=first, patient=patient, by=nurse, on=ON, at=AT)
    held = triaging.say_who(item=second, patient=patient, by=triager, on=ON, at=AT + timedelta(hours=2))
    second.refresh_from_db()
    assert held == first
    assert second.joined_to == first
    assert first.referrals.count() == 2
    assert triager.ties.filter(patient=patient, because="triage").exists()
    assert list(queries.triage(nurse, on=ON)) == [first]


def test_somebody_nobody_knows_is_added_once(nurse):
    item = receive(door="self", at=AT, by=PUBLIC, **SELF).referral.item
    triaging.add_person(
        item=item, given_name="Alberto", family_name="Moreno", born=date(1958, 3, 17), phone="(312) 555-0182",
        language="es", by=nurse, on=ON, at=AT,
    )  # fmt: skip
    item.refresh_from_db()
    assert item.patient.name == "Alberto Moreno"
    assert item.patient.contact_points.get().digits == "3125550182"
    with pytest.raises(NotNow):
        triaging.say_who(item=item, patient=PatientFactory(), by=nurse, on=ON, at=AT)
    triaging.take_back_who(item=item, by=nurse, why="It was his brother.", at=AT)
    assert item.patient is None


def test_nothing_is_decided_about_nobody_but_an_exclusion(nurse):
    item = receive(door="self", at=AT, by=PUBLIC, **SELF).referral.item
    for decide in (
        lambda: triaging.accept(item=item, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT),
        lambda: triaging.not_now(item=item, until=ON, because="life_event", by=nurse, on=ON, at=AT),
        lambda: triaging.ask_pcp(item=item, by=nurse, at=AT),
    ):
        with pytest.raises(NotNow, match="who this is"):
            decide()
    triaging.exclude(item=item, because="wrong_person", by=nurse, on=ON, at=AT, note="Not a real name")
    assert item.decision == "excluded"


def test_only_who_decides_about_candidates_triages(patient):
    pharmacist = UserFactory(role="pharmacist")
    item = receive(door="self", at=AT, by=PUBLIC, **SELF).referral.item
    with pytest.raises(NotPermitted):
        triaging.say_who(item=item, patient=patient, by=pharmacist, on=ON, at=AT)


def test_the_phone_of_two_people_offers_both(patient, nurse):
    wife = PatientFactory(given_name="Rosa", family_name="Moreno")
    ContactPointFactory(patient=wife, value="312-555-0182")
    item = receive(door="self", at=AT, by=PUBLIC, **SELF).referral.item
    assert {each.patient for each in triaging.possible_people(item=item, by=nurse)} == {patient, wife}


def test_not_safe_to_leave_a_message_holds_for_the_number_from_then_on(patient, nurse):
    point = patient.contact_points.get()
    item = receive(door="self", at=AT, by=PUBLIC, **SELF).referral.item
    triaging.say_who(item=item, patient=patient, by=nurse, on=ON, at=AT)
    point.refresh_from_db()
    assert (point.is_safe_for_message, point.best_time) == (False, "evening")
    other = receive(door="self", at=AT, by=PUBLIC, **SELF | {"person_phone": "773 555 0144", "may_leave_message": True})
    triaging.say_who(item=other.referral.item, patient=patient, by=nurse, on=ON, at=AT)
    assert patient.contact_points.get(digits="7735550144").is_safe_for_message is True
    again = receive(door="self", at=AT + timedelta(days=1), by=PUBLIC, **SELF | {"may_leave_message": True})
    triaging.say_who(item=again.referral.item, patient=patient, by=nurse, on=ON, at=AT)
    point.refresh_from_db()
    assert point.is_safe_for_message is False, "who once said that it is not safe is believed until a person asks anew"


def test_numbers_of_the_public_pages_dial_and_the_other_language_keeps_who_asked(client, settings):
    settings.CHANNEL = Sending(phone="413-555-0100")
    page = client.get(reverse("enrollment:public_self")).content.decode()
    assert 'href="tel:911"' in page and 'href="tel:988"' in page
    client.post(reverse("enrollment:public_provider"), PROVIDER)
    page = client.get(reverse("enrollment:public_thanks") + "?lang=en&from=provider").content.decode()
    assert 'href="tel:4135550100"' in page
    other = re.search(r'href="(\?lang=es[^"]*)"', page).group(1).replace("&amp;", "&")
    assert "llamamos al paciente" in client.get(reverse("enrollment:public_thanks") + other).content.decode()
