"""
Sensitivity tags for whole tables at once: which rows hold a code, or come from a source, that is kept closer.

The codes of a row are joined with spaces, one text per code system, and searched with one pattern per tag. A row that
does not name its code system is read against all of them: better a tag too many than one too few.
"""

from collections.abc import Iterator, Sequence

from carewright.knowledge import sensitivity
from carewright.warehouse.layout import Column, Layout
from carewright.warehouse.names import quoted, text

SYSTEM_OF_CODE = {"icd": "icd10cm", "icd_procedure": "icd10pcs", "hcpcs": "hcpcs"}
SYSTEM_OF_COLUMN = {"revenue_center_code": "revenue", "drg_code": "drg", "place_of_service_code": "place"}
"""Which lines of the sensitivity table a column of codes is read against, where no other column says so."""

NAMED_AS = {
    "icd10cm": "({said} like '%icd10%' and {said} not like '%pcs%')",
    "icd9cm": "{said} like '%icd9%'",
    "icd10pcs": "{said} like '%pcs%'",
    "hcpcs": "({said} like '%hcpcs%' or {said} like '%cpt%')",
    "loinc": "{said} like '%loinc%'",
    "snomed": "({said} like '%snomed%' or {said} like '%sct%')",
}
"""How a code system is recognized in the many ways it is named: `ICD-10-CM`, `http://hl7.org/fhir/sid/icd-10-cm`, …"""


def tagged(
    rows: str, names: str, shape: Layout, has: set[str], part2: Sequence[tuple[str, str]] = (), *, given: str = ""
) -> str:
    """
    A `select` of `names` and `tags` from `rows`: sensitivity tags, sorted and joined with ';'.

    `has` are the columns that hold anything, `part2` the declared sources as `("npi" | "feed", value)`, `given` a
    column with tags the rows already carry. Works in steps (systems named, codes joined, each tag yes or no, tags
    joined), so that no expression is computed twice.
    """
    said: dict[str, str] = {}
    tests: dict[str, list[str]] = {tag: [] for tag in sensitivity.TAGS}
    texts = []
    for system, codes in _codes_of(shape, has, said).items():
        patterns = {tag: pattern for tag in sensitivity.BY_CODE if (pattern := sensitivity.pattern(system, tag))}
        if patterns:
            texts.append(f"concat_ws(' ', {', '.join(codes)}) as {system}_codes")
            for tag, pattern in patterns.items():
                tests[tag].append(f"regexp_matches({system}_codes, {text(pattern)})")
    for tag, test in _sources(shape, has, part2, given):
        tests[tag].append(test)
    asked = {
        tag: " or ".join(f"coalesce({test}, false)" for test in each) for tag, each in sorted(tests.items()) if each
    }
    if not asked:
        return f"select {names}, '' as tags from ({rows}) as landing"
    systems = "".join(f", {expression} as {column}" for expression, column in said.items())
    joined = "".join(f", {each}" for each in texts)
    flags = ", ".join(f"({test}) as is_{tag}" for tag, test in asked.items())
    any_of = " or ".join(f"is_{tag}" for tag in asked)
    words = ", ".join(f"case when is_{tag} then {text(tag)} end" for tag in asked)
    return (
        f"with landing as ({rows}), named as (select *{systems} from landing), coded as (select *{joined} from named),"
        f" flagged as (select {names}, {flags} from coded)"
        f" select {names}, case when {any_of} then concat_ws(';', {words}) else '' end as tags from flagged"
    )


def _sources(shape: Layout, has: set[str], part2: Sequence[tuple[str, str]], given: str) -> Iterator[tuple[str, str]]:
    """Tags that come from who said it, or that the row brings along."""
    npis = ", ".join(text(value) for kind, value in part2 if kind == "npi")
    feeds = ", ".join(text(value) for kind, value in part2 if kind == "feed")
    if npis:
        for column in shape.columns:
            if column.provider and column.name in has:
                yield "part2", f"{quoted(column.name)} in ({npis})"
    if feeds:
        yield "part2", f"source in ({feeds})"
    if given:
        for tag in sensitivity.TAGS:
            yield tag, f"list_contains(string_split({given}, ';'), {text(tag)})"


def _codes_of(shape: Layout, has: set[str], said: dict[str, str]) -> dict[str, list[str]]:
    """
    For each code system the SQL of the codes to be read against it. `said` is filled with the SQL of what a row names as
    its code systems, and the columns these become.
    """
    found: dict[str, list[str]] = {}
    for column in shape.columns:
        if column.name not in has:
            continue
        if column.code_by:
            for named, codes in _by_type(column, has, said):
                found.setdefault(named, []).append(codes)
            continue
        system = SYSTEM_OF_COLUMN.get(column.name) or SYSTEM_OF_CODE.get(column.code)
        if system == "drg" and "drg_code_type" in has:
            # Only MS-DRG numbers are in the table; the same number means something else in APR-DRG.
            apr = "coalesce(lower(drg_code_type), '') like '%apr%'"
            found.setdefault(system, []).append(f"case when {apr} then null else drg_code end")
        elif system:
            found.setdefault(system, []).append(quoted(column.name))
    return found


def _by_type(column: Column, has: set[str], said: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The codes of a column whose code system another column names, for each system it may be."""
    bare = f"upper(replace({quoted(column.name)}, '.', ''))"
    for system, words in NAMED_AS.items():
        if column.code == "icd" and system not in ("icd10cm", "icd9cm"):
            continue
        if column.code_by not in has:
            yield system, bare
            continue
        named_by = f"lower(regexp_replace(coalesce({quoted(column.code_by)}, ''), '[^A-Za-z0-9]', '', 'g'))"
        name = said.setdefault(named_by, f"said_{len(said)}")
        yield system, f"case when {words.format(said=name)} or {name} = '' then {bare} end"
