"""
Every text of the knowledge that a page shows, gathered from the tables themselves, for whoever translates the pages.

Questions of an instrument are not among them: an instrument is asked in its maker's words, and an official translation
is a Questionnaire of its own. Nor is what is said to a patient: it is said in the patient's language, not the reader's.
"""

from collections.abc import Iterable, Iterator

from carewright.knowledge import (
    advance_directives,
    comprehensive,
    consent,
    instruments,
    minors,
    needs,
    outreach,
    ranking,
    referral,
    scripts,
    sensitivity,
    table,
    task_kinds,
    workload,
)
from carewright.knowledge.program import Threshold
from carewright.knowledge.programs import ALL_RULES
from carewright.knowledge.source import Source

TABLES: dict[str, tuple[str, ...]] = {
    "conditions/ccw30_rule.csv": ("label",),
    "social/social_need_code.csv": ("domain",),
    "risk/hcc_label.csv": ("label",),
    "risk/hcc_interaction.csv": ("label",),
}
"""The columns of tables whose names a run publishes."""


def of_runs() -> Iterator[tuple[str, str]]:
    """File and text of what a run of the warehouse publishes: programs, lines of their rules, names of the tables."""
    for program in ALL_RULES:
        place = f"programs/{program.code}.py"
        words = [program.name, program.short]
        words += [text for line in program.criteria for text in (line.label, line.words)]
        words += [word for threshold in program.thresholds for word in threshold.one_of]
        yield from _at(place, words)
    for path, columns in TABLES.items():
        yield from _at(path, [row[column] for row in table.rows(path) for column in columns])


def texts() -> Iterator[tuple[str, str]]:
    """The same for everything a page shows."""
    yield from of_runs()
    for program in ALL_RULES:
        words = [*program.paragraphs, program.speaks_about, *_numbers(program.thresholds), *_sources(program.sources)]
        yield from _at(f"programs/{program.code}.py", words)
    yield from _at("ranking.py", [
        *paragraphs(ranking.__doc__), *ranking.TIES, *_numbers(ranking.THRESHOLDS), *_sources([ranking.SOURCE]),
        *(text for part in ranking.PARTS for text in (part.name, part.because)),
    ])  # fmt: skip
    yield from _at("outreach.py", [
        *_numbers(outreach.THRESHOLDS), *(rule.name for rule in outreach.RULES.values()), *outreach.REOPENS.values(), *outreach.WHYS,
    ])  # fmt: skip
    yield from _at("consent.py", [
        *_numbers([consent.DECLINE]), *(element.name for element in consent.ELEMENTS.values()),
        *(text for one in consent.RECIPIENTS for text in (one.name, one.examples)), *consent.CATEGORIES.values(),
    ])  # fmt: skip
    yield from _at("comprehensive.py", [
        *_numbers(comprehensive.THRESHOLDS),
        *(text for section in comprehensive.SECTIONS for text in (section.title, section.about)),
    ])  # fmt: skip
    yield from _at("task_kinds.py", [text for kind in task_kinds.KINDS for text in (kind.name, kind.lost)])
    yield from _at(
        "needs.py", [*needs.AREAS.values(), *(text for n in needs.NEEDS.values() for text in (n.label, n.words))]
    )
    yield from _at("minors.py", minors.BECAUSE)
    yield from _at("workload.py", [level.name for level in workload.LEVELS.values()])
    yield from _at("sensitivity.py", sensitivity.TAGS.values())
    yield from _at("referral.py", [one.english for one in referral.ALL.values()])
    yield from _at(
        "advance_directives.py",
        [*advance_directives.CODES.values(), *(name for _part, name in advance_directives.TITLES)],
    )
    yield from _at("scripts", _scripts())
    yield from _at("instruments/scoring.json", _instruments())


def paragraphs(text: str | None) -> list[str]:
    """A text that is read aloud, paragraph by paragraph, each on one line."""
    return [" ".join(part.split()) for part in (text or "").strip().split("\n\n")]


def _at(place: str, words: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((place, text) for text in words if text)


def _numbers(thresholds: Iterable[Threshold]) -> list[str]:
    return [text for one in thresholds for text in (one.words, one.unit, *one.one_of)]


def _sources(sources: Iterable[Source]) -> list[str]:
    return [text for one in sources for text in (one.title, one.section, one.edition, one.remark)]


def _scripts() -> Iterator[str]:
    for script in scripts.SCRIPTS:
        yield script.name
        for question in script.questions:
            yield from (question.short, question.unit)
            yield from (text for answer in question.answers for text in (answer.words, answer.then))


def _instruments() -> Iterator[str]:
    for instrument in instruments.shipped().values():
        rules = instrument.rules
        yield from (instrument.title, instrument.purpose, rules.repeat, rules.follow, rules.remark, *rules.on_positive)
        yield from (text for alert in rules.alerts for text in (alert.title, alert.due, *alert.steps, alert.remark))
        yield from (
            text for need in rules.needs for text in (need.remark, *map(instruments.z_code_words, need.z_codes))
        )
        yield from (words for _when, words in rules.caveats)
        yield instrument.licence
        yield from (instruments.plain(band.code) for band in rules.bands)
        yield from (instruments.plain(rule.code) for rule in rules.scores if rule.code != "total")
    yield from (instruments.NOT_SCORED, *instruments.NOT_SCORED_STEPS)
