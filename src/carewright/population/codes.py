"""Codes in words, for pages: what an ICD-10-CM code says, and what a language is called."""

from functools import cache

from django.conf.locale import LANG_INFO

from carewright.knowledge import table


@cache
def _icd10cm() -> dict[str, str]:
    """Every ICD-10-CM code without its dot, with its description; read once, when first asked."""
    return {row["code"]: row["description"] for row in table.rows("value_sets/icd10cm.csv.gz")}


def in_words(code: str) -> str:
    """
    What an ICD-10-CM code says, with or without its dot; nothing for a code we do not know.

    >>> in_words("I50.22")
    'Chronic systolic (congestive) heart failure'
    """
    return _icd10cm().get((code or "").replace(".", "").upper(), "")


def language_name(code: str) -> str:
    """
    A language in words, whether it was sent as a code or as a word.

    >>> language_name("es"), language_name("Tagalog"), language_name("")
    ('Spanish', 'Tagalog', '')
    """
    short = (code or "").split("-")[0].lower()
    more = {"ht": "Haitian Creole", "so": "Somali", "tl": "Tagalog", "zh": "Chinese", "hmn": "Hmong", "am": "Amharic"}
    return more.get(short) or LANG_INFO.get(short, {}).get("name", code)
