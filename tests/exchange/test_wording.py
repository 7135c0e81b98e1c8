"""What reading a file writes comes back in the reader's language, and in English as it was written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.assessment import receiving
from carewright.assessment import sentences as of_answers
from carewright.assessment.templatetags.assessed import why_stopped
from carewright.assessment.wording import PROBLEMS as ANSWERS
from carewright.cli.dev.catalogue import asked, found
from carewright.exchange import ingesting, rereading, sentences, showing, taking_back, wording
from carewright.exchange.fhir.ingest import SET_ASIDE_COLUMNS
from carewright.exchange.files import recognize
from carewright.exchange.files.set_aside import OURS
from carewright.exchange.files.tables import BROKEN
from carewright.exchange.wording import PROBLEMS
from carewright.kernel.errors import BadInput
from carewright.plumbing import problems
from carewright.warehouse.layout import layouts
from tests.made_up_language import made_up_language
from tests.written_sentences import Written, written

FILES = written("exchange")
QUESTIONNAIRES = written("knowledge/instruments", "assessment")


def unknown(texts: set[Written], room: problems.Problems, groups: dict[str, tuple]) -> list[str]:
    """Of the texts the code can write those that no sentence marked for translation is."""
    found = []
    for one in sorted(texts, key=lambda one: (one.place, one.text)):
        if one.part == "mend":
            said = room.phrases.one_after_the_other(one.text, groups["mend"])
        elif one.part in groups:
            said = room.phrases.one_of(one.text, groups[one.part])
        else:
            continue
        if said != one.text:
            found.append(f"{one.place} writes without a translation: {one.text}")
    return found


def of_calendar(texts: set[Written]) -> set[Written]:
    """The same with a day where only a day fits, as the shapes of the sentences ask for."""
    return {Written(one.part, DAYS.get(one.text, one.text), one.place) for one in texts}


DAYS = {
    "7 to 7": "2026-01-02 to 2026-01-01", "a day up to 7": "a day up to 2026-01-02",
    "a field of FHIR 7": "a field of FHIR R5", "the byte 7 at 7, which UTF-8 does not have": "the byte 0xff at 7, which UTF-8 does not have",
    "the text 7, as STU3 wrote it": "the text 'active', as STU3 wrote it",
    "7 as FHIR R4 defines it": "Patient as FHIR R4 defines it", "7 as FHIR R4 writes it": "Patient as FHIR R4 writes it",
    "7 in the shape FHIR R4 gives it": "Patient in the shape FHIR R4 gives it",
    "7, a kind of FHIR DSTU2": "Order, a kind of FHIR DSTU2", "7, a kind of FHIR R5": "Order, a kind of FHIR R5",
    "7, a kind of FHIR STU3": "Order, a kind of FHIR STU3", "a request to delete ": "a request to delete 7",
}  # fmt: skip


def test_whatever_reading_a_file_can_write_is_marked_for_translation():
    assert len(FILES) > 200
    groups = {
        "expected": sentences.EXPECTED + of_answers.EXPECTED, "found": sentences.FOUND, "mend": sentences.MENDS,
        "what": sentences.REASONS, "why": sentences.NO_BUNDLE, "note": sentences.OF_A_FILE,
    }  # fmt: skip
    assert unknown(of_calendar(FILES), PROBLEMS, groups) == []
    told = {Written("found", what, "recognize.OTHERS") for _first, what in recognize.OTHERS}
    told |= {Written("what", what, "tables.BROKEN") for what, _mend in BROKEN.values()}
    told |= {Written("mend", mend, "tables.BROKEN") for _what, mend in BROKEN.values()}
    assert unknown(told, PROBLEMS, groups) == []


def test_whatever_does_not_read_in_a_questionnaire_is_marked_for_translation():
    assert len(QUESTIONNAIRES) > 80
    groups = {"expected": of_answers.EXPECTED, "found": of_answers.FOUND, "mend": of_answers.MENDS}
    known = {one for one in QUESTIONNAIRES if one.text not in ("", "7, 7")}
    assert unknown(known, ANSWERS, groups) == []


def test_what_tables_and_columns_mean_is_said_in_the_reader_s_language():
    meant = {shape.meaning for shape in layouts().values()}
    meant |= {column.meaning for shape in layouts().values() for column in shape.columns}
    assert meant <= asked(found())
    with made_up_language():
        assert [text for text in sorted(meant) if wording.said(text) != f"⟦{text}⟧"] == []


@pytest.mark.parametrize(
    "text",
    [
        ingesting.FAILED_TWICE, taking_back.FAILED, rereading.FAULT, showing.UNTOLD,
        f"Its rows were tried again, and nothing changed. {rereading.FAULT}",
        "Its rows were tried again, and nothing changed. a.csv: expected a whole gzip file, found 'a gzip file that breaks"
        " off or is damaged'. Nothing of it was read. Ask the sender to send it again, and compare the file's size with"
        " theirs.",
        f"a.csv: nobody recognizes its columns (a, b, c). {recognize.UNDERSTOOD}",
        f"a.csv: nobody recognizes its columns (a, b, c). It looks like eligibility, but has no column a and no b."
        f" {recognize.UNDERSTOOD}",
        "big.ndjson line 7: expected a bundle of resources, or bulk NDJSON, of any size, found 'more than 256 MB in one"
        " piece, which does not read as a bundle: its entry 1,000 is no JSON (unexpected character)'. Ask for it again, as"
        " bulk NDJSON or in several bundles.",
        """it's.csv line 1: expected every column once, found "the column what's it 2 times". Which of them is meant cannot"""
        " be known. Ask the sender to take the other one out.",
        "column DOB: expected a date written YYYY-MM-DD, found '5/2/1948'.",
        "column DOB: expected a date written YYYY-MM-DD, found '5/2/1948'. column x: expected a whole number, found 'it's'.",
        f"column DOB: expected a date written YYYY-MM-DD, {showing.NOT_SHOWN}.",
        "Row with too many or too few fields.",
        "Patient.birthDate: expected a day up to 2026-11-24, found 2030-01-01",
        f"Patient.birthDate: expected a day up to 2026-11-24, {showing.NOT_SHOWN}.",
        "QuestionnaireResponse.item, how: expected one of a (A); b, found 7",
        "1 line was not UTF-8 and was read as Windows-1252 (line 1,207 first). Names may show a wrong accent; ask the"
        " sender to save the file as UTF-8.",
        "1,207 lines were not UTF-8 and were read as Windows-1252 (line 3 first). Names may show a wrong accent; ask the"
        " sender to save the file as UTF-8.",
        "Used: Claim 3, Patient 1,000.", "No person id", "death date lies before birth date",
    ],
)  # fmt: skip
def test_a_stored_sentence_is_known_and_in_english_as_it_was_written(text):
    assert wording.read(text) == text
    with made_up_language():
        assert wording.said(text) != text


@given(st.text())
def test_any_text_at_all_comes_back_in_english(text):
    for each in (
        text,
        f"{text}: expected {text}, found {text!r}. {text}",
        f"column a: expected {text}, found '{text}'.",
    ):
        assert wording.said(each) == each


def test_a_problem_is_worded_part_by_part():
    problem = BadInput("sent.csv line 3", "an empty file", "a header and rows", "Ask the sender to send it again.")
    assert PROBLEMS.worded(problem) == str(problem) == problems.PLAIN.worded(problem)
    with made_up_language():
        assert PROBLEMS.worded(problem) == (
            "⟦⟦sent.csv line 3⟧: expected ⟦a header and rows⟧, found '⟦an empty file⟧'.⟧ ⟦Ask the sender to send it again.⟧"
        )
        assert PROBLEMS.worded(BadInput("7", "cat", "a dog")) == "⟦7: expected a dog, found 'cat'.⟧"
        assert wording.said("Nobody ever wrote this.") == "Nobody ever wrote this."


def test_why_answers_count_no_more_is_said_in_the_reader_s_language():
    for text in (receiving.CORRECTED, receiving.TAKEN_BACK, taking_back.BECAUSE.format(why="The wrong month.")):
        assert why_stopped(text) == text
        with made_up_language():
            assert why_stopped(text) == f"⟦{text}⟧"


def test_a_resource_set_aside_is_said_with_what_was_found_and_expected():
    header = [*OURS, *SET_ASIDE_COLUMNS]
    row = ["3", "Claim.billablePeriod.start: expected the first day of service, found nothing",
           "Ask the sender to fill it in.", "Claim", "c1", "billablePeriod.start", "nothing", "the first day of service"]  # fmt: skip
    assert wording.of_set_aside(row, "fhir") == row
    with made_up_language():
        shown = wording.of_set_aside(row, "fhir")
        names = wording.header_of_set_aside(header, "fhir")
        theirs = wording.header_of_set_aside([*OURS, "found"], "medical_claim")
    assert shown[1] == "⟦Claim.billablePeriod.start: expected ⟦the first day of service⟧, found ⟦nothing⟧⟧"
    assert shown[2:] == ["⟦Ask the sender to fill it in.⟧", *row[3:6], "⟦nothing⟧", "⟦the first day of service⟧"]
    assert names[-2:] == ["⟦Found⟧", "⟦Expected⟧"] and theirs[-1] == "found", "a sender may have a column of that name"


def test_what_a_sender_wrote_stays_as_it_is():
    with made_up_language():
        said = wording.said("column Found: expected a date written YYYY-MM-DD, found 'an empty file'.")
    assert said == "⟦column Found: expected ⟦a date written YYYY-MM-DD⟧, found 'an empty file'.⟧"


@pytest.mark.parametrize("group", [name for name in dir(sentences) if re.fullmatch("[A-Z_]{4,}", name)])
def test_no_sentence_stands_twice(group):
    words = [each for each in getattr(sentences, group) if isinstance(each, str)]
    assert len(words) == len(set(words))
