"""Which instruments this installation asks: those we ship, and the site's own from its home."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from carewright.kernel.errors import BadInput
from carewright.knowledge import instruments
from carewright.knowledge.instruments import Instrument
from carewright.knowledge.instruments.reading import read_instrument
from carewright.plumbing import home
from carewright.population.codes import language_name

FOLDER = "instruments"
SCORING = "scoring.json"
EXAMPLE = "-example"
"""US Core publishes its PHQ-9 under the name phq-9-example, and answers name it so."""


def folder() -> Path:
    """Where the site's own questionnaires lie."""
    return home.current().path / FOLDER


def site() -> tuple[Instrument, ...]:
    """The site's own instruments; read again when a file in the folder changes. One that does not read is left out."""
    return _read()[0]


def problems() -> tuple[BadInput, ...]:
    """Of the files in the site's folder, what does not read."""
    return _read()[1]


def _read() -> tuple[tuple[Instrument, ...], tuple[BadInput, ...]]:
    here = folder()
    if not here.is_dir():
        return (), ()
    return _loaded(here, tuple((path.name, path.stat().st_mtime_ns) for path in sorted(here.glob("*.json"))))


@lru_cache(maxsize=2)
def _loaded(here: Path, marks: tuple[tuple[str, int], ...]) -> tuple[tuple[Instrument, ...], tuple[BadInput, ...]]:
    """Each file by itself: a form that somebody laid here unfinished must not take the others from those who ask."""
    found: dict[str, Instrument] = {}
    wrong = []
    try:
        table = scoring(here)
    except BadInput as bad:
        table = {}
        wrong.append(bad)
    for name, _mark in marks:
        if name == SCORING:
            continue
        try:
            instrument = read_one((here / name).read_bytes(), table, where=name)
            if instrument.code in found:
                raise BadInput(f"{name}, id", instrument.code, "a name no other instrument has", "Give it another id.")
            found[instrument.code] = instrument
        except BadInput as bad:
            wrong.append(bad)
    return tuple(found.values()), tuple(wrong)


def read_one(content: bytes, table: dict[str, Any], *, where: str) -> Instrument:
    """One questionnaire of a site with its scoring, checked through and through; `BadInput` says how to mend it."""
    resource = as_json(content, where)
    code = str(resource.get("id") or "")
    found = read_instrument(resource, table.get(code), where=where, from_site=True)
    if found.code in instruments.shipped():
        raise BadInput(f"{where}, id", found.code, "a name no other instrument has", "Give it another id.")
    if found.translates:
        _must_say_the_same(found, where)
    return found


def _must_say_the_same(found: Instrument, where: str) -> None:
    """A translation asks the same questions with the same answers, in other words; otherwise its score means nothing."""
    original = instruments.shipped().get(found.translates)
    if original is None or original.is_receive_only:
        raise BadInput(f"{where}, derivedFrom", found.translates, "an instrument we ship")
    for item in original.questions():
        said = found.by_link.get(item.link_id)
        if said is None or said.kind != item.kind:
            raise BadInput(where, f"no question {item.link_id}", f"the question {item.link_id} of {original.code}")
        if set(said.by_code) != set(item.by_code):
            raise BadInput(
                f"{where}, {item.link_id}", ", ".join(said.by_code), f"the answers {', '.join(item.by_code)}"
            )
        if not all(option.display for option in said.options):
            raise BadInput(f"{where}, {item.link_id}", "an answer without words", "words for every answer")
    more = next((item.link_id for item in found.questions() if item.link_id not in original.by_link), None)
    if more:
        raise BadInput(where, more, f"no question that {original.code} does not ask")


def scoring(here: Path) -> dict[str, Any]:
    """How the site's own are scored, by code."""
    path = here / SCORING
    return scoring_of(path.read_bytes(), SCORING) if path.exists() else {}


def scoring_of(content: bytes, where: str) -> dict[str, Any]:
    """The scoring of several instruments, by code."""
    said = as_json(content, where).get("instruments")
    if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
        raise BadInput(where, "no instruments", 'one object "instruments" with the scoring of each by its id')
    return said


def as_json(content: bytes, where: str) -> dict[str, Any]:
    """The one object a file holds."""
    try:
        found = json.loads(content)
    except ValueError as problem:
        raise BadInput(where, str(problem)[:120], "a file of JSON") from None
    if not isinstance(found, dict):
        raise BadInput(where, type(found).__name__, "one JSON object")
    return found


def get(code: str) -> Instrument:
    """The instrument of this code, ours or the site's; a site's own never bears the code of one of ours."""
    return instruments.shipped().get(code) or instruments.get(code, site())


def find(code: str) -> Instrument | None:
    """The instrument of this code; None for one that was asked once and whose file is gone or broken today."""
    known = instruments.shipped().get(code)
    return known or next((one for one in site() if one.code == code), None)


def title_of(code: str) -> str:
    """What an instrument is called; its code where it is not on the shelf today."""
    found = find(code)
    return found.title if found else code


def wording(code: str, language: str) -> Instrument | None:
    """The official translation of an instrument that the site has loaded, by the code or the English name of a language."""
    wanted = language.strip().casefold()
    if not wanted:
        return None
    for one in site():
        if one.translates == code and wanted in (one.language.casefold(), language_name(one.language).casefold()):
            return one
    return None


def named(address: str) -> Instrument | None:
    """
    The instrument that answers name by its address; None for one we do not know.

    Known are the address a site's own questionnaire carries, our codes as the last word of any address, and the LOINC
    code of the panel.
    """
    place = address.partition("|")[0].rstrip("/")
    known = {one.code: one for one in instruments.catalog(site())}
    last = place.replace(":", "/").rpartition("/")[2].lower()
    by_address = next((one for one in known.values() if one.url and one.url == place), None)
    if found := by_address or known.get(last) or known.get(last.removesuffix(EXAMPLE)):
        return known[found.translates] if found.translates else found
    panels = [one for one in known.values() if one.loinc and one.loinc == last]
    return panels[0] if len(panels) == 1 else None


def asked() -> tuple[Instrument, ...]:
    """Every instrument a person may be asked by itself."""
    return tuple(one for one in instruments.catalog(site()) if not one.is_receive_only and not one.translates)
