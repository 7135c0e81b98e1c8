"""What the house writes on reminders and alarms: every sentence is known, and is given back in the reader's language."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from carewright.tasks import sentences
from carewright.tasks.models import Task
from tests.made_up_language import CLOSES, OPENS, made_up_language

ROOT = Path(sentences.__file__).resolve().parents[1]
OPENS_ONE = {"open_task", "remind", "_remind", "raise_alarm"}
KEPT = {"title", "why", "clock", "because"}
KNOWN = {
    words for group in (sentences.TITLES, sentences.WHYS, sentences.CLOCKS) for words in group if isinstance(words, str)
}
FILLED = {
    "licence": "RN MA", "person": "Maria L. Alvarez, RN", "state": "MA", "program": "Complex care", "kind": "Follow-up call",
    "question": "medicines", "day": "March 6, 2026", "time": "4:05 PM", "n": "3", "source": "A relative", "whom": "",
    "sender": "Plan A. B.", "way": "Letter", "trouble": "Mailbox full", "goal": "Walk. Daily.", "because": "Lives far. Away.",
    "tries": "3", "number": "2", "instrument": "PHQ-9", "alert": "", "answer": "Nearly every day.", "question_text": "How?",
    "page_trouble": "Mailbox full",
}  # fmt: skip


def given() -> Iterator[tuple[str, ast.expr]]:
    """Every title, reason and promise handed to what opens a reminder or raises an alarm, and where it stands."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] in ("demo", "cli"):
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute):
                name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
                for each in call.keywords:
                    if name in OPENS_ONE and each.arg in KEPT:
                        yield f"{path.relative_to(ROOT)}:{each.value.lineno}", each.value


def literals(node: ast.expr) -> Iterator[str]:
    """The words written where they are handed over, but not those that only name or fill in a known sentence."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            yield from literals(node.func.value)
        elif isinstance(node.func, ast.Name) and "gettext" in {"_": "gettext"}.get(node.func.id, node.func.id):
            yield f"already translated: {ast.unparse(node)}"
    elif isinstance(node, ast.JoinedStr):
        yield ast.unparse(node)
    elif isinstance(node, ast.Constant) and node.value:
        yield str(node.value)
    elif not isinstance(node, ast.Subscript):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from literals(child)


def test_whoever_opens_a_reminder_says_a_sentence_that_translators_have():
    found = list(given())
    assert len(found) > 30
    unknown = {place: text for place, value in found for text in literals(value) if text not in KNOWN}
    assert unknown == {}, "Write these sentences in tasks/sentences.py, and fill them in there."


def examples(words) -> str:
    known = sentences._known()
    text = words(3) if callable(words) else words
    return text.format(**FILLED | {place: next(iter(known[place])) for place in known})


@pytest.mark.parametrize(
    ("say", "words"),
    [
        *product([sentences.title], sentences.TITLES),
        *product([sentences.why], sentences.WHYS),
        *product([sentences.clock], sentences.CLOCKS),
        *product([sentences.alarm], sentences.ALARMS),
    ],
)
def test_every_sentence_comes_back_in_the_readers_language(say, words):
    kept = examples(words)
    assert say(kept) == kept, "In English it stays as it is."
    with made_up_language():
        assert say(kept).startswith(OPENS) and say(kept).endswith(CLOSES)


def test_several_sentences_come_back_one_after_the_other():
    kept = "PHQ-9: Thoughts. Answer to question 9: “Nearly every day”. Received from Plan A, answered Mar 6, 2026."
    alert = next(iter(sentences._known()["alert"]))
    with made_up_language():
        assert sentences.alarm(kept.replace("Thoughts", alert)).count(OPENS) >= 3
        assert sentences.alarm(kept) == kept, "What no table of ours says stays whole."


@pytest.mark.parametrize("typed", ["Call about the ramp", "From his daughter", "Bring: the forms", "Daughter: call."])
def test_what_somebody_typed_comes_back_as_typed(typed):
    task = Task(title=typed, why=typed)
    with made_up_language():
        assert (task.said_title, task.said_why, task.said_clock) == (typed, typed, "")


def test_a_reminder_named_by_its_kind_is_called_so_in_the_readers_language():
    with made_up_language():
        assert Task(title="Follow-up call").said_title == f"{OPENS}Follow-up call{CLOSES}"
