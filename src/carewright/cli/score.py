"""`score INSTRUMENT FILE`: what the answers to an instrument come to; the same rules as the page."""

import json
import sys
from pathlib import Path
from typing import Any

SEXES = ("male", "female", "other", "unknown")


def add(subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("score", help="score the answers to an instrument")
    parser.add_argument("instrument", metavar="INSTRUMENT", help="phq-9, gad-7, audit-c, ahc-hrsn-core, …")
    parser.add_argument(
        "file", metavar="FILE", help="a FHIR QuestionnaireResponse or a {linkId: answer} object; - for standard input"
    )
    parser.add_argument("--sex", choices=SEXES, help="where a cut depends on it (AUDIT-C)")
    parser.add_argument("--age", type=int, help="in years; adult instruments are refused for a child")
    parser.add_argument("--on", metavar="YYYY-MM-DD", help="the day of the answers; chooses the codes then in force")
    parser.add_argument("--fact", action="append", default=[], help="what else is known: powered-equipment-or-insulin")
    parser.add_argument("--site", type=Path, metavar="FOLDER", help="a folder of your own Questionnaires")
    parser.set_defaults(run=run, database=False)


def run(args) -> dict | str:
    """Read the answers, score them, and say it as JSON or in words."""
    from carewright.kernel.errors import CannotDo
    from carewright.knowledge import instruments
    from carewright.knowledge.needs import need

    site = instruments.load_site(_folder(args.site)) if args.site else ()
    instrument = instruments.get(args.instrument, site)
    if args.age is not None and not 0 <= args.age <= 130:
        raise CannotDo(f"An age of {args.age} does not read. Give whole years, for example --age 42.")
    answers, sex, age = _answers(instrument, _json(args.file), args)
    scored = instruments.score(instrument, answers, sex=sex, age=age, on=_day(args.on), facts=frozenset(args.fact))
    result: dict[str, Any] = {
        "instrument": scored.instrument,
        "version": scored.version,
        "complete": scored.complete,
        "scores": scored.scores,
        "band": scored.band,
        "positive": scored.positive,
        "needs": [
            {
                "need": found.code,
                "label": need(found.code).label,
                "result": found.result,
                "shown_by": list(found.shown_by),
                "z_codes": list(found.z_codes),
                "remarks": list(found.remarks),
            }
            for found in scored.needs
        ],
        "safety": [
            {
                "id": alert.code,
                "title": alert.title,
                "severity": alert.severity,
                "due": alert.due,
                "steps": list(alert.steps),
                "shown_by": list(alert.shown_by),
            }
            for alert in scored.safety
        ],
        "incomplete_because": scored.incomplete_because,
        "caveats": list(scored.caveats),
        "opens": list(scored.opens),
    }
    return result if args.json else _in_words(instrument, result)


def _answers(instrument, given: dict, args) -> tuple[dict, str | None, int | None]:
    """The answers; `sex` and `age` may stand beside them where they are not questions of the instrument."""
    from carewright.kernel.errors import BadInput

    sex, age = args.sex, args.age
    if "resourceType" not in given:
        given = dict(given)
        if "sex" in given and "sex" not in instrument.by_link:
            said = given.pop("sex")
            if said is not None and said not in SEXES:
                raise BadInput("sex", str(said), f"one of {', '.join(SEXES)}")
            sex = sex or said
        if "age" in given and "age" not in instrument.by_link:
            said = given.pop("age")
            if said is not None and (isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= 130):
                raise BadInput("age", str(said), "a whole number of years")
            age = age if age is not None else said
        if isinstance(given.get("answers"), dict) and "answers" not in instrument.by_link:
            given = given["answers"]
    return given, sex, age


def _json(name: str) -> dict:
    from carewright.kernel.errors import BadInput, CannotDo

    if name == "-":
        text = sys.stdin.read()
    else:
        try:
            text = Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            raise CannotDo(
                f"{name} cannot be read: {getattr(problem, 'strerror', None) or 'it is not text'}."
            ) from None
    try:
        found = json.loads(text)
    except ValueError as problem:
        raise BadInput(
            name, str(problem), "JSON", "Give a QuestionnaireResponse or a {linkId: answer} object."
        ) from None
    if not isinstance(found, dict):
        raise BadInput(name, type(found).__name__, "one JSON object", 'For example {"/44250-9": "LA6569-3"}.')
    return found


def _folder(path: Path) -> Path:
    from carewright.kernel.errors import CannotDo

    if not path.is_dir():
        raise CannotDo(f"{path} is not a folder.")
    return path


def _day(said: str | None):
    from datetime import date

    from carewright.kernel.errors import BadInput

    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BadInput("--on", said, "a date written YYYY-MM-DD") from None


def _in_words(instrument, result: dict) -> str:
    lines = [instrument.title]
    lines += [
        f"  {'not scored' if value is None else value}  {'' if code == 'total' else code}".rstrip()
        for code, value in result["scores"].items()
    ]
    if result["band"]:
        lines.append(f"  {result['band'].replace('-', ' ')}")
    if result["positive"] is not None:
        lines.append("  positive" if result["positive"] else "  negative")
    if result["incomplete_because"]:
        lines.append(f"  {result['incomplete_because']}")
    lines += [f"  {words}" for words in result["caveats"]]
    for alert in result["safety"]:
        lines.append(f"SAFETY ({alert['severity']}, {alert['due']}): {alert['title']}")
        lines += [f"  - {step}" for step in alert["steps"]]
    for found in result["needs"]:
        if found["result"] == "positive":
            codes = f"  (suggested: {', '.join(found['z_codes'])})" if found["z_codes"] else ""
            lines.append(f"Need: {found['label']}{codes}")
    return "\n".join(lines)
