"""The note of a call, written from what was ticked and typed; nothing is typed twice."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from carewright.knowledge.scripts import Answer, Question, Script

LONGEST = 1000


@dataclass(frozen=True)
class Given:
    """What was answered to one question: the ticked answer, words, a number."""

    question: Question
    answer: Answer | None
    words: str = ""

    @property
    def said(self) -> str:
        """The answer in words."""
        unit = f" {self.question.unit}" if self.question.unit and self.words else ""
        return ": ".join(filter(None, (self.answer.words if self.answer else "", f"{self.words}{unit}")))


@dataclass(frozen=True)
class Call:
    """What a note is written from."""

    script: Script
    given: list[Given] = field(default_factory=list)
    opening: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    words: str = ""


def given_in(script: Script, posted) -> list[Given]:
    """The answers of a form, in the order of the script; questions nobody answered are left out."""
    found = []
    for question in script.questions:
        answer = question.answer(posted.get(f"q-{question.code}", ""))
        words = posted.get(f"w-{question.code}", "").strip()[:LONGEST]
        if answer or words:
            found.append(Given(question, answer, words))
    return found


def note(call: Call) -> str:
    """The note: who and how, each question by its short name with its answer, what was flagged, what comes next."""
    lines = list(call.opening)
    lines += [f"{one.question.short}: {one.said}." for one in call.given]
    if flagged := [one for one in call.given if one.answer and one.answer.flag]:
        lines.append(_("Flagged: %s.") % "; ".join(one.question.short for one in flagged))
    if call.words.strip():
        lines += ["", call.words.strip()]
    lines += call.closing
    return "\n".join(lines).strip()


def is_worth_a_note(call: Call) -> bool:
    """Whether anything was said that the contact itself does not hold."""
    return bool(call.given or call.words.strip())
