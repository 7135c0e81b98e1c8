"""
Every address, asked by every role, by a stranger and by nobody: each is let in or not exactly as the view declares.

A view declares what it needs with `access.guard.requires` or `for_all_staff`; django-allauth's own pages need a person
who is signed in; whatever else there is must be on the short list of public pages. No answer may ever be a 500.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from carewright.access import guard
from carewright.assessment import actions as assessing
from carewright.assessment.models import RecordedFact
from carewright.careplan import actions as plans
from carewright.channel import actions as channel
from carewright.contacts import actions as contacts
from carewright.enrollment import consenting, referring
from carewright.enrollment.models import CaseloadMove
from carewright.exchange.models import ColumnMap, Delivery, SensitiveSource
from carewright.registry.models import Join, PossibleMatch
from carewright.staff import roles
from carewright.staff.models import User
from carewright.staff.roles import Permission
from carewright.tasks import actions as tasks
from carewright.tasks import alarms, on_call
from carewright.web import counts
from carewright.web.sessions import SEEN_AT, SIGNED_IN_AT
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.enrollment import EnrollmentFactory, OutreachFactory, TriageItemFactory
from tests.factories.registry import AddressFactory, PatientFactory
from tests.factories.staff import PASSWORD, MembershipFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
THIRD_PARTY = ("account_", "mfa_", "openid_connect_", "socialaccount_")
STRANGER, NOBODY = "stranger", "nobody"
WRONG_METHOD = "wrong method"


@dataclass(frozen=True)
class Address:
    """One address of the site: its view's name, the names in it, what its view needs (None when it does not say)."""

    name: str
    names: frozenset[str]
    needs: frozenset[Permission] | None
    needs_one_of: frozenset[Permission] = frozenset()

    @property
    def is_third_party(self) -> bool:
        return ":" not in self.name and self.name.startswith(THIRD_PARTY)


def addresses(resolver=None, namespace="") -> Iterator[Address]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner)
        elif isinstance(pattern, URLPattern):
            converters = pattern.pattern.converters or dict.fromkeys(pattern.pattern.regex.groupindex)
            yield Address(
                f"{namespace}{pattern.name}",
                frozenset(converters),
                getattr(pattern.callback, "requires", None),
                getattr(pattern.callback, "requires_one_of", frozenset()),
            )


ALL = sorted(addresses(), key=lambda address: address.name)
IDS = [address.name for address in ALL]


@dataclass(frozen=True)
class World:
    """One patient, and one of everything an address can name; who asks, and the session each is signed in with."""

    people: dict[str, User]
    sessions: dict[str, str]
    examples: dict[str, dict[str, object]]


@pytest.fixture(autouse=True)
def _django_db_marker():
    """The world's transaction is around all questions; pytest-django would open one of its own for each."""


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Made once for all questions: each is asked in a transaction of its own that is taken back (`ask`)."""
    told = override_settings(
        SECOND_FACTOR_ROLES=frozenset({"none"}),
        CHANNEL=replace(settings.CHANNEL, shows_only=True, phone="413-555-0100"),
    )
    with django_db_blocker.unblock(), told, transaction.atomic():
        made = _world()
        # The numbers beside the sidebar are not what is asked here: they are counted once for each reader.
        with patch.object(counts, "KEPT_SECONDS", 3600):
            for session in made.sessions.values():
                BROWSER.cookies[settings.SESSION_COOKIE_NAME] = session
                BROWSER.get(reverse("web:search"))
        yield made
        transaction.set_rollback(True)


def _world() -> World:
    patient, other = PatientFactory(person_id="p1"), UserFactory()
    people = {role.code: UserFactory(role=role.code) for role in roles.ROLES}
    team = TeamFactory()
    for person in people.values():
        TieFactory(user=person, population="everyone")
    people[STRANGER] = UserFactory(role="supervisor")
    membership, tie = MembershipFactory(team=team, user=other), TieFactory(team=team, user=None, population="everyone")
    glass = BreakGlassFactory(patient=patient)
    whom = {"public_id": patient.public_id}
    match, join = alike(patient)
    delivery, column_map, sensitive_source = _received(by=other)
    sessions = {}
    for who, person in people.items():
        client = Client()
        client.force_login(person)
        session = client.session
        # Each question is taken back, and with it that somebody was seen: unless it is said beforehand, each writes it anew.
        session[SIGNED_IN_AT] = timezone.now().isoformat()
        session[SEEN_AT] = (timezone.now() + timedelta(hours=1)).isoformat()
        session.save()
        sessions[who] = session.session_key
    return World(people, sessions, {name: whom for name in IDS if "public_id" in _names(name)} | {
        "access:opened": {"pk": glass.pk},
        "access:close": {"pk": glass.pk},
        "access:review_glass": {"pk": glass.pk},
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "web:invitation": {"code": "MQ-abc"},
        "openid_connect_login": {"provider_id": "none"},
        "openid_connect_callback": {"provider_id": "none"},
        "population:forget_filter": {"pk": 1},
        "administration:leave": {"pk": membership.pk},
        "administration:end_tie": {"pk": tie.pk},
        "administration:team": {"pk": team.pk},
        "administration:add_member": {"pk": team.pk},
        **{name: {"pk": other.pk} for name in (
            "administration:person", "administration:change_role", "administration:describe", "administration:invite",
            "administration:reset_second_factor", "administration:end_sessions", "administration:open_or_close",
            "administration:join",
        )},
        **{name: {"delivery_id": delivery.delivery_id} for name in (
            "exchange:report", "exchange:set_aside", "exchange:try_again", "exchange:map_columns",
            "exchange:take_back",
        )},
        **assessed(patient, by=other),
        **work(patient, other, team),
        **_on_shift(other),
        **on_the_way(patient, other),
        **planned(patient, other),
        "people:match": {"pk": match.pk},
        "people:together": whom | {"other_id": match.other.public_id},
        "people:join": {"pk": join.pk},
        "exchange:retire_map": {"pk": column_map.pk},
        "exchange:end_source": {"pk": sensitive_source.pk},
    })  # fmt: skip


def assessed(patient, *, by: User) -> dict[str, dict[str, object]]:
    """An assessment that has begun, with a fact from the records and an answer that wait to be confirmed."""
    at = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    made = assessing.start(patient=patient, kind="comprehensive", by=by, at=at)
    fact = RecordedFact.objects.create(
        assessment=made, section=made.sections.get(code="medicines"), patient=patient, kind="condition", key="I50.9",
        words="Heart failure", source_words="a claim",
    )  # fmt: skip
    asked = {"public_id": made.public_id}
    waiting = made.answers.filter(confirmed_at__isnull=True).get()
    return {
        "assessment:blank": {"kind": "comprehensive"},
        **{f"assessment:{name}": asked for name in ("summary", "finish", "stop", "addendum", "adult")},
        **{f"assessment:{name}": asked | {"code": "goals"} for name in ("section", "close")},
        "assessment:fact": asked | {"fact": fact.public_id},
        "assessment:confirm": asked | {"answer": waiting.public_id},
    }


def on_the_way(patient, nurse: User) -> dict[str, dict[str, object]]:
    """A referral, an episode of outreach, a consent to share, an enrollment and a practice's link, as their pages name them."""
    whom, item, episode = {"public_id": patient.public_id}, TriageItemFactory(), OutreachFactory(patient=patient)
    enrolled = EnrollmentFactory(patient=patient, program="chronic_care", consent__program="chronic_care", lead=nurse)
    on, at = timezone.localdate(), timezone.now()
    shared = consenting.share(
        patient=patient, recipient_class="plan", categories=["general"], purpose="care", how="verbal", language="en",
        by=nurse, on=on, at=at,
    )  # fmt: skip
    link, code = referring.make_link(
        organization="Oakwood Clinic", contact_name="", ends_on=on, on=on, at=at, by=UserFactory(role="supervisor")
    )
    return {
        **{f"enrollment:{name}": {"item_id": item.public_id} for name in ("triage_item", "say_who", "decide")},
        **{f"enrollment:{name}": {"episode_id": episode.public_id} for name in (
            "episode", "record_attempt", "send_letter", "hand_over",
        )},
        **{f"enrollment:{name}": whom | {"enrollment_id": enrolled.public_id} for name in ("pause", "end", "lead")},
        "enrollment:revoke": whom | {"consent_id": shared.public_id},
        "enrollment:consent_paper": whom | {"consent_id": enrolled.consent.public_id},
        "enrollment:public_practice": {"code": code},
        "enrollment:end_link": {"pk": link.pk},
        "enrollment:move": {"move_id": CaseloadMove.objects.create(
            before=nurse, to=nurse, because="Leave", asked_at=at, asked_by=nurse,
        ).public_id},
        **{f"enrollment:{name}": {"pk": nurse.pk} for name in ("caseload", "describe", "handover")},
    }  # fmt: skip


def work(patient, nurse: User, team) -> dict[str, dict[str, object]]:
    """A task, an alarm, a contact, a note and a letter about the patient, as their pages name them."""
    at = timezone.now()
    task = tasks.open_task(kind="outreach_call", patient=patient, by=nurse, at=at)
    alarm = alarms.raise_alarm(patient=patient, code="hurt", because="Said so.", by=nurse, at=at)
    contact = contacts.record(patient=patient, kind="call", ended="busy", by=nurse, at=at).contact
    note = contacts.write_note(patient=patient, text="A ride.", template="practical", by=nurse, at=at)
    letter = channel.send(
        to=AddressFactory(patient=patient),
        kind="letter",
        template="stopped_letter",
        values={"name": "R"},
        by=nurse,
        at=at,
    )
    return {
        **{f"day:{name}": {"task_id": task.public_id} for name in ("snooze", "bring_back", "close", "weigh")},
        "printouts:caseload_of": {"pk": nurse.pk},
        "tasks:task": {"public_id": task.public_id},
        "tasks:step": {"public_id": task.public_id, "name": "close"},
        "tasks:alarm": {"public_id": alarm.public_id},
        "tasks:accept": {"public_id": alarm.public_id},
        "contacts:correct": {"public_id": contact.public_id},
        "contacts:add_to_note": {"public_id": note.public_id},
        "contacts:void_note": {"public_id": note.public_id},
        "channel:letter": {"public_id": letter.public_id},
        "channel:returned": {"public_id": letter.public_id},
    }


def _on_shift(nurse: User) -> dict[str, dict[str, object]]:
    """A shift, as its pages name it."""
    at = timezone.now()
    shift = on_call.add_shift(
        user=nurse,
        backup_user=UserFactory(),
        starts_at=at + timedelta(days=1),
        ends_at=at + timedelta(days=2),
        by=nurse,
    )
    return {name: {"pk": shift.pk} for name in ("tasks:change_shift", "tasks:end_shift")}


def planned(patient, nurse: User) -> dict[str, dict[str, object]]:
    """A problem, a goal and a next step of the patient's plan, as their pages name them."""
    at, day, whom = timezone.now(), timezone.localdate(), {"public_id": patient.public_id}
    problem = plans.add_problem(patient=patient, title="Falls", by=nurse, at=at)
    goal = plans.set_goal(patient=patient, words="Walk", target="A mile", target_on=day, by=nurse, at=at)
    step = plans.add_step(patient=patient, words="Call", who="patient", due_on=day, by=nurse, at=at)
    return {
        "careplan:resolve_problem": whom | {"problem_id": problem.public_id},
        **{f"careplan:{name}": whom | {"goal_id": goal.public_id} for name in ("reword_goal", "end_goal")},
        **{f"careplan:{name}": whom | {"step_id": step.public_id} for name in ("finish_step", "drop_step")},
    }


def alike(patient) -> tuple[PossibleMatch, Join]:
    """A pair that waits for a decision, and a join that stands, both of this patient and somebody else."""
    at = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    low, high = sorted((patient, PatientFactory()), key=lambda one: one.pk)
    match = PossibleMatch.objects.create(patient=low, other=high, found_at=at, reasons=["same_name"])
    join = Join.objects.create(
        patient=patient, other=PatientFactory(), by_machine=True, joined_by="system:t", joined_at=at, why="alike"
    )
    return match, join


def _received(*, by: User) -> tuple[Delivery, ColumnMap, SensitiveSource]:
    """A file that was read, a saved column map and a declared source, as the import pages name them."""
    at = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    delivery = Delivery.objects.create(
        sha256="ab" * 32, delivery_id="ab" * 6, file_name="march.csv", kind="eligibility", source="evergreen",
        state=Delivery.State.READING, received_at=at, received_by=by.email,
    )  # fmt: skip
    needed = ("person_id", "birth_date", "enrollment_start_date")
    saved = ColumnMap.objects.create(
        name="March", table="eligibility", fingerprint="cd" * 32, header=list(needed), saved_at=at, saved_by=by,
        columns=[{"ours": name, "theirs": name} for name in needed],
    )  # fmt: skip
    declared = SensitiveSource.objects.create(
        kind=SensitiveSource.Kind.values[0], value="1234567893", because="A listed program.", declared_at=at,
        declared_by=by,
    )  # fmt: skip
    return delivery, saved, declared


# One's own things: somebody else's are not found, whatever the role.
OWN_ONLY = {"people:match", "people:join", "access:opened", "access:close", "population:forget_filter"}
# An episode is about a patient, though its address names the episode: a stranger does not find it.
OWN_ONLY |= {f"enrollment:{name}" for name in ("episode", "record_attempt", "send_letter", "hand_over")}
# A task on somebody's day, and the sheet of a colleague's caseload, are for them and for who leads the team.
OWN_ONLY |= {"day:snooze", "day:bring_back", "day:close", "day:weigh", "printouts:caseload_of"}
# What is asked for is not there: before the first run of the warehouse, in this file, or without saying which.
NEEDS_A_RUN = {
    "people:contact",
    "enrollment:decide",
    "enrollment:reopen",
    "population:facts",
    "population:decide",
    "exchange:set_aside",
    "exchange:map_columns",
    "population:undo",
}
# A reviewer needs no tie to the patient whose log they read.
NO_TIE_NEEDED = {"access:patient_log": Permission.REVIEW_ACCESS, "access:patient_log_file": Permission.REVIEW_ACCESS}


def _names(name: str) -> frozenset[str]:
    return next(address.names for address in ALL if address.name == name)


def expected(address: Address, who: str, user: User | None) -> set[str]:
    """What may come back: `in`, `not yours` (404), `not your role` (403), `sign in` (to the sign-in page)."""
    if guard.is_public(address.name):
        return {"in", "not yours", "not your role", "sign in"}
    if address.name == "account_logout":
        return {"in", "sign in"}
    if user is None:
        return {"sign in"}
    if address.needs is None:
        # One's own account: what one does not have (a second factor, an identity provider) is not there.
        return {"in", "not yours", "not your role"} if address.is_third_party else set()
    if any(not user.may(permission) for permission in address.needs):
        return {"not your role"}
    if address.needs_one_of and not any(user.may(permission) for permission in address.needs_one_of):
        return {"not your role"}
    if address.name in OWN_ONLY:
        return {"in", "not yours"}
    if "public_id" in address.names:
        if who == STRANGER and not (address.name in NO_TIE_NEEDED and user.may(NO_TIE_NEEDED[address.name])):
            return {"not yours"}
        return {"in"} | ({"not yours"} if address.name in NEEDS_A_RUN else set())
    return {"in"} | ({"not yours"} if address.name in NEEDS_A_RUN else set())


def outcome(response) -> str:
    if response.status_code == 403:
        return "not your role"
    if response.status_code in {404, 410}:
        return "not yours"
    if response.status_code == 405:
        return WRONG_METHOD
    if response.status_code == 401 or (response.status_code == 302 and response.url.startswith(settings.LOGIN_URL)):
        return "sign in"
    return "in" if response.status_code in {200, 204, 302, 409, 422} else f"status {response.status_code}"


BROWSER = Client()  # one for all: what stands before the views is put together once


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens inside is undone, so that the next question meets the world as it was made."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(method: str, url: str, session: str | None):
    """Ask with this session, or as nobody, and take everything back that the answer changed."""
    BROWSER.cookies.clear()
    if session is not None:
        BROWSER.cookies[settings.SESSION_COOKIE_NAME] = session
    with taken_back():
        response = getattr(BROWSER, method)(url)
        if response.streaming:
            b"".join(response.streaming_content)
    return response


@pytest.mark.parametrize("address", ALL, ids=IDS)
def test_every_address_says_who_may_open_it(address):
    assert address.needs is not None or address.is_third_party or guard.is_public(address.name), (
        f"Put @guard.requires(…) or @guard.for_all_staff on the view of {address.name}."
    )


def test_the_list_of_public_pages_is_short():
    assert len(guard.PUBLIC_PAGES) <= 10


@pytest.mark.parametrize("address", ALL, ids=IDS)
def test_every_address_lets_in_exactly_whom_it_says(address, world):
    missing = address.names and address.name not in world.examples
    assert not missing, f"Give an example of {sorted(address.names)} for {address.name} in `world`."
    url = reverse(address.name, kwargs=world.examples.get(address.name) if address.names else None)
    wrong, public, tried = [], guard.is_public(address.name), set()
    for who, user in [*world.people.items(), (NOBODY, None)]:
        may = expected(address, who, user)
        # The rarer methods are tried by the first of those who may come in, and by the first of each kind of refused.
        methods = ("get", "post") if (kind := frozenset(may)) in tried else ("get", "post", "head", "options")
        tried.add(kind)
        got = {method: outcome(ask(method, url, world.sessions.get(who))) for method in methods}
        # A method no view answers says nothing about anybody, so a view may refuse it before it asks who it is.
        decided = {
            method: what for method, what in got.items() if what != WRONG_METHOD or (user is None and not public)
        }
        wrong += [f"{who} {method}: {what}, and should be {may}" for method, what in decided.items() if what not in may]
        if not decided:
            wrong.append(f"{who}: every method is refused as the wrong one")
    assert not wrong, "\n".join([url, *wrong])


def test_somebody_elses_patient_and_nobodys_are_told_apart_by_nothing(world):
    """A stranger who guesses an address learns nothing: the two answers are the same, byte for byte, but for the code."""
    import re
    import uuid

    real = world.examples["access:patient_log"]["public_id"]
    pages = []
    for public_id in (real, uuid.uuid4()):
        response = ask("get", reverse("access:patient_log", args=[public_id]), world.sessions[STRANGER])
        text = re.sub(
            r"[A-Z]-[0-9A-F]{6}|nonce=\"[^\"]+\"|name=\"csrfmiddlewaretoken\" value=\"[^\"]+\"",
            "",
            response.content.decode(),
        )
        pages.append(
            (
                response.status_code,
                re.sub(r"X-CSRFToken\": \"[^\"]+\"|\d+:\d+ [AP]M", "", text).replace(str(public_id), ""),
            )
        )
    assert pages[0] == pages[1]
    assert pages[0][0] == 404


def test_a_closed_account_is_nobody(world):
    with taken_back():
        User.objects.filter(pk=world.people["supervisor"].pk).update(is_active=False)
        assert outcome(ask("get", reverse("web:start"), world.sessions["supervisor"])) == "sign in"


def test_a_session_from_before_the_sign_in_is_not_kept():
    """Session fixation: signing in changes the session's number."""
    client = Client()
    with taken_back():
        user = UserFactory(with_password=True)
        client.get(reverse("account_login"))
        session = client.session
        session["planted"] = "by somebody else"
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        before = session.session_key
        answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        assert answer.status_code == 302
        assert client.session.session_key != before


def test_the_matrix_sees_what_it_should():
    names = {address.name for address in ALL}
    assert {"access:patient_log", "administration:people", "population:why", "web:search", "account_login"} <= names
    assert next(a for a in ALL if a.name == "administration:people").needs == {Permission.MANAGE_PEOPLE}
