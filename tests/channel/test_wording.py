"""What we write: nothing private in any of it, short enough, in words most people read, and in both languages."""

import re
from dataclasses import replace

import pytest

from carewright.channel import rules, wording
from carewright.channel.configuration import Sending
from carewright.knowledge import instruments
from carewright.knowledge.programs import ALL_RULES

ORDINARY = {
    "organization": "Riverside Community Care", "phone": "413-555-0100", "hours": Sending.hours, "name": "Ruth Abernathy",
    "staff": "Maria Alvarez", "day": "Fri Nov 27", "time": "10:30 AM", "reference": "K7Q2", "status": "We have it.",
}  # fmt: skip
SAID = [(template, language) for template in wording.TEMPLATES for language in template.text]
IDS = [f"{template.code}-{language}" for template, language in SAID]


@pytest.mark.parametrize(("template", "language"), SAID, ids=IDS)
def test_nothing_says_how_somebody_is_or_which_program_it_is_about(template, language):
    words = " ".join(template.said(language, ORDINARY))
    assert rules.says_too_much(words, names=[program.name for program in ALL_RULES]) == ""
    for instrument in instruments.catalog():
        assert not re.search(rf"\b{re.escape(instrument.code)}\b|{re.escape(instrument.title)}", words, re.IGNORECASE)
    assert not re.search(r"\bscore|\brisk|punta(je|ción)|riesgo", words, re.IGNORECASE)


@pytest.mark.parametrize(("template", "language"), SAID, ids=IDS)
def test_a_text_says_who_we_are_first_fits_and_says_how_to_stop(template, language):
    if "sms" not in template.kinds:
        return
    _subject, text = template.said(language, ORDINARY)
    assert text.startswith("Riverside Community Care: ")
    assert len(text) <= 160
    assert re.search(r"STOP|PARAR|START", text)


@pytest.mark.parametrize("template", [one for one in wording.TEMPLATES if not one.kinds & {"page", "fax"}])
def test_what_patients_read_is_there_in_english_and_spanish_with_the_same_values(template):
    assert set(template.text) == {"en", "es"}
    english = replace(template, text={"en": template.text["en"]}, subject={}).values
    assert english == replace(template, text={"es": template.text["es"]}, subject={}).values


def syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and len(groups) > 1
    return max(1, len(groups) - silent)


@pytest.mark.parametrize(
    "template", [one for one in wording.TEMPLATES if "letter" in one.kinds], ids=lambda one: one.code
)
def test_letters_read_at_grade_six_or_lower(template):
    _subject, text = template.said("en", ORDINARY)
    words = re.findall(r"[A-Za-z']+", text)
    sentences = [one for one in re.split(r"[.!?:]\s|\n\n", text) if one.strip()]
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    assert grade <= 6.0, f"{template.code}: grade {grade:.1f}"


def test_a_letter_says_that_it_is_free_voluntary_and_how_to_stop():
    for language, needed in (
        ("en", ("free", "yes or no", "interpreter", "711")),
        ("es", ("gratis", "sí o no", "intérprete")),
    ):
        _subject, text = wording.BY_CODE["outreach_letter"].said(language, ORDINARY)
        assert all(word in text for word in needed)
