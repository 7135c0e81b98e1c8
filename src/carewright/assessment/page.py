"""The page of one section, as values a template prints: cards, questions, what was said last time, what it comes to."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from carewright.assessment import queries, results, safety, shelf
from carewright.assessment.models import Answer, Assessment, RecordedFact, Section
from carewright.assessment.safety import value_words
from carewright.assessment.sheet import Asked, Sheet
from carewright.knowledge import instruments
from carewright.knowledge.instruments import DECLINED, Instrument, Item, SafetyAlert
from carewright.tasks.models import Alarm

MINUTES_PER_QUESTION = 0.5
DECLINE = "~declined"
"""What the answer "would not say" is called in a form; no answer code begins so."""


@dataclass
class Choice:
    """One answer to choose from."""

    code: str
    words: str
    chosen: bool
    is_flag: bool
    number: int
    original: str = ""


@dataclass
class Question:
    """One question as it stands on the page."""

    asked: Asked
    id: str
    choices: list[Choice]
    value: str
    declined: bool
    seen: str
    saved: str
    last_time: str
    same: str = ""
    waiting: Answer | None = None
    waiting_words: str = ""
    problem: str = ""
    heading: str = ""
    other: str = ""
    text: str = ""
    original: str = ""
    dangers: list["Danger"] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The question's name in the form."""
        return self.asked.key

    @property
    def item(self):
        """The question itself."""
        return self.asked.item


@dataclass
class Card:
    """One instrument's questions in a section."""

    instrument: Instrument
    questions: list[Question] = field(default_factory=list)
    stem: str = ""
    carried: str = ""
    wording: Instrument | None = None

    @property
    def title(self) -> str:
        """What it is called, in the language it is asked in."""
        return (self.wording or self.instrument).title

    @property
    def licence(self) -> str:
        """On what terms the text that is shown may be used."""
        return (self.wording or self.instrument).licence


@dataclass
class Rail:
    """One line of the list of sections."""

    section: Section
    title: str
    answered: int
    asked: int
    is_here: bool


@dataclass
class Panel:
    """What one instrument comes to so far."""

    title: str
    answered: str
    number: str
    words: str
    tone: str
    remark: str


@dataclass
class Danger:
    """Something that may not wait, and the alarm it raised; empty where it is a task with its due day."""

    alert: SafetyAlert
    alarm: Alarm | None
    instrument: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether a clinician has closed its alarm, so that nothing is left to do at once."""
        return self.alarm is not None and self.alarm.closed_at is not None

    def is_shown_by(self, one: Asked) -> bool:
        """Whether the answer to this question is among those that show it."""
        return self.instrument == one.instrument.code and one.item.link_id in self.alert.shown_by


def dom_id(key: str) -> str:
    """A question's name as an id of a page."""
    return "q-" + re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")


def cards(
    sheet: Sheet, code: str, *, also: frozenset[str], who: str, problems: dict[str, str] | None = None
) -> list[Card]:
    """The cards of a section; while a caregiver answers, questions for the person alone are not shown."""
    last = queries.last_time(sheet.assessment)
    asked = [one for one in sheet.asked(code, also=also) if not (who == "caregiver" and one.item.is_safety)]
    found = []
    for instrument, items in sheet.feeds(code, also=also):
        wording = shelf.wording(instrument.code, sheet.assessment.language)
        card = Card(instrument, carried=_carried(sheet, instrument), wording=wording)
        card.stem = next((_said(item, wording) for item in instrument.items if item.kind == "display"), "")
        mine = [one for one in asked if one.instrument.code == instrument.code]
        headings = _headings(items, {one.item.link_id for one in mine}, card.stem, wording)
        for one in mine:
            question = _question(sheet, one, last.get((instrument.code, one.item.link_id)), problems or {})
            question.heading = headings.get(one.item.link_id, "")
            _put_into_words(question, wording)
            card.questions.append(question)
        if card.questions or card.carried:
            found.append(card)
    return found


def _said(item: Item, wording: Instrument | None) -> str:
    """The words of a question or heading in the language it is asked in."""
    there = wording.by_link.get(item.link_id) if wording else None
    return there.text if there else item.text


def _put_into_words(question: Question, wording: Instrument | None) -> None:
    """The official translation of a question and its answers, with the English beside it for who reads along."""
    item = question.item
    question.text = _said(item, wording)
    there = wording.by_link.get(item.link_id) if wording else None
    if there is not None:
        question.original = item.text
        for choice in question.choices:
            if choice.code in there.by_code:
                choice.original, choice.words = choice.words, there.by_code[choice.code].display


def _headings(items: Iterable[Item], asked: set[str], stem: str, wording: Instrument | None) -> dict[str, str]:
    """The words of groups and headings, each above the first question under it that is asked."""
    found: dict[str, str] = {}
    waiting: list[str] = []

    def read(item: Item) -> None:
        if item.link_id in asked and waiting:
            found[item.link_id] = " · ".join(waiting)
            waiting.clear()
        words = _said(item, wording)
        if item.kind in ("group", "display") and words != stem:
            waiting.append(words)
        for child in item.children:
            read(child)
        if item.kind == "group" and words in waiting:
            waiting.remove(words)  # nothing under it is asked now

    for item in items:
        read(item)
    return found


def rails(sheet: Sheet, here: str, *, also: frozenset[str] = frozenset()) -> list[Rail]:
    """The list of sections, each with how far it is."""
    found = []
    for section in sheet.assessment.sections.order_by("pk").select_related("by"):
        answered, asked = sheet.answered(section.code, also=also)
        title = results.title_of(sheet.assessment, section.code)
        found.append(Rail(section, title, answered, asked, section.code == here))
    return found


def progress(found: list[Rail]) -> dict:
    """How far the whole assessment is, in questions and in about how many minutes."""
    left = sum(rail.asked - rail.answered for rail in found if not rail.section.is_closed)
    return {
        "answered": sum(rail.answered for rail in found),
        "asked": sum(rail.asked for rail in found),
        "minutes": max(1, round(left * MINUTES_PER_QUESTION)) if left else 0,
        "closed": sum(rail.section.is_closed for rail in found),
        "sections": len(found),
    }


def panels(sheet: Sheet, code: str) -> list[Panel]:
    """The scores of a section's instruments as they grow."""
    found = []
    for instrument, _items in sheet.feeds(code):
        if not instrument.rules.scores or not sheet.answers(instrument.code):
            continue
        scored = sheet.score(instrument.code)
        for rule in instrument.rules.scores:
            links = [link for link in rule.items if link in sheet.answers(instrument.code)]
            if not links:
                continue
            value, is_first = scored.scores[rule.code], rule is instrument.rules.scores[0]
            band = next((one for one in instrument.rules.bands if one.code == scored.band), None) if is_first else None
            words = f"{_(instruments.plain(band.code)).capitalize()} ({band.least}–{band.most})" if band else ""
            if not words and is_first and scored.positive is not None:
                words = _("Positive") if scored.positive else _("Negative")
            name = (
                instrument.title if rule.code == "total" else f"{instrument.title}: {_(instruments.plain(rule.code))}"
            )
            found.append(
                Panel(
                    name,
                    _("%(n)d of %(all)d answered") % {"n": len(links), "all": len(rule.items)},
                    "" if value is None else f"{value:g}",
                    words,
                    "warn" if scored.positive else "",
                    _history(sheet, instrument.code, rule.code) or " ".join(map(_, scored.caveats if is_first else ())),
                )
            )
    return found


def dangers(sheet: Sheet) -> list[Danger]:
    """What may not wait, of the whole assessment: the gravest first, what a clinician has closed last."""
    order = {"critical": 0, "high": 1, "medium": 2}
    about = {"source_kind": safety.SOURCE, "source_public_id": sheet.assessment.public_id}
    alarms: dict[str, Alarm] = {}
    for alarm in Alarm.objects.filter(**about).select_related("accepted_by").order_by("raised_at", "pk"):
        if alarm.code not in alarms or alarms[alarm.code].closed_at is not None:
            alarms[alarm.code] = alarm
    found = [
        Danger(alert, alarms.get(alert.code), code)
        for code in sheet.instruments_used()
        for alert in sheet.score(code).safety
    ]
    return sorted(found, key=lambda one: (one.is_closed, order[one.alert.severity]))


def facts_of(section: Section, user) -> list[RecordedFact]:
    """The facts of a section that this person may see, those still open first."""
    from carewright.access import sensitive

    rows = sensitive.without_hidden(section.facts.select_related("confirmed_by"), user)
    return sorted(rows, key=lambda fact: (fact.confirmed_at is not None, fact.kind, fact.pk))


def said(row: Answer) -> str:
    """Who saved an answer, and when."""
    name = row.by.name if row.by else _("another system")
    return _("Saved · %(name)s, %(at)s") % {"name": name, "at": moment(row.at)}


def here_too(row: Answer) -> str:
    """That a colleague is asking as well, where, and when they last answered."""
    return _("%(name)s answered in “%(section)s” at %(at)s.") % {
        "name": row.by.name if row.by else "", "section": results.title_of(row.assessment, row.section.code),
        "at": moment(row.at),
    }  # fmt: skip


def answered_meanwhile(row: Answer) -> str:
    """What was answered since this page was opened, by whom and when."""
    words = value_words(shelf.get(row.instrument), row.link_id, row.value)
    name = row.by.name if row.by else _("another system")
    return _("Meanwhile answered: %(words)s (%(name)s, %(at)s)") % {"words": words, "name": name, "at": moment(row.at)}


def overlooked(row: Answer, user) -> str:
    """Somebody answered this question while another answer to it was being typed."""
    if row.by is not None and row.by.pk == user.pk:
        return _(
            "You answered this in another window at %(at)s. That answer is shown; this one is kept in the story. "
            "Choose again if this one is right."
        ) % {"at": moment(row.at)}  # fmt: skip
    return _(
        "%(name)s answered this at %(at)s while you did. Their answer is shown; yours is kept in the story. "
        "Choose again if yours is right."
    ) % {"name": row.by.name if row.by else "", "at": moment(row.at)}  # fmt: skip


def is_private(row: Answer) -> bool:
    """Whether its question is for the person alone."""
    return shelf.get(row.instrument).by_link[row.link_id].is_safety


def moment(at: datetime) -> str:
    """A moment as a person reads it, with the day when it is not today."""
    local = timezone.localtime(at)
    pattern = "g:i A" if local.date() == timezone.localdate() else "M j, Y, g:i A"
    return formats.date_format(local, pattern)


def _question(sheet: Sheet, one: Asked, last: Answer | None, problems: dict[str, str]) -> Question:
    item, key = one.item, (one.instrument.code, one.item.link_id)
    row, waiting = sheet.standing.get(key), sheet.waiting.get(key)
    value = row.value if row else None
    chosen = set(value if isinstance(value, tuple) else (value,)) if row and value is not DECLINED else set()
    flags = _flags(one)
    choices = [
        Choice(option.code, option.display or option.code, option.code in chosen, option.code in flags, number)
        for number, option in enumerate(item.options, start=1)
    ]
    if item.kind == "boolean":
        choices = [
            Choice("true", _("Yes"), True in chosen, False, 1),
            Choice("false", _("No"), False in chosen, False, 2),
        ]
    return Question(
        asked=one,
        id=dom_id(one.key),
        choices=choices,
        value="" if not row or choices or value is DECLINED else str(value),
        declined=value is DECLINED,
        seen=str((row or waiting).public_id) if (row or waiting) else "",  # type: ignore[union-attr]
        saved=said(row) if row else "",
        last_time=_last_words(one, last),
        same=_same(one, last) if row is None else "",
        waiting=waiting,
        waiting_words=value_words(one.instrument, item.link_id, waiting.value) if waiting else "",
        problem=problems.get(one.key, ""),
        other=_other(one, value),
    )


def _other(one: Asked, value) -> str:
    """What was answered in their own words where the list allows it."""
    given = value if isinstance(value, tuple) else (value,)
    if one.item.kind != "open-choice" or value is DECLINED:
        return ""
    return ", ".join(str(each) for each in given if each is not None and str(each) not in one.item.by_code)


def _flags(one: Asked) -> frozenset[str]:
    """The answers that raise something at once: drawn in red when chosen."""
    found = set()
    for rule in one.instrument.rules.alerts:
        when = rule.when
        if when.get("answer") == one.item.link_id:
            found |= set(when.get("is", []))
            if "points" in when:
                found |= {o.code for o in one.item.options if o.points is not None and o.points >= when["points"]}
    return frozenset(found)


def _same(one: Asked, last: Answer | None) -> str:
    """Last time's answer as the form gives it, to be said again by one button; what is asked in private is asked anew."""
    if last is None or last.declined or one.item.is_safety:
        return ""
    given = last.value if isinstance(last.value, tuple) else (last.value,)
    return json.dumps(["true" if each is True else "false" if each is False else str(each) for each in given])


def _last_words(one: Asked, last: Answer | None) -> str:
    if last is None:
        return ""
    words = value_words(one.instrument, one.item.link_id, last.value)
    return _("Last time: %(words)s (%(on)s)") % {"words": words, "on": formats.date_format(last.at, "M j, Y")}


def _carried(sheet: Sheet, instrument: Instrument) -> str:
    links = sheet.carried(instrument.code)
    if not links:
        return ""
    names = [item.prefix or item.text for item in instrument.walk() if item.link_id in links]
    return _("Questions %(names)s were answered above and count here.") % {"names": ", ".join(names)}


def _history(sheet: Sheet, code: str, score: str) -> str:
    rows = queries.score_history(sheet.patient, code, score, until=sheet.assessment.started_at)
    parts = [f"{row.value:g} ({formats.date_format(row.at, 'M j, Y')})" for row in rows[-3:] if row.value is not None]
    return _("Before: %(scores)s.") % {"scores": ", ".join(parts)} if parts else ""


def title_of(assessment: Assessment) -> str:
    """What the page is called."""
    if assessment.kind == Assessment.COMPREHENSIVE and assessment.reason == Assessment.Reason.INITIAL:
        return _("First assessment")
    return results.kind_title(assessment.kind)
