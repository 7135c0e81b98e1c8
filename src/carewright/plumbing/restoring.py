"""
Bringing a backup back, so that nothing is lost however it is interrupted.

Everything is unpacked and checked inside the home's own scratch folder first; until then the home is untouched. Then a
mark (`restore-under-way`) is set, the database is replaced in one transaction, and the files are put in place. Killed
before the mark, a restore has changed nothing; killed after it, the next command finishes it by itself, because all it
needs lies checked in the home.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from carewright.kernel.errors import CannotDo
from carewright.plumbing import sealed_file
from carewright.plumbing.backup import DUMP, LEFT_OUT, LIST, agree, alone, files_of, members_of, sha256_of
from carewright.plumbing.embedded_postgres import Server, django_settings
from carewright.plumbing.home import Home

ITS_OWN = "secrets/postgres"  # the database's password belongs to this home's server, not to what is in it
# Everything of ours goes before the dump comes in: what a newer version added would otherwise stay, and be in the way.
EMPTIED = """
set client_min_messages = warning;
do $$ declare statement text; begin
  for statement in select unnest(array_agg(format('drop %s if exists public.%I cascade',
        case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end,
        c.relname)))
      from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
            and (d.deptype = 'e' or c.relkind = 'S' and d.deptype in ('i', 'a')))
  loop execute statement; end loop;
  for statement in select unnest(array_agg(format('drop routine if exists %s cascade', p.oid::regprocedure)))
      from pg_proc p
      where p.pronamespace = 'public'::regnamespace
        and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
            and d.deptype in ('e', 'i'))
  loop execute statement; end loop;
  for statement in select unnest(array_agg(format('drop type if exists public.%I cascade', t.typname)))
      from pg_type t
      where t.typnamespace = 'public'::regnamespace and t.typtype in ('c', 'd', 'e', 'r')
        and not exists (select from pg_class c where c.oid = t.typrelid and c.relkind <> 'c')
        and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass and d.objid = t.oid
            and d.deptype = 'e')
  loop execute statement; end loop;
end $$;
"""


class DatabaseAsItWas(CannotDo):
    """The database took nothing of a backup; the message says why."""


def restore(
    home: Home, path: Path, *, secret: str, replace: bool = False, report: Callable[[str], None] = print
) -> dict:
    """Bring a backup back into a home that is empty, or, with `replace`, over what is there."""
    if not path.is_file():
        raise CannotDo(f"{path} does not exist." if not path.exists() else f"{path} is a folder, not a backup.")
    if not replace and any(name.name not in LEFT_OUT | {"secrets"} for name in home.folder().iterdir()):
        raise CannotDo(f"{home.path} is not empty. Restore into another home (--home), or add --replace.")
    with _alone(home):
        fresh = _unpacked(home).with_name("restore.fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        report("unpacking and checking")
        try:
            about = _unpack(path, fresh, secret)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        shutil.rmtree(_unpacked(home), ignore_errors=True)
        fresh.replace(_unpacked(home))
        was_interrupted = _mark(home).exists()
        _write_down(_mark(home), {"backup": str(path.resolve())})
        try:
            files = _put_in_place(home, report)
        except DatabaseAsItWas:
            # No file was moved either. But what an earlier restore left half done is still half done.
            if not was_interrupted:
                _forget(home)
            raise
    return {"home": str(home.path), "files": files, "made_at": about["made_at"], "version": about["version"]}


def finish_interrupted(home: Home, *, report: Callable[[str], None]) -> bool:
    """
    Finish a restore that was interrupted; whether there was one.

    Asked before anything else by every command that opens the database. Refuses while a restore is at work.
    """
    fresh = _unpacked(home).with_name("restore.fresh")
    if not _mark(home).exists() and not _unpacked(home).exists() and not fresh.exists():
        return False
    with _alone(home):
        shutil.rmtree(fresh, ignore_errors=True)
        if not _mark(home).exists():
            shutil.rmtree(_unpacked(home), ignore_errors=True)
            report("A restore was interrupted before it changed anything here. What it had unpacked is removed.")
            return False
        said = json.loads(_mark(home).read_text(encoding="utf-8"))
        if not (_unpacked(home) / LIST).exists():
            raise CannotDo(
                f"A restore of {said['backup']} was interrupted, and this home is neither as it was nor whole. "
                f"Run ./carewright restore {said['backup']} --replace."
            )
        report(f"A restore of {said['backup']} was interrupted. It is being finished now:")
        _put_in_place(home, report)
    return True


def _put_in_place(home: Home, report: Callable[[str], None]) -> int:
    """From what was unpacked and checked to a whole home; doing it a second time does the rest."""
    unpacked = _unpacked(home)
    listed = json.loads((unpacked / LIST).read_text())
    report("restoring the database")
    if not os.environ.get("DATABASE_URL"):
        Server(home).start()
    _make_roles(home)
    _replace_database(home, unpacked / DUMP)
    report("putting the files in place")
    for name, file in list(files_of(home)):
        if name not in listed and name != ITS_OWN:
            file.unlink()
    for name in listed:
        if name in (DUMP, ITS_OWN) or not (unpacked / name).exists():
            continue
        target = home.folder(*Path(name).parts[:-1]) / Path(name).name
        (unpacked / name).replace(target)
        target.chmod(0o600)
    _forget(home)
    return len(listed)


def _unpack(path: Path, into: Path, secret: str) -> dict:
    """Every file of the backup, each compared with the list; raises BadInput at the first thing that does not agree."""
    found: dict[str, dict] = {}
    into.mkdir(parents=True, mode=0o700)
    with sealed_file.Reader(path, secret) as sealed, members_of(path, sealed) as tar:
        for member in tar:
            tar.extract(member, into, filter="data")
            file = into / member.name
            found[member.name] = {"bytes": file.stat().st_size, "sha256": sha256_of(file)}
        sealed.read()
        about = sealed.about
    listed = json.loads((into / LIST).read_text()) if (into / LIST).exists() else {}
    found.pop(LIST, None)
    agree(path, listed, found)
    return about


def _replace_database(home: Home, dump: Path) -> None:
    """Everything in the database gives way to the dump in one transaction: all of it, or none."""
    place = django_settings(home, os.environ.get("DATABASE_URL"))
    environment = {
        "PGHOST": place["HOST"], "PGPORT": place["PORT"] or "5432", "PGUSER": place["USER"],
        "PGPASSWORD": place["PASSWORD"], "PGDATABASE": place["NAME"], "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    programs = Server(home).wheel / "bin"
    emptied = dump.with_name("emptied.sql")
    emptied.write_text(EMPTIED)
    read = subprocess.Popen(
        [programs / "pg_restore", "--no-owner", "--exit-on-error", "-f", "-", dump],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    done = subprocess.run(
        [programs / "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "-f", emptied,
         "-f", "-"],
        env=environment, stdin=read.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    assert read.stdout is not None and read.stderr is not None
    read.stdout.close()
    unread = read.stderr.read()
    if read.wait() or done.returncode:
        said = (done.stderr or unread).decode(errors="replace").strip()[-600:]
        raise DatabaseAsItWas(f"The database could not be restored, and is as it was: {said}")


def _make_roles(home: Home) -> None:
    """Roles belong to a server, not to a database, so a dump names them without bringing them."""
    import psycopg

    place = django_settings(home, os.environ.get("DATABASE_URL"))
    with psycopg.connect(
        host=place["HOST"], port=place["PORT"] or None, user=place["USER"], password=place["PASSWORD"],
        dbname=place["NAME"], autocommit=True,
    ) as connection:  # fmt: skip
        if not connection.execute("select 1 from pg_roles where rolname = 'carewright_app'").fetchone():
            connection.execute("create role carewright_app nologin")


def _mark(home: Home) -> Path:
    return home.path / "restore-under-way"


def _unpacked(home: Home) -> Path:
    return home.path / "scratch" / "restore"


def _write_down(mark: Path, said: dict) -> None:
    """Written under another name first, so that the mark is never half there."""
    written = mark.with_name(f".{mark.name}.part")
    with written.open("w", encoding="utf-8") as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    written.replace(mark)


def _forget(home: Home) -> None:
    _mark(home).unlink(missing_ok=True)
    shutil.rmtree(_unpacked(home), ignore_errors=True)


def _alone(home: Home) -> contextlib.AbstractContextManager[None]:
    return alone(home, "restore.lock", f"A restore into {home.path} is at work. Wait until it is done.")
