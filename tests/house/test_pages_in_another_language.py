"""
Every page, read in a made-up language: no page asks for a text that no translator was given, and no words stand in English.

The made-up language puts each text between brackets, but not what is filled into it: a number, a name, or words somebody
forgot to translate.
"""

import re
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
import pytest
from babel.messages.pofile import read_po
from django.urls import reverse
from django.utils import timezone

from carewright.cli.dev import catalogue
from carewright.population import receive
from carewright.registry.models import Identifier
from tests.house.in_english import MARKS, of_the_world, unexplained
from tests.house.test_access_matrix import ALL, STRANGER, _django_db_marker, ask, world  # noqa: F401
from tests.made_up_language import CLOSES, OPENS, made_up_language
from tests.population.published import ordinary_world, write_run

pytestmark = pytest.mark.django_db
FILLED = re.compile(r"(%\(\w+\)[a-z]|%[sd%]|\{\w*(?::[^}]*)?\})")
READ_ALOUD = ("title", "aria-label", "placeholder", "alt")
EMPTY_TAGS = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


def said(text: str, *, known: frozenset[str], missing: set[str]) -> str:
    if not re.search(r"[^\W\d_]{2}", FILLED.sub("", text)):
        return text
    if text not in known:
        missing.add(text)
    return "".join(
        piece if place % 2 or not piece.strip() else f"{OPENS}{piece}{CLOSES}"
        for place, piece in enumerate(FILLED.split(text.split("\x04")[-1]))
    )


class Visible(HTMLParser):
    """What a reader of a page sees or hears of it, piece by piece."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        quiet = (
            (self.open and self.open[-1][1])
            or tag in ("script", "style")
            or (attributes.get("lang", "en") != "en" and tag != "html")
        )
        if tag not in EMPTY_TAGS:
            self.open.append((tag, quiet))
        if not quiet:
            self.found += [attributes[name] for name in READ_ALOUD if attributes.get(name)]
            if tag == "input" and attributes.get("type") in ("submit", "button"):
                self.found.append(attributes.get("value") or "")

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        text, self.depth = without_translated(" ".join(data.split()), self.depth)
        if data.strip() and not (self.open and self.open[-1][1]):
            self.found.append(text)


def without_translated(text: str, depth: int = 0) -> tuple[str, int]:
    """A text with a line's end for each piece a translation gave, and how many translations are open after it."""
    left = ""
    for sign in text:
        depth += (sign == OPENS) - (sign == CLOSES)
        left += "\n" if sign in (OPENS, CLOSES) else sign if depth <= 0 else ""
    return left, depth


def outside(text: str) -> list[str]:
    """The pieces of a text that no translation gave."""
    left, _depth = without_translated(text)
    return [piece.strip(MARKS) for piece in left.split("\n") if re.search(r"[^\W\d_]{2}", piece)]


def of_libraries() -> frozenset[str]:
    """What Django and django-allauth ask for: they bring translations of their own."""
    found: set[str] = set()
    for package, folder in ((django, "conf/locale"), (django, "contrib/auth/locale"), (allauth, "locale")):
        with (Path(package.__file__).parent / folder / "en" / "LC_MESSAGES" / "django.po").open("rb") as file:
            for message in read_po(file):
                forms = [message.id] if isinstance(message.id, str) else message.id
                found |= {f"{message.context}\x04{form}" if message.context else form for form in forms}
    return frozenset(found)


@pytest.fixture(scope="module")
def clinic(world, django_db_blocker, tmp_path_factory):  # noqa: F811
    """The world of the access matrix, with a run of the warehouse."""
    with django_db_blocker.unblock():
        folder = write_run(tmp_path_factory.mktemp("runs") / "20261120T030000-aaaa", ordinary_world())
        receive.receive(folder, at=timezone.now(), by="system:test")
        return world


def reader_of(address, clinic) -> str | None:
    """Somebody who may open this address; nobody when none has to be known."""
    needs, one_of = address.needs or frozenset(), address.needs_one_of
    people = [(who, user) for who, user in clinic.people.items() if who != STRANGER]
    return next(
        (
            who
            for who, user in people
            if all(user.may(each) for each in needs) and (not one_of or any(user.may(each) for each in one_of))
        ),
        None,
    )


@pytest.fixture(scope="module")
def read(clinic) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Every page as one of those who may open it reads it: texts nobody was given by page, and what no translation gave."""
    known = catalogue.asked(catalogue.found()) | of_libraries()
    ada = Identifier.objects.get(system="person_id", value="ada").patient
    missing: dict[str, str] = {}
    left: dict[str, set[str]] = {}
    for address in ALL:
        names = clinic.examples.get(address.name) if address.names else None
        if address.name.startswith("population:") and set(names or ()) == {"public_id"}:
            names = {"public_id": ada.public_id}
        asked: set[str] = set()
        with made_up_language(partial(said, known=known, missing=asked)):
            response = ask("get", reverse(address.name, kwargs=names), clinic.sessions.get(reader_of(address, clinic)))
        if response.status_code == 200 and "html" in response.get("Content-Type", ""):
            missing |= dict.fromkeys(asked, address.name)
            page = Visible()
            page.feed(response.content.decode())
            left[address.name] = {piece for text in page.found for piece in outside(text)}
    return missing, left


def test_no_page_asks_for_a_text_that_no_translator_was_given(read):
    missing, left = read
    assert len(left) > 90, "Too few pages were read to say so."
    assert missing == {}, "Mark these texts, or name their table in knowledge/words.py, and run ./carewright dev words."


def test_nothing_on_any_page_is_left_in_english(read):
    _missing, left = read
    known = of_the_world()
    found = {page: sorted(rest) for page, pieces in left.items() if (rest := unexplained(page, pieces, known))}
    assert found == {}, "Mark these texts for translation; what may stay as it is stands in tests/house/in_english.py."


@pytest.mark.parametrize("words", ["Nobody has called", "Maria Alvarez0 has called", "Plan A, paid"])
def test_one_english_word_more_is_found(read, words):
    assert unexplained("patient:glance", outside(f"{OPENS}Today{CLOSES} {words}"), of_the_world())
