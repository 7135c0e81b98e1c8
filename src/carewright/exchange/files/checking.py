"""
What a row must be to land: each column's value as SQL, and each thing that can be wrong with it.

Read aloud: a row is set aside when keeping it would put something false where it does harm: no person, no claim, a date
that is no date, a visit that has not happened yet, an end before its start, money that is not a number. A row is kept
with a remark when the rest of it is still true: a code of the wrong shape matches no table and so claims nothing, but
the visit it stands on happened. Nothing is ever corrected by a guess; what is rewritten (dots taken out of codes,
leading zeros a spreadsheet dropped where only one width is possible) could have been written in one way only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carewright.warehouse.layout import Column, Layout
from carewright.warehouse.names import quoted, text

OLDEST, EARLIEST, LATEST = "date '1000-01-01'", "date '1850-01-01'", "date '9999-12-31'"
"""What lies before the oldest is no old day: years were written with two digits, or zeros where nothing is known."""
DIRECT = frozenset(
    [
        "person_id",
        "patient_id",
        "member_id",
        "subscriber_id",
        "first_name",
        "middle_name",
        "last_name",
        "name_suffix",
        "birth_date",
        "death_date",
        "social_security_number",
        "address",
        "city",
        "zip_code",
        "county",
        "phone",
        "email",
        "claim_id",
        "lead",
        "note",
        "open_goals",
        "open_tasks",
    ]
)
"""Columns whose values say who someone is: never repeated in a report that more people read than the rows."""

ICD = r"([A-Z][0-9][0-9AB][0-9A-HJ-NP-Z]{0,4}|[0-9]{3,5}|E[0-9]{3,4})"
ROUNDED = r"[0-9](\.[0-9]+)?[eE]\+[0-9]+"
AS_MONEY = r"[0-9]+\.0+"
EXCEL_DATE = "Excel may have rewritten it; export the column as text, as YYYY-MM-DD."
EXCEL_NUMBER = "Excel has rounded the number; export the column as text from where it was first kept."
DECIMAL_NUMBER = "A program took the number for an amount and may have lost zeros before it; export the column as text."

FORMATS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "YYYYMMDD": "%Y%m%d",
    "MM/DD/YYYY": "%m/%d/%Y",
    "MM/DD/YY": "%m/%d/%y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD-MON-YYYY": "%d-%b-%Y",
    "MM-DD-YYYY": "%m-%d-%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "Excel day number": "excel",
}
"""Ways of writing a date that a column map may name."""


@dataclass(frozen=True)
class Binding:
    """Where a landed column's value comes from: a column of the file, or the same value for every row."""

    column: Column
    found: str
    """The name in the file; empty for a constant."""
    raw: str = ""
    """Its name in the chunk: r0, r1, …"""
    constant: str = ""
    of_row: int = 0
    """How many columns the file has, when the value is made of all that its row says: a number for rows without one."""
    date_format: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    """Their value → ours, where a map lists them."""
    dollars: bool = False
    """Take out $ and thousands commas."""
    cents: bool = False


@dataclass(frozen=True)
class Check:
    """One thing that can be wrong: its name, what was expected, how to mend it, and when it is so (SQL)."""

    column: str
    what: str
    expected: str
    mend: str
    test: str
    found: str
    kept: bool = False

    @property
    def shows(self) -> bool:
        """Whether the value found may be shown to everyone who reads reports."""
        return self.column not in DIRECT


@dataclass(frozen=True)
class Plan:
    """How a chunk is read: the chunk's columns it needs, each landed column's SQL, and the checks."""

    values: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def stops(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.kept)

    @property
    def remarks(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.kept)


def plan(
    layout: Layout,
    bindings: Sequence[Binding],
    *,
    received_on: date,
    types: dict[str, str],
    spaced: bool,
) -> Plan:
    """
    How to read one chunk. `types` says the kind of every chunk column that holds anything: `text`, `date`, `integer`,
    `float`, `decimal`, `bool` or `other`; a column that is not in it is empty in this chunk.
    """
    values: dict[str, str] = {}
    checks: list[Check] = []
    bound = {binding.column.name: binding for binding in bindings}
    for column in layout.columns:
        binding = bound.get(column.name)
        is_given = binding is not None and bool(binding.constant or binding.of_row or binding.raw in types)
        if binding is None or column.never or not is_given:
            if column.needed:
                checks.append(_missing(column, "true"))
            continue
        value, raw, found = _value(column, binding, types, spaced)
        values[column.name] = value
        checks += _checks(column, binding, types.get(binding.raw, "text"), raw, found, received_on)
    has = set(values)
    for first, last in layout.spans:
        if first in has and last in has:
            checks.append(
                Check(
                    last,
                    f"{_plain(last)} lies before {_plain(first)}",
                    f"a day on or after {first}",
                    "Ask the sender which of the two days is right.",
                    f"coalesce({quoted(last)} < {quoted(first)}, false)",
                    f"cast({quoted(last)} as varchar)",
                )
            )
    checks += _diagnoses(layout, has)
    return Plan(values, tuple(checks))


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _missing(column: Column, test: str) -> Check:
    return Check(
        column.name,
        f"No {_plain(column.name)}",
        column.meaning,
        "The row cannot be placed without it; ask the sender to fill it in.",
        test,
        "''",
    )


def _value(column: Column, binding: Binding, types: dict[str, str], spaced: bool) -> tuple[str, str, str]:
    """The landed value, the value as found (for `is not null` tests), and the value found as text, all as SQL."""
    kind = types.get(binding.raw, "text")
    if binding.of_row:
        said = _of_row(binding.of_row, types)
        return said, said, said
    if binding.constant:
        raw = text(binding.constant)
        kind = "text"
    else:
        raw = quoted(binding.raw)
        if kind == "text" and spaced:
            raw = f"nullif(trim({raw}), '')"
    found = f"cast({raw} as varchar)"
    if binding.codes:
        listed = " ".join(f"when {text(theirs)} then {text(ours)}" for theirs, ours in binding.codes)
        return f"cast(case {found} {listed} end as {column.type})", raw, found
    if column.type == "VARCHAR":
        return _text(column, raw, kind), raw, found
    if column.type == "DATE":
        return _date(raw, kind, binding.date_format), raw, found
    if column.type == "TIMESTAMP":
        return _timestamp(raw, kind, binding.date_format), raw, found
    return _number(column, raw, kind, binding), raw, found


def _of_row(columns: int, types: dict[str, str]) -> str:
    """A number made of everything a row says: the same for the same row in any file, another one for any other."""
    raws = (f"coalesce(trim(cast(r{n} as varchar)), '')" if f"r{n}" in types else "''" for n in range(columns))
    return f"'row-' || md5(concat_ws(chr(31), {', '.join(raws)}))"


def _text(column: Column, raw: str, kind: str) -> str:
    match kind:
        case "float":
            whole = f"{raw} = floor({raw}) and abs({raw}) < 1e15"
            raw = f"case when {whole} then cast(cast({raw} as bigint) as varchar) else cast({raw} as varchar) end"
        case "bool":
            raw = f"case when {raw} then '1' when not {raw} then '0' end"
        case "text":
            pass
        case _:
            raw = f"cast({raw} as varchar)"
    if column.code in ("icd", "icd_procedure", "hcpcs"):
        return f"upper(replace({raw}, '.', ''))"
    if column.code == "bill_type":
        return (
            f"case when regexp_full_match({raw}, '0[0-9]{{2}}[0-9A-Za-z]') then upper({raw}[2:]) else upper({raw}) end"
        )
    if column.code == "ndc":
        return _ndc(raw)
    if column.code == "zip":
        return f"case when regexp_full_match({raw}, '[0-9]{{4}}(-[0-9]{{4}})?') then '0' || {raw} else {raw} end"
    if column.code == "year_month":
        return f"case when regexp_full_match({raw}, '[0-9]{{4}}-[0-9]{{2}}.*') then {raw}[1:4] || {raw}[6:7] else {raw} end"
    if column.width:
        short = f"regexp_full_match({raw}, '[0-9]{{1,{column.width - 1}}}')"
        return f"case when {short} then lpad({raw}, {column.width}, '0') else upper({raw}) end"
    if column.words == "sex":
        return f"case lower({raw}) when 'f' then 'female' when 'm' then 'male' when 'u' then 'unknown' else lower({raw}) end"
    if column.words == "flag":
        ones, zeros = "'1', 'y', 'yes', 't', 'true'", "'0', 'n', 'no', 'f', 'false'"
        return f"case when lower({raw}) in ({ones}) then '1' when lower({raw}) in ({zeros}) then '0' end"
    if column.words:
        return f"lower({raw})"
    return f"upper({raw})" if column.upper else raw


def _ndc(raw: str) -> str:
    """Eleven digits. With dashes the missing zero has one place; ten digits without dashes have three, so they stay."""
    parts = [f"split_part({raw}, '-', {n})" for n in (1, 2, 3)]
    joined = f"lpad({parts[0]}, 5, '0') || lpad({parts[1]}, 4, '0') || lpad({parts[2]}, 2, '0')"
    return f"case when regexp_full_match({raw}, '[0-9]{{4,5}}-[0-9]{{3,4}}-[0-9]{{1,2}}') then {joined} else {raw} end"


def _date(raw: str, kind: str, date_format: str) -> str:
    if kind == "date":
        return f"cast({raw} as date)"
    written = raw if kind == "text" else f"cast({raw} as varchar)"
    if date_format == "Excel day number":
        whole = f"nullif(regexp_extract({written}, '^([0-9]{{1,6}})(\\.0+)?$', 1), '')"
        return f"date '1899-12-30' + try_cast({whole} as integer)"
    if date_format and date_format != "YYYY-MM-DD":
        return f"cast(try_strptime({written}, {text(FORMATS[date_format])}) as date)"
    return f"coalesce(try_cast({written} as date), cast(try_strptime({written}, '%Y%m%d') as date))"


def _timestamp(raw: str, kind: str, date_format: str) -> str:
    if kind == "date":
        return f"cast({raw} as timestamp)"
    written = raw if kind == "text" else f"cast({raw} as varchar)"
    if date_format and date_format != "YYYY-MM-DD":
        return f"cast({_date(raw, kind, date_format)} as timestamp)"
    # The wall clock where it happened is kept: a result of 11:30 PM belongs to that day, not to the next one in UTC.
    local = f"regexp_replace({written}, '(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$', '')"
    return f"coalesce(try_cast({local} as timestamp), try_strptime({written}, '%Y%m%d'))"


def _number(column: Column, raw: str, kind: str, binding: Binding) -> str:
    written = _digits(raw, kind, binding)
    if kind == "float":
        return f"case when isfinite({raw}) then try_cast({raw} as {column.type}) end"
    if binding.cents:
        return f"try_cast(try_cast({written} as decimal(18,2)) / 100 as {column.type})"
    if column.type in ("INTEGER", "BIGINT") and kind == "text":
        return f"try_cast(split_part({written}, '.', 1) as {column.type})"
    return f"try_cast({written} as {column.type})"


def _digits(raw: str, kind: str, binding: Binding) -> str:
    written = raw if kind in ("text", "integer", "decimal") else f"cast({raw} as varchar)"
    return f"replace(replace({written}, '$', ''), ',', '')" if binding.dollars and kind == "text" else written


def _shape(column: Column) -> str:
    """How a number is written: what DuckDB would also read (1_000, 1e5, inf) is not what a payer means by money."""
    if column.type == "DOUBLE":
        return r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
    return r"[+-]?[0-9]+(\.0*)?" if column.type in ("INTEGER", "BIGINT") else r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"


def _checks(column: Column, binding: Binding, kind: str, raw: str, found: str, received_on: date) -> list[Check]:
    name, value = column.name, quoted(column.name)
    checks: list[Check] = []
    unreadable = f"{raw} is not null and {value} is null"
    if binding.codes:
        mend = "Add the value to the list in the column map, then try again."
        checks.append(
            Check(name, "Value is not in the map's list", "one of the listed values", mend, unreadable, found)
        )
    elif column.type in ("DATE", "TIMESTAMP"):
        expected = f"a date written {binding.date_format or 'YYYY-MM-DD'}"
        mend = EXCEL_DATE if not binding.date_format else "Check the date format in the column map."
        day = f"cast({value} as date)"
        is_old = f"{day} >= {OLDEST} and {day} < {EARLIEST}"
        odd = f"({unreadable}) or {day} < {OLDEST} or {day} > {LATEST}"
        if kind == "text":  # DuckDB reads some words as days: "epoch" is none of a payer's
            odd += f" or starts_with(lower({raw}), 'e')"
        checks.append(Check(name, "Date is not a date", expected, mend, f"coalesce({odd}, false)", found))
        mend = "Ask the sender for the right day; where none is known, leave the field empty."
        checks.append(
            Check(name, "Day lies before 1850", "a day since 1850", mend, f"coalesce({is_old}, false)", found)
        )
    elif column.type != "VARCHAR" and kind == "text":
        unreadable = f"{raw} is not null and ({value} is null or not regexp_full_match({_digits(raw, kind, binding)}, {text(_shape(column))}))"
    if column.type == "DECIMAL(18,2)":
        mend = "Send plain dollars and cents such as 1234.50, without $, commas or brackets; money is never guessed."
        checks.append(Check(name, "Amount is not a number", "an amount such as 1234.50", mend, unreadable, found))
    elif column.type in ("INTEGER", "BIGINT", "DOUBLE"):
        sizes = {"INTEGER": "a whole number of at most nine digits", "BIGINT": "a whole number"}
        mend = "Ask the sender for the number, in digits only."
        checks.append(Check(name, "Number does not read", sizes.get(column.type, "a number"), mend, unreadable, found))
    if column.past and column.type in ("DATE", "TIMESTAMP"):
        tomorrow = received_on + timedelta(days=1)
        mend = "Ask the sender for the right day; a row about a day to come is never counted."
        test = f"coalesce(cast({value} as date) > date '{tomorrow}', false)"
        shown = f"cast({value} as varchar)"
        checks.append(Check(name, "Day lies in the future", f"a day up to {received_on}", mend, test, shown))
    if column.needed:
        checks.append(_missing(column, f"{raw} is null"))
        if column.type == "VARCHAR":
            rounded = f"regexp_full_match({found}, {text(ROUNDED)})"
            checks.append(Check(name, "Number was rounded", "every digit of the number", EXCEL_NUMBER, rounded, found))
        if name == "person_id":
            as_money = f"regexp_full_match({value}, {text(AS_MONEY)})"
            checks.append(Check(name, "Number written as an amount", "the number", DECIMAL_NUMBER, as_money, found))
    return checks + _remarks(column, value, raw, found)


def _remarks(column: Column, value: str, raw: str, found: str) -> list[Check]:
    """What is said about rows that land all the same."""

    def remark(what: str, expected: str, mend: str, test: str) -> Check:
        return Check(column.name, what, expected, mend, test, found, kept=True)

    keeps = "The row landed; the code is kept as it was sent and matches no table."
    match column.code:
        case "hcpcs":
            test = f"not regexp_full_match({value}, '[0-9A-Z][0-9]{{3}}[0-9A-Z]')"
            return [remark("Service code of the wrong shape", "five characters, such as 99213", keeps, test)]
        case "npi":
            test = f"not regexp_full_match({value}, '[12][0-9]{{9}}')"
            return [remark("Provider number is not an NPI", "ten digits", "The row landed with it as sent.", test)]
        case "bill_type":
            test = f"not regexp_full_match({value}, '[0-9]{{2}}[0-9A-Z]')"
            return [remark("Bill type of the wrong shape", "three characters, such as 111", keeps, test)]
        case "ndc":
            test = f"not regexp_full_match({value}, '[0-9]{{11}}')"
            mend = "The row landed with it as sent; ask for eleven digits, or for dashes: a ten-digit NDC can be read three ways."
            return [remark("NDC without its eleven digits", "eleven digits", mend, test)]
        case "zip":
            test = f"not regexp_full_match({value}, '[0-9]{{5}}(-?[0-9]{{4}})?')"
            return [remark("ZIP code of the wrong shape", "five digits", "The row landed with it as sent.", test)]
        case "year_month":
            return [
                remark("Month of the wrong shape", "YYYYMM", keeps, f"not regexp_full_match({value}, '[0-9]{{6}}')")
            ]
    if column.words == "flag":
        return [
            remark(
                "Yes or no that is neither",
                "1 or 0",
                "The row landed without it.",
                f"{raw} is not null and {value} is null",
            )
        ]
    if column.words == "sex":
        test = f"{value} not in ('female', 'male', 'unknown', 'other')"
        return [remark("Sex in words nobody knows", "female, male or unknown", "The row landed with it as sent.", test)]
    if column.words == "claim_type":
        test = f"{value} not in ('institutional', 'professional', 'dental', 'vision', 'pharmacy', 'undetermined')"
        mend = "The row landed, and counts as neither a hospital's nor a professional's claim."
        return [remark("Claim type nobody knows", "institutional or professional", mend, test)]
    return []


def _diagnoses(layout: Layout, has: set[str]) -> list[Check]:
    """Every diagnosis of a row at once: one look at all of them is quicker than twenty-five."""
    columns = [column.name for column in layout.columns if column.code == "icd" and column.name in has]
    if not columns:
        return []
    joined = f"concat_ws(' ', {', '.join(quoted(name) for name in columns)})"
    token = (
        f"regexp_extract(' ' || {joined} || ' ', ' ([0-9A-Z]*[^ 0-9A-Z][^ ]*|[A-Z0-9]*[A-Z][A-Z0-9]?O[A-Z0-9]*)', 1)"
    )
    shown = f"coalesce(nullif({token}, ''), {joined})"
    return [
        Check(
            columns[0] if len(columns) == 1 else "diagnosis_code",
            "Diagnosis code of the wrong shape",
            "an ICD-10-CM code such as E119",
            "Likely typing, such as the letter O for a zero. The visit landed; the code is kept as sent and matches no table.",
            f"not regexp_full_match({joined}, {text(f'({ICD}( |$))*')})",
            shown,
            kept=True,
        )
    ]
