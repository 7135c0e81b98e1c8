"""The line to the database: what is told when a transaction is committed is heard, and a broken line is held again."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from carewright.plumbing.listening import EVERYBODY, Listener, place_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_told_is_heard_and_a_broken_line_is_held_again():
    place = place_of(connection.settings_dict)
    heard: list[set[str]] = []

    async def listen() -> None:
        came = asyncio.Event()

        def hear(words: set[str]) -> None:
            heard.append(words)
            came.set()

        async def told(tell) -> set[str]:
            came.clear()
            with psycopg.connect(**place, autocommit=True) as other:
                tell(other)
            async with asyncio.timeout(20):
                await came.wait()
            return heard[-1]

        listener = Listener("carewright_test", place, hear)
        listener.start()
        async with asyncio.timeout(20):
            await came.wait()
        assert heard == [{EVERYBODY}], "nobody knows what was told before"

        def rolled_back_and_then_two(line) -> None:
            line.execute("begin; notify carewright_test, 'user:1'; rollback")
            line.execute("notify carewright_test, 'user:2'; notify carewright_test, 'team:3'")

        assert await told(rolled_back_and_then_two) == {"user:2", "team:3"}
        kill = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN %carewright_test%'"
        assert await told(lambda line: line.execute(kill)) == {EVERYBODY}
        assert listener.hears.is_set()
        listener.stop()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, listen()).result()


def test_the_pool_is_not_part_of_the_place():
    place = place_of(
        {"NAME": "a", "HOST": "", "USER": "b", "PASSWORD": "", "OPTIONS": {"pool": {}, "sslmode": "require"}}
    )
    assert place == {"dbname": "a", "user": "b", "sslmode": "require"}
    assert "pool" not in place_of(settings.DATABASES["default"])
