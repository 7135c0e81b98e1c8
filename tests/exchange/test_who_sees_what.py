"""Rows set aside are people's rows: whole for those who work with names, and without a value for everyone else."""

import csv
import io

import pytest

from carewright.audit.models import Entry
from carewright.exchange import actions, showing, words
from carewright.exchange.models import Delivery
from carewright.plumbing.home import Home
from carewright.staff.roles import BY_CODE, ROLES, Permission
from carewright.warehouse import landing
from carewright.warehouse.layout import layouts
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db

READERS = [role for role in ROLES if role.allows(Permission.SEE_IMPORTS)]
WHOLE = {"supervisor", "medical_director"}
PERSON = {
    "person_id": "m-4711", "birth_date": "5/2/1948", "gender": "female", "enrollment_start_date": "2026-01-01",
    "payer": "meridian", "last_name": "Lovelace",
}  # fmt: skip
VALUES = ("Lovelace", "5/2/1948", "m-4711", "meridian")


@pytest.fixture
def here(tmp_path, monkeypatch, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    return Home((tmp_path / "home").resolve())


@pytest.fixture
def set_aside(here, sent):
    """A delivery of coverage with one row set aside for its birth date."""
    actions.ingest([sent("c.csv", {}, base=PERSON)], source="north", by="system:test", home=here)
    return f"/imports/{Delivery.objects.get().delivery_id}/set-aside"


def taken(response):
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def opened(client, role, address):
    client.force_login(UserFactory(role=role))
    page = client.post(address, {"see": "1", "purpose": "mend it"}).content.decode()
    return page, taken(client.post(address, {"download": "1", "purpose": "send it back"}))


@pytest.mark.parametrize("role", READERS, ids=lambda role: role.code)
def test_only_roles_that_see_names_open_rows_whole(client, set_aside, role):
    page, rows = opened(client, role.code, set_aside)
    said = page + str(rows)
    for value in VALUES:
        assert (value in said) == (role.code in WHOLE), value
    assert rows[0][:3] == ["line", "problem", "mend"]
    assert rows[1][0] == "2"
    assert "column birth_date: expected a date written YYYY-MM-DD" in rows[1][1]
    assert Entry.objects.filter(did="exported", purpose="send it back").exists()


@pytest.mark.parametrize("role", [role.code for role in ROLES if role not in READERS])
def test_nobody_else_opens_them_at_all(client, set_aside, role):
    client.force_login(UserFactory(role=role))
    assert client.post(set_aside, {"see": "1", "purpose": "x"}).status_code == 403


def test_whoever_manages_imports_without_seeing_names_is_told_who_may(client, set_aside):
    client.force_login(UserFactory(role="analyst"))
    assert "You see the rows without their values" in client.get(set_aside).content.decode()
    client.force_login(UserFactory(role="supervisor"))
    assert "You see the rows without their values" not in client.get(set_aside).content.decode()


def test_a_value_that_is_missing_is_said_to_be_missing(client, here, sent):
    actions.ingest([sent("m.csv", {"person_id": ""})], by="system:test", home=here)
    _, rows = opened(client, "analyst", f"/imports/{Delivery.objects.get().delivery_id}/set-aside")
    assert "column person_id: expected the person, as the payer or the source knows them, found ''." in rows[1][1]


def test_a_value_that_says_nobody_stands_in_the_reason(client, here, sent):
    actions.ingest([sent("m.csv", {"claim_start_date": "soon"})], by="system:test", home=here)
    _, rows = opened(client, "analyst", f"/imports/{Delivery.objects.get().delivery_id}/set-aside")
    assert "found 'soon'" in rows[1][1]
    assert "c1" not in rows[1]
    assert set(rows[1][3:]) == {showing.HIDDEN}


def test_rows_of_a_protected_source_are_whole_to_nobody(client, here, set_aside):
    landing.declare_part2(here, [("feed", "north")])
    page, rows = opened(client, "supervisor", set_aside)
    assert not [value for value in VALUES if value in page + str(rows)]


def test_a_row_that_names_a_protected_provider_is_whole_to_nobody(client, here, sent):
    landing.declare_part2(here, [("npi", "1234567893")])
    other = {"claim_id": "c2", "claim_start_date": "x", "billing_npi": "1999999992", "person_id": "bob"}
    actions.ingest([sent("m.csv", {"claim_start_date": "x"}, other)], by="system:test", home=here)
    _, rows = opened(client, "supervisor", f"/imports/{Delivery.objects.get().delivery_id}/set-aside")
    assert ["ada" in row or "c1" in row for row in rows] == [False, False, False]
    assert "bob" in rows[2]


def test_a_fhir_row_shows_its_field_and_not_what_stood_there(client, here, sent):
    text = '{"resourceType": "Patient", "id": "m-4711", "birthDate": "1948-02-30", "name": [{"family": "Lovelace"}]}'
    actions.ingest([sent("p.json", text)], by="system:test", home=here)
    delivery = Delivery.objects.get()
    assert delivery.rows_rejected == 1
    assert "1948-02-30" not in str(delivery.reasons), "the report is read by more people than the rows"
    address = f"/imports/{delivery.delivery_id}/set-aside"
    _, rows = opened(client, "analyst", address)
    assert "1948-02-30" not in str(rows) and "m-4711" not in str(rows)
    assert "Patient.birthDate: expected a day that exists" in rows[1][1]
    assert "Patient" in rows[1]
    assert "1948-02-30" in str(opened(client, "medical_director", address)[1])


def test_a_value_made_to_look_like_our_sentence_tells_nothing(client, here, sent):
    odd = {"birth_date": "x'. column gender: expected nothing Lovelace"}
    actions.ingest([sent("c.csv", odd, base=PERSON)], by="system:test", home=here)
    _, rows = opened(client, "analyst", f"/imports/{Delivery.objects.get().delivery_id}/set-aside")
    assert "Lovelace" not in str(rows)
    assert rows[1][1] == showing.UNTOLD


def test_a_column_map_opens_only_for_a_file_that_waits_for_one(client, here, sent):
    actions.ingest([sent("m.csv", {})], by="system:test", home=here)
    delivery = Delivery.objects.get()
    client.force_login(UserFactory(role="analyst"))
    response = client.get(f"/imports/{delivery.delivery_id}/map", follow=True)
    assert response.redirect_chain[-1][0] == f"/imports/{delivery.delivery_id}"
    assert "m.csv does not wait for a column map." in response.content.decode()
    assert not Entry.objects.filter(did="saw_preview").exists()
    assert client.post(f"/imports/{delivery.delivery_id}/map", {"save": "1"}).status_code == 302


def test_pages_say_kinds_and_the_program_s_own_doing_in_words(client, here, sent):
    actions.ingest([sent("m.csv", {})], by="system:demo", home=here)
    client.force_login(UserFactory(role="analyst"))
    listed = client.get("/imports").content.decode()
    report = client.get(f"/imports/{Delivery.objects.get().delivery_id}").content.decode()
    assert "Medical claims" in listed and "Medical claims" in report
    assert "brought in by the demo population" in report
    for code in ("<small>medical_claim", "system:demo", "medical_claim ·"):
        assert code not in listed + report


def test_every_kind_of_row_has_its_words():
    assert set(words.KINDS) == {*layouts(), "fhir"}
    assert words.brought_by_said("ada@example.org") == "ada@example.org"
    assert words.brought_by_said("system:something") == "Carewright itself"


FORMS = [
    ("/imports/upload", {"source": "a\0b"}),
    ("/imports/sources", {"kind": "feed", "value": "a\0b", "because": "x\0y"}),
    ("/imports/{id}/set-aside", {"see": "1", "purpose": "a\0b"}),
    ("/imports/{other}/map", {"name": "a\0b", "table": "caseload", "means-0": "person_id", "save": "1"}),
    ("/imports/{other}/map", {"name": "a", "table": "medical_claim", "codes-0": "a\0=b", "constant-payer": "\0"}),
    ("/imports/{other}/map", {"name": "a", "table": "medical_claim", "constant-payer": "x\0", "save": "1"}),
]


@pytest.mark.parametrize(
    ("address", "form"), FORMS, ids=[address + str(number) for number, (address, _) in enumerate(FORMS)]
)
def test_a_form_with_the_character_nul_is_answered_with_a_sentence(client, here, sent, address, form):
    bad, other = sent("m.csv", {"claim_start_date": "x"}), sent("o.csv", "MBR_ID,SVC\n7,8\n")
    reports = actions.ingest([bad, other], by="system:test", home=here)
    client.force_login(UserFactory(role="analyst"))
    address = address.format(id=reports[0].delivery_id, other=reports[1].delivery_id)
    response = client.post(address, form)
    assert response.status_code == 422
    assert (
        "ull characters are not allowed" in response.content.decode()
        or "the character NUL" in response.content.decode()
    )


def test_who_sees_whole_is_decided_by_the_role_and_nothing_else():
    assert {code for code, role in BY_CODE.items() if showing.sees_whole(role) and role in READERS} == WHOLE
    assert not showing.sees_whole(None)


@pytest.mark.parametrize("role", READERS, ids=lambda role: role.code)
def test_a_file_called_by_somebody_s_name_is_called_by_its_number_for_who_sees_no_names(client, here, sent, role):
    whole = sent("Ada_Lovelace_1815.json", b'{"resourceType": "Patient", "id": "ada"}')
    broken = sent("Byron_Lovelace.json", b'{"resourceType": "Patient", ')
    table = sent("lovelace_county_claims.csv", "a_code,b_date\n1,2\n")
    actions.ingest([whole, broken, table], by="system:test", home=here, keep_refused=True)
    client.force_login(UserFactory(role=role.code))
    listed = client.get("/imports").content.decode()
    said = listed + "".join(
        client.get(f"/imports/{delivery.delivery_id}").content.decode() for delivery in Delivery.objects.all()
    )
    for name in ("Ada_Lovelace", "Byron_Lovelace"):
        assert (name in said) == role.sees_direct
    assert "lovelace_county_claims.csv" in listed, "a table of many people keeps its name"
    first = Delivery.objects.get(file_name="Ada_Lovelace_1815.json")
    assert (f"{first.delivery_id}.json" in listed) != role.sees_direct
