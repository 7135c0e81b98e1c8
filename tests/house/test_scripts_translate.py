"""A script has no words of its own: what it shows or has read aloud comes from the page, where a translator has it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "src" / "carewright"
SCRIPTS = sorted(path for path in ROOT.rglob("static/**/*.js") if "vendor" not in path.parts)
COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.DOTALL)
SHOWS = re.compile(
    r"(?:\.|\b)(?:textContent|innerText|innerHTML|outerHTML|ariaLabel|ariaDescription|title|placeholder|alt)\s*(?:=(?!=)|:)"
    r"|setAttribute\(\s*[\"'](?:aria-label|aria-description|title|placeholder|alt)[\"']\s*,"
    r"|\b(?:confirm|alert|prompt|createTextNode|insertAdjacentText|setCustomValidity|append|prepend|replaceWith|Option)\("
)
"""What puts a text before somebody's eyes or ears."""
NO_WORDS = re.compile(r"\w+\((?:\"[^\"]*\"|'[^']*')\)|(?:[=!]==?|className:) ?(?:\"[^\"]*\"|'[^']*')|\$\{[^{}]*\}")
"""Names of parts and states that a script asks for or compares with, and what is filled in."""
LITERAL = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
SENTENCE = re.compile(r"[A-Z][a-z]+(?: [\w’']+)+[ .,;:!?…]*|[A-Za-z]{2,}[^=\[\]]* [A-Za-z]{2,}[^=\[\]]*[.!?…]")


def own_words(script: str) -> list[str]:
    """The words a script would show by itself."""
    script = COMMENTS.sub("", script)
    found = [_text(each) for each in LITERAL.finditer(script) if SENTENCE.fullmatch(_text(each).strip())]
    for shows in SHOWS.finditer(script):
        shown = NO_WORDS.sub("", re.split(r";|\n", script[shows.end() :], maxsplit=1)[0])
        found += [_text(each) for each in LITERAL.finditer(shown) if re.search(r"[^\W\d_]{2}", _text(each))]
    return found


def _text(literal: re.Match[str]) -> str:
    return next(part for part in literal.groups() if part is not None)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_has_words_of_its_own(path):
    assert own_words(path.read_text(encoding="utf-8")) == [], (
        "Put them on the page, and read them from a data attribute."
    )


@pytest.mark.parametrize(
    "script",
    [
        'part.textContent = "Saved";',
        "button.setAttribute('aria-label', shown ?? 'Dismiss');",
        'say(words.trouble ?? "That did not work. Nothing was changed.");',
        "if (confirm(`Leave ${page}?`)) go();",
        'make("li", { textContent: "Nobody" });',
    ],
)
def test_words_in_a_script_are_found(script):
    assert own_words(script)


def test_every_script_of_ours_is_looked_at():
    assert len(SCRIPTS) >= 12
