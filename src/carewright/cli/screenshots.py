"""
`dev screenshots`: the pictures of the README and the guides, taken from a running demo with a real browser.

    ./run --demo small            in one terminal
    ./carewright dev screenshots --address http://localhost:8000 --out docs/pictures

Only a demo is photographed: everyone in the pictures was invented. It needs Playwright (a development dependency) and
a chromium: Debian's `chromium-headless-shell` or `chromium`, or what `CAREWRIGHT_CHROMIUM` names.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from carewright.kernel.errors import CannotDo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The headless shell draws the same pages for a third of the whole browser's work.
CHROMIUMS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
WIDE, PHONE = (1440, 900), (390, 844)


def find_chromium() -> str | None:
    """The chromium that `CAREWRIGHT_CHROMIUM` names, or the first of Debian's that is installed."""
    named = os.environ.get("CAREWRIGHT_CHROMIUM")
    return next((path for path in ([named] if named else CHROMIUMS) if Path(path).exists()), None)


def _first_candidate(page: "Page") -> None:
    """Open the first person of the list."""
    page.goto("/candidates")
    page.locator("table[data-rows] tbody .who a").first.click()
    page.wait_for_load_state()


def _claim_lines(page: "Page") -> None:
    """Open the first fact of the first candidate, down to its claim lines."""
    _first_candidate(page)
    page.locator("main a[href*='/facts']").first.click()
    page.wait_for_load_state()


def _first_patient(page: "Page") -> None:
    """Open the patient of the first line of the day."""
    page.goto("/day")
    page.locator("table a[href^='/patients/']").first.click()
    page.wait_for_url("**/patients/*")


def _call(page: "Page") -> None:
    """Begin a call to that patient."""
    _first_patient(page)
    page.locator("header .acts a.primary").first.click()
    page.wait_for_url("**/call")


def _search(page: "Page") -> None:
    """Look for a family name that is on the list."""
    page.goto("/candidates")
    name = page.locator("table[data-rows] tbody .who a").first.inner_text().partition(",")[0]
    page.get_by_label("Find a patient").fill(name[:4])
    page.keyboard.press("Enter")
    page.wait_for_load_state()


@dataclass(frozen=True)
class Picture:
    """One picture: its file name, as whom, of which page, in which window."""

    name: str
    role: str | None
    go: str | Callable[["Page"], None]
    size: tuple[int, int] = WIDE
    dark: bool = False


PICTURES = (
    Picture("sign-in", None, "/sign-in"),
    Picture("sign-in-phone", None, "/sign-in", PHONE),
    Picture("my-day", "care_manager", "/day"),
    Picture("my-day-phone", "care_manager", "/day", PHONE),
    Picture("patient", "care_manager", _first_patient),
    Picture("patient-phone", "care_manager", _first_patient, PHONE),
    Picture("call", "care_manager", _call),
    Picture("team", "supervisor", "/team"),
    Picture("triage", "supervisor", "/triage"),
    Picture("self-referral-phone", None, "/self-referral", PHONE),
    Picture("candidates", "supervisor", "/candidates"),
    Picture("candidates-dark", "supervisor", "/candidates", dark=True),
    Picture("candidates-phone", "supervisor", "/candidates", PHONE),
    Picture("why", "supervisor", _first_candidate),
    Picture("why-phone", "supervisor", _first_candidate, PHONE),
    Picture("claim-lines", "supervisor", _claim_lines),
    Picture("find", "supervisor", _search),
    Picture("population", "supervisor", "/population"),
    Picture("population-dark", "supervisor", "/population", dark=True),
    Picture("imports", "administrator", "/imports"),
    Picture("people", "administrator", "/administration/people"),
    Picture("roles", "administrator", "/administration/roles"),
    Picture("access-review", "quality", "/access-review"),
)


def add(commands: argparse._SubParsersAction) -> None:
    """The command line of it; `dev` adds it to its own."""
    parser = commands.add_parser("screenshots", help="take the pictures of the README from a running demo")
    parser.add_argument("--address", default="http://localhost:8000", help="where the demo runs")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="the folder for the pictures")
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="NAME", help="some of them: " + ", ".join(p.name for p in PICTURES)
    )
    parser.set_defaults(run=run, database=False)


def run(args: argparse.Namespace) -> dict:
    """Take each picture; say which page of them could not be reached instead of keeping a picture of an error."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        raise CannotDo(
            "Pictures need Playwright: install the test dependencies (./test does), then try again."
        ) from None
    chromium = find_chromium()
    if chromium is None:
        raise CannotDo(
            "No chromium was found. Install Debian's chromium-headless-shell, or name one in CAREWRIGHT_CHROMIUM."
        )
    wanted = [picture for picture in PICTURES if not args.only or picture.name in args.only]
    args.out.mkdir(parents=True, exist_ok=True)
    taken: list[dict[str, str]] = []
    missed: list[dict[str, str]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for picture in wanted:
            started = time.monotonic()
            file = args.out / f"{picture.name}.png"
            problem = _take(browser, picture, args.address, file)
            if problem:
                missed.append({"picture": picture.name, "why": problem})
            else:
                taken.append({"picture": picture.name, "file": str(file)})
            print(f"  {picture.name}: {problem or 'taken'} ({time.monotonic() - started:.1f} s)", file=sys.stderr)
        browser.close()
    if not taken:
        raise CannotDo(f"No picture could be taken at {args.address}: {json.dumps(missed)}")
    return {"taken": taken, "missed": missed}


def _take(browser: "Browser", picture: Picture, address: str, file: Path) -> str:
    """Take one picture; what stood in the way, or nothing."""
    from playwright.sync_api import Error

    context = browser.new_context(
        base_url=address,
        viewport={"width": picture.size[0], "height": picture.size[1]},
        color_scheme="dark" if picture.dark else "light",
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    try:
        page = context.new_page()
        answers: list[int] = []
        page.on(
            "response", lambda answer: answers.append(answer.status) if answer.request.is_navigation_request() else None
        )
        if picture.role and (problem := _sign_in(page, picture.role)):
            return problem
        if callable(picture.go):
            picture.go(page)
        else:
            page.goto(picture.go)
        page.wait_for_load_state()
        page.evaluate("document.fonts.ready")
        if answers and answers[-1] >= 400:
            return f"the page answered {answers[-1]}"
        page.screenshot(path=str(file))
    except Error as trouble:
        return str(trouble).splitlines()[0]
    finally:
        context.close()
    return ""


def _sign_in(page: "Page", role: str) -> str:
    """Press the demo person of this role on the sign-in page."""
    from carewright.staff import roles

    page.goto("/sign-in")
    button = page.locator(".demo-people button", has=page.get_by_text(str(roles.BY_CODE[role].name), exact=True))
    if button.count() == 0:
        return "this is not a demo, or it has nobody with this role"
    button.first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return ""
