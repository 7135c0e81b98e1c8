"""
How an instrument is scored: what is added up, where the bands lie, what counts as a need, and what may not wait.

The table is `scoring.json`. A rule is a small condition over answers, scores, age and sex; the words are few:
`score` (at `least`, at `most`, `under`), `partial` (what is already answered reaches `least`), `answer` (`is` one of,
has `points`, or is a number of at `least` or at `most`), `drop` since last time, `sex`, `age_from`, `age_to`, `fact`, `all`, `any`, `not`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from carewright.kernel.errors import BadInput
from carewright.knowledge.instruments.questionnaire import Instrument, Item, Number

When = Mapping[str, Any]

SHAPES: dict[str, frozenset[str]] = {
    "score": frozenset({"score", "least", "most", "under"}),
    "partial": frozenset({"partial", "least"}),
    "answer": frozenset({"answer", "is", "points", "least", "most"}),
    "drop": frozenset({"drop", "least"}),
    "sex": frozenset({"sex"}),
    "age_from": frozenset({"age_from"}),
    "age_to": frozenset({"age_to"}),
    "fact": frozenset({"fact"}),
    "all": frozenset({"all"}),
    "any": frozenset({"any"}),
    "not": frozenset({"not"}),
}
SEVERITIES = ("critical", "high", "medium")
DUE = ("same day", "1 business day", "2 business days", "5 business days")


@dataclass(frozen=True)
class ScoreRule:
    """One number made from answers: a sum, a product, or one answer's own value. `cap` is the most it can be said to be."""

    code: str
    method: str
    items: tuple[str, ...]
    least: Number
    most: Number
    link: str = ""
    cap: Number | None = None
    adult_from: int | None = None


@dataclass(frozen=True)
class Band:
    """A range of a score that has a name."""

    code: str
    least: Number
    most: Number


@dataclass(frozen=True)
class AlertRule:
    """Something that may not wait until the form is done. `concealed` keeps its words from proxies and messages."""

    code: str
    title: str
    when: When
    severity: str
    due: str
    steps: tuple[str, ...]
    is_concealed: bool
    remark: str


@dataclass(frozen=True)
class NeedRule:
    """What an answer or a score means for the person, and which codes somebody qualified may want to confirm."""

    need: str
    when: When
    z_codes: tuple[str, ...]
    z_before: tuple[tuple[str, tuple[str, ...]], ...]
    opens: str
    remark: str


@dataclass(frozen=True)
class Rules:
    """Everything `scoring.json` says about one instrument."""

    scores: tuple[ScoreRule, ...] = ()
    bands: tuple[Band, ...] = ()
    positive: When | None = None
    alerts: tuple[AlertRule, ...] = ()
    needs: tuple[NeedRule, ...] = ()
    caveats: tuple[tuple[When, str], ...] = ()
    exclusive: tuple[tuple[str, str], ...] = ()
    decline_codes: frozenset[str] = frozenset()
    carries: tuple[tuple[str, tuple[str, ...]], ...] = ()
    facts: tuple[tuple[str, When], ...] = ()
    on_positive: tuple[str, ...] = ()
    repeat: str = ""
    follow: str = ""
    remark: str = ""


def read_rules(said: Mapping[str, Any], instrument: Instrument, where: str) -> Rules:
    """The rules of one instrument, every word checked against its questions; what does not read is a `BadInput`."""
    try:
        rules = Rules(
            scores=tuple(_score(row) for row in said.get("scores", [])),
            bands=tuple(Band(row["code"], row["least"], row["most"]) for row in said.get("bands", [])),
            positive=said.get("positive"),
            alerts=tuple(_alert(row) for row in said.get("alerts", [])),
            needs=tuple(_need(row) for row in said.get("needs", [])),
            caveats=tuple((row["when"], row["words"]) for row in said.get("caveats", [])),
            exclusive=tuple(said.get("exclusive", {}).items()),
            decline_codes=frozenset(said.get("decline_codes", [])),
            carries=tuple((code, tuple(links)) for code, links in said.get("carries", {}).items()),
            facts=tuple(said.get("facts", {}).items()),
            on_positive=tuple(said.get("on_positive", [])),
            repeat=said.get("repeat", ""),
            follow=said.get("follow", ""),
            remark=said.get("remark", ""),
        )
    except KeyError as missing:
        raise BadInput(where, "nothing", f"the word {missing}") from None
    _check(rules, instrument, where)
    return rules


def links_in(when: When | None, rules: Rules) -> tuple[str, ...]:
    """The questions a condition looks at, straight or through a score."""
    found: dict[str, None] = {}
    for leaf in leaves(when):
        if "answer" in leaf:
            found[leaf["answer"]] = None
        for key in ("score", "partial", "drop"):
            for rule in rules.scores:
                if leaf.get(key) == rule.code:
                    found |= dict.fromkeys(rule.items)
    return tuple(found)


def leaves(when: When | None) -> Iterator[When]:
    """The single statements of a condition."""
    if when is None:
        return
    for key in ("all", "any"):
        if key in when:
            for part in when[key]:
                yield from leaves(part)
            return
    if "not" in when:
        yield from leaves(when["not"])
        return
    yield when


def _score(row: Mapping[str, Any]) -> ScoreRule:
    return ScoreRule(
        code=row["id"], method=row["method"], items=tuple(row["items"]), least=row["least"], most=row["most"],
        link=row.get("link", ""), cap=row.get("cap"), adult_from=row.get("adult_from") or row.get("age_from"),
    )  # fmt: skip


def _alert(row: Mapping[str, Any]) -> AlertRule:
    return AlertRule(
        code=row["code"], title=row["title"], when=row["when"], severity=row["severity"], due=row["due"],
        steps=tuple(row.get("steps", [])), is_concealed=row.get("concealed", False), remark=row.get("remark", ""),
    )  # fmt: skip


def _need(row: Mapping[str, Any]) -> NeedRule:
    return NeedRule(
        need=row["need"], when=row["when"], z_codes=tuple(row.get("z", [])),
        z_before=tuple((day, tuple(codes)) for day, codes in row.get("z_before", {}).items()),
        opens=row.get("opens", ""), remark=row.get("remark", ""),
    )  # fmt: skip


def _check(rules: Rules, instrument: Instrument, where: str) -> None:
    for score in rules.scores:
        if score.method not in ("sum", "product", "value"):
            raise BadInput(where, score.method, "a method: sum, product or value")
        if score.method == "value" and len(score.items) != 1:
            raise BadInput(where, ", ".join(score.items), "one question for a score that is its value")
        for link in score.items:
            item = _question(instrument, link, where)
            if item.repeats or not (
                item.kind in ("integer", "decimal") or all(o.points is not None for o in item.options)
            ):
                raise BadInput(f"{where}, {link}", item.kind, "a number, or points on every answer")
    edges = sorted((band.least, band.most) for band in rules.bands)
    if any(upper[0] <= lower[1] for lower, upper in pairwise(edges)):
        raise BadInput(where, str(edges), "bands that do not overlap")
    for alert in rules.alerts:
        if alert.severity not in SEVERITIES or alert.due not in DUE:
            raise BadInput(where, f"{alert.severity}, {alert.due}", f"one of {SEVERITIES} and one of {DUE}")
    conditions = [
        rules.positive, *(alert.when for alert in rules.alerts), *(need.when for need in rules.needs),
        *(when for when, _words in rules.caveats), *(when for _fact, when in rules.facts),
    ]  # fmt: skip
    for when in conditions:
        _check_condition(when, rules, instrument, where)
    for link, code in rules.exclusive:
        _allowed(_question(instrument, link, where), [code], where)


def _check_condition(when: When | None, rules: Rules, instrument: Instrument, where: str) -> None:
    for leaf in leaves(when):
        shape = next((allowed for word, allowed in SHAPES.items() if isinstance(leaf, Mapping) and word in leaf), None)
        if shape is None or not set(leaf) <= shape:
            raise BadInput(where, str(leaf), f"a condition made of {', '.join(SHAPES)}")
        if "answer" in leaf:
            item = _question(instrument, leaf["answer"], where)
            _allowed(item, leaf.get("is", []), where)
        for key in ("score", "partial", "drop"):
            if key in leaf and leaf[key] not in {score.code for score in rules.scores}:
                raise BadInput(where, str(leaf[key]), "one of the scores of this instrument")


def _allowed(item: Item, codes: list[str], where: str) -> None:
    for code in codes:
        if code not in item.by_code:
            raise BadInput(f"{where}, {item.link_id}", code, "an answer this question allows")


def _question(instrument: Instrument, link: str, where: str) -> Item:
    item = instrument.by_link.get(link)
    if item is None or not item.is_question:
        raise BadInput(where, str(link), "the linkId of a question")
    return item
