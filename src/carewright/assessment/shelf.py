"""Which instruments this installation asks: those we ship, and the site's own from its home."""

from functools import lru_cache
from pathlib import Path

from carewright.knowledge import instruments
from carewright.knowledge.instruments import Instrument
from carewright.plumbing import home

FOLDER = "instruments"


def site() -> tuple[Instrument, ...]:
    """The site's own instruments; read again when a file in the folder changes."""
    folder = home.current().path / FOLDER
    if not folder.is_dir():
        return ()
    return _loaded(folder, tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.json"))))


@lru_cache(maxsize=2)
def _loaded(folder: Path, marks: tuple[tuple[str, int], ...]) -> tuple[Instrument, ...]:
    return instruments.load_site(folder)


def get(code: str) -> Instrument:
    """The instrument of this code, ours or the site's."""
    return instruments.get(code, site())


def asked() -> tuple[Instrument, ...]:
    """Every instrument a person may be asked by itself."""
    return tuple(found for found in instruments.catalog(site()) if not found.is_receive_only)
