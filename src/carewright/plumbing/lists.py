"""
What every worklist shares: which page of it is shown, how it is sorted, and how its filters stand in the address.

A list never loads more than one page. Counting is one query without joins; sorting is by columns a list declares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

SIZES = (25, 50)


@dataclass(frozen=True)
class Sort:
    """One way to order a list: its code in the address, its words, the columns; the last column makes it total."""

    code: str
    name: str
    columns: tuple[str, ...]


def sort_named(code: str, sorts: tuple[Sort, ...]) -> Sort:
    """The sort with this code; the first one when the address names none we know."""
    return next((sort for sort in sorts if sort.code == code), sorts[0])


class CountedOnce(Paginator):
    """A paginator that may be told the count, so a number shown above the list and the list's own agree by construction."""

    def __init__(self, rows: QuerySet, size: int, total: int | None = None):
        super().__init__(rows, size)
        if total is not None:
            self.count = total


def page_of(rows: QuerySet, asked: Mapping[str, str], *, total: int | None = None) -> Page:
    """The page the address asks for; a page that does not exist is the nearest one that does."""
    size = asked.get("size", "")
    wanted = int(size) if size.isascii() and size.isdigit() and int(size) in SIZES else SIZES[0]
    return CountedOnce(rows, wanted, total).get_page(asked.get("page", "1"))


def address_of(values: Mapping[str, object]) -> str:
    """Filters as they stand in an address: empty ones left out, in the order given."""
    return urlencode([(key, str(value)) for key, value in values.items() if value not in ("", None, False)])
