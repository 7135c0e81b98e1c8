"""
What later files of the same feed point at: professionals and places by id, medicines by id.

A bulk export is received in several batches, and next week's export sends only what changed. So the few facts others
point at are kept beside the landed tables, one small file per batch: `landed/_fhir/<batch>.json`. They count only when
their batch is finished, like the landed rows, and as long as any file of it counts.
"""

import os
from pathlib import Path
from typing import Any

import orjson

from carewright.exchange.fhir.references import Links
from carewright.warehouse.manifest import batches_that_count

PARTS = ("npis", "names", "medications")


def _folder(home: Any) -> Path:
    return home.landed / "_fhir"


def recall(home: Any, source: str) -> Links:
    """The links of everything this feed has sent in finished batches, the latest word last."""
    links = Links()
    finished = batches_that_count(home)
    for path in sorted(_folder(home).glob("[!.]*.json")):
        if path.stem in finished:
            said = orjson.loads(path.read_bytes())
            if said["source"] == source:
                for part in PARTS:
                    getattr(links, part).update(said[part])
    return links


def copied(links: Links) -> Links:
    """The same memory, to compare with later."""
    return Links(**{part: dict(getattr(links, part)) for part in PARTS})


def remember(home: Any, batch_id: str, source: str, links: Links, before: Links) -> None:
    """Write down what this batch added; nothing when it added nothing."""
    new = {
        part: {key: value for key, value in getattr(links, part).items() if getattr(before, part).get(key) != value}
        for part in PARTS
    }
    if not any(new.values()):
        return
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder / f".{batch_id}.{os.getpid()}"
    unfinished.write_bytes(orjson.dumps({"source": source, **new}))
    unfinished.chmod(0o600)
    unfinished.replace(folder / f"{batch_id}.json")
