"""
Hearing what the database tells: one line a process, held open, on which words arrive that were told in a transaction.

PostgreSQL tells when a transaction is committed and says nothing of one that is not. What is told says who is concerned,
never what happened: numbers of rows, nothing about anybody.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

log = logging.getLogger(__name__)

EVERYBODY = "everybody"
"""What is said when the line was broken and is held again: nobody knows what was told meanwhile."""
TOGETHER = 0.05
"""Words that arrive within so many seconds are handed on together."""
PATIENCE, LONGEST_PAUSE = 30.0, 10.0


class Listener:
    """One line to the database, held open and opened anew whenever it breaks."""

    def __init__(self, channel: str, place: dict[str, Any], heard: Callable[[set[str]], None]):
        self.channel, self.place, self.heard = channel, place, heard
        self.hears = asyncio.Event()
        self._words: set[str] = set()
        self._task: asyncio.Task | None = None

    def start(self) -> None:
        """Begin to listen; nothing when it does already."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())

    def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()

    async def _listen(self) -> None:
        pause = 0.5
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self.place, autocommit=True) as line:
                    await line.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
                    pause = 0.5
                    self.hears.set()
                    self._note(EVERYBODY)
                    while True:
                        async for told in line.notifies(timeout=PATIENCE):
                            self._note(told.payload)
                        await line.execute("SELECT 1")  # a line that is dead would be silent too
            except (psycopg.Error, OSError) as broken:
                log.warning("The line to the database broke (%s); trying again.", type(broken).__name__)
            finally:
                self.hears.clear()
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _note(self, word: str) -> None:
        if not self._words:
            asyncio.get_running_loop().call_later(TOGETHER, self._hand_on)
        self._words.add(word)

    def _hand_on(self) -> None:
        words, self._words = self._words, set()
        self.heard(words)


def place_of(database: dict[str, Any]) -> dict[str, Any]:
    """Where Django's database is, as psycopg wants it."""
    options = {name: value for name, value in database.get("OPTIONS", {}).items() if name != "pool"}
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return options | {name: database[key] for name, key in named.items() if database.get(key)}
