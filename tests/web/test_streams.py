"""A stream by itself, without a server: when it asks again, and what ends it. The whole way is in `tests/journeys`."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from carewright.plumbing.front_door import Answer
from carewright.web.day import live
from carewright.web.day.live import BESIDE, Stream, Streams

SCOPE = {"path": live.ADDRESS, "method": "GET", "query_string": b"show=calls&have=old", "headers": []}


class Door:
    """Answers what it is told to, one after another, and keeps what was asked."""

    def __init__(self, *answers: int, again_in: float = 100.0):
        self.answers, self.again_in, self.asked = list(answers), again_in, []

    async def ask(self, scope, **beside) -> Answer:
        self.asked.append(scope["query_string"].decode())
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        stream: Stream = beside[BESIDE]
        if status in (200, 204):
            stream.let_in(person=7, session="abc", have=f"mark{len(self.asked)}", again_in=1)
            stream.again_in = self.again_in
        return Answer(status, [(b"content-type", b"text/html"), (b"x-kept", b"1")], b"<p>\n</p>")


class Listener:
    """A line to a database that is held, or not."""

    def __init__(self, *, hears: bool = True):
        self.hears = asyncio.Event()
        if hears:
            self.hears.set()

    def start(self) -> None: ...

    def stop(self) -> None: ...


def held(door: Door, *, tell=None, until: int, hears: bool = True) -> list[dict]:
    """What one page hears until so many messages were sent, or until its stream ends."""
    sent: list[dict] = []

    async def hold() -> None:
        streams = Streams(door, {}, lambda words: {7} if "user:7" in words else set())  # type: ignore[arg-type]
        streams.listener = Listener(hears=hears)  # type: ignore[assignment]
        door.threads = None  # type: ignore[attr-defined]

        async def receive() -> dict:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: dict) -> None:
            sent.append(message)
            if len(sent) >= until:
                streams.close()
            elif tell:
                tell(streams, len(sent))

        async with asyncio.timeout(20):
            await streams(dict(SCOPE), receive, send)
        assert not streams.open

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, hold()).result()
    return sent


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(live, "NOT_SOONER", 0.01)


def bodies(sent: list[dict]) -> list[bytes]:
    return [message["body"] for message in sent if message["type"] == "http.response.body"]


def test_it_asks_again_by_the_clock_with_what_the_page_has():
    door = Door(200, again_in=0.02)
    sent = held(door, until=4)
    assert door.asked[:3] == ["show=calls&have=old", "show=calls&have=mark1", "show=calls&have=mark2"]
    assert bodies(sent)[1] == b"event: list\nid: mark2\ndata: <p>\ndata: </p>\n\n"
    assert dict(sent[0]["headers"])[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert (b"x-kept", b"1") in sent[0]["headers"], "what Django says of every answer holds for this one too"
    assert sent[-1]["more_body"] is False


def test_nothing_new_is_nothing_said_but_that_it_lives(monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.02)
    sent = held(Door(204), until=4)
    assert bodies(sent)[0].startswith(b"retry: ")
    assert bodies(sent)[1:3] == [b"event: beat\ndata: beat\n\n"] * 2


def test_while_nothing_is_heard_from_the_database_it_asks_more_often(monkeypatch):
    monkeypatch.setattr(live, "UNHEARD", 0.02)
    door = Door(200)
    held(door, until=4, hears=False)
    assert len(door.asked) >= 3


@pytest.mark.parametrize("word", ["user:7", "session:abc", "everybody"])
def test_who_is_told_of_hears_and_nobody_else(word):
    asked_before = []

    def tell(streams: Streams, number: int) -> None:
        if number != 2:
            return
        streams._heard({"user:8", "session:other", "team:1"})

        def tell_this_one() -> None:
            asked_before.append(len(door.asked))
            streams._heard({word})

        asyncio.get_running_loop().call_later(0.1, tell_this_one)

    door = Door(204, 200)
    sent = held(door, tell=tell, until=3)
    assert (asked_before, len(door.asked)) == ([1], 2)
    assert b"event: list" in bodies(sent)[1]


@pytest.mark.parametrize("refused", [302, 401, 403])
def test_an_answer_that_is_no_list_ends_it_for_good(refused):
    sent = held(Door(200, refused, again_in=0.02), until=9)
    assert bodies(sent)[-1] == b"event: over\ndata: over\n\n"
    assert sent[-1]["more_body"] is False


def test_a_fault_of_ours_ends_nothing(monkeypatch):
    monkeypatch.setattr(live, "UNHEARD", 0.02)
    sent = held(Door(200, 503, 503, 200, again_in=0.02), until=3)
    assert b"event: list" in bodies(sent)[1]


def test_who_is_not_let_in_gets_djangos_answer():
    sent = held(Door(401), until=9)
    assert (sent[0]["status"], bodies(sent)) == (401, [b"<p>\n</p>"])
    assert dict(sent[0]["headers"])[b"content-type"] == b"text/html"


def test_an_answer_that_is_a_list_for_nobody_opens_no_stream():
    class Stranger(Door):
        async def ask(self, scope, **beside) -> Answer:
            return Answer(200, [], b"a page")

    assert bodies(held(Stranger(200), until=9)) == [b"a page"]


def test_a_page_that_comes_while_the_process_is_told_to_stop_does_not_keep_it():
    class Late(Door):
        async def ask(self, scope, **beside) -> Answer:
            streams.close()
            return await super().ask(scope, **beside)

    async def hold() -> list[dict]:
        async def receive() -> dict:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: dict) -> None:
            sent.append(message)

        async with asyncio.timeout(5):
            await streams(dict(SCOPE), receive, send)
        return sent

    sent: list[dict] = []
    streams = Streams(Late(200), {}, lambda words: set())  # type: ignore[arg-type]
    streams.listener = Listener()  # type: ignore[assignment]
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, hold()).result()
    assert sent[-1]["more_body"] is False
