"""No template holds words of its own: whatever a person reads there is marked for translation."""

import re
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from tests.house.test_house import ROOT

TEMPLATES = sorted((ROOT / "src").rglob("templates/**/*.html"))
TEMPLATES = [path for path in TEMPLATES if path.name != "gallery.html"]  # examples, in development only
READ_ALOUD = re.compile(
    r"""[\s:](?:title|aria-label|placeholder|alt|label|aside|caption|small)=(?:"([^"]*)"|'([^']*)')"""
)
TAG = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>|<!?/?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
AS_THEY_ARE = {
    "Carewright": "the name of the product",
    "· Carewright": "the name of the product",
    "Español": "a language by its own name",
    "SHA-256": "a kind of fingerprint",
    "NDC": "the name of a code",
    "Enter": "a key, as it stands on keyboards",
    "Esc": "a key, as it stands on keyboards",
    "1=male; 2=female": "an example of what a file holds",
    "./carewright ingest PATH": "a command",
    "inbox/": "a folder",
    "yes": "a switch of a component",
    "wide": "a switch of a component",
    "How much: not known here; ask their plan before they say yes.": "said in the patient's language",
    "Cuánto: aquí no se sabe; pregúntelo a su plan antes de decir que sí.": "said in the patient's language",
}


def own_words(text: str) -> set[str]:
    """Words a person reads in a template that nobody could translate."""
    bare, inside = [], False
    for token in Lexer(re.sub(r"\{# .*?#\}", "", text, flags=re.DOTALL)).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            inside = name in ("blocktranslate", "blocktrans", "comment") or (
                inside and name not in ("endblocktranslate", "endblocktrans", "endcomment")
            )
        elif token.token_type == TokenType.TEXT and not inside:
            bare.append(token.contents)
            continue
        bare.append("")
    page = "¦".join(bare)
    attributes = [one or other for tag in TAG.finditer(page) for one, other in READ_ALOUD.findall(tag.group())]
    pieces = re.split(r"[¦\n]", "\n".join([TAG.sub("\n", page), *attributes]))
    return {
        piece.strip()
        for piece in pieces
        if re.search(r"[^\W\d_]{2}", re.sub(r"&\w+;", "", piece)) and piece.strip() not in AS_THEY_ARE
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(Path(path).parts[-2:]))
def test_a_template_has_no_words_of_its_own(path):
    assert own_words(path.read_text()) == set()


def test_what_it_would_find():
    assert own_words('<p>Hello</p><a title="Open it">{% translate "Go" %}</a>') == {"Hello", "Open it"}
    assert own_words('{% blocktranslate %}Hello{% endblocktranslate %}<b class="wide">{{ name }}</b>') == set()
