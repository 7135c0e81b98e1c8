"""The shelf: every instrument we ship, and those a site has laid beside them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from carewright.kernel.errors import BadInput, CannotDo
from carewright.knowledge.instruments.questionnaire import Instrument
from carewright.knowledge.instruments.reading import read_instrument

FOLDER = Path(__file__).parent
SCORING = "scoring.json"


@cache
def shipped() -> dict[str, Instrument]:
    """The instruments we ship, by code."""
    said = scoring_table()["instruments"]
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        if path.name != SCORING:
            resource = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = read_instrument(resource, said.get(path.stem), where=path.name)
    return found


@cache
def scoring_table() -> dict[str, Any]:
    """`scoring.json` as it stands."""
    return json.loads((FOLDER / SCORING).read_text(encoding="utf-8"))


def plain(code: str) -> str:
    """
    The name of a score or a band as a word.

    >>> plain("moderately-severe")
    'moderately severe'
    """
    return code.replace("-", " ")


def z_code_words(code: str) -> str:
    """What a suggested code says."""
    return scoring_table()["z_codes"].get(code, "")


def catalog(site: tuple[Instrument, ...] = ()) -> tuple[Instrument, ...]:
    """Every instrument that may be asked or received, by title."""
    return tuple(sorted((*shipped().values(), *site), key=lambda instrument: instrument.title))


def get(code: str, site: tuple[Instrument, ...] = ()) -> Instrument:
    """The instrument of this code."""
    known = shipped() | {instrument.code: instrument for instrument in site}
    if code not in known:
        raise CannotDo(f"No instrument is called {code!r}. There are: {', '.join(sorted(known))}.")
    return known[code]


def load_site(folder: Path) -> tuple[Instrument, ...]:
    """
    A site's own Questionnaires from a folder, with their scoring if a `scoring.json` lies beside them.

    One that does not read stops the loading with a sentence: nothing is half loaded.
    """
    if not folder.is_dir():
        return ()
    table = folder / SCORING
    said = _json(table).get("instruments", {}) if table.exists() else {}
    found: dict[str, Instrument] = {}
    for path in sorted(folder.glob("*.json")):
        if path.name == SCORING:
            continue
        resource = _json(path)
        code = str(resource.get("id", ""))
        instrument = read_instrument(resource, said.get(code), where=path.name, from_site=True)
        if code in shipped() or code in found:
            raise BadInput(f"{path.name}, id", code, "a name no other instrument has", "Give it another id.")
        found[code] = instrument
    unknown = next((code for code in said if code not in found), None)
    if unknown:
        raise BadInput(table.name, unknown, "the id of a Questionnaire in the same folder")
    return tuple(found.values())


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        raise BadInput(path.name, str(problem), "a file of JSON") from None
    if not isinstance(content, dict):
        raise BadInput(path.name, type(content).__name__, "one JSON object")
    return content
