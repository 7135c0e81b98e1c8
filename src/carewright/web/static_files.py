"""
Style sheets, scripts and the font: served straight from the package, with their content in their address.

There is no collecting step to forget. The address of a file carries the first letters of its SHA-256, so a browser may
keep it for a long time and still gets the new one after an upgrade.
"""

import hashlib
from functools import cache

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@cache
def fingerprint(name: str) -> str:
    """The first ten letters of a file's SHA-256, or nothing when there is no such file."""
    found = finders.find(name)
    if not found:
        return ""
    with open(found, "rb") as file:  # noqa: PTH123
        return hashlib.file_digest(file, "sha256").hexdigest()[:10]


class FingerprintedFiles(StaticFilesStorage):
    """`/static/carewright/css/base.css?v=1f3c…`."""

    def url(self, name, force=False):
        mark = fingerprint(name) if name else ""
        address = super().url(name)
        return f"{address}?v={mark}" if mark else address
