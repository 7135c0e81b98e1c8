"""
My Day by itself: what arrives reaches the open page of whom it concerns, at once, and nobody else's.

Walks without a browser: a page is a line to the real server that hears events in a thread.
"""

import contextlib
import hashlib
import http.client
import http.cookiejar
import os
import queue
import re
import signal
import socket
import threading
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

from django.utils import timezone

from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import PASSWORD, TeamFactory
from tests.web import making

SOON = 15.0
"""Seconds until something must have been heard; it takes one where nothing else runs."""


class Person:
    """Somebody signed in, without a browser."""

    def __init__(self, clinic, role: str = "care_manager", **fields):
        self.clinic, self.user = clinic, clinic.person(role, **fields)
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        form = self.get("/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]  # type: ignore[index]
        self.post("/sign-in", login=self.user.email, password=PASSWORD, csrfmiddlewaretoken=token)
        self.pages: list[Page] = []

    def get(self, path: str) -> str:
        return self.opener.open(self.clinic.address + path, timeout=60).read().decode()

    def post(self, path: str, **form: str) -> None:
        self.opener.open(self.clinic.address + path, urlencode(form).encode(), timeout=60).close()

    @property
    def cookie(self) -> str:
        return "; ".join(f"{one.name}={one.value}" for one in self.cookies)

    def day(self) -> "Page":
        """My Day, opened."""
        have = re.search(r'data-have="(\w+)"', self.get("/day"))[1]  # type: ignore[index]
        return Page(self.clinic, self.cookie, have)


class Page:
    """An open page that hears events."""

    def __init__(self, clinic, cookie: str, have: str = "", **more: str):
        self.line = http.client.HTTPConnection(clinic.address.removeprefix("http://"), timeout=60)
        asked = {"Cookie": cookie, "Accept": "text/event-stream"} | more
        self.line.request("GET", f"/day/live?show=&have={have}", headers=asked)
        self.answer = self.line.getresponse()
        self.heard: queue.Queue[tuple[str, str]] = queue.Queue()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        name, said = "", []
        with contextlib.suppress(OSError, http.client.HTTPException):
            while line := self.answer.readline().decode():
                if line.startswith("event: "):
                    name = line[7:-1]
                elif line.startswith("data: "):
                    said.append(line[6:])
                elif line == "\n" and name:
                    self.heard.put((name, "".join(said)))
                    name, said = "", []
        self.heard.put(("end", ""))

    def next(self) -> tuple[str, str]:
        """What is heard next, beats left out."""
        while (heard := self.heard.get(timeout=SOON))[0] == "beat":
            pass
        return heard

    def hears_nothing(self) -> bool:
        return all(name == "beat" for name, _said in list(self.heard.queue))


def test_what_arrives_is_on_the_page_of_whom_it_concerns_and_on_nobody_elses(clinic):
    maria, karl = Person(clinic), Person(clinic)
    with clinic.inside():
        hers, his = PatientFactory(), PatientFactory()
        TieFactory(user=maria.user, patient=hers)
        TieFactory(user=karl.user, patient=his)
    page, other = maria.day(), karl.day()
    assert page.answer.status == 200
    assert page.answer.headers["Content-Type"].startswith("text/event-stream")
    assert "no-store" in page.answer.headers["Cache-Control"]
    with clinic.inside():
        task = making.task(hers, maria.user, title="Tell about the scale")
    began = time.monotonic()
    name, said = page.next()
    assert name == "list"
    assert f"task-{task.public_id}" in said
    assert "Tell about the scale" in said
    print(f"heard after {time.monotonic() - began:.2f} s")
    with clinic.inside():
        second = making.task(his, karl.user, title="Ask about the rash")
    assert f"task-{second.public_id}" in other.next()[1], "and this is the first thing the other page heard"
    assert page.hears_nothing()


def test_an_alarm_reaches_who_leads_and_a_teams_task_who_belongs_to_it(clinic):
    maria, karl = Person(clinic), Person(clinic)
    with clinic.inside():
        patient, theirs = PatientFactory(), PatientFactory()
        TieFactory(user=maria.user, patient=patient)
        TieFactory(user=karl.user, patient=theirs)
        making.enrolled(patient, maria.user)
        team = TeamFactory()
        team.memberships.create(user=karl.user, starts_on=timezone.localdate())
    page, other = maria.day(), karl.day()
    with clinic.inside():
        alarm = making.alarm(patient)
    assert f"alarm-{alarm.public_id}" in page.next()[1]
    with clinic.inside():
        task = making.task(theirs, None, owner_team=team, opened_by=karl.user)
    assert f"task-{task.public_id}" in other.next()[1]
    assert page.hears_nothing()


def test_the_stream_ends_with_the_session_wherever_it_was_ended(clinic):
    from carewright.web import sessions

    maria = Person(clinic)
    page = maria.day()
    with clinic.inside():
        assert sessions.mark_of(SessionNamed(maria)) == _mark_of(maria)
        from django.contrib.sessions.models import Session

        assert Session.objects.filter(pk=_key_of(maria)).delete()[0] == 1
    assert page.next() == ("over", "over\n")
    assert page.next()[0] == "end"
    assert Page(clinic, maria.cookie).answer.status == 401


class SessionNamed:
    def __init__(self, person):
        self.session_key = _key_of(person)


def _key_of(person: Person) -> str:
    return next(one.value for one in person.cookies if "csrf" not in one.name and "language" not in one.name)


def _mark_of(person: Person) -> str:
    return hashlib.sha256(_key_of(person).encode()).hexdigest()[:16]


def test_the_stream_ends_when_the_role_may_no_longer_or_the_account_is_closed(clinic):
    maria, karl = Person(clinic), Person(clinic)
    hers, his = maria.day(), karl.day()
    with clinic.inside():
        maria.user.role = "analyst"
        maria.user.save()
        karl.user.is_active = False
        karl.user.save()
    assert hers.next()[0] == "over"
    assert his.next()[0] == "over"


def test_a_stranger_and_a_script_that_wants_no_stream_are_answered_as_ever(clinic):
    assert Page(clinic, "").answer.status == 401
    maria = Person(clinic)
    have = re.search(r'data-have="(\w+)"', maria.get("/day"))[1]  # type: ignore[index]
    line = http.client.HTTPConnection(clinic.address.removeprefix("http://"), timeout=60)
    line.request("GET", f"/day/live?have={have}", headers={"Cookie": maria.cookie})
    assert line.getresponse().status == 204


def test_one_page_too_many_ends_the_one_that_waited_longest(clinic):
    from carewright.web.day.live import MOST_OF_ONE

    maria = Person(clinic)
    pages = [maria.day() for _ in range(MOST_OF_ONE + 1)]
    assert pages[0].next()[0] == "over", "or it would come back and end the next"
    with clinic.inside():
        patient = PatientFactory()
        TieFactory(user=maria.user, patient=patient)
        making.task(patient, maria.user)
    assert all(page.next()[0] == "list" for page in pages[1:])


def test_a_page_that_comes_back_says_what_it_heard_last(clinic):
    maria = Person(clinic)
    with clinic.inside():
        patient = PatientFactory()
        TieFactory(user=maria.user, patient=patient)
        making.task(patient, maria.user)
    have = re.search(r'data-have="(\w+)"', maria.get("/day"))[1]  # type: ignore[index]
    again = Page(clinic, maria.cookie, "old", **{"Last-Event-ID": have})
    with clinic.inside():
        task = making.task(patient, maria.user)
    assert f"task-{task.public_id}" in again.next()[1], "the first thing it heard is what is new"


def test_who_sends_slowly_keeps_nobody_waiting(clinic):
    """The server has two threads here; ten forms are on their way and do not arrive."""
    host, port = clinic.address.removeprefix("http://").split(":")
    maria = Person(clinic)
    slow = [socket.create_connection((host, int(port))) for _ in range(10)]
    for number, line in enumerate(slow):
        length = 5_000 if number % 2 else 5_000_000
        line.sendall(
            f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Cookie: {maria.cookie}\r\nContent-Length: {length}\r\n\r\nlogin=".encode()
        )
    assert "Nothing is due" in maria.get("/day")
    karl = Person(clinic)
    assert "Nothing is due" in karl.get("/day")
    for line in slow:
        line.close()


def test_what_is_larger_than_a_form_is_refused_unread(clinic):
    host, port = clinic.address.removeprefix("http://").split(":")
    for path in ("/sign-in", "/imports/upload"):
        with socket.create_connection((host, int(port)), timeout=SOON) as line:
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 900000000\r\n\r\nabc".encode())
            assert b" 413 " in line.recv(200)


def test_the_address_and_the_proxy_cannot_be_made_up(clinic):
    """A header with an underscore is none; a page without a host it knows is refused."""
    line = http.client.HTTPConnection(clinic.address.removeprefix("http://"), timeout=60)
    line.request("GET", "/sign-in", headers={"X_Forwarded_Proto": "https", "Host": "elsewhere.example"})
    assert line.getresponse().status == 400


def test_a_stream_keeps_no_process_from_ending_and_the_next_holds_it_again(clinic):
    """Once only: the server takes two ends of a process within six seconds for a fault, and stops."""
    maria = Person(clinic)
    page, first = maria.day(), _workers(clinic)
    os.kill(first[0], signal.SIGTERM)
    assert page.next()[0] == "end"
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError, HTTPError, http.client.HTTPException):
            page = maria.day()
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert page.answer.status == 200
    assert _workers(clinic) != first


def _workers(clinic) -> list[int]:
    """The processes that answer."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == clinic.process and b"resource_tracker" not in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found
