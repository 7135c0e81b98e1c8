"""The languages pages can be read in: English, and each whose translation lies compiled in the folder of translations."""

from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language


def languages(folder: Path) -> list[tuple[str, str]]:
    """Code and own name of each language, English first; a site adds one by laying its translation there."""
    found = sorted(to_language(file.parts[-3]) for file in folder.glob("*/LC_MESSAGES/django.mo"))
    return [("en", "English"), *((code, _name(code)) for code in found if code != "en")]


def _name(code: str) -> str:
    known = LANG_INFO.get(code) or LANG_INFO.get(code.split("-")[0]) or {}
    return known.get("name_local", code)
