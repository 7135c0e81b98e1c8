"""From landed claim lines to the published facts, through every step in between."""

from datetime import date
from decimal import Decimal

from tests.warehouse.by_hand import ByHand, steps

AS_OF = date(2026, 6, 30)
PUBLISHED = (
    "published.hcc",
    "published.hcc_score",
    "published.condition",
    "published.comorbidity",
    "published.social_need",
    "published.neighborhood",
)
MARTS = (
    "marts.hcc_person",
    "marts.hcc_diagnosis",
    "marts.hcc_condition",
    "marts.hcc_condition_list",
    "marts.hcc",
    "marts.hcc_score",
    "marts.chronic_condition_ccw30",
    "marts.chronic_condition_ccir",
    "marts.chronic_condition",
    "marts.comorbidity_condition",
    "marts.comorbidity_elixhauser",
    "marts.comorbidity",
    "marts.social_need",
    "marts.neighborhood",
)


def test_two_visits_become_a_score_with_words_evidence_and_no_guess():
    hand = ByHand()
    hand.person(born=date(1953, 6, 1), zip_code="02139", dual_status_code="00", original_reason_entitlement_code="0")
    hand.person("kid", born=date(2015, 1, 1), payer_type="medicaid")
    first = hand.claim(
        "c1", date(2025, 2, 1), hcpcs_code="99213", diagnosis_code_1="E1122", diagnosis_code_2="I509",
        diagnosis_code_3="Z5901",
    )  # fmt: skip
    second = hand.claim("c2", date(2025, 9, 1), hcpcs_code="99213", diagnosis_code_1="E1122", diagnosis_code_2="I509")
    # A laboratory claim: its number is not on the list, so its diagnosis is no risk diagnosis.
    hand.claim("c3", date(2025, 9, 2), hcpcs_code="80053", diagnosis_code_1="C787")
    con = hand.build(*PUBLISHED, as_of=AS_OF)

    def rows(query: str) -> list[tuple]:
        return con.execute(query).fetchall()

    scores = rows(
        "select hccs, raw_score, payment_score, status, segment from published.hcc_score"
        " where person_id = 'ada' and model = 'V28' and payment_year = 2026"
    )
    assert scores == [("37;226", Decimal("1.033"), Decimal("0.911"), "scored", "CNA")]
    [(evidence,)] = rows(
        "select evidence from published.hcc where model = 'V28' and payment_year = 2026 and hcc = '226'"
    )
    assert evidence == f"{second};{first}"
    assert rows("select distinct status from published.hcc_score where person_id = 'kid'") == [("not_applicable",)]

    conditions = rows("select condition, claims, evidence from published.condition where scheme = 'ccw30' order by 1")
    assert conditions == [
        ("chf", 2, f"{second};{first}"),
        ("ckd", 2, f"{second};{first}"),
        ("diabetes", 2, f"{second};{first}"),
    ]
    assert rows("select charlson from published.comorbidity where person_id = 'ada'") == [(9,)]
    assert rows("select code, source, evidence from published.social_need") == [("Z5901", "claim", first)]
    assert rows("select county from published.neighborhood") == [("Middlesex County, MA",)]


def test_headers_name_exactly_the_columns_of_each_table():
    hand = ByHand()
    hand.person()
    con = hand.build(*PUBLISHED, as_of=AS_OF)
    for name in (*PUBLISHED, *MARTS):
        columns = [column for column, *_ in con.execute(f"describe {name}").fetchall()]
        assert columns == list(steps()[name].columns), name
