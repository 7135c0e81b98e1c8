"""
From an event loop to threads: how a request reaches Django, and how its answer goes out.

The web server speaks ASGI, one event loop a process; Django's pages are answered by a few threads, as before. What a
browser sends is read by the loop, whole, before a thread is taken: who sends slowly holds no thread. An answer that is
ready leaves the thread at once, so a slow reader of a page holds none either; only files sent row by row do.

The threads live as long as the process. A stream (`web.day.live`) asks Django through the same door, with the cookies
it was opened with.
"""

import asyncio
import io
import logging
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]

SMALL = 64 * 1024
"""A form; what is larger is read a few at a time, because it lies in memory meanwhile."""
LARGE_AT_ONCE = 8
UPLOADS_AT_ONCE = 3
"""How many files may be written to disk while they arrive. Each holds a thread, so that some threads always remain."""
PATIENCE_SECONDS, SLOWEST = 30, 32 * 1024
"""How long a request may take to arrive: so many seconds, and one more for each so many bytes that came already."""
PART = 64 * 1024
LONGEST_HELD = 0.2
"""Parts of a long answer are handed over in pieces of about this size, or after so many seconds."""
LONGEST_STALL = 120.0
"""Who takes nothing of a long answer for so many seconds gets no more of it: a thread waits for them."""


@dataclass
class Answer:
    """What Django answered: all of it, or its beginning and a pipe that the rest comes through."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    rest: "Pipe | None" = None


class FrontDoor:
    """An ASGI application that answers with a WSGI application, in so many threads."""

    def __init__(self, application: Callable, *, threads: int, form_at_most: int, uploads: Collection[str] = ()):
        self.application = application
        self.form_at_most = form_at_most
        self.uploads = frozenset(uploads)
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)
        self.at_upload = asyncio.Semaphore(min(UPLOADS_AT_ONCE, max(1, threads - 1)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        sent = announced(scope)
        if sent <= SMALL:
            await self._answer(scope, receive, send, sent)
        elif sent <= self.form_at_most:
            async with self.large:
                await self._answer(scope, receive, send, sent)
        elif scope["path"] in self.uploads:
            async with self.at_upload:
                body = WhileSent(receive, asyncio.get_running_loop())
                await pass_on(await self.ask(scope, io.BufferedReader(body, PART)), None, send)
        else:
            await pass_on(await self.ask(scope), None, send)  # refused by its length alone, unread

    async def _answer(self, scope: Scope, receive: Receive, send: Send, sent: int) -> None:
        try:
            body = await read(receive, sent) if sent else b""
        except TimeoutError:
            await say(send, HTTPStatus.REQUEST_TIMEOUT, "It took too long to arrive. Send it again.")
        except ConnectionAbortedError:
            return
        else:
            await pass_on(await self.ask(scope, io.BytesIO(body)), receive, send)

    async def ask(self, scope: Scope, body: Any = None, **beside: Any) -> Answer:
        """Ask Django in one of the threads; `beside` is put into the environment, where no browser can write."""
        environ = environ_of(scope, body or io.BytesIO()) | beside
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()
        self.threads.submit(_work, self.application, environ, loop, answered)
        return await answered

    def close(self) -> None:
        """Let the threads end when they have nothing left to do."""
        self.threads.shutdown(wait=False, cancel_futures=True)


def announced(scope: Scope) -> int:
    """How many bytes a request says it carries. Django reads nothing of a request that does not say it."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def read(receive: Receive, sent: int) -> bytes:
    """All of what was announced; an error when it falls behind the slowest line or the browser hangs up."""
    parts, has, more = [], 0, True
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(PATIENCE_SECONDS) as limit:
        while more and has < sent:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionAbortedError("The browser hung up.")
            parts.append(message.get("body", b""))
            has += len(parts[-1])
            limit.reschedule(began + PATIENCE_SECONDS + has / SLOWEST)
            more = message.get("more_body", False)
    return b"".join(parts)


class WhileSent(io.RawIOBase):
    """A large file that a thread reads while it arrives."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop):
        self.receive, self.loop = receive, loop
        self.left, self.more = b"", True

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; an error when the browser hangs up or sends nothing for too long."""
        while not self.left and self.more:
            try:
                message = asyncio.run_coroutine_threadsafe(self._next(), self.loop).result()
            except TimeoutError:
                raise OSError("The file stopped arriving.") from None
            if message["type"] == "http.disconnect":
                raise OSError("The browser hung up.")
            self.left, self.more = message.get("body", b""), message.get("more_body", False)
        part, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    async def _next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.receive()


def environ_of(scope: Scope, body: Any) -> dict[str, Any]:
    """
    A request as WSGI describes it.

    A header whose name has an underscore is left out: `X_Forwarded_Proto` would pass for what only a proxy may say.
    """
    raw = scope.get("raw_path")
    path = unquote_to_bytes(raw.partition(b"?")[0]) if raw else scope["path"].encode()
    host, port = scope.get("server") or ("localhost", 80)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for said, value in scope["headers"]:
        if b"_" in said:
            continue
        name = said.decode("latin-1").upper().replace("-", "_")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        text = value.decode("latin-1")
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{text}" if key in environ else text
    return environ


def _work(application: Callable, environ: dict, loop: asyncio.AbstractEventLoop, answered: asyncio.Future) -> None:
    """Answer one request, in a thread, from its first statement to the last row of what it sends."""
    answer = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, [])

    def start(status: str, headers: list[tuple[str, str]], wrong=None) -> None:
        answer.status = int(status[:3])
        answer.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    try:
        parts = application(environ, start)
        try:
            if getattr(parts, "streaming", not isinstance(parts, list | tuple)):
                _stream(parts, answer, loop, answered)
            else:
                answer.body = b"".join(parts)
                _settle(loop, answered, answer)
        finally:
            getattr(parts, "close", bool)()
    except Exception as fault:
        log.exception("A request could not be answered.")
        _settle(loop, answered, fault)


def _stream(parts: Iterable[bytes], answer: Answer, loop: asyncio.AbstractEventLoop, answered: asyncio.Future) -> None:
    """Hand a long answer over as it is made; one that is short after all at once."""
    held: list[bytes] = []
    size, told = 0, time.monotonic()
    try:
        for part in parts:
            held.append(part)
            size += len(part)
            if size < PART and time.monotonic() - told < LONGEST_HELD:
                continue
            if answer.rest is None:
                answer.body, answer.rest = b"".join(held), Pipe(loop)
                _settle(loop, answered, answer)
            elif not answer.rest.put(b"".join(held)):
                return
            held, size, told = [], 0, time.monotonic()
    except BaseException:
        if answer.rest is not None:
            answer.rest.put(None)  # broken off, so that nobody takes half a file for the whole
        raise
    if answer.rest is None:
        answer.body = b"".join(held)
        _settle(loop, answered, answer)
    elif answer.rest.put(b"".join(held)):
        answer.rest.put(b"")


def _settle(loop: asyncio.AbstractEventLoop, answered: asyncio.Future, said: Answer | Exception) -> None:
    def tell() -> None:
        if not answered.done():
            answered.set_exception(said) if isinstance(said, Exception) else answered.set_result(said)
        elif isinstance(said, Answer) and said.rest is not None:
            said.rest.hang_up()  # nobody waits for it any more

    loop.call_soon_threadsafe(tell)


@dataclass
class Pipe:
    """The rest of a long answer, from the thread that makes it to the loop that sends it, a few parts at a time."""

    loop: asyncio.AbstractEventLoop
    parts: asyncio.Queue = field(default_factory=asyncio.Queue)
    room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(4))
    is_gone: bool = False
    has_stalled: bool = False

    def put(self, part: bytes | None) -> bool:
        """Hand over one part when there is room for it; False when nobody reads any more."""
        waited_since = time.monotonic()
        while not self.is_gone and not self.room.acquire(timeout=min(1.0, LONGEST_STALL)):
            if time.monotonic() - waited_since > LONGEST_STALL:
                self.has_stalled = self.is_gone = True
                self.loop.call_soon_threadsafe(self.parts.put_nowait, None)
        if not self.is_gone:
            self.loop.call_soon_threadsafe(self.parts.put_nowait, part)
        return not self.is_gone

    async def get(self) -> bytes | None:
        """The next part; empty at the end, nothing when it broke off."""
        part = await self.parts.get()
        self.room.release()
        return part

    def hang_up(self) -> None:
        """Nobody reads any more."""
        self.is_gone = True
        self.parts.put_nowait(None)


async def pass_on(answer: Answer, receive: Receive | None, send: Send) -> None:
    """Send an answer, as quickly as its reader reads; with `receive`, a long one ends when the reader hangs up."""
    pipe = answer.rest
    watching = asyncio.create_task(_hang_up_with(pipe, receive)) if pipe and receive else None
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body, "more_body": pipe is not None})
        if pipe is None:
            return
        while (part := await pipe.get()) is not None:
            await send({"type": "http.response.body", "body": part, "more_body": bool(part)})
            if not part:
                return
        if pipe.has_stalled or not pipe.is_gone:
            raise ConnectionAbortedError("The answer broke off.")
    finally:
        if pipe is not None:
            pipe.hang_up()  # or the thread that makes the rest waits for ever
        if watching:
            watching.cancel()


async def hung_up(receive: Receive) -> None:
    """Wait until the browser is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang_up_with(pipe: Pipe, receive: Receive) -> None:
    try:
        await hung_up(receive)
    finally:
        pipe.hang_up()


async def say(send: Send, status: int, words: str) -> None:
    """A short answer in words, after which the line is closed."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await pass_on(Answer(status, headers, words.encode()), None, send)
