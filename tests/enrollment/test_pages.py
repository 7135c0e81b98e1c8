"""The pages: what stands on them, what a click does, and who does not find them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.enrollment import reaching
from carewright.enrollment.models import Consent, DeathReport, Enrollment, OutreachEpisode, TriageItem
from carewright.enrollment.referring import receive
from carewright.knowledge import consent as words
from tests.enrollment.test_doors import FORM, SELF
from tests.factories.enrollment import ConsentFactory, EnrollmentFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory
from tests.made_up_language import made_up_language

pytestmark = pytest.mark.django_db


def shown(client, name, **kwargs) -> str:
    answer = client.get(reverse(f"enrollment:{name}", kwargs=kwargs))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client, name, data, **kwargs):
    answer = client.post(reverse(f"enrollment:{name}", kwargs=kwargs), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_a_self_referral_to_an_enrolled_patient_without_a_dead_end(client, nurse, supervisor):
    client.post(reverse("enrollment:public_self"), FORM)
    client.force_login(nurse)
    item = TriageItem.objects.get()
    assert "Alberto Moreno" in shown(client, "triage")
    assert "Nobody here has this phone" in shown(client, "triage_item", item_id=item.public_id)
    post(client, "say_who", {"add": "1", "given_name": "Alberto", "family_name": "Moreno", "phone": "(312) 555-0182",
                             "language": "es"}, item_id=item.public_id)  # fmt: skip
    page = post(
        client, "decide", {"decision": "accept", "program": "complex_care", "owner": nurse.pk}, item_id=item.public_id
    )
    assert "Accepted. The first call is planned." in page
    episode = OutreachEpisode.objects.get()
    assert "First call of 3" in shown(client, "episode", episode_id=episode.public_id)
    point = episode.patient.contact_points.get()
    page = post(client, "record_attempt", {"point": point.pk, "ended": "no_answer"}, episode_id=episode.public_id)
    assert "Call 2 of 3" in page
    whom = {"public_id": episode.patient.public_id}
    page = shown(client, "consent", **whom)
    assert "Say each of these" in page and "Usted puede" in page, "in the language they speak"
    said = [element.code for element in words.elements_for("complex_care")]
    answer = {"program": "complex_care", "how": "verbal", "language": "es"}
    missed = client.post(reverse("enrollment:agree", kwargs=whom), answer | {"elements": said[:2]})
    assert missed.status_code == 422 and "Not said yet" in missed.content.decode(), "and what was ticked stays"
    assert "they said yes" in post(client, "agree", answer | {"elements": said}, **whom)
    page = post(client, "enroll", {"program": "complex_care", "starts_on": timezone.localdate().isoformat()}, **whom)
    assert "Nobody leads yet" in page
    enrolled = Enrollment.objects.get()
    client.force_login(supervisor)
    assert "minutes a week are taken" in shown(client, "enrollment", **whom)
    assert "Alberto Moreno" in shown(client, "loads")
    page = post(client, "lead", {"lead": nurse.pk}, enrollment_id=enrolled.public_id, **whom)
    assert "Led by" in page
    assert "Alberto Moreno" in shown(client, "caseload", pk=nurse.pk)
    assert "Alberto Moreno" in shown(client, "handover", pk=nurse.pk)


def test_who_waits_longest_stands_on_top_and_a_late_answer_is_marked(client, nurse):
    now = timezone.now()
    receive(
        door="self",
        at=now,
        by="system:public_form",
        **SELF | {"person_name": "Second One", "person_phone": "2075550101"},
    )
    receive(door="self", at=now - timedelta(days=20), by="system:public_form", **SELF | {"person_name": "First One"})
    client.force_login(nurse)
    page = shown(client, "triage")
    assert page.index("First One") < page.index("Second One")
    assert 'class="over"' in page and "late" in page


@pytest.mark.parametrize(
    ("decision", "more", "part"),
    [
        ("not_now", {"until": "2030-01-01", "because": "life_event"}, "not_now"),
        ("exclude", {"because": "hospice"}, "excluded"),
        ("ask_pcp", {"note": "Is he safe at home?"}, "pcp"),
    ],
)
def test_the_other_decisions(client, nurse, patient, decision, more, part):
    item = receive(door="self", at=timezone.now(), by="system:public_form", **SELF).referral.item
    client.force_login(nurse)
    post(client, "say_who", {"person": str(patient.public_id)}, item_id=item.public_id)
    more = more | {"until": (date.today() + timedelta(days=30)).isoformat()} if "until" in more else more
    post(client, "decide", {"decision": decision, **more}, item_id=item.public_id)
    page = client.get(reverse("enrollment:triage"), {"state": part}).content.decode()
    assert "Alberto Moreno" in page


def test_somebody_who_was_not_shown_cannot_be_chosen(client, nurse):
    item = receive(door="self", at=timezone.now(), by="system:public_form", **SELF).referral.item
    other = PatientFactory()
    client.force_login(nurse)
    assert "Choose one of the people shown" in post(
        client, "say_who", {"person": str(other.public_id)}, item_id=item.public_id
    )
    item.refresh_from_db()
    assert item.patient is None


def test_what_a_caller_says_is_written_down_and_the_door_is_theirs(client, nurse):
    client.force_login(nurse)
    given = {"inside": "discharge_planner", "person_name": "Nora Pell", "person_phone": "207 555 0100", "person_language": "en",
             "how_soon": "today", "sender_name": "Dana Ruiz"}  # fmt: skip
    page = post(client, "new_referral", given)
    assert "The code for the caller is" in page
    item = TriageItem.objects.get()
    assert (item.door, item.is_urgent, item.referrals.get().received_by) == ("internal", True, nurse)
    assert client.post(reverse("enrollment:new_referral"), given | {"person_born": "x"}).status_code == 422


def test_a_withdrawal_and_a_no_are_one_click_away(client, nurse, patient):
    client.force_login(nurse)
    whom = {"public_id": patient.public_id}
    page = post(
        client, "decline", {"program": "complex_care", "because": "No time", "how": "verbal", "language": "en"}, **whom
    )
    assert "Final until" in page
    page = post(client, "reopen", {"program": "complex_care", "why": "He called us"}, **whom)
    assert "They may be asked again" in page
    EnrollmentFactory(patient=patient)
    page = post(client, "withdraw", {"program": "", "how": "on the phone"}, **whom)
    assert "Withdrawn." in page
    assert not Consent.objects.standing().filter(patient=patient).exists()


def test_sharing_and_the_ledger(client, nurse, patient):
    client.force_login(nurse)
    whom = {"public_id": patient.public_id}
    given = {
        "recipient_class": "community",
        "categories": ["general"],
        "purpose": "Food",
        "how": "verbal",
        "language": "en",
    }
    assert "Kept: this may be shared" in post(client, "share", given, **whom)
    told = {"recipient_class": "community", "recipient": "Food Bank", "categories": ["general"], "what": "Name", "purpose": "Food",
            "basis": "consent"}  # fmt: skip
    assert "Kept in the ledger" in post(client, "disclose", told, **whom)
    consent = patient.sharing_consents.get()
    assert "Revoked" in post(client, "revoke", {"how": "phone"}, consent_id=consent.public_id, **whom)
    refused = client.post(reverse("enrollment:disclose", kwargs=whom), told)
    assert refused.status_code == 422 and "No consent in force" in refused.content.decode()


def test_a_death_is_reported_and_settled(client, nurse, patient):
    ConsentFactory(patient=patient)
    client.force_login(nurse)
    whom = {"public_id": patient.public_id}
    assert "stand still" in post(client, "death", {"source": "family"}, **whom)
    assert "goes on where it was" in post(client, "death", {"wrong": "1", "words": "He answered"}, **whom)
    post(client, "death", {"source": "family"}, **whom)
    assert "One reminder is left" in post(client, "death", {"confirm": "1", "words": "Notice"}, **whom)
    assert DeathReport.objects.filter(verdict="confirmed").count() == 1


def test_pausing_and_ending(client, nurse, patient):
    enrolled = EnrollmentFactory(patient=patient)
    client.force_login(nurse)
    whom = {"public_id": patient.public_id, "enrollment_id": enrolled.public_id}
    assert "In hospital" in post(client, "pause", {"because": "hospital"}, **whom)
    assert "It goes on" in post(client, "pause", {"resume": "1"}, **whom)
    assert "Goals met" in post(client, "end", {"reason": "goals_met"}, **whom)


def test_a_supervisor_moves_patients_and_describes_a_lead(client, nurse, supervisor):
    enrolled = EnrollmentFactory(lead=nurse)
    to = UserFactory(role="care_manager")
    client.force_login(supervisor)
    page = post(
        client, "caseload", {"enrollment": [str(enrolled.public_id)], "lead": to.pk, "because": "Leave"}, pk=nurse.pk
    )
    assert "1 patient moved" in page
    post(client, "describe", {"languages": "Spanish, Vietnamese", "places": "606", "skills": ["complex_care"], "minutes_a_week": "900"},
         pk=to.pk)  # fmt: skip
    assert to.lead_profile.languages == ["es", "vi"]
    page = post(client, "describe", {"licence": "1", "kind": "RN", "state": "IL", "expires_on": "2020-01-01"}, pk=to.pk)
    assert "Ran out" in page


def test_a_practices_link_is_shown_once(client, supervisor):
    client.force_login(supervisor)
    until = (date.today() + timedelta(days=30)).isoformat()
    page = client.post(
        reverse("enrollment:links"), {"organization": "Oakwood Clinic", "ends_on": until}
    ).content.decode()
    assert "/provider-referral/" in page
    assert "/provider-referral/" not in shown(client, "links")


def test_a_stranger_finds_neither_the_episode_nor_the_item(client, nurse, patient):
    episode = reaching.start(
        patient=patient, program="complex_care", owner=nurse, by=nurse, on=date.today(), at=timezone.now()
    )
    item = receive(door="self", at=timezone.now(), by="system:public_form", **SELF).referral.item
    TriageItem.objects.filter(pk=item.pk).update(patient=patient)
    client.force_login(UserFactory(role="care_manager"))
    assert client.get(reverse("enrollment:episode", args=[episode.public_id])).status_code == 404
    assert client.get(reverse("enrollment:triage_item", args=[item.public_id])).status_code == 404
    assert client.get(reverse("enrollment:consent", args=[patient.public_id])).status_code == 404
    assert "Moreno" not in shown(client, "triage") + shown(client, "outreach")


def test_a_caseload_file_is_shown_before_it_is_applied(
    client, nurse, supervisor, patient, tmp_path, settings, monkeypatch
):
    from carewright.enrollment import caseload
    from tests.factories.registry import IdentifierFactory

    IdentifierFactory(patient=patient, system="person_id", value="P-1")
    common = {"source": "old_team", "delivery_id": "abcdefabcdef", "received_on": date(2026, 3, 1), "program": "Complex care",
              "lead": nurse.email, "consent_date": date(2026, 1, 5), "consent_kind": "verbal", "enrolled_on": date(2026, 1, 7),
              "ends_on": None, "open_goals": None, "open_tasks": "Call this week;Book a visit", "next_contact_on": None,
              "first_name": "A", "last_name": "M", "birth_date": None, "note": None, "received_seq": 1}  # fmt: skip
    rows = [common | {"person_id": "P-1", "line": 2}, common | {"person_id": "P-9", "line": 3},
            common | {"person_id": "P-1", "line": 4, "program": "Yoga"}]  # fmt: skip
    monkeypatch.setattr(caseload, "_landed", lambda home: rows)
    client.force_login(supervisor)
    page = shown(client, "caseload_file")
    assert "1 can be applied, 2 cannot" in page
    assert "Nobody whom you may see has this number" in page and "There is no program" in page
    with made_up_language():
        page = shown(client, "caseload_file")
    assert "⟦Nobody whom you may see has this number.⟧" in page and "⟦There is no program &#x27;Yoga&#x27;.⟧" in page
    assert not Enrollment.objects.exists(), "looking applies nothing"
    page = post(client, "caseload_file", {"row": ["abcdefabcdef:2", "abcdefabcdef:3"]})
    assert "1 row applied" in page
    enrolled = Enrollment.objects.get()
    assert (enrolled.lead, enrolled.starts_on, enrolled.consent.by) == (nurse, date(2026, 1, 7), None)
    assert enrolled.consent.elements == [], "nobody here knows what was said"
    assert patient.tasks.filter(owner_user=nurse).count() == 2
    assert nurse.ties.filter(patient=patient, because="caseload").exists()
    assert "abcdefabcdef:2" not in shown(client, "caseload_file"), "a row is applied once"
    assert "with a file" in shown(client, "consent", public_id=patient.public_id)


def test_the_landed_file_is_read_with_its_latest_row(tmp_path):
    import pyarrow as pa

    from carewright.enrollment import caseload
    from carewright.plumbing.home import Home
    from carewright.warehouse import landing
    from carewright.warehouse.layout import layout

    home = Home(tmp_path)
    assert caseload._landed(home) == []
    columns = {column.name: [None, None] for column in layout("caseload").all_columns}
    columns |= {"person_id": ["P-1", "P-1"], "program": ["complex_care"] * 2, "lead": ["old@x.org", "new@x.org"],
                "source": ["s", "s"], "delivery_id": ["a" * 12, "b" * 12], "line": [2, 2], "received_seq": [1, 2],
                "received_on": [date(2026, 1, 1), date(2026, 2, 1)]}  # fmt: skip
    kinds = {"VARCHAR": pa.string(), "DATE": pa.date32(), "BIGINT": pa.int64()}
    table = pa.table({c.name: pa.array(columns[c.name], kinds[c.type]) for c in layout("caseload").all_columns})
    folder = home.landed / "caseload"
    folder.mkdir(parents=True, exist_ok=True)
    monkey = landing.files
    import pyarrow.parquet as pq

    pq.write_table(table, folder / "one.parquet")
    try:
        landing.files = lambda given: {"caseload": [folder / "one.parquet"]}
        [row] = caseload._landed(home)
    finally:
        landing.files = monkey
    assert row["lead"] == "new@x.org"
