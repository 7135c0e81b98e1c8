"""
A browser in front of a real server: granian, our middleware, our policies, a database of its own.

A journey asks for a `clinic` (a running installation with nobody in it yet), adds people to it, and walks. Each walk
uses people of its own, so walks do not meet. Whatever a page writes to its console as an error fails the walk.
"""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from carewright.cli.run import web_command
from carewright.cli.screenshots import FLAGS, find_chromium
from tests.factories.staff import PASSWORD, UserFactory
from tests.made_once import DEMO, MIGRATED, SHARED, made_once

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# A press of a button returns before the next page stands, and a busy machine takes its time: whatever a walk looks for
# is waited for with `expect`, never asked once.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(autouse=True)
def _django_db_marker():
    """A walk has a database of its own and opens no transaction on the shared one (pytest-django would)."""


@dataclass
class Clinic:
    """A running installation: where it listens, where it lives, which database is its own."""

    address: str
    home: Path
    database: str
    blocker: object
    log: Path
    process: int = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Work in the clinic's own database, with changes that stay."""
        with self.blocker.unblock():
            outer = connection.settings_dict["NAME"]
            connection.close()
            connection.settings_dict["NAME"] = self.database
            try:
                yield
            finally:
                connection.close()
                connection.settings_dict["NAME"] = outer

    def person(self, role: str, **fields):
        """Somebody new who works here, with the password of the tests."""
        with self.inside():
            return UserFactory(
                role=role, email=f"{role}-{time.monotonic_ns()}@example.org", with_password=True, **fields
            )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def installation(blocker, *, name: str, template: str = MIGRATED, lived_in: Path | None = None) -> Iterator[Clinic]:
    """
    A database copied from `template` and a home (new, or copied from `lived_in`), without a server; both go away afterwards.
    """
    with blocker.unblock():
        known = connection.settings_dict.copy()
        connection.close()
    port = _free_port()
    database = f"{known['NAME']}_{name}_{port}"
    _copy_database(known, template, database)
    folder = Path(tempfile.mkdtemp(prefix="cw-journey-"))
    if lived_in:
        shutil.copytree(lived_in, folder / "home")
    try:
        yield Clinic(f"http://127.0.0.1:{port}", folder / "home", database, blocker, folder / "server.log")
    finally:
        with psycopg.connect(dbname="postgres", autocommit=True, **_credentials(known)) as keeper:
            keeper.execute(f'drop database if exists "{database}" with (force)')
        shutil.rmtree(folder, ignore_errors=True)


def _credentials(known: dict) -> dict:
    given = {"host": known["HOST"], "user": known["USER"], "password": known["PASSWORD"], "port": known["PORT"]}
    return {key: value for key, value in given.items() if value}


def _copy_database(known: dict, template: str, database: str) -> None:
    with psycopg.connect(dbname="postgres", autocommit=True, **_credentials(known)) as keeper:
        keeper.execute(f'drop database if exists "{database}" with (force)')
        keeper.execute(f'create database "{database}" template "{template}"')


def surroundings(blocker, home: Path, database: str) -> dict[str, str]:
    """What a process of the product finds in its environment, so that it works in this home on this database."""
    with blocker.unblock():
        known = connection.settings_dict
        url = f"postgresql://{quote(known['USER'])}:{quote(known['PASSWORD'] or '')}@/{database}?host={quote(known['HOST'], safe='')}"
        if known["PORT"]:
            url += f"&port={known['PORT']}"
    return {"CAREWRIGHT_HOME": str(home), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "carewright.settings"}


@contextmanager
def running_clinic(blocker, *, name: str, given: dict | None = None, **environment: str) -> Iterator[Clinic]:
    """An installation with a server in front of it; `given` says what it is copied from, as `installation` takes it."""
    with installation(blocker, name=name, **(given or {})) as clinic:
        where = surroundings(blocker, clinic.home, clinic.database)
        with clinic.log.open("wb") as out:
            server = subprocess.Popen(
                web_command("127.0.0.1", int(clinic.address.rpartition(":")[2]), workers="1"),
                env=os.environ | where | {"CAREWRIGHT_THREADS": "2"} | environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        clinic.process = server.pid
        try:
            _wait_for(clinic.address, server, clinic.log)
            yield clinic
        finally:
            server.terminate()
            server.wait(20)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"The server did not come up:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def clinic(django_db_setup, django_db_blocker) -> Iterator[Clinic]:
    """An installation where people are added by the tests."""
    with running_clinic(django_db_blocker, name="clinic", CAREWRIGHT_SECOND_FACTOR_ROLES="none") as running:
        running.person("administrator")  # somebody is there, so that the first-run wizard is closed
        yield running


MAKE_A_DEMO = """
import json, sys
import django
django.setup()
from carewright.cli import demo
json.dump(demo.make("small", members=400), sys.stdout)
"""
DEMO_HOME, DEMO_SAID = SHARED / "demo-home", SHARED / "demo.json"


def lived_in(blocker) -> dict:
    """
    A demo of 400 people, taken in and ranked as any population is, made from an empty home once for a whole run of the
    tests; answers what `installation` copies. What the command said while it was made stands in `DEMO_SAID`.
    """

    def make() -> None:
        with blocker.unblock():
            _copy_database(connection.settings_dict, MIGRATED, DEMO)
        done = subprocess.run(
            [sys.executable, "-c", MAKE_A_DEMO],
            env=os.environ | surroundings(blocker, DEMO_HOME, DEMO),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        DEMO_SAID.write_text(done.stdout)

    made_once("demo", make)
    return {"template": DEMO, "lived_in": DEMO_HOME}


@pytest.fixture(scope="session")
def lived_in_clinic(django_db_setup, django_db_blocker) -> Iterator[Clinic]:
    """A demo with a server in front of it; everyone on its staff can sign in."""
    with running_clinic(
        django_db_blocker, name="lived_in", given=lived_in(django_db_blocker), CAREWRIGHT_LOG_LEVEL="INFO"
    ) as running:
        yield running


@cache
def chromium() -> Browser:
    """One chromium for the whole run, however many test folders ask for it; it ends with the process."""
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    return playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)


@pytest.fixture(scope="session")
def browser() -> Browser:
    """The browser, or a skipped test with one clear line."""
    if find_chromium() is None:
        pytest.skip("No chromium was found; install chromium-headless-shell, or name one in CAREWRIGHT_CHROMIUM.")
    return chromium()


@pytest.fixture
def open_window(browser):
    """Open a browser window of its own cookies: `open_window(clinic, phone=True, dark=True)`; its errors fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(clinic: Clinic, *, phone: bool = False, dark: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=clinic.address,
            viewport=PHONE if phone else WIDE,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _is_complaint(said) -> bool:
    # A page that answers 4xx on purpose is reported by the browser too; that is not a fault of the page.
    return said.type == "error" and "the server responded with a status of 4" not in said.text


def sign_in(page: Page, person, *, password: str = PASSWORD) -> None:
    """Type email and password, and arrive."""
    page.goto("/sign-in")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()


# Of what is built alike in a like place (the same elements with the same classes, roles and states within the same) axe
# reads the first four: the fiftieth row of a list can say nothing of colors, names and roles that these do not say.
MARK_WHAT_IS_BUILT_ALIKE = """() => {
    const SAID = /^(aria-(hidden|current|expanded|live|sort|selected|pressed)|class|lang|role|style|type)$/;
    const THERE = /^(aria-.*|alt|checked|disabled|for|hidden|href|id|name|open|scope|src|tabindex|title)$/;
    const itself = element => element.localName + element.getAttributeNames().sort().map(name =>
        SAID.test(name) ? ` ${name}=${element.getAttribute(name)}`
        : THERE.test(name) ? ` ${name}${element.getAttribute(name) ? "" : "="}` : "").join("");
    const memory = new Map(), seen = new Map();
    const built = element => {
        const inside = [...element.childNodes].map(child => child.nodeType === Node.ELEMENT_NODE ? built(child)
            : child.nodeType === Node.TEXT_NODE && child.data.trim() ? "words" : "");
        memory.set(element, `<${itself(element)}>${inside.join("")}</>`);
        return memory.get(element);
    };
    const mark = (element, within) => {
        for (const child of element.children) {
            const how = within + memory.get(child);
            seen.set(how, (seen.get(how) || 0) + 1);
            if (seen.get(how) > 4) child.setAttribute("data-alike", "");
            else mark(child, within + itself(child) + "/");
        }
    };
    document.querySelectorAll("[data-alike]").forEach(element => element.removeAttribute("data-alike"));
    built(document.body);
    mark(document.body, "");
}"""


def axe(page: Page) -> None:
    """No violation of WCAG 2.0 to 2.2, A and AA, on the page as it stands."""
    page.evaluate(MARK_WHAT_IS_BUILT_ALIKE)
    found = Axe().run(
        page,
        context={"exclude": [["[data-alike]"]]},
        options={"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]},
    )
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def scrolls_sideways(page: Page) -> bool:
    """Whether the page as a whole is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
