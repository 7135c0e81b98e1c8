"""What a drug's number says, and that a medicine is kept as close as the diagnosis it tells."""

import pytest

from carewright.knowledge import medicines, sensitivity
from carewright.knowledge.table import rows

NOT_IN_OUR_COPY = {
    "acamprosate", "alprazolam", "alprostadil", "amoxapine", "aripiprazole", "asenapine", "atomoxetine", "avanafil",
}  # fmt: skip
"""Single ingredients that begin with A have no products in our copy; their numbers are unknown, and closed for that."""


@pytest.mark.parametrize(
    ("ndc", "said", "tags"),
    [
        ("00143971301", "lisinopril 20 MG Oral Tablet", set()),
        ("00378876716", "buprenorphine 8 MG / naloxone 2 MG Sublingual Film", {"behavioral"}),
        ("72189052828", "ethinyl estradiol 0.035 MG / norgestimate 0.25 MG Oral Tablet", {"reproductive"}),
        ("00143965530", "sertraline 50 MG Oral Tablet", {"behavioral"}),
        ("00054022120", "quetiapine 100 MG Oral Tablet", {"behavioral"}),
        ("00378514505", "donepezil hydrochloride 10 MG Oral Tablet", {"behavioral"}),
    ],
)
def test_a_number_names_its_product_and_its_tags(ndc, said, tags):
    assert medicines.product_of(ndc).name == said
    assert medicines.tags_of(ndc) == tags


@pytest.mark.parametrize("ndc", ["", "0", "00000111122", "0014397130", "001439713011", "1 2 3 4 5 6", "rxcui:32345"])
def test_what_nobody_knows_has_no_name_and_carries_every_tag_a_medicine_can_bring(ndc):
    assert medicines.product_of(ndc) is None
    assert medicines.tags_of(ndc) == {"behavioral", "hiv", "reproductive"}


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("[Biktarvy]", "hiv"),
        ("[Symtuza]", "hiv"),
        ("[Truvada]", "hiv"),  # also taken so that nobody catches it: the pills are the same
        ("[Apretude]", "hiv"),
        ("PMDD fluoxetine", "behavioral"),  # RxNorm says it before the ingredient
        ("Smoking Cessation 12 HR bupropion", "behavioral"),
        ("[Premarin]", "reproductive"),
        ("[Plan B", "reproductive"),
        ("Intrauterine System", "reproductive"),
        ("Vaginal", "reproductive"),
        ("naltrexone hydrochloride 50 MG", "behavioral"),
        ("methadone hydrochloride", "behavioral"),
    ],
)
def test_every_product_with_these_words_is_kept_closer(words, tag):
    found = [row for row in rows(medicines.PRODUCTS) if words in row["name"]]
    assert found
    for row in found:
        assert tag in medicines.tags_of(row["ndcs"].split()[0]), row["name"]


def test_a_word_inside_another_is_another_medicine():
    found = [row for row in rows(medicines.PRODUCTS) if row["name"].startswith("methylnaltrexone bromide 150 MG")]
    assert {tag for row in found for tag in medicines.tags_of(row["ndcs"].split()[0])} == set()


def test_a_pack_of_which_not_all_is_known_may_hold_anything():
    packs = [row for row in rows(medicines.PRODUCTS) if row["is_whole"] == "0"]
    assert packs
    for row in packs:
        assert medicines.tags_of(row["ndcs"].split()[0]) == medicines.every_tag()


def test_a_contraceptive_pack_is_one():
    pack = next(row for row in rows(medicines.PRODUCTS) if row["kind"] == "GPCK" and "drospirenone" in row["name"])
    assert medicines.tags_of(pack["ndcs"].split()[0]) == {"reproductive"}


def test_every_name_on_the_list_is_written_as_rxnorm_writes_it():
    words = " ".join(medicines._spaced(f"|{row['name']}|{row['ingredients']}|") for row in rows(medicines.PRODUCTS))
    missing = {
        line.name
        for line in medicines.sensitive()
        if line.match == "ingredient" and f" {line.name.lower()} " not in words
    }
    assert missing == NOT_IN_OUR_COPY
    forms = {form for row in rows(medicines.PRODUCTS) for form in row["dose_form"].split("|")}
    for line in medicines.sensitive():
        assert line.match == "ingredient" or any(form.startswith(f"{line.name} ") for form in forms)


def test_the_list_says_why_and_brings_only_tags_a_code_can_bring():
    assert all(line.because and line.tag in sensitivity.BY_CODE for line in medicines.sensitive())
    keys = [(line.match, line.name, line.tag) for line in medicines.sensitive()]
    assert len(keys) == len(set(keys))


def test_a_number_names_one_product_and_nothing_we_may_not_pass_on_is_here():
    numbers = [ndc for row in rows(medicines.PRODUCTS) for ndc in row["ndcs"].split()]
    assert len(numbers) == len(set(numbers)) == 221_960
    assert all(len(ndc) == 11 and ndc.isdigit() for ndc in numbers)


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ("Lisinopril 20 mg tablet", set()),
        ("Atorvastatin 40 MG Oral Tablet", set()),
        ("LIPITOR or atorvastatin", set()),
        ("Methylnaltrexone 150 mg", set()),
        ("naltrexone ER 380 mg/vial", {"behavioral"}),
        ("Aripiprazole 5mg", {"behavioral"}),
        ("Suboxone 8-2 mg film", {"behavioral"}),
        ("Biktarvy", {"hiv"}),
        ("norethindrone (contraceptive)", {"reproductive"}),
        ("Estradiol 0.01% vaginal cream", {"reproductive"}),
        ("", {"behavioral", "hiv", "reproductive"}),
        ("see note", {"behavioral", "hiv", "reproductive"}),
        ("mg tablet", {"behavioral", "hiv", "reproductive"}),
        ("Emtricitabine-tenofovir disoproxil fumarate 200-300 mg tablet", {"hiv"}),
        ("lopinavir-ritonavir oral solution", {"hiv"}),
        ("buprenorphine-naloxone hydrochloride", {"behavioral"}),
        ("methadone: 10 mg", {"behavioral"}),
        ("Suboxone\n8 mg, oral solution", {"behavioral"}),
        ("Biktarvy®; one tablet", {"hiv"}),
        ("FTC/TDF disoproxil fumarate", {"behavioral", "hiv", "reproductive"}),
        ("oral solution, once daily", {"behavioral", "hiv", "reproductive"}),
        ("sodium chloride 0.9 %", set()),
        ("metformin-sitagliptin", set()),
    ],
)
def test_a_medicine_in_somebodys_words_is_judged_by_them_and_closed_where_they_say_nothing(said, tags):
    assert medicines.tags_of_words(said) == tags


def test_the_number_counts_before_the_words_where_it_is_known():
    assert medicines.tags_as_listed("00378876716", "Lisinopril") == {"behavioral"}
    assert medicines.tags_as_listed("00000111122", "Lisinopril") == set()
    assert medicines.tags_as_listed("", "Lisinopril") == set()
