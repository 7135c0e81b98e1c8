"""Everything a run writes comes back in the reader's language, and in English as it was written."""

import re
from datetime import date, timedelta

import duckdb
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from carewright.knowledge import ranking, table
from carewright.knowledge.programs import ALL_RULES
from carewright.population import movement, sentences, wording
from carewright.population.models import Criterion
from carewright.population.published_words import WORDS
from carewright.population.templatetags.population_words import ruled_out_because, said
from carewright.warehouse.step import STEPS
from tests.made_up_language import made_up_language
from tests.warehouse.population.world import AS_OF, World

GROUPS = (
    sentences.SENTENCES, sentences.BECAUSE, sentences.SHOWN, sentences.CHIPS, sentences.PARTS, sentences.ABOUT_PARTS,
    sentences.MOVED, sentences.TIES, sentences.HCC_PERSON, sentences.HCC_OTHER,
)  # fmt: skip
NOT_SAID = {
    "emergency department", "inpatient hospice", "outpatient hospice",  # kinds of service, compared only
    "CDC SVI 2022",  # the name of an edition
    "lasting_conditions",
}  # fmt: skip
COLUMNS = {
    "criterion": ("label", "text", "chip", "open_text", "open_chip"),
    "score_part": ("label", "all_label"),
    "score": ("tie_break", "open_tie_break"),
}


def english() -> set[str]:
    """Every sentence as it stands in English, for one and for many."""
    found = set(WORDS)
    for group in GROUPS:
        for words in group:
            found |= {words(1), words(2)} if callable(words) else {words}
    return found


def many_answers() -> World:
    """People in whom, between them, the rules find nearly everything they can find."""
    world, day = World(), timedelta(days=1)
    domains = sorted({row["domain"] for row in table.rows("social/social_need_code.csv")})
    conditions = [row["condition"] for row in table.rows("conditions/ccw30_rule.csv")]
    codes = {row["condition"]: row["code"] for row in table.rows("conditions/ccw30_code.csv.gz")}
    world.person("plain")
    world.person("dead", died_on=AS_OF - 40 * day)
    world.person("gone", is_covered=False, last_enrolled_on=date(2026, 5, 31))
    world.person("never", is_covered=False, last_enrolled_on=None, first_enrolled_on=None, payer=None, payer_type=None)
    world.person("unnamed", payer=None)
    world.person("unnamed_since", payer="St. Mary's Plan. North", first_enrolled_on=None)
    world.person("in_hospice", in_hospice=True)
    world.claim(world.person("hospice_claim", in_hospice=True), paid_on=AS_OF, service_category_2="inpatient hospice")
    world.claim(world.person("hospice_seen"), paid_on=AS_OF, service_category_2="inpatient hospice")
    world.claim(
        world.person("was_in_hospice"), paid_on=AS_OF, service_category_2="outpatient hospice",
        ends_on=AS_OF - 300 * day,
    )  # fmt: skip
    world.person("doubted", identity_in_doubt=True)
    world.person("ageless", born_on=None)
    world.person("child", born_on=date(2015, 1, 1), payer_type="medicaid")
    world.person("short", months=4)
    world.person("elsewhere", payer="Plan B")
    for number, status in enumerate(("01", "30", "20", "", "07")):
        name = world.person(f"left{number}")
        world.stay(name, AS_OF - 12 * day, AS_OF - 8 * day, status=status, tags="behavioral" if number == 4 else "")
        for back in range(number):
            world.stay(name, AS_OF - (90 + 20 * back) * day, AS_OF - (86 + 20 * back) * day)
            world.ed_visit(name, AS_OF - (50 + 9 * back) * day, tags="behavioral" if back == 2 else "")
    world.stay(world.person("still_in"), AS_OF - 3 * day, None)
    world.person("frail")
    for condition in ("chf", "copd", "ckd", "alzh"):
        world.condition("frail", condition, codes[condition], AS_OF - 100 * day, AS_OF - 20 * day)
    for number in (1, 3, len(conditions)):
        world.claim(world.person(f"recorded{number}"), paid_on=AS_OF)
        for condition in conditions[:number]:
            world.record(f"recorded{number}", codes[condition], AS_OF - 90 * day)
    for number in range(len(conditions) + 1):
        name = world.person(f"ill{number}")
        for condition in conditions[max(0, number - 7) : number]:
            world.condition(name, condition, codes[condition], AS_OF - 100 * day, AS_OF - 20 * day)
    for number in range(1, len(domains) + 1):
        name = world.person(f"needs{number}")
        for place, domain in enumerate(domains[max(0, number - 4) : number]):
            world.need(name, domain, AS_OF - (10 + place) * day, tags="safety" if place == 1 else "")
    return world


def worlds() -> list[duckdb.DuckDBPyConnection]:
    quiet, partial, thin = many_answers(), many_answers(), many_answers()
    quiet.feed(feed="claims", complete_through=AS_OF, is_quiet=True, months=2)
    partial.feed(feed="claims", complete_through=AS_OF, is_quiet=False, months=2, share=0.45)
    thin.feed(feed="claims", complete_through=AS_OF, is_quiet=False, months=2, silent=6, told=24)
    bare = World()
    for number in range(5):
        bare.claim(bare.person(f"p{number}"), paid_on=AS_OF, kind="professional", code=None)
    medicare = [("chronic_care", "payer_type", "commercial")]
    return [many_answers().run(medicare), quiet.run(), partial.run(), thin.run(), bare.run()]


def written(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Every text these published tables hold."""
    found: set[str] = set()
    for name, columns in COLUMNS.items():
        for column in columns:
            found |= {row[0] for row in con.execute(f"select distinct {column} from published.{name}").fetchall()}
    return found - {None, ""}


def test_every_text_of_a_run_is_known_and_is_in_english_as_it_was_written():
    texts = set().union(*(written(con) for con in worlds()))
    assert len(texts) > 150
    assert [text for text in sorted(texts) if wording.read(text) is None] == []
    assert [text for text in sorted(texts) if wording.translated(text) != text] == []
    told = " ".join(texts)
    for words in (*sentences.SENTENCES[:12], *sentences.BECAUSE, *sentences.SHOWN, *sentences.CHIPS):
        fragment = max(re.split(r"\{\w+\}", words(2) if callable(words) else words), key=len).strip(" .")
        assert fragment in told, f"no person of these worlds is told: {fragment}"


def test_no_step_writes_words_that_no_sentence_has():
    known = english()
    asked = 0
    sources = [(path.name, path.read_text()) for path in sorted((STEPS / "marts").glob("*.sql"))]
    sources.append(("movement", movement.LISTS + movement.BANDS))
    for name, sql in sources:
        for literal in re.findall(r"'((?:[^']|'')*)'", re.sub(r"--.*", "", sql)):
            for piece in literal.replace("''", "'").split(". "):
                words = piece.strip(" .,;:()")
                if not re.search(r"[A-Za-z]{2,}.* .*[A-Za-z]{2,}|^[A-Z][a-z]+$", words) or words in NOT_SAID:
                    continue
                asked += 1
                assert any(words in sentence for sentence in known), (
                    f"{name} writes words without a translation: {words}"
                )
    assert asked > 80


def test_every_name_in_the_tables_is_marked_for_translation():
    names = {row["label"] for row in table.rows("conditions/ccw30_rule.csv")}
    names |= {row["domain"] for row in table.rows("social/social_need_code.csv")}
    names |= {row["label"] for row in table.rows("risk/hcc_label.csv")}
    names |= {row["label"] for row in table.rows("risk/hcc_interaction.csv")}
    for program in ALL_RULES:
        names |= {program.name, program.short}
        names |= {words for line in program.criteria for words in (line.label, line.words)}
        names |= {word for threshold in program.thresholds for word in threshold.one_of}
    assert names - WORDS - {""} == set()
    for part in ranking.PARTS:
        for words, number in ((part.one, 1), (part.many, 12)):
            text = words.replace("{n}", str(number))
            assert wording.PHRASES.one_of(text, sentences.PARTS) == text, part.code


SAMPLES = {
    "day": "2026-05-01", "age": "71", "status": "20", "payer": "Plan A", "feed": "claims", "needs": "Upbringing (2026-05-01)",
    "because": "the claims on file come without diagnoses", "conditions": "Anemia, Cataract", "shown": "1 ED visit, 2 ED visits",
    "now": "None found. 2 or more count.", "before": "No stay on file.", "label": "Adult", "part": "COPD", "kind": "medicaid",
    "set_kind": "medicare", "was": "steady", "is_now": "high", "stays": "1 stay", "visits": "2 ED visits",
}  # fmt: skip


@pytest.mark.parametrize("group", GROUPS, ids=range(len(GROUPS)))
def test_every_sentence_is_found_again_and_by_none_that_stands_before_it(group, made_up):
    for words in group:
        for number in (1, 2) if callable(words) else (1,):
            template = words(number).strip("⟦⟧") if callable(words) else words
            values = {name: SAMPLES.get(name, "7") for name in re.findall(r"\{(\w+)\}", template)} | {"n": str(number)}
            text = template.format(**values)
            found = [form for form in wording.PHRASES.forms(group) if wording.PHRASES.told(form, text) is not None]
            assert found and found[0].words is words, template


@given(st.text())
def test_any_text_at_all_comes_back_in_english(text):
    assert wording.translated(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Repeated emergency visits: 3 ED visits that did not end in a stay in 12 months. 3 or more count. Before: 2 ED visits"
        " that did not end in a stay in 12 months. 3 or more count.",
        "Died on 2026-05-01. Before: No date of death on file.",
        "From steady (12) to high (41).",
        "2 unplanned hospital stays in 12 months +22",
        "1 unplanned hospital stay in 12 months with protected facts counted −14",
        "Woman, 71 years old, new to Medicare, with Medicaid, first entitled by disability",
        "Man, under 35",
        "Only the first 3 months of 2026 are known on the day of this run.",
        "The score counts diagnoses of 2026, which had not begun on the day of this run.",
        "CMS-HCC is a Medicare score, and no Medicare coverage is known in 2025 or 2026.",
        "4 payment conditions together",
        "1 found in claims: Asthma. 3 or more count. Records name 6 that the claims do not show: Anemia, Cataract, Glaucoma,"
        " Diabetes, Hypertension and 1 more. A clinician can confirm them.",
        "Age 90+. The rule speaks about people from 95 years on.",
    ],
)
def test_what_changed_and_payment_scores_are_known_too(text):
    assert wording.read(text) == text


def test_each_piece_is_put_into_the_reader_s_language(made_up):
    assert said("Home since 2026-11-06.") == "⟦Home since ⟦Nov⟧ 6, 2026.⟧"
    assert wording.translated("1 ED visit") == "⟦1 ED visit⟧"
    assert wording.translated("2 found: Anemia, Cataract. 2 or more count.") == (
        "⟦2 found: ⟦Anemia⟧, ⟦Cataract⟧.⟧ ⟦2 or more count.⟧"
    )
    assert wording.translated("On file: Housing and economic circumstances (2026-08-01).") == (
        "⟦On file: ⟦Housing and economic circumstances⟧ (2026-08-01).⟧"
    )
    assert wording.translated("Unknown, not no: the claims feed A. B went quiet.") == (
        "⟦Unknown, not no: ⟦the claims feed A. B went quiet⟧.⟧"
    )
    line = Criterion(code="alive", text="Died on 2026-05-01.")
    assert ruled_out_because([line]) == "⟦Ruled out because ⟦this person died on ⟦May⟧ 1, 2026⟧.⟧"
    assert wording.translated("Nobody ever wrote this.") == "Nobody ever wrote this."


def test_a_translation_that_asks_for_what_is_not_there_gives_way_to_english():
    with made_up_language(lambda _text: "{nothing} {0}"):
        assert wording.translated("Died on 2026-05-01.") == "Died on 2026-05-01."


@pytest.mark.django_db
def test_the_pages_say_a_run_s_words_in_the_reader_s_language(client, run, as_role, patient, made_up):
    as_role("supervisor")
    ada = patient("ada")
    listed = client.get("/candidates").content.decode()
    assert "⟦Home ⟦Nov⟧ 6⟧" in listed
    why = client.get(reverse("population:why", args=[ada.public_id])).content.decode()
    for line in Criterion.objects.filter(run=run, patient=ada):
        for text in (line.text,) if line.code == "alive" else (line.label, line.text):
            translation = said(text)
            assert translation.startswith("⟦"), text
            assert translation.replace("'", "&#x27;") in why, text
    assert "⟦Heart failure⟧" in why
    chart = client.get(reverse("patient:glance", args=[ada.public_id])).content.decode()
    assert "⟦Heart failure⟧" in chart
