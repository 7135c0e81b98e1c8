"""`upgrade`: back up, migrate, check, and go back when the check fails."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from django.utils import timezone


def add(subparsers) -> None:
    parser = subparsers.add_parser("upgrade", help="bring the database up to date: back up, migrate, check, or go back")
    parser.set_defaults(run=run)


def run(args) -> dict:
    """Do nothing when the database is already as this version wants it."""
    from carewright.cli import down
    from carewright.kernel.errors import CannotDo
    from carewright.plumbing import home

    if pid := down.used_by(home.current()):
        raise CannotDo(f"./run uses this home (process {pid}). Stop it with Ctrl-C first; ./run upgrades by itself.")
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
    check after it fails, the backup is restored and the refusal says so. An upgrade that was killed half way is gone
    on with; what it goes back to stays the backup that was made before it.
    """
    from carewright import __version__
    from carewright.plumbing import home

    here, waiting = home.current(), pending()
    left = interrupted(here)
    if not waiting and left is None:
        return {"version": __version__, "migrations": 0}
    if left is not None:
        report(f"an upgrade was interrupted; going on with it (what was before it is in {left}) …")
    saved = left or (_back_up(here, report) if has_data() else None)
    if saved:
        _mark(here).write_text(f"{saved}\n", encoding="utf-8")
    report(f"applying {counted(waiting, 'migration')} …")
    try:
        _migrate()
        _check()
    except Exception as failure:
        if saved is None:
            raise
        _go_back(here, saved, failure, waiting, report)
    _mark(here).unlink(missing_ok=True)
    return {"version": __version__, "migrations": len(waiting), "backup": str(saved) if saved else None}


def counted(waiting: list[str], what: str) -> str:
    """How many there are, in words: 1 change, 3 changes."""
    return f"{len(waiting):,} {what}{'' if len(waiting) == 1 else 's'}"


def interrupted(here) -> Path | None:
    """The backup of an upgrade that was neither finished nor undone, if there was one."""
    return Path(_mark(here).read_text(encoding="utf-8").strip()) if _mark(here).exists() else None


def _go_back(here, saved: Path, failure: Exception, waiting: list[str], report: Callable[[str], None]) -> NoReturn:
    """Restore what was before the upgrade, and say what failed."""
    from django.db import connections

    from carewright import __version__
    from carewright.kernel.errors import CannotDo
    from carewright.plumbing import backup, restoring

    report("the upgrade failed; going back …")
    connections.close_all()
    restoring.restore(here, saved, secret=backup.secret_of(here), replace=True, report=report)
    _mark(here).unlink(missing_ok=True)
    where = f" in {waiting[0]} … {waiting[-1]}" if waiting else ""
    why = f" ({failure})" if isinstance(failure, CannotDo) else ""
    raise CannotDo(
        f"The upgrade to {__version__} failed and was undone; the home is as it was ({saved} was restored). "
        f"Start the version you had before, and report this: {type(failure).__name__}{where}{why}."
    ) from failure


def _mark(here) -> Path:
    """Names the backup to go back to, from before the first change until after the check."""
    return here.path / "upgrade-under-way"


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

    for half in here.folder("backups").glob(".before-*.partial"):
        half.unlink(missing_ok=True)  # of an upgrade that was killed while it backed up
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
