"""
The tables others take out: INTERFACES.md's exports, written straight from the latest run's Parquet files.

One row per grain, `person_id` as the payer sent it (of joined records the kept one's), ISO dates, lists `;`-joined and
sorted. Facts under 42 CFR Part 2 are in none of them. Text that a spreadsheet would run as a formula is made harmless in
CSV; Parquet and NDJSON carry it as it is.
"""

import io
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import duckdb
from django.utils.translation import gettext as _

from carewright.kernel.errors import CannotDo
from carewright.plumbing.exports import as_csv, guarded_sql
from carewright.plumbing.home import Home
from carewright.population import excluded
from carewright.population.models import CandidateDecision, Run
from carewright.warehouse import kept_closed
from carewright.warehouse import run as warehouse

CHIPS = """
    select person_id, program,
        array_to_string(list_sort(array_agg(distinct chip)), ';') as reasons
    from published.criterion
    where kind = 'need' and verdict = 'yes' and chip <> ''
    group by person_id, program
"""

QUERIES: dict[str, str] = {
    "members": """
        select person_id, first_name, last_name, born_on, sex, first_enrolled_on, last_enrolled_on, payer, plan
        from published.person order by person_id""",
    "stays": """
        select person_id, stay_id, admitted_on, discharged_on, discharge_status, drg_code as drg, principal_diagnosis,
            facility, claim_ids, case when is_unplanned then 0 else 1 end as planned
        from published.stay order by person_id, admitted_on, stay_id""",
    "ed_visits": """
        select person_id, visited_on, claim_ids, case when led_to_stay then 1 else 0 end as led_to_stay,
            cast(null as integer) as preventable, cast(null as double) as avoidable_share
        from published.ed_visit order by person_id, visited_on, visit_id""",
    "readmissions": """
        select person_id, index_stay_id, discharged_on, readmitted_on, days, cast(null as integer) as planned
        from published.readmission
        where is_index and readmitted_on is not null
        order by person_id, discharged_on, index_stay_id""",
    "conditions": """
        select person_id, condition, scheme, first_on, latest_on, evidence
        from published.condition order by person_id, scheme, condition""",
    "hcc_scores": """
        select person_id, model, payment_year, segment, hccs, raw_score, payment_score
        from published.hcc_score where status = 'scored' order by person_id, model, payment_year""",
    "comorbidity": """
        select person_id, charlson, elixhauser_readmission from published.comorbidity order by person_id""",
    "utilization": """
        select person_id, months_enrolled_12, stays_12, ed_visits_12, ed_visits_6, readmissions_12, paid_12,
            providers_12
        from published.utilization order by person_id""",
    "social_needs": """
        select person_id, domain, code, "on", source from published.social_need order by person_id, code""",
    "eligibility": """
        select e.person_id, e.program,
            case when d.person_id is not null and e.verdict <> 'not_applicable' then 'excluded' else e.verdict end
                as verdict,
            case when d.person_id is not null and e.verdict <> 'not_applicable' then d.because
                else coalesce(c.reasons, '') end as reasons,
            coalesce(c.evidence, '') as evidence
        from published.eligibility as e
        left join decided as d on e.person_id = d.person_id
        left join (
            select l.person_id, p.program,
                array_to_string(list_sort(array_agg(distinct case when l.kind = 'exclusion' then '' else l.label || ': ' end || l.text)), ';') as reasons,
                array_to_string(
                    list_sort(list_distinct(string_split(string_agg(nullif(l.evidence, ''), ';'), ';'))), ';'
                ) as evidence
            from published.criterion as l
            inner join published.eligibility as p
                on l.person_id = p.person_id and (l.program = p.program or l.program = 'every_program')
            where
                (p.verdict = 'yes' and l.kind = 'need' and l.verdict = 'yes')
                or (p.verdict = 'no' and l.kind = 'need' and l.verdict = 'no')
                or (p.verdict = 'unknown' and l.verdict = 'unknown')
                or (p.verdict = 'excluded' and l.kind = 'exclusion' and l.verdict = 'no')
                or (p.verdict = 'not_applicable' and l.kind = 'scope' and l.verdict = 'no')
            group by l.person_id, p.program
        ) as c on e.person_id = c.person_id and e.program = c.program
        order by e.person_id, e.program""",
    "candidates": f"""
        select c.person_id, c.program, c.rank, c.score, coalesce(r.reasons, '') as reasons
        from published.candidate as c
        left join ({CHIPS}) as r on c.person_id = r.person_id and c.program = r.program
        left join decided as d on c.person_id = d.person_id
        where d.person_id is null
        order by c.program, c.rank""",
    "freshness": """
        select feed, months, complete_through, completeness from published.freshness order by feed""",
}

LATER = {
    "avoidable_admissions": "the quality indicators",
    "risk": "the risk models",
    "care_gaps": "the quality measures",
    "adherence": "the medication work",
    "episodes": "transitions of care",
}


def names() -> list[str]:
    """What can be taken out today."""
    return sorted([*QUERIES, "evidence"])


def write(home: Home, name: str, *, kind: str, out: Path | None, ids: Sequence[str], stream: BinaryIO) -> int:
    """
    Write one table to a file, or to the stream; answers how many rows. Raises `CannotDo` with a sentence.

    `kind` is csv, ndjson, parquet, or json: one object with the table's name, how many rows, and the rows under its name.
    """
    if name in LATER:
        raise CannotDo(
            _("The export %(name)s comes with %(later)s, which this release does not have yet.")
            % {"name": name, "later": LATER[name]}
        )
    if name == "evidence":
        return _evidence(home, ids, kind=kind, out=out, stream=stream)
    if name not in QUERIES:
        raise CannotDo(
            _("There is no export called %(name)s. There are: %(names)s.") % {"name": name, "names": ", ".join(names())}
        )
    folder = warehouse.current(home)
    if folder is None:
        raise CannotDo(_("Nothing has been stratified in this home yet. Run ./carewright stratify first."))
    _refuse_closed(home, folder)
    con = duckdb.connect()
    try:
        con.execute("set threads = 2; set memory_limit = '2GB'; create schema published")
        for path in sorted(folder.glob("published.*.parquet")):
            quoted = str(path).replace("'", "''")
            con.execute(f"create view {path.stem} as select * from read_parquet('{quoted}')")
        _decided(con)
        return _copy(con, name, kind=kind, out=out, stream=stream)
    finally:
        con.close()


def _refuse_closed(home: Home, folder: Path) -> None:
    """Whoever takes tables out gets none that may rest on a source declared to be protected after they were made."""
    received = Run.objects.filter(run_id=folder.name).first()
    if received.closed_at if received else kept_closed.declared_since(home, folder):
        raise CannotDo(
            _(
                "The lists are closed: a source was declared to be protected by 42 CFR Part 2 after they were made. A new run "
                "opens them; ./carewright stratify makes one."
            )
        )


def _decided(con: duckdb.DuckDBPyConnection) -> None:
    """People whom somebody excluded, with the reason: the warehouse does not know of decisions."""
    con.execute("create table decided (person_id varchar, because varchar)")
    from django.utils import timezone

    rows = excluded.by_decision(timezone.localdate()).filter(patient__identifiers__system="person_id")
    found = [
        (person_id, str(CandidateDecision.Because(because).label))
        for person_id, because in rows.values_list("patient__identifiers__value", "because")
    ]
    if found:
        con.executemany("insert into decided values (?, ?)", found)


def _copy(con: duckdb.DuckDBPyConnection, name: str, *, kind: str, out: Path | None, stream: BinaryIO) -> int:
    con.execute(f"create temp table answer as {QUERIES[name]}")
    [[rows]] = con.execute("select count(*) from answer").fetchall()
    columns = [(column, type_) for column, type_, *_ in con.execute("describe answer").fetchall()]
    chosen = guarded_sql(columns) if kind == "csv" else "*"
    how = {
        "csv": "format csv, header true", "ndjson": "format json", "json": "format json, array true",
        "parquet": "format parquet, compression zstd",
    }[kind]  # fmt: skip
    # Standard output may be a file that others write to as well: it is written on, never opened anew.
    scratch = None if out else tempfile.TemporaryDirectory(prefix="carewright-export-")
    target = out.with_name(out.name + ".part") if out else Path(scratch.name) / "answer"  # type: ignore[union-attr]
    quoted = str(target).replace("'", "''")
    try:
        con.execute(f"copy (select {chosen} from answer) to '{quoted}' ({how})")
    except duckdb.IOException as problem:
        raise CannotDo(
            _("%(file)s could not be written: %(problem)s") % {"file": out, "problem": str(problem).splitlines()[0]}
        ) from None
    if out is not None:
        _put(target, out)
    elif scratch is not None:
        with scratch, target.open("rb") as written:
            begin, end = _around(name, rows) if kind == "json" else (b"", b"")
            stream.write(begin)
            if rows or kind != "json":
                shutil.copyfileobj(written, stream)
            else:
                stream.write(b"[]")
            stream.write(end)
        stream.flush()
    return rows


def _put(target: Path, out: Path) -> None:
    """Give a finished file its name, closed to other users of the machine: it is about people."""
    target.chmod(0o600)
    target.replace(out)


def _around(name: str, rows: int) -> tuple[bytes, bytes]:
    """What stands before and after the rows in the one JSON object: the table's name and how many rows it has."""
    return f'{{"name": "{name}", "rows": {rows}, "{name}": '.encode(), b"}\n"


def _evidence(home: Home, ids: Sequence[str], *, kind: str, out: Path | None, stream: BinaryIO) -> int:
    """The landed rows behind evidence ids: source file, line, received date, the row as it was sent."""
    from carewright.warehouse import evidence

    wanted = [one for given in ids for one in given.split(";") if one]
    found = evidence.open_rows(home, wanted)
    rows = [row for row in found if "part2" not in row.tags]
    if not rows:
        raise CannotDo(
            _(
                "Nothing stands behind %(wanted)s. An evidence id is written <delivery>:<line>, as in the column evidence of an export."
            )
            % {"wanted": "; ".join(wanted)[:200]}
        )
    header = ["evidence_id", "table", "source", "file", "line", "received_on", "row", "raw_line"]
    lines = [
        (
            row.evidence_id,
            row.table,
            row.source,
            row.file_name,
            row.line,
            row.received_on,
            _words(row.row),
            row.raw_line,
        )
        for row in rows
    ]
    if kind == "csv":
        text = io.StringIO()
        text.writelines(as_csv(header, lines))
        data = text.getvalue().encode()
    elif kind == "json":
        begin, end = _around("evidence", len(lines))
        found_rows = [dict(zip(header, line, strict=True)) for line in lines]
        data = begin + json.dumps(found_rows, default=str, ensure_ascii=False).encode() + end
    elif kind == "ndjson":
        data = "".join(
            json.dumps(dict(zip(header, line, strict=True)), default=str, ensure_ascii=False) + "\n" for line in lines
        ).encode()
    else:
        raise CannotDo(_("Evidence comes as CSV or NDJSON. Choose --format csv or --format ndjson."))
    if out is None:
        stream.write(data)
        stream.flush()
    else:
        target = out.with_name(out.name + ".part")
        target.write_bytes(data)
        _put(target, out)
    return len(rows)


def _words(row: dict) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items() if value not in (None, ""))
