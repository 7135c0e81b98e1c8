"""
The catalogue of every text a page can ask a translation for, as translators read it (gettext's `.pot`).

Texts come from five places: what the code marks, what the templates mark, the tables of knowledge, the layouts of
landed tables and the names of our own tables, whose texts pages translate as they show them. A text says in which files it stands but not on which line, so that the catalogue
changes when words do and at no other time.
"""

import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from django.utils.translation.template import templatize

from carewright.knowledge import words
from carewright.warehouse import layout

PACKAGE = Path(__file__).resolve().parents[2]
FILE = PACKAGE / "locale" / "django.pot"
HEAD = r"""# Every text of Carewright's pages, for translators. Written by ./carewright dev words. Do not edit.
msgid ""
msgstr ""
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
MARKS = {
    "_": None, "_l": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
"""The calls that mark a text, and which of their words are what: the text, one and many, its context."""


def written() -> str:
    """The whole catalogue as its file holds it."""
    catalogue = Catalog(charset="utf-8")
    for path, text, context in found():
        catalogue.add(text, locations=[(path, 0)], context=context)
    out = io.BytesIO()
    write_po(out, catalogue, width=120, omit_header=True, sort_output=True, include_lineno=False)
    return HEAD + out.getvalue().decode().strip() + "\n"


def found() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    """File, text (or its forms for one and many) and context of everything that can be translated, file by file."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix not in (".py", ".html", ".txt") or "migrations" in path.parts:
            continue
        content = path.read_bytes()
        if path.suffix != ".py":
            content = _as_code(content.decode(), path)
        for _line, text, _remarks, context in extract("python", io.BytesIO(content), MARKS):
            yield f"carewright/{path.relative_to(PACKAGE)}", text, context
    for place, text in words.texts():
        yield f"carewright/knowledge/{place}", text, None
    for place, text in layout.meanings():
        yield f"carewright/warehouse/{place}", text, None
    yield from _tables()


def _tables() -> Iterator[tuple[str, str, None]]:
    """What the tables about patients are called where two records are joined."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carewright.settings")
    django.setup()
    from carewright.registry import joining

    for table in dict.fromkeys(pointer.model for pointer in joining.pointers()):
        yield f"{table.__module__.replace('.', '/')}.py", str(table._meta.verbose_name), None


_WORDS = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = rf"\b(?:_|n?p?gettext)\({_WORDS}(?:, ?{_WORDS})*(?:,\s?\w+)?\)|\b_\({_WORDS}\)"


def _as_code(template: str, path: Path) -> bytes:
    """What a template marks as calls of Python, one after the other; where it stood on the page does not matter."""
    calls = re.findall(_CALL, templatize(template, origin=str(path)))
    return "\n".join(calls).encode()


def asked(texts: Iterable[tuple[str, str | tuple[str, ...], str | None]]) -> frozenset[str]:
    """Every single form of these texts, as a page asks for it."""
    return frozenset(form for _path, text, _context in texts for form in ([text] if isinstance(text, str) else text))
