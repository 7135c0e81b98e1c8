"""
The door the web server knocks on.

Pages are Django's and come through `plumbing.front_door`; only the stream of My Day is held here, by the event loop.
"""

import asyncio
import gc
import os
import signal
from contextlib import suppress
from typing import Any

from carewright.wsgi import application as pages

from django.conf import settings  # isort: skip (after Django is set up)

from carewright.plumbing.front_door import FrontDoor
from carewright.plumbing.listening import place_of
from carewright.web.day import concerned, live

door = FrontDoor(
    pages,
    threads=int(os.environ.get("CAREWRIGHT_THREADS", "8")),
    form_at_most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    uploads=settings.UPLOAD_PAGES,
)
streams = live.Streams(door, place_of(settings.DATABASES["default"]), concerned.whom)


async def application(scope: dict[str, Any], receive, send) -> None:
    """Answer one request, or begin and end with the process."""
    match scope["type"]:
        case "http" if live.is_asked_by(scope):
            await streams(scope, receive, send)
        case "http":
            await door(scope, receive, send)
        case "lifespan":
            await _live(receive, send)
        case _:
            await send({"type": "websocket.close", "code": 1000})


async def _live(receive, send) -> None:
    await receive()
    gc.collect()
    gc.freeze()  # what is loaded by now stays to the end; a page need not wait while it is looked through for rubbish
    _end_streams_when_told_to_stop()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    streams.close()
    door.close()
    await send({"type": "lifespan.shutdown.complete"})


def _end_streams_when_told_to_stop() -> None:
    """
    End the streams as soon as the process is told to stop.

    The web server waits for open answers before it says that it stops, and a stream has no end of its own. Its handler
    is the event loop's and is called besides: this one only takes the place of Python's, which does nothing.
    """
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        with suppress(ValueError):  # not in the main thread: whoever runs it so ends the streams otherwise
            signal.signal(told, lambda *_: loop.call_soon_threadsafe(streams.close))
            signal.siginterrupt(told, False)
