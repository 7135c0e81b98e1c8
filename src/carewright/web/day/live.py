"""
My Day while it is open: a stream that says when something arrived, held by the event loop without a thread.

Django decides who is let in, by the ordinary wall: the stream's address is asked of it with the browser's cookies, when
the stream begins and again whenever the database tells that this person is concerned, when the list would change by the
clock, or when the session would end. What it answers is what the page gets. An answer that is no list ends the stream.
Asking is no sign of life (`web.sessions.LOOKING`).
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from carewright.plumbing.front_door import Answer, FrontDoor, Receive, Scope, Send, hung_up, pass_on, say
from carewright.plumbing.listening import EVERYBODY, Listener

log = logging.getLogger(__name__)

ADDRESS = "/day/live"
CHANNEL = "carewright_day"
BESIDE = "carewright.stream"
"""Where in the environment of a request the view finds the stream that asks; no browser can write there."""

HEARTBEAT = 20.0
NOT_SOONER = 2.0
"""A stream asks at most once in so many seconds."""
AT_LATEST = 120.0
"""A stream asks at least once in so many seconds: not everything that moves a line is told."""
UNHEARD = 20.0
"""The same while the line to the database is broken."""
ASKING_AT_ONCE = 2
MOST, MOST_OF_ONE = 400, 8
OWN = frozenset({b"content-type", b"content-length"})
OVER = b"event: over\ndata: over\n\n"
"""Tells the page not to come back by itself; a stream that only breaks off is opened again by the browser."""


@dataclass(eq=False)
class Stream:
    """One open page. The view fills in for whom, by which session, what they have, and when to ask again at the latest."""

    person: int | None = None
    session: str = ""
    have: str = ""
    again_in: float = AT_LATEST
    is_over: bool = False
    farewell: bytes = b""
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def let_in(self, *, person: int, session: str, have: str, again_in: float) -> None:
        """What the view says: this page belongs to this person, and has this list now."""
        self.person, self.session, self.have = person, session, have
        self.again_in = max(1.0, min(again_in, random.uniform(0.8, 1) * AT_LATEST))  # noqa: S311 (spreads the asking)

    def end(self) -> None:
        """End it at the next moment."""
        self.is_over = True
        self.woken.set()


class Streams:
    """All open pages of this process."""

    def __init__(self, door: FrontDoor, place: dict[str, Any], concerned: Callable[[set[str]], set[int]]):
        self.door, self.concerned = door, concerned
        self.open: dict[Stream, None] = {}  # in the order they came
        self.asking = asyncio.Semaphore(ASKING_AT_ONCE)
        self.listener = Listener(CHANNEL, place, self._heard)
        self.is_closed = False
        self._told = 0
        self._tasks: set[asyncio.Task] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one page in, or answer what Django answers."""
        if self.is_closed or len(self.open) >= MOST:
            await say(send, HTTPStatus.SERVICE_UNAVAILABLE, "Too many pages are open. This one asks by itself.")
            return
        self.listener.start()
        stream, told = Stream(), self._told
        answer = await self._ask(stream, scope, _mark(scope))
        if stream.person is None or not _is_list(answer):
            await pass_on(answer, receive, send)
            return
        self._make_room(stream)
        self.open[stream] = None
        if self.is_closed:
            stream.end()  # told to stop while Django was asked: nobody would end this one
        elif self._told != told:
            stream.woken.set()  # something was told while Django was asked
        gone = asyncio.create_task(self._end_with(stream, receive))
        try:
            await self._hold(stream, scope, answer, send)
        finally:
            self.open.pop(stream, None)
            gone.cancel()

    def close(self) -> None:
        """End every stream: the process is to stop. The pages come back by themselves."""
        self.is_closed = True
        self.listener.stop()
        for stream in list(self.open):
            stream.end()

    async def _hold(self, stream: Stream, scope: Scope, answer: Answer, send: Send) -> None:
        async def write(words: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": words, "more_body": more})

        headers = [pair for pair in answer.headers if pair[0] not in OWN]
        headers += [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # After a restart everybody comes back: not all in the same second.
        await write(b"retry: %d\n\n" % random.randint(1000, 6000) + _event(stream, answer))  # noqa: S311
        clock = asyncio.get_running_loop().time
        asked_at, not_before = clock(), 0.0
        while not stream.is_over:
            again_at = asked_at + (stream.again_in if self.listener.hears.is_set() else min(stream.again_in, UNHEARD))
            if await _within(stream.woken, min(HEARTBEAT, again_at - clock())) and not stream.is_over:
                await asyncio.sleep(max(0.0, not_before - clock()))
            elif clock() < again_at:
                await write(b"event: beat\ndata: beat\n\n")
                continue
            if stream.is_over:
                break
            stream.woken.clear()
            not_before = clock() + NOT_SOONER
            answer, asked_at = await self._ask(stream, scope, stream.have), clock()
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                stream.again_in = UNHEARD
            elif not _is_list(answer):
                stream.farewell = OVER
                break
            elif said := _event(stream, answer):
                await write(said)
        await write(stream.farewell, more=False)

    async def _ask(self, stream: Stream, scope: Scope, have: str) -> Answer:
        """What Django says to this page now."""
        query = [pair for pair in parse_qsl(scope["query_string"].decode("latin-1")) if pair[0] != "have"]
        asked = scope | {"query_string": urlencode([*query, ("have", have)]).encode("ascii")}
        async with self.asking:
            return await self.door.ask(asked, **{BESIDE: stream})

    def _make_room(self, newest: Stream) -> None:
        """Whoever opens one page too many hears it on the newest ones; the page that waited longest asks by itself."""
        theirs = [stream for stream in self.open if stream.person == newest.person and not stream.is_over]
        for stream in theirs[: max(0, len(theirs) + 1 - MOST_OF_ONE)]:
            stream.farewell = OVER
            stream.end()

    async def _end_with(self, stream: Stream, receive: Receive) -> None:
        try:
            await hung_up(receive)
        finally:
            stream.end()

    def _heard(self, words: set[str]) -> None:
        self._told += 1
        if not self.open:
            return
        if EVERYBODY in words:
            self._wake(lambda stream: True)
            return
        sessions = {word.removeprefix("session:") for word in words if word.startswith("session:")}
        self._wake(lambda stream: stream.session in sessions)
        told = {word for word in words if not word.startswith("session:")}
        if told:
            task = asyncio.create_task(self._wake_whom(told))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _wake_whom(self, words: set[str]) -> None:
        try:
            people = await asyncio.get_running_loop().run_in_executor(self.door.threads, self.concerned, words)
        except Exception:
            log.exception("Nobody knows whom it concerns; everybody asks.")
            self._wake(lambda stream: True)
        else:
            self._wake(lambda stream: stream.person in people)

    def _wake(self, is_meant: Callable[[Stream], bool]) -> None:
        for stream in self.open:
            if is_meant(stream):
                stream.woken.set()


def is_asked_by(scope: Scope) -> bool:
    """Whether a request wants to hold a stream."""
    return (
        scope["path"] == ADDRESS
        and scope["method"] == "GET"
        and any(name == b"accept" and b"text/event-stream" in value for name, value in scope["headers"])
    )


def _mark(scope: Scope) -> str:
    """What the page has: what it last heard when it comes back by itself, else what its address says."""
    for name, value in scope["headers"]:
        if name == b"last-event-id" and value:
            return value.decode("latin-1")
    return dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("have", "")


def _is_list(answer: Answer) -> bool:
    return answer.rest is None and answer.status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT)


def _event(stream: Stream, answer: Answer) -> bytes:
    """The list as an event, with its mark; nothing when the page has it already."""
    if answer.status != HTTPStatus.OK:
        return b""
    lines = b"".join(b"data: %s\n" % line for line in answer.body.splitlines())
    return b"event: list\nid: %s\n%s\n" % (stream.have.encode("ascii"), lines)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, so long at most; whether it came."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return False
    return True
