"""
Telling the database who acts: the second wall behind the guard.

Whoever acts is named in four settings of the transaction, which the row-level policies of every patient table read
(see `carewright.plumbing.row_security`):

* the role `carewright_app`, which owns nothing and is bound by the policies; web requests always run as it
* `carewright.actor`: `user:12` for a member of staff, `system:nightly` for the house's own work, empty for nobody
* `carewright.today`: the day that ties are compared with, in the organization's time zone
* `carewright.glass`: the patients being opened by a broken glass just now; empty for every list (`look_through`)

They are local to the transaction, so a pooled connection never carries one person's sight to the next. Nobody named
means no patient: the wall fails closed. It stands against mistakes in our code, not against someone who can run any
SQL he likes, because he could also name himself.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

APP_ROLE = "carewright_app"


def name_of(by) -> str:
    """How the database names who acts: `user:12`, `system:nightly`, or nothing for somebody not signed in."""
    if isinstance(by, str):
        if not by.startswith("system:") or by == "system:":
            raise ValueError(f"A system actor is written 'system:<what>', not {by!r}.")
        return by
    if not getattr(by, "is_authenticated", False) or not by.is_active:
        return ""
    return f"user:{by.pk}"


@contextmanager
def acting_as(by, *, on: date | None = None) -> Iterator[None]:
    """
    Do something as a person or as a system actor, and be nobody again afterwards.

    A person is walled in: a transaction opens, takes the role `carewright_app` and sees only the rows their ties allow
    on that day (today, when `on` is not given). A system actor (`acting_as("system:nightly")`) keeps the database role
    it has, because it loads and seals what no single person may; outside a transaction it opens none, so that long
    work does not hold one. Blocks may be nested; each restores what was before it.
    """
    if isinstance(by, str) and not connection.in_atomic_block:
        yield from _named_for_the_session(name_of(by))
        return
    outer = _settings() if connection.in_atomic_block else None
    with transaction.atomic():
        _set(
            actor=name_of(by),
            today=(on or timezone.localdate()).isoformat(),
            role=None if isinstance(by, str) else APP_ROLE,
        )
        yield
        # When the block fails, the database itself takes the settings back together with the savepoint.
        if outer is not None and not connection.needs_rollback:
            _set(**outer)  # type: ignore[arg-type]


def look_through(patients: Iterable[int]) -> None:
    """
    Let the wall show these patients to somebody who broke the glass for them, until the block of `acting_as` is over.

    A broken glass by itself shows nothing: it opens a patient where the guard opens that patient, and no list asks for
    this. Given nobody, the glass is as if it were whole.
    """
    with connection.cursor() as cursor:
        cursor.execute("select set_config('carewright.glass', %s, true)", [",".join(str(pk) for pk in patients)])


def _named_for_the_session(actor: str) -> Iterator[None]:
    _set(actor=actor, today=timezone.localdate().isoformat(), local=False)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            _set(actor="", today="", local=False)


def _settings() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(current_setting('carewright.actor', true), ''),"
            " coalesce(current_setting('carewright.today', true), ''), current_setting('role'),"
            " coalesce(current_setting('carewright.glass', true), '')"
        )
        actor, today, role, glass = cursor.fetchone()
    return {"actor": actor, "today": today, "role": role, "glass": glass}


def _set(*, actor: str, today: str, role: str | None = None, glass: str = "", local: bool = True) -> None:
    sql = (
        "select set_config('carewright.actor', %s, %s), set_config('carewright.today', %s, %s),"
        " set_config('carewright.glass', %s, %s)"
    )
    values: list[object] = [actor, local, today, local, glass, local]
    if role is not None:
        sql += ", set_config('role', %s, %s)"
        values += [role, local]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)  # type: ignore[arg-type]
