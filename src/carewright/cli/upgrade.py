"""`upgrade`: back up, migrate, check, and go back when the check fails."""

import sys
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone


def add(subparsers) -> None:
    parser = subparsers.add_parser("upgrade", help="bring the database up to date: back up, migrate, check, or go back")
    parser.set_defaults(run=run)


def run(args) -> dict:
    """Do nothing when the database is already as this version wants it."""
    return upgrade(report=lambda what: print(f"  {what}", file=sys.stderr))


def pending() -> list[str]:
    """Migrations this version brings that the database has not seen, `app.name` each."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def upgrade(*, report: Callable[[str], None]) -> dict:
    """
    Bring the database to this version. Safe to run at every start.

    An empty database is simply made. One with data is backed up first (`HOME/backups/`); when a migration or the
    check after it fails, the backup is restored and the refusal says so.
    """
    from carewright import __version__
    from carewright.kernel.errors import CannotDo
    from carewright.plumbing import backup, home

    waiting = pending()
    if not waiting:
        return {"version": __version__, "migrations": 0}
    here = home.current()
    saved = _back_up(here, report) if has_data() else None
    report(f"applying {len(waiting)} migrations …")
    try:
        _migrate()
        _check()
    except Exception as failure:
        if saved is None:
            raise
        report("the upgrade failed; going back …")
        from django.db import connections

        connections.close_all()
        backup.restore(here, saved, secret=backup.secret_of(here), replace=True, report=report)
        raise CannotDo(
            f"The upgrade to {__version__} failed and was undone; the home is as it was ({saved} was restored). "
            f"Start the version you had before, and report this: {type(failure).__name__} in {waiting[0]} … {waiting[-1]}."
        ) from failure
    return {"version": __version__, "migrations": len(waiting), "backup": str(saved) if saved else None}


def has_data() -> bool:
    """Whether anybody was ever added here."""
    from django.db import connection

    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in ("staff_user", "exchange_delivery", "registry_patient"):
            if table in tables:
                cursor.execute(f"select exists (select 1 from {table})")
                if cursor.fetchone()[0]:
                    return True
    return False


def _back_up(here, report: Callable[[str], None]) -> Path:
    from carewright import __version__
    from carewright.plumbing import backup

    at = timezone.now()
    path = here.folder("backups") / f"before-{__version__}-{at:%Y%m%d-%H%M%S}.cwb"
    backup.write(here, path, secret=backup.secret_of(here), at=at, report=report)
    return path


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _check() -> None:
    """What must be true after an upgrade: nothing waits, every table answers, the access log is unbroken."""
    from django.apps import apps

    from carewright.audit import actions as audit
    from carewright.kernel.errors import CannotDo

    if left := pending():
        raise CannotDo(f"{len(left)} migrations are still waiting, first {left[0]}.")
    for model in apps.get_models():
        if model.__module__.startswith("carewright."):
            model._default_manager.order_by("pk").first()
    audit.verify()
