"""
A broken glass opens one patient and puts them on no list: every list answers as if the glass were whole.

Two people have the same work, alarms, referrals and letters: one is the readers' own, of the other the readers know by
a broken glass alone, though their work is still the readers' (they led that patient until their tie ended). Every
address that names nobody is asked, and every list that such a page links to; so is every page of the reader's own
patient. A new list is tried by itself, because the addresses are those of the matrix.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import unescape
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from carewright.access import guard
from carewright.access.models import BreakGlass, Tie
from carewright.enrollment.models import DeathReport
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.web import counts
from carewright.web.sessions import SEEN_AT, SIGNED_IN_AT
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.enrollment import EnrollmentFactory, OutreachFactory, TriageItemFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import MembershipFactory, TeamFactory, UserFactory
from tests.house.test_access_matrix import ALL, BROWSER, alike, assessed, on_the_way, planned, taken_back, work
from tests.web import making

pytestmark = pytest.mark.django_db
READERS = ("supervisor", "care_manager", "pharmacist")
NAMES = {address.name: address.names for address in ALL}
OF_THE_GLASS = {"access:emergency", "access:opened", "access:close"}
"""The list of one's own open glasses and what belongs to it: there the patient stands by name, and should."""
NOT_ASKED = {"web:session", "web:sign_out_elsewhere"}
LIKE_IT = 2
"""So many links that differ by a number alone are followed."""
ASKED_BY_POST = ("web:search", "people:same", "population:export", "population:decide", "tasks:hand_over_all")


@dataclass(frozen=True)
class World:
    """Their own patient, the one behind the glass, who asks with which session, and what an address of each names."""

    own: Patient
    behind: Patient
    people: dict[str, User]
    sessions: dict[str, str]
    own_pages: dict[str, dict[str, object]]
    pages_behind: dict[str, dict[str, object]]


@pytest.fixture(autouse=True)
def _django_db_marker():
    """The world's transaction is around all questions."""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    told = override_settings(
        SECOND_FACTOR_ROLES=frozenset({"none"}),
        CHANNEL=replace(settings.CHANNEL, shows_only=True, phone="413-555-0100"),
    )
    with django_db_blocker.unblock(), told, transaction.atomic():
        with patch.object(counts, "KEPT_SECONDS", 0):
            yield _world()
        transaction.set_rollback(True)


def _world() -> World:
    people = {role: UserFactory(role=role) for role in READERS}
    nurse, team = UserFactory(role="care_manager"), TeamFactory()
    for person in (*people.values(), nurse):
        MembershipFactory(team=team, user=person)
    own = PatientFactory(given_name="Ottilie", family_name="Tiedemann", person_id="o1")
    behind = PatientFactory(given_name="Ignatius", family_name="Quillfeather", person_id="b1")
    TieFactory(team=team, user=None, patient=own)
    own_pages, pages_behind = (_all_about(one, nurse, team, people) for one in (own, behind))
    # Whoever was given work about them was given a sight of them, which has ended since.
    Tie.objects.filter(patient=behind).update(starts_on=date(2020, 1, 1), ends_on=date(2026, 1, 1))
    sessions = {}
    for who, person in people.items():
        client = Client()
        client.force_login(person)
        session = client.session
        session[SIGNED_IN_AT] = timezone.now().isoformat()
        session[SEEN_AT] = (timezone.now() + timedelta(hours=1)).isoformat()
        session.save()
        sessions[who] = session.session_key
    return World(own, behind, people, sessions, own_pages, pages_behind)


def _all_about(patient, nurse: User, team, people: dict[str, User]) -> dict[str, dict[str, object]]:
    """Everything that could stand on a list about somebody, of the nurse, of each reader, of the team and of nobody."""
    whom = {"public_id": patient.public_id}
    pages = {name: whom for name, names in NAMES.items() if names == {"public_id"}}
    pages |= assessed(patient, by=nurse) | on_the_way(patient, nurse) | planned(patient, nurse)
    pages |= work(patient, nurse, team)
    pages["people:together"] = whom | {"other_id": alike(patient)[0].other.public_id}
    item = TriageItemFactory(patient=patient)
    pages |= {name: {"item_id": item.public_id} for name in ("enrollment:triage_item",)}
    alarm = making.alarm(patient, because=f"Said so, {patient.family_name}.")
    for person in people.values():
        making.task(patient, person, due=timedelta(hours=-2), clock="First contact", title=f"Call {patient}")
        making.task(patient, person, title="Later", snoozed_because="Asked to",
                    snoozed_until=timezone.now() + timedelta(days=2))  # fmt: skip
        making.task(patient, person, kind="begin_assessment", title="Ask")
        making.contact(patient, person)
        making.contact(patient, person, ended="reached")
    making.task(patient, None, opened_by=nurse, owner_team=team, title="Nobody holds it")
    manager = people["care_manager"]
    OutreachFactory(patient=patient, owner=manager, program="transitional_care")
    making.enrolled(patient, manager, program="complex_care")
    EnrollmentFactory(patient=patient, program="transitional_care", consent__program="transitional_care")
    making.enrolled(patient, manager, program="social_needs", since=timezone.localdate() - timedelta(days=400),
                    ends_on=timezone.localdate() - timedelta(days=3), end_reason="moved")  # fmt: skip
    DeathReport.objects.create(
        patient=patient, source="family", reported_at=timezone.now(), reported_by=nurse.email, words="Told by phone"
    )
    return pages | {"tasks:alarm": {"public_id": alarm.public_id}}


def read(url: str, session: str, typed: dict | None = None) -> tuple[int, str]:
    """What somebody reads at an address: all of it, the streamed part too; whatever it changed is taken back."""
    BROWSER.cookies.clear()
    BROWSER.cookies[settings.SESSION_COOKIE_NAME] = session
    with taken_back():
        answer = BROWSER.get(url) if typed is None else BROWSER.post(url, typed)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace")
    text = re.sub(r'nonce="[^"]+"|csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken\W+[\w-]+', "", text)
    return answer.status_code, text + (answer.headers.get("Location") or "")


def lists(world: World, who: str) -> dict[str, str]:
    """Every list this reader may open, by its address: those that stand by themselves, and what they link to."""
    session, found, shapes = world.sessions[who], {}, Counter()
    waiting = [reverse(name) for name, names in NAMES.items() if not names and _is_asked(name)]
    waiting += [
        reverse(name, args=[person.pk])
        for name in ("enrollment:caseload", "enrollment:handover", "printouts:caseload_of")
        for person in world.people.values()
    ]
    if who == "supervisor":  # who may open most of them
        waiting += [reverse(name, kwargs=names) for name, names in world.own_pages.items()]
    for url in waiting:
        status, text = read(url, session)
        if status in (403, 405):
            continue
        found[url] = text
        for href in re.findall(r'(?:href|hx-get)="(/[^"#]*\?[^"#]+)', text):
            address, shape = unescape(href), re.sub(r"\d+", "#", href)
            if address not in waiting and shapes[shape] < LIKE_IT and _is_asked(_name(address)):
                shapes[shape] += 1
                waiting.append(address)
    return found


def _is_asked(name: str) -> bool:
    """Whether it names nobody, and is neither about one's own account nor the list of one's own open glasses."""
    ours = not name.startswith(("mfa_", "account_", "openid_", "socialaccount_")) and not guard.is_public(name)
    return ours and NAMES.get(name) == frozenset() and name not in OF_THE_GLASS | NOT_ASKED


def _name(address: str) -> str:
    try:
        return resolve(address.split("?")[0]).view_name
    except Resolver404:
        return ""


@contextmanager
def broken(world: World, who: str) -> Iterator[None]:
    """While this reader has the glass broken for the other patient."""
    with taken_back():
        BreakGlassFactory(user=world.people[who], patient=world.behind)
        yield


@pytest.mark.parametrize(("who", "at_least"), [("supervisor", 25), ("care_manager", 9), ("pharmacist", 5)])
def test_no_list_holds_who_is_open_by_a_broken_glass_alone(world, who, at_least):
    before = lists(world, who)
    session, wrong = world.sessions[who], []
    assert sum(world.own.family_name in text for text in before.values()) >= at_least, "what is theirs stands there"
    with broken(world, who):
        for url, text in before.items():
            with_glass = read(url, session)[1]
            if world.behind.family_name in with_glass or str(world.behind.public_id) in with_glass:
                wrong.append(f"{url}: stands there")
            elif with_glass != text:
                wrong.append(url)
    # What the clock changed meanwhile is no fault of the glass.
    wrong = [url for url in wrong if ": " in url or not _is_the_clock(url, session, before[url])]
    assert not wrong, "\n".join(wrong)


def _is_the_clock(url: str, session: str, before: str) -> bool:
    return read(url, session)[1] != before


NOT_BY_A_GLASS = {"enrollment:triage_item", "enrollment:episode", "people:together", "tasks:step"}
"""What is for whoever decides and calls: somebody who may only read finds them on the patient's own pages."""


def test_the_patient_s_own_pages_open_and_their_numbers_are_those_of_the_lists(world):
    session, closed, counted, about = world.sessions["supervisor"], [], {}, []
    known = _numbers(read(reverse("team:board"), session)[1])
    assert len(known) >= 3
    with broken(world, "supervisor"):
        for name, names in world.own_pages.items():
            if name in NOT_BY_A_GLASS or read(reverse(name, kwargs=names), session)[0] != 200:
                continue
            status, text = read(reverse(name, kwargs=world.pages_behind[name]), session)
            closed += [name] if status not in (200, 302) else []
            about += [name] if world.behind.family_name in text else []
            if numbers := _numbers(text):
                counted[name] = numbers
        BreakGlass.objects.update(ends_at=timezone.now(), starts_at=timezone.now() - timedelta(hours=1))
        left = [name for name in about if read(reverse(name, kwargs=world.pages_behind[name]), session)[0] != 404]
    assert not closed
    assert not left, "when the hour is over every page is closed"
    assert len(counted) >= 20 and len(about) >= 20
    assert not [name for name, numbers in counted.items() if numbers != known], "a glass is in no number"


def _numbers(text: str) -> list[str]:
    """The numbers beside the sidebar."""
    sidebar = re.search(r"<nav.*?</nav>", text, re.DOTALL)
    return re.findall(r'class="count">(\d+)', sidebar[0]) if sidebar else []


@pytest.mark.parametrize("name", ASKED_BY_POST)
def test_what_is_asked_in_a_form_finds_nobody_more(world, name):
    session, behind = world.sessions["supervisor"], world.behind
    url = reverse(name, kwargs=world.own_pages.get(name) if NAMES[name] else None)
    typed = {
        "q": behind.given_name, "purpose": "A review of care", "because": "leave", "selected": str(behind.public_id),
        "id": str(behind.public_id), "decision": "accepted", "from_user": world.people["care_manager"].pk,
        "owner": f"user:{world.people['supervisor'].pk}",
    }  # fmt: skip
    before = read(url, session, typed)
    with broken(world, "supervisor"):
        found = read(url, session, typed)
    assert behind.family_name not in found[1] and str(behind.public_id) not in found[1]
    assert found == before
