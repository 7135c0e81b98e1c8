"""The front door: what is sent is read before a thread is taken, and nothing a browser says passes for what we say."""

import asyncio
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from carewright.plumbing import front_door
from carewright.plumbing.front_door import FrontDoor, environ_of


def scope(path: str = "/", method: str = "GET", **headers: str) -> dict:
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"q=%C3%A9",
        "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 8000), "client": ("192.0.2.7", 5123),
        "headers": [(name.replace("__", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip


class Browser:
    """The other end: sends these parts, and no more though it said so, or hangs up; keeps what it got."""

    def __init__(self, *parts: bytes, hangs_up: bool = False, stalls: bool = False):
        self.parts, self.hangs_up, self.stalls = list(parts), hangs_up, stalls
        self.got: list[dict] = []
        self.reads = 0

    async def receive(self) -> dict:
        self.reads += 1
        if self.parts:
            part = self.parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self.parts) or self.hangs_up or self.stalls}
        if self.hangs_up:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: dict) -> None:
        await asyncio.sleep(0)
        self.got.append(message)

    @property
    def status(self) -> int:
        return self.got[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.got[1:])


def visited(application, asked: dict, browser: Browser, *, threads: int = 1, uploads=()) -> Browser:
    """Let a browser ask, in a thread of its own: a walk before this test may have left its loop in the main one."""

    async def visit() -> None:
        door = FrontDoor(application, threads=threads, form_at_most=1_000_000, uploads=uploads)
        try:
            async with asyncio.timeout(20):
                await door(asked, browser.receive, browser.send)
        finally:
            door.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, visit()).result()
    return browser


def echo(environ, start):
    """Answer with what was sent, and two cookies."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [body]


class Rows:
    """A long answer, made row by row."""

    streaming = True

    def __init__(self, rows):
        self.rows, self.is_closed = iter(rows), threading.Event()

    def __iter__(self):
        return self.rows

    def close(self):
        self.is_closed.set()


def test_a_form_arrives_whole_and_each_cookie_is_said_apart():
    browser = visited(echo, scope(method="POST", content__length="7"), Browser(b"a=1", b"&b=2"))
    assert (browser.status, browser.body) == (200, b"a=1&b=2")
    assert [value for name, value in browser.got[0]["headers"] if name == b"set-cookie"] == [b"a=1", b"b=2"]
    assert browser.got[-1]["more_body"] is False


def test_no_thread_is_taken_by_what_has_not_arrived(monkeypatch):
    monkeypatch.setattr(front_door, "PATIENCE_SECONDS", 0.05)
    called = threading.Event()

    def application(environ, start):
        called.set()
        return echo(environ, start)

    browser = visited(application, scope(method="POST", content__length="7"), Browser(b"a=1", stalls=True))
    assert browser.status == 408
    assert not called.is_set()


def test_who_announces_much_and_sends_little_keeps_no_place_that_others_wait_for(monkeypatch):
    monkeypatch.setattr(front_door, "PATIENCE_SECONDS", 0.05)
    browser = visited(echo, scope(method="POST", content__length="999999"), Browser(b"a=1", stalls=True))
    assert browser.status == 408


def test_who_hangs_up_while_sending_is_answered_nothing():
    browser = visited(echo, scope(method="POST", content__length="7"), Browser(b"a=1", hangs_up=True))
    assert browser.got == []


def test_what_is_larger_than_a_form_is_not_read():
    def refuse(environ, start):
        assert environ["wsgi.input"].read() == b""
        start("413 Too Large", [])
        return [b""]

    browser = visited(refuse, scope("/form", "POST", content__length="2000000"), Browser(b"x" * 10))
    assert (browser.status, browser.reads) == (413, 0)


def test_a_large_file_is_read_while_it_arrives():
    parts = [b"x" * 60_000] * 50
    browser = visited(
        lambda environ, start: start("200 OK", []) or [str(len(environ["wsgi.input"].read(3_000_000))).encode()],
        scope("/imports/upload", "POST", content__length="3000000"), Browser(*parts), uploads=("/imports/upload",),
    )  # fmt: skip
    assert browser.body == b"3000000"


def test_a_large_file_that_stops_arriving_ends_with_an_error(monkeypatch):
    monkeypatch.setattr(front_door, "PATIENCE_SECONDS", 0.05)
    seen = []

    def application(environ, start):
        try:
            environ["wsgi.input"].read(3_000_000)
        except OSError as fault:
            seen.append(str(fault))
        start("400 Bad Request", [])
        return [b""]

    asked = scope("/up", "POST", content__length="3000000")
    assert visited(application, asked, Browser(b"x", stalls=True), uploads=("/up",)).status == 400
    assert seen == ["The file stopped arriving."]


@pytest.mark.parametrize("count", [0, 1, 7, 4_000])
def test_a_long_answer_arrives_whole_and_is_closed(count):
    rows = Rows([b"row %d\n" % number * 20 for number in range(count)])
    browser = visited(lambda environ, start: start("200 OK", []) or rows, scope(), Browser(b""))
    assert browser.body == b"".join(b"row %d\n" % number * 20 for number in range(count))
    assert browser.got[-1]["more_body"] is False
    assert rows.is_closed.wait(10)


def test_nobody_goes_on_making_rows_for_a_reader_who_is_gone():
    made = []

    def endless():
        while True:
            made.append(1)
            yield b"x" * 70_000

    rows = Rows(endless())
    visited(lambda environ, start: start("200 OK", []) or rows, scope(), Browser(b"", hangs_up=True))
    assert rows.is_closed.wait(10)
    assert len(made) < 50


@pytest.mark.parametrize("at", [0, 1])
def test_a_reader_who_is_gone_before_the_first_part_holds_no_thread(at):
    made = []

    class Gone(Browser):
        async def send(self, message: dict) -> None:
            if len(self.got) == at:
                while len(made) < 6:  # no more than five find room: the thread waits
                    await asyncio.sleep(0.01)
                raise RuntimeError("The line is closed.")
            await super().send(message)

    rows = Rows(made.append(1) or b"x" * 70_000 for _ in range(1000))
    with pytest.raises(RuntimeError):
        visited(lambda environ, start: start("200 OK", []) or rows, scope(), Gone(b""))
    assert rows.is_closed.wait(5)


def test_who_takes_nothing_of_a_long_answer_for_too_long_holds_no_thread(monkeypatch):
    monkeypatch.setattr(front_door, "LONGEST_STALL", 0.05)
    rows = Rows(b"x" * 70_000 for _ in range(1000))

    class Sleeper(Browser):
        async def send(self, message: dict) -> None:
            await super().send(message)
            while len(self.got) > 1 and not rows.is_closed.is_set():
                await asyncio.sleep(0.01)

    browser = Sleeper(b"")
    with pytest.raises(ConnectionAbortedError):
        visited(lambda environ, start: start("200 OK", []) or rows, scope(), browser)
    assert rows.is_closed.is_set()
    assert all(message.get("more_body", True) for message in browser.got), "half a file is not the whole"


def test_an_answer_that_breaks_off_is_never_taken_for_the_whole():
    def broken():
        yield b"x" * 70_000
        raise ValueError("no more")

    browser = Browser(b"")
    with pytest.raises(ConnectionAbortedError):
        visited(lambda environ, start: start("200 OK", []) or Rows(broken()), scope(), browser)
    assert all(message.get("more_body", True) for message in browser.got)


def test_what_the_application_raises_reaches_the_server():
    def fails(environ, start):
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match="a mistake of ours"):
        visited(fails, scope(), Browser(b""))


def test_the_environment_says_what_wsgi_says():
    asked = scope("/patients/%C3%A9%ff", cookie="a=b", x__forwarded__proto="https", content__type="text/plain")
    asked["headers"] += [(b"cookie", b"c=d"), (b"accept", b"a"), (b"accept", b"b")]
    environ = environ_of(asked, io.BytesIO())
    assert environ["PATH_INFO"] == "/patients/\xc3\xa9\xff"
    assert environ["QUERY_STRING"] == "q=%C3%A9"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"
    assert environ["HTTP_COOKIE"] == "a=b; c=d"
    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["HTTP_X_FORWARDED_PROTO"] == "https"
    assert environ["CONTENT_TYPE"] == "text/plain"


def test_a_header_with_an_underscore_does_not_pass_for_a_proxys():
    asked = scope()
    asked["headers"] = [
        (b"x_forwarded_proto", b"https"),
        (b"x_forwarded_for", b"203.0.113.1"),
        (b"carewright.stream", b"x"),
    ]
    environ = environ_of(asked, io.BytesIO())
    assert not [key for key in environ if "FORWARDED" in key]
    assert "carewright.stream" not in environ
