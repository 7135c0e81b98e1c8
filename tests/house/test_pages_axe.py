"""
Every page that any role is offered: readable by everyone, never wider than the screen, and silent about people where
it must be (addresses, titles, logs).

A browser walks through a demo of 400 people as each role: the sidebar's pages, and one page of each kind they lead to.
"""

import re
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from carewright.demo import users
from carewright.staff import roles
from tests.browser import PHONE, WIDE, _django_db_marker, axe, browser, lived_in_clinic, open_window, scrolls_sideways  # noqa: F401

pytestmark = pytest.mark.django_db

ENOUGH = 30  # pages per role; one of each kind is far fewer
UUID_OR_NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\d+\b|[A-Z0-9._-]*\d[A-Z0-9._-]*", re.IGNORECASE)
LEAVES = ("/sign-out", "/export", "/file", "/rejects", ".csv", "/download")


def kind_of(address: str) -> str:
    """A page's kind: its path without numbers, and the names of what follows the question mark without their values."""
    parts = urlsplit(address)
    return UUID_OR_NUMBER.sub("#", parts.path)


def pages_of(page) -> list[str]:
    """Where the links of this page lead, within the house."""
    # A link inside a picture has no plain `href`, so the attribute is read and put together with the page's address.
    links = {
        urljoin(page.url, link)
        for link in page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    }
    here = urlsplit(page.url).netloc
    return [
        link for link in sorted(links) if urlsplit(link).netloc == here and not any(leave in link for leave in LEAVES)
    ]


def sign_in_as(page, role: str) -> None:
    page.goto("/sign-in")
    page.locator(".demo-people button", has=page.get_by_text(str(roles.BY_CODE[role].name), exact=True)).first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.fixture(scope="module")
def known_people(lived_in_clinic):  # noqa: F811
    """What would give somebody away: family names, birth dates as they are written, member numbers."""
    with lived_in_clinic.inside():
        from carewright.registry.models import Coverage, Identifier, Patient

        patients = list(Patient.objects.values_list("family_name", "given_name", "born_on"))
        numbers = set(Identifier.objects.values_list("value", flat=True)) | set(
            Coverage.objects.values_list("member_id", flat=True)
        )
    staff = {word for worker in users.WORKERS for word in (worker.given, worker.family)}
    names = {name for patient in patients for name in patient[:2] if len(name) > 3} - staff
    dates = {f"{born:{form}}" for _f, _g, born in patients if born for form in ("%Y-%m-%d", "%m/%d/%Y", "%b %d, %Y")}
    return names, dates, {number for number in numbers if len(number) > 4}


@pytest.fixture(scope="module")
def looked_at():
    """The kinds of pages that axe has read already, as whichever role came first."""
    return set()


def given_away(text: str, known) -> set[str]:
    """Which names, dates or numbers of people stand in a text, as whole words."""
    names, dates, numbers = known
    words = set(re.findall(r"[\w’'-]+", text))
    return (words & names) | (words & numbers) | {date for date in dates if date in text}


@pytest.mark.parametrize("role", roles.CODES)
def test_every_page_a_role_is_offered(lived_in_clinic, open_window, known_people, looked_at, role):  # noqa: F811
    page = open_window(lived_in_clinic)
    sign_in_as(page, role)
    waiting, seen, wrong = [page.url, *pages_of(page)], set(), []
    while waiting and len(seen) < ENOUGH:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in seen:
            continue
        seen.add(kind)
        page.set_viewport_size(WIDE)
        answer = page.goto(address)
        if answer is None or answer.status >= 400:
            wrong.append(f"{kind} is offered and answers {answer.status if answer else 'nothing'}")
            continue
        look_closely = kind not in looked_at
        looked_at.add(kind)
        for size, colors in ((WIDE, "light"), (PHONE, "dark")):
            page.set_viewport_size(size)
            if look_closely:
                page.emulate_media(color_scheme=colors)
                axe(page)
            if scrolls_sideways(page):
                wrong.append(f"{kind} is wider than a window of {size['width']}")
        links = pages_of(page)
        if told := given_away(page.title(), known_people):
            wrong.append(f"the title of {kind} says {told}")
        wrong += sorted(
            {
                f"{kind} links to {kind_of(link)}, whose address says {told}"
                for link in links
                if (told := given_away(unquote(_after_host(link)), known_people))
            }
        )[:2]
        waiting += links
    assert not wrong, "\n".join(wrong)
    assert len(seen) >= 2


def _after_host(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path} {parts.query}"


def test_the_log_of_it_all_names_nobody(lived_in_clinic, open_window, known_people):  # noqa: F811
    """Search for people, open them, mistype addresses, send what does not read; then look at what was written down."""
    names, _dates, _numbers = known_people
    page = open_window(lived_in_clinic)
    sign_in_as(page, "supervisor")
    for name in sorted(names)[:3]:
        page.get_by_label("Find a patient").first.fill(name)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.goto("/candidates")
    page.locator("table[data-rows] tbody .who a").first.click()
    page.wait_for_url(re.compile(r"/candidates/[0-9a-f-]{36}"))
    page.goto("/candidates/00000000-0000-0000-0000-000000000000")
    page.goto(f"/patients/{sorted(names)[0]}?born={sorted(_dates)[0]}")
    page.goto("/administration/people")
    written = "".join(
        path.read_text(errors="replace") for path in [lived_in_clinic.log, *lived_in_clinic.home.glob("logs/*")]
    )
    assert "Not Found" in written, "the log was written at all"
    # What somebody types as a path is theirs; of it only the part after the question mark is ours to hide.
    assert not given_away(written, known_people) - {sorted(names)[0]}
