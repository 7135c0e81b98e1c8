"""
The sheet: one assessment as it stands, read once, so that a page, a score and an alarm all see the same answers.

Values in, values out: what is asked here and now, which answers count, what they come to.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from django.utils import timezone

from carewright.assessment import sentences, shelf
from carewright.assessment.models import Answer, Assessment, Section
from carewright.knowledge import comprehensive, instruments
from carewright.knowledge.comprehensive import Feed, SectionKind
from carewright.knowledge.instruments import Instrument, Item, Score, Value, visible
from carewright.registry.models import Patient


@dataclass(frozen=True)
class Asked:
    """One question as it is asked in a section: of which instrument, its words, and whether it comes with a group."""

    instrument: Instrument
    item: Item

    @property
    def key(self) -> str:
        """The question's name on a page."""
        return f"{self.instrument.code}:{self.item.link_id}"


@dataclass
class Sheet:
    """One assessment with all its answers. `standing` are those that count, `waiting` those from records, unconfirmed."""

    assessment: Assessment
    patient: Patient
    on: date
    rows: list[Answer] = field(default_factory=list)
    previous: dict[str, dict[str, object]] = field(default_factory=dict)

    @classmethod
    def read(cls, assessment: Assessment, *, on: date) -> "Sheet":
        """Read an assessment and its answers."""
        rows = list(assessment.answers.filter(replaced_at__isnull=True).select_related("by", "confirmed_by"))
        return cls(assessment, assessment.patient, on, rows)

    @cached_property
    def age(self) -> int | None:
        """The age on the day of the assessment; None where the birth date is not known."""
        return age_on(self.patient.born_on, self.on)

    @property
    def sex(self) -> str | None:
        """The sex that cuts depend on; None where nobody said."""
        return self.patient.sex if self.patient.sex in ("male", "female") else None

    @cached_property
    def _readable(self) -> list[Answer]:
        """The answers whose question is on the shelf today; the others are kept, and can be neither shown nor scored."""
        known = {code: shelf.find(code) for code in {row.instrument for row in self.rows}}
        return [row for row in self.rows if (found := known[row.instrument]) and row.link_id in found.by_link]

    @cached_property
    def standing(self) -> dict[tuple[str, str], Answer]:
        """The answers that count, by instrument and question."""
        return {(row.instrument, row.link_id): row for row in self._readable if row.confirmed_at is not None}

    @cached_property
    def waiting(self) -> dict[tuple[str, str], Answer]:
        """What the record says and nobody has confirmed."""
        return {(row.instrument, row.link_id): row for row in self._readable if row.confirmed_at is None}

    @cached_property
    def given(self) -> dict[str, dict[str, Value]]:
        """The answers that count, per instrument."""
        found: dict[str, dict[str, Value]] = {}
        for (code, link), row in self.standing.items():
            found.setdefault(code, {})[link] = row.value
        return found

    def answers(self, code: str) -> dict[str, Value]:
        """The answers to one instrument, with those another one already has."""
        instrument = shelf.get(code)
        return instruments.carried_over(self.given, instrument) | self.given.get(code, {})

    def carried(self, code: str) -> frozenset[str]:
        """The questions of this instrument that another one has asked."""
        return frozenset(instruments.carried_over(self.given, shelf.get(code))) - set(self.given.get(code, {}))

    @cached_property
    def facts(self) -> frozenset[str]:
        """What the answers to any instrument tell the others, such as that equipment at home needs power."""
        return frozenset(
            fact for code, answers in self.given.items() for fact in instruments.facts_shown(shelf.get(code), answers)
        )

    def score(self, code: str) -> Score:
        """What the answers to one instrument come to."""
        instrument = shelf.get(code)
        may_ask = self.may_ask(instrument)
        scored = instruments.score(
            instrument, self.answers(code), sex=self.sex, age=self.age if may_ask else None, on=self.on, facts=self.facts,
            previous=self.previous.get(code),  # type: ignore[arg-type]
        )  # fmt: skip
        if may_ask:
            return scored
        # What was answered is kept, and its dangers are told; what it means for an adult is not said of anybody else.
        if self.age is not None:
            return instruments.unscored(scored, self.why_not_scored(instrument))
        because = " ".join(filter(None, (scored.incomplete_because, sentences.AGE_NOT_KNOWN)))
        return replace(scored, band=None, positive=None, incomplete_because=because)

    def was_asked(self, section: Section) -> bool:
        """Whether anything of a section was answered, here or by an instrument asked elsewhere, or confirmed."""
        if any(row.section_id == section.pk for row in self.standing.values()) or section.facts.exists():
            return True
        return any(self.carried(instrument.code) for instrument, _items in self.feeds(section.code))

    @property
    def is_age_open(self) -> bool:
        """Whether the birth date is unknown and nobody has confirmed that this is an adult."""
        return self.age is None and not self.assessment.adult_because

    def may_ask(self, instrument: Instrument) -> bool:
        """Whether this person is old enough for it; of an unknown age, whether somebody has confirmed an adult."""
        if instrument.adult_from is None:
            return True
        return not self.is_age_open if self.age is None else self.age >= instrument.adult_from

    def is_too_young(self, instrument: Instrument) -> bool:
        """Whether it is known that this person was a child on that day, and the instrument is made for adults."""
        return self.age is not None and not self.may_ask(instrument)

    def why_not_scored(self, instrument: Instrument) -> str:
        """Why answers of a child to an adult's instrument come to no score."""
        return sentences.MADE_FOR_ADULTS.format(adult_from=instrument.adult_from, age=self.age)

    @property
    def not_scored(self) -> list[Instrument]:
        """The instruments that were answered and are not scored, because they are made for adults and this was a child."""
        used = (shelf.get(code) for code in self.instruments_used())
        return [instrument for instrument in used if self.is_too_young(instrument)]

    def is_opened(self, feed: Feed) -> bool:
        """Whether a follow-up instrument is asked: another one gave the reason, or it was begun."""
        if not feed.after:
            return True
        if self.given.get(feed.instrument):
            return True
        return self.may_ask(shelf.get(feed.after)) and feed.instrument in self.score(feed.after).opens

    def section_kind(self, code: str) -> SectionKind:
        """What a section asks; an instrument asked by itself is one section."""
        if self.assessment.kind == Assessment.COMPREHENSIVE:
            return comprehensive.section(code)
        instrument = shelf.find(self.assessment.kind)
        if instrument is None:
            return SectionKind(code, 0, self.assessment.kind, "", (), "")
        return SectionKind(code, 0, instrument.title, instrument.purpose, (Feed(instrument.code),), "")

    def feeds(self, code: str, *, also: frozenset[str] = frozenset()) -> Iterator[tuple[Instrument, tuple[Item, ...]]]:
        """The instruments of a section that are asked now, each with its items in order."""
        for feed in self.section_kind(code).feeds:
            instrument = shelf.get(feed.instrument)
            if self.may_ask(instrument) and (self.is_opened(feed) or feed.instrument in also):
                yield instrument, feed.items(instrument)

    def too_young_for(self, code: str) -> list[Instrument]:
        """The instruments of a section that are not asked of a child, nor of somebody whose age nobody knows."""
        found = (shelf.get(feed.instrument) for feed in self.section_kind(code).feeds)
        return [instrument for instrument in found if not self.may_ask(instrument)]

    def asked(self, code: str, *, also: frozenset[str] = frozenset()) -> list[Asked]:
        """The questions of a section that are asked now: shown, and not answered by another instrument."""
        found = []
        for instrument, items in self.feeds(code, also=also):
            shown = visible(instrument, self.answers(instrument.code)) - self.carried(instrument.code)
            found += [
                Asked(instrument, inner)
                for item in items
                for inner in item.walk()
                if inner.is_question and inner.link_id in shown
            ]
        return found

    def open_questions(self, code: str) -> list[Asked]:
        """Required questions of a section that have neither an answer nor a refusal."""
        return [one for one in self.asked(code) if one.item.required and self._is_open(one)]

    def answered(self, code: str, *, also: frozenset[str] = frozenset()) -> tuple[int, int]:
        """How many questions of a section are answered, of how many that are asked."""
        asked = self.asked(code, also=also)
        return sum(not self._is_open(one) for one in asked), len(asked)

    def instruments_used(self) -> Iterable[str]:
        """The instruments that have at least one answer."""
        return self.given.keys()

    def _is_open(self, one: Asked) -> bool:
        return (one.instrument.code, one.item.link_id) not in self.standing


def age_on(born_on: date | None, day: date) -> int | None:
    """Whole years on a day."""
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def day_of(moment) -> date:
    """The day of a moment, as the organization counts days."""
    return timezone.localdate(moment)
