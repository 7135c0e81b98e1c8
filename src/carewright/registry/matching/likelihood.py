"""
How likely two records are one person: splink on DuckDB, with weights that are written here and not learned.

splink can learn its weights from the records themselves. We write them down instead: the same two records must get
the same likelihood today and tomorrow, in a clinic of four hundred people and a plan of a million, and a reader must be
able to see why. `m` is how often one person's two records agree so; `u` how often two strangers' do. The weights were set by hand and checked on invented people of whom the truth
is known: `./carewright bench match`, docs/matching.md.
"""

import logging
from collections.abc import Iterable, Iterator

import duckdb
import pyarrow as pa

from carewright.registry.matching.described import Described
from carewright.registry.matching.rules import WAITS_FROM

COLUMNS = {
    "id": pa.int64(), "given": pa.string(), "family": pa.string(), "born": pa.string(), "sex": pa.string(),
    "suffix": pa.string(), "street": pa.string(), "zip": pa.string(), "phones": pa.list_(pa.string()),
    "emails": pa.list_(pa.string()), "members": pa.list_(pa.string()),
    "phone": pa.string(), "email": pa.string(), "member": pa.string(),
}  # fmt: skip

ALIKE_TO_LOOK_AT = (
    "l.born = r.born and l.family = r.family",
    "l.born = r.born and l.given = r.given",
    "l.born = r.born and l.zip = r.zip and substr(l.given, 1, 1) = substr(r.given, 1, 1)",
    "l.born = r.born and l.given = r.family",
    "l.given = r.given and l.family = r.family and substr(l.born, 1, 4) = substr(r.born, 1, 4)",
    "l.given = r.given and l.family = r.family and l.zip = r.zip",
    "l.given = r.given and l.family = r.family and substr(l.born, 6) = substr(r.born, 6)",
    "l.phone = r.phone and l.given = r.given",
    "l.member = r.member",
    "l.email = r.email",
    "l.street = r.street and l.zip = r.zip and l.given = r.given",
)
"""Pairs that share at least this much are compared; all others never meet."""


def likely_pairs(
    people: Iterable[Described], *, at_least: float = WAITS_FROM, threads: int = 2, of: int | None = None
) -> Iterator[tuple[int, int, float]]:
    """
    The pairs of ids that may be one person with their likelihood, the smaller id first.

    Deterministic: the same people give the same pairs and numbers. `of` says how many people there are in all, where
    only some of them are given: how rare two alike strangers are does not depend on whom we look at.
    """
    table = _table(people)
    if table.num_rows < 2:
        return
    from splink import Linker  # half a second that only matching pays for
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    con = duckdb.connect()
    try:
        con.execute(f"set threads = {threads}; set memory_limit = '3GB'; set preserve_insertion_order = false")
        api = DuckDBAPI(connection=con)
        linker = Linker(api.register(table), settings(of or table.num_rows), log_level=logging.ERROR)
        found = linker.inference.predict(threshold_match_probability=at_least, warning_mode="never")
        pairs = found.as_duckdbpyrelation().project(
            "least(id_l, id_r) as a, greatest(id_l, id_r) as b, match_probability"
        )
        yield from pairs.order("a, b").fetchall()
    finally:
        con.close()


def _table(people: Iterable[Described]) -> pa.Table:
    columns: dict[str, list] = {name: [] for name in COLUMNS}
    for one in people:
        phones, emails = sorted(one.phones), sorted(one.emails)
        members = sorted(f"{payer}\x1f{number}" for payer, number in one.members)
        row = (
            one.id, one.given or None, one.family or None, one.born_on.isoformat() if one.born_on else None,
            one.sex if one.sex != "unknown" else None, one.suffix or None, one.street or None, one.zip_code or None,
            phones or None, emails or None, members or None,
            phones[0] if phones else None, emails[0] if emails else None, members[0] if members else None,
        )  # fmt: skip
        for values, value in zip(columns.values(), row, strict=True):
            values.append(value)
    return pa.table(columns, schema=pa.schema(list(COLUMNS.items())))


def settings(people: int) -> dict:
    """The model as splink reads it; two random records are one person the more rarely, the more people there are."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": min(1e-3, 0.2 / max(people, 1)),
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": rule, "sql_dialect": "duckdb"} for rule in ALIKE_TO_LOOK_AT
        ],
        "comparisons": [
            _compare(
                "name", "given_l is null or given_r is null or family_l is null or family_r is null",
                ("given_l = given_r and family_l = family_r", 0.78, 2e-5),
                ("given_l = family_r and family_l = given_r", 0.02, 1e-6),
                ("given_l = given_r and jaro_winkler_similarity(family_l, family_r) > 0.9", 0.06, 4e-5),
                ("family_l = family_r and (jaro_winkler_similarity(given_l, given_r) > 0.9 or starts_with(given_l, given_r)"
                 " or starts_with(given_r, given_l))", 0.07, 8e-5),
                ("given_l = given_r", 0.04, 0.006),
                ("family_l = family_r", 0.02, 0.003),
                (None, 0.01, 0.99),
            ),
            _compare(
                "born", "born_l is null or born_r is null",
                ("born_l = born_r", 0.95, 4e-5),
                ("damerau_levenshtein(born_l, born_r) <= 1", 0.03, 1e-3),
                ("substr(born_l, 6) = substr(born_r, 6) or (substr(born_l, 1, 4) = substr(born_r, 1, 4) and"
                 " substr(born_l, 6, 2) = substr(born_r, 9, 2) and substr(born_l, 9, 2) = substr(born_r, 6, 2))", 0.01, 3e-3),
                (None, 0.01, 0.99),
            ),
            _compare("sex", "sex_l is null or sex_r is null", ("sex_l = sex_r", 0.985, 0.5), (None, 0.015, 0.5)),
            _compare("suffix", "suffix_l is null or suffix_r is null",
                     ("suffix_l = suffix_r", 0.99, 0.3), (None, 0.01, 0.7)),
            _compare(
                "street", "street_l is null or street_r is null or zip_l is null or zip_r is null",
                ("street_l = street_r and zip_l = zip_r", 0.55, 1e-4),
                ("zip_l = zip_r and jaro_winkler_similarity(street_l, street_r) > 0.9", 0.1, 1e-3),
                ("zip_l = zip_r", 0.1, 0.01),
                (None, 0.25, 0.98),
            ),
            _compare("phones", "phones_l is null or phones_r is null",
                     ("list_has_any(phones_l, phones_r)", 0.6, 1e-5), (None, 0.4, 0.99)),
            _compare("emails", "emails_l is null or emails_r is null",
                     ("list_has_any(emails_l, emails_r)", 0.6, 2e-6), (None, 0.4, 0.99)),
            _compare("members", "members_l is null or members_r is null",
                     ("list_has_any(members_l, members_r)", 0.6, 2e-6), (None, 0.4, 0.99)),
        ],
    }  # fmt: skip


def _compare(name: str, nothing_said: str, *levels: tuple[str | None, float, float]) -> dict:
    """One thing compared: when nothing can be said, then each level from the closest to "anything else"."""
    return {
        "output_column_name": name,
        "comparison_levels": [
            {"sql_condition": nothing_said, "label_for_charts": "not said", "is_null_level": True},
            *(
                {
                    "sql_condition": sql or "ELSE",
                    "label_for_charts": sql or "else",
                    "m_probability": m,
                    "u_probability": u,
                }
                for sql, m, u in levels
            ),
        ],
    }
