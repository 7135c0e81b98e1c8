"""
CSV files as chunks of rows, prepared one ahead: while one chunk is checked and written, the next is unpacked and split.
"""

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from carewright.exchange.batch import ReceivedFile
from carewright.exchange.files import records
from carewright.exchange.files.recognize import Table
from carewright.exchange.files.records import Chunk
from carewright.kernel.errors import BadInput

T = TypeVar("T")
SMALL = 1 << 20
"""Files up to this many bytes are read together when their columns are the same."""
SMALL_PACKED = SMALL // 20
"""The same of packed ones: they may unpack to a thousand times that, and are held whole."""


def streams(files: Sequence[tuple[ReceivedFile, Table, str]]) -> Iterator[list[int]]:
    """
    Which of these files are read together, by their position: small ones with the same columns and feed, in their
    order; a large one alone.
    """
    together: list[int] = []
    key = None
    for position, (file, table, source) in enumerate(files):
        limit = SMALL_PACKED if table.beginning and table.beginning.packed else SMALL
        own = (table.layout.table, table.names, table.map, source) if file.bytes <= limit and table.header else None
        if together and (own is None or own != key):
            yield together
            together = []
        together.append(position)
        key = own
    if together:
        yield together


def chunks_of(files: Sequence[tuple[ReceivedFile, Table]]) -> Iterator[tuple[int, Chunk | BadInput]]:
    """
    The chunks of a stream, each with the number of its file. Of several files, one that breaks off gives its `BadInput`
    and no chunk; alone, it raises it.
    """
    if len(files) == 1:
        for chunk in _chunks(*files[0]):
            yield 0, chunk
        return
    for number, (file, table) in enumerate(files):
        try:
            whole = list(_chunks(file, table))
        except BadInput as problem:
            yield number, problem
            continue
        for chunk in whole:
            yield number, chunk


def _chunks(file: ReceivedFile, table: Table) -> Iterator[Chunk]:
    if table.header is None or table.beginning is None:
        raise ValueError(f"{file.file_name} is no CSV file.")
    return records.chunks(file.path, file.file_name, table.beginning, table.header)


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, one of them always being prepared on another thread while the last one is worked on."""
    ready: queue.Queue = queue.Queue(maxsize=1)
    stopped = threading.Event()
    end = object()

    def hand_over(item: object) -> bool:
        while not stopped.is_set():
            with suppress(queue.Full):
                ready.put(item, timeout=0.2)
                return True
        return False

    def prepare() -> None:
        try:
            for item in items:
                if not hand_over(item):
                    return
        except Exception as error:  # the thread that asked for the items raises it
            hand_over(_Raised(error))
        else:
            hand_over(end)

    thread = threading.Thread(target=prepare, daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not end:
            if isinstance(item, _Raised):
                raise item.error
            yield item
    finally:
        stopped.set()
        thread.join()


class _Raised:
    def __init__(self, error: Exception):
        self.error = error
