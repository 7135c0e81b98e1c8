"""
What is written to the log: what happened and where in our code, never about whom.

Addresses lose what follows the question mark. Errors lose their text, because it may quote a value (a database error
quotes the row), except in development, where nobody is real; what remains is the kind of error and the lines of code it went through. Dates, emails, long
numbers and the identifiers that stand for one person in addresses are blotted out wherever they stand.
"""

import logging
import re
import traceback

from django.conf import settings

from carewright.kernel.errors import CarewrightError

BLOT = "…"
SECRETS = (
    (re.compile(r"(/(?:invitation|password-help)/)[^\s\"']+"), rf"\1{BLOT}"),
    (re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE), BLOT),
    (re.compile(r"\?[^\s\"']*"), "?" + BLOT),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), BLOT),
    (re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b"), BLOT),
    (re.compile(r"\b\d{1,2}/\d{1,2}/(?:19|20)?\d\d\b"), BLOT),
    (re.compile(r"\b(?:19|20)\d{6}\b"), BLOT),
    (re.compile(r"\b[A-Z]*\d{6,}[A-Z0-9]*\b"), BLOT),
)


def blot(text: str) -> str:
    """
    The text without addresses' questions, dates, emails, long numbers and persons' identifiers.

    >>> blot("GET /patients?q=Smith")
    'GET /patients?…'
    >>> blot("born 1950-03-17")
    'born …'
    >>> blot("Not Found: /people/0d5a8f6e-1c2b-4d3e-9f70-a1b2c3d4e5f6/why")
    'Not Found: /people/…/why'
    >>> blot("Unprocessable Entity: /invitation/MQ-d2f9x1-0c8e")
    'Unprocessable Entity: /invitation/…'
    """
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


class WithoutPeople(logging.Formatter):
    """One line per event: time, level, where, the code of the request if there is one, what."""

    def __init__(self):
        super().__init__("%(asctime)s %(levelname)s %(name)s %(code)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        code = getattr(getattr(record, "request", None), "code", "")
        clean = logging.makeLogRecord(record.__dict__)
        clean.code = f"{code} " if code else ""
        clean.msg, clean.args = blot(record.getMessage()), None
        clean.exc_text = None
        return super().format(clean)

    def formatException(self, ei) -> str:  # noqa: N802 - the name is logging's
        """The kind of error and the lines it went through; not its text, which may quote a value."""
        if settings.DEVELOPMENT:
            return super().formatException(ei)
        kind, error, tb = ei
        frames = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(tb)]
        chain: list[str] = []
        while error is not None and len(chain) < 5:
            chain.append(type(error).__name__ + (" (ours)" if isinstance(error, CarewrightError) else ""))
            error = error.__cause__ or error.__context__
        return "\n".join([" from ".join(chain) or str(kind), *frames])
