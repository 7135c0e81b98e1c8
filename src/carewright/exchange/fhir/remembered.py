"""
What later files of the same feed point at: professionals and places by id, medicines by id.

A bulk export is received in several batches, and next week's export sends only what changed. So the few facts others
point at are kept beside the landed tables, one file per batch, `landed/_fhir/<batch>.json`: its first line says
which feed, each further one what one of them is. They count only when
their batch is finished, like the landed rows, and as long as any file of it counts.
"""

import os
from pathlib import Path
from typing import Any

import orjson

from carewright.exchange.fhir.references import PARTS, Links
from carewright.warehouse.manifest import batches_that_count


def _folder(home: Any) -> Path:
    return home.landed / "_fhir"


def recall(home: Any, source: str) -> Links:
    """The links of everything this feed has sent in finished batches, the latest word last."""
    links = Links.with_room(home.landed)
    finished = batches_that_count(home)
    for path in sorted(_folder(home).glob("[!.]*.json")):
        if path.stem in finished:
            _read(path, source, links)
    return links


def _read(path: Path, source: str, links: Links) -> None:
    with path.open("rb") as file:
        said = orjson.loads(file.readline())
        if said["source"] != source:
            return
        for part in PARTS:  # batches of before wrote all of it into the first line
            for key, value in said.get(part, {}).items():
                getattr(links, part)[key] = value
        for line in file:
            part, key, value = orjson.loads(line)
            getattr(links, part)[key] = value


def remember(home: Any, batch_id: str, source: str, links: Links) -> None:
    """Write down what this batch added; nothing when it added nothing."""
    if not any(links.new.values()):
        return
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder / f".{batch_id}.{os.getpid()}"
    with unfinished.open("wb") as file:
        unfinished.chmod(0o600)
        file.write(orjson.dumps({"source": source}) + b"\n")
        for part, added in links.new.items():
            for key, value in added.items():
                file.write(orjson.dumps([part, key, value]) + b"\n")
    unfinished.replace(folder / f"{batch_id}.json")
