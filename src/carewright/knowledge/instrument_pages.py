"""The pages of `docs/clinical` about instruments, the needs they find, and the comprehensive assessment."""

from collections.abc import Iterable, Sequence

from carewright.knowledge import comprehensive, instruments
from carewright.knowledge.instruments import Instrument
from carewright.knowledge.instruments.rules import NeedRule, When
from carewright.knowledge.needs import AREAS, NEEDS, need

TEXT_ONLY = "Nobody qualified has reviewed this yet."


def pages() -> dict[str, list[str]]:
    """Each page: its path, and its parts."""
    return {
        "docs/clinical/instruments.md": _instruments(),
        "docs/clinical/needs.md": _needs(),
        "docs/clinical/comprehensive-assessment.md": _comprehensive(),
    }


def _instruments() -> list[str]:
    said = (instruments.__doc__ or "").strip()
    parts = [f"# Instruments\n\n{said}\n\n{TEXT_ONLY}"]
    parts.append(
        _grid(
            ("Instrument", "Code", "Asked of", "Questions", "Validated", "Source, edition"),
            (
                (
                    found.title,
                    f"`{found.code}`",
                    _whom(found),
                    str(len(found.questions())),
                    "yes" if found.is_validated else "no",
                    f"{found.source}; {found.edition}",
                )
                for found in instruments.catalog()
            ),
        )
    )
    return parts + [_one(found) for found in instruments.catalog()]


def _whom(found: Instrument) -> str:
    if found.is_receive_only:
        return "nobody: received only"
    age = f"{found.adult_from} and older" if found.adult_from else "any age"
    return f"{found.respondent}, {age}"


def _one(found: Instrument) -> str:
    rules = found.rules
    parts = [f"## {found.title}", f"{found.purpose} {rules.remark}".strip(), f"Terms: {found.licence}"]
    if rules.scores:
        parts.append(
            _list(
                f"Score `{score.code}`: {score.method} of {len(score.items)} "
                f"question{'s' if len(score.items) > 1 else ''}, {score.least} to {score.most}."
                for score in rules.scores
            )
        )
    if rules.bands:
        parts.append(
            _list(
                f"{band.code.replace('-', ' ')}: {band.least}" + (f" to {band.most}" if band.most != band.least else "")
                for band in rules.bands
            )
        )
    if rules.positive:
        parts.append(f"Positive if {in_words(rules.positive, found)}.")
    parts += [f"Take care where {in_words(when, found)}: {words}" for when, words in rules.caveats]
    if rules.alerts:
        parts.append(
            "May not wait:\n\n"
            + _list(
                f"**{alert.title}** ({alert.severity}, {alert.due}) if {in_words(alert.when, found)}. "
                + " ".join((*alert.steps, alert.remark))
                for alert in rules.alerts
            )
        )
    if rules.needs:
        parts.append(
            _grid(
                ("Need", "If", "Codes to suggest", "Remark"),
                (
                    (need(rule.need).label, in_words(rule.when, found), _codes(rule), _remark(rule))
                    for rule in rules.needs
                ),
            )
        )
    if rules.on_positive:
        parts.append("When positive:\n\n" + _list(rules.on_positive))
    parts += [f"{name}: {words}" for name, words in (("Follow", rules.follow), ("Ask again", rules.repeat)) if words]
    return "\n\n".join(part for part in parts if part)


def _codes(rule: NeedRule) -> str:
    codes = [f"{code} {instruments.z_code_words(code)}" for code in rule.z_codes]
    codes += [f"before {day}: {', '.join(before)}" for day, before in rule.z_before]
    return "; ".join(codes)


def _remark(rule: NeedRule) -> str:
    opens = f"Opens {instruments.get(rule.opens).title}." if rule.opens else ""
    return f"{opens} {rule.remark}".strip()


def in_words(when: When, found: Instrument) -> str:
    """A condition as a person reads it."""
    if "all" in when:
        return " and ".join(in_words(part, found) for part in when["all"])
    if "any" in when:
        return ", or ".join(in_words(part, found) for part in when["any"])
    if "not" in when:
        return f"not ({in_words(when['not'], found)})"
    if "answer" in when:
        return _answer(when, found)
    if "score" in when:
        return f"{_score(when['score'])} is {_range(when)}"
    if "partial" in when:
        return f"what is answered of {_score(when['partial'])} already reaches {when['least']}"
    if "drop" in when:
        return f"{_score(when['drop'])} fell by {when['least']} or more since last time"
    if "fact" in when:
        return f"it is known that: {when['fact'].replace('-', ' ')}"
    if "sex" in when:
        return f"sex is {when['sex']}"
    if "age_from" in when:
        return f"age is {when['age_from']} or more"
    return f"age is {when['age_to']} or less"


def _answer(when: When, found: Instrument) -> str:
    item = found.by_link[when["answer"]]
    name = f"“{item.text}”"
    if "is" in when:
        return f"{name} is " + " or ".join(item.by_code[code].display or code for code in when["is"])
    if "points" in when:
        return f"{name} has {when['points']} point{'s' if when['points'] != 1 else ''} or more"
    return f"{name} is {_range(when)}"


def _score(code: str) -> str:
    return "the total" if code == "total" else f"the score `{code}`"


def _range(when: When) -> str:
    if "under" in when:
        return f"under {when['under']}"
    if "least" in when and "most" in when:
        return f"{when['least']} to {when['most']}"
    return f"{when['least']} or more" if "least" in when else f"{when['most']} or less"


def _needs() -> list[str]:
    from carewright.knowledge import needs

    parts = [f"# Needs an assessment can find\n\n{(needs.__doc__ or '').strip()}\n\n{TEXT_ONLY}"]
    shown: dict[str, list[str]] = {}
    for found in instruments.catalog():
        for rule in found.rules.needs:
            if found.code not in shown.setdefault(rule.need, []):
                shown[rule.need].append(found.code)
    for area, title in AREAS.items():
        parts.append(
            f"## {title}\n\n"
            + _grid(
                ("Need", "What it says", "Found by", "Kept closer"),
                (
                    (
                        one.label,
                        one.words,
                        ", ".join(shown.get(one.code, [])),
                        f"{one.sensitivity}{', concealed' if one.is_concealed else ''}",
                    )
                    for one in NEEDS.values()
                    if one.area == area
                ),
            )
        )
    return parts


def _comprehensive() -> list[str]:
    clocks = comprehensive.CLOCKS
    sources = [
        f"{source.title}, {source.section}. {'' if source.confirmed else 'Not confirmed. '}{source.remark}"
        for source in comprehensive.SOURCES
    ]
    return [
        f"# The comprehensive assessment\n\n{(comprehensive.__doc__ or '').strip()}\n\n{TEXT_ONLY}",
        "Sources:\n\n" + _list(sources),
        f"Begun within {clocks.begin_days} days and finished within {clocks.complete_days} days of the day the person "
        f"became eligible; asked again after {clocks.repeat_months} months; quality of life every "
        f"{clocks.quality_of_life_months} months; after a hospital stay it is asked again within "
        f"{clocks.after_stay_days} days. Each is a setting with a first day.",
        _grid(
            ("#", "Section", "What it is about", "Asks", "Stands for"),
            (
                (
                    str(section.number),
                    section.title,
                    section.about,
                    ", ".join(
                        f"{feed.instrument}{' (part)' if feed.only else ''}"
                        f"{f' (after {feed.after})' if feed.after else ''}"
                        for feed in section.feeds
                    ),
                    section.factor,
                )
                for section in comprehensive.SECTIONS
            ),
        ),
        comprehensive.NOT_ASKED_TWICE,
    ]


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line.strip()}" for line in lines)


def _grid(heads: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in body]
    return "\n".join(lines)
