"""`ingest PATH…`: take files in, and say of every row what became of it."""

import argparse
import sys
from pathlib import Path

from carewright.kernel.errors import CannotDo
from carewright.plumbing.progress import Bar

SHOWN = 10
"""How many reasons are printed per file; the file of rows set aside has them all."""

NAMED = 20
"""How many files that could not be read are named at the end."""


def add(subparsers) -> None:
    parser = subparsers.add_parser(
        "ingest",
        help="take in claims and clinical files",
        description="Recognizes what it is given (file, folder, .gz, .zip), keeps or sets aside every row, and reports.",
    )
    parser.add_argument("path", nargs="+", help="files or folders")
    parser.add_argument("--source", default="", help="the feed's name (default: what the file says, or its kind)")
    parser.add_argument(
        "--strict", action="store_true", help="set aside what would be kept with a remark; validate FHIR in full"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> object:
    """
    The reports of all files. Exit status 2 when nothing at all could be read, with one sentence that says why.
    """
    from django.utils import timezone

    from carewright.exchange import actions

    bar = Bar(0, "read", is_bytes=True)
    reports = actions.ingest(
        args.path,
        source=args.source,
        strict=args.strict,
        by="system:ingest",
        report=lambda name, done, of: bar.reach(done, of, name[-40:] or "read"),
        at=timezone.now(),
    )
    bar.noun = "read"
    bar.close()
    if not reports:
        raise CannotDo(f"{', '.join(args.path)}: expected files, found an empty folder. Nothing was read.")
    if not any(report.state in ("landed", "again") and not is_refused(report) for report in reports):
        first = reports[0].problem
        more = f" ({len(reports) - 1:,} more files could not be read either.)" if len(reports) > 1 else ""
        raise CannotDo(first + more)
    unread = [report for report in reports if is_refused(report)]
    if unread:
        print(could_not(unread, len(reports)), file=sys.stderr)
    if args.json:
        return {
            "files": [
                as_row(report)
                | {"reasons": details(report), "columns_not_read": not_read(report), "notes": list(report.notes)}
                for report in reports
            ]
        }
    return "\n".join([*(said(report) for report in reports), totals(reports)])


def is_refused(report) -> bool:
    """Whether a report is about a file of which nothing could be read."""
    return report.state in ("refused", "waiting") or bool(report.problem and not report.rows_read)


def as_row(report) -> dict:
    """A report as the interface promises it."""
    return {
        "path": report.path,
        "kind": report.kind,
        "rows_read": report.rows_read,
        "rows_kept": report.rows_kept,
        "rows_rejected": report.rows_rejected,
        "duplicates": report.duplicates,
        "first_date": report.first_date,
        "last_date": report.last_date,
        "rejects_path": report.rejects_path,
        "source": report.source,
        "delivery_id": report.delivery_id,
        "problem": report.problem or None,
    }


def details(report) -> list[dict]:
    """Why rows were set aside, and remarks on rows that were kept."""
    return [
        {
            "what": reason.what,
            "column": reason.column,
            "rows": reason.rows,
            "first_line": reason.first_line,
            "mend": reason.mend,
            "kept": reason.kept,
        }
        for reason in report.reasons
    ]


def not_read(report) -> list[str]:
    """The columns of a file that hold something, and that nobody here reads."""
    return [column.found for column in report.columns if not column.means and column.filled]


def said(report) -> str:
    """A report as a person reads it."""
    if report.problem and not report.rows_read:
        return f"{report.path}\n  {report.problem}"
    span = f", {report.first_date} to {report.last_date}" if report.first_date else ""
    lines = [
        f"{report.path}",
        f"  {report.kind} from {report.source}: {report.rows_read:,} rows read = {report.rows_kept:,} kept"
        f" + {report.duplicates:,} the same again + {report.rows_rejected:,} set aside{span}",
    ]
    if report.problem:
        lines.append(f"  {report.problem}")
    for reason in report.reasons[:SHOWN]:
        verb = "kept with a remark" if reason.kept else "set aside"
        column = f", column {reason.column}" if reason.column else ""
        lines.append(
            f"  {reason.rows:,} {verb}: {reason.what}{column}, first on line {reason.first_line:,}. {reason.mend}"
        )
    if len(report.reasons) > SHOWN:
        lines.append(f"  … and {len(report.reasons) - SHOWN} more reasons.")
    if unread := not_read(report):
        lines.append(f"  Columns with values that nobody reads: {', '.join(unread)}.")
    lines += [f"  {note}" for note in report.notes]
    if report.rejects_path:
        lines.append(f"  Rows set aside: {report.rejects_path}")
    return "\n".join(lines)


def totals(reports) -> str:
    """One line about all files together."""
    kept, bad = sum(r.rows_kept for r in reports), sum(r.rows_rejected for r in reports)
    again = sum(r.duplicates for r in reports)
    return f"{_files(len(reports))}: {kept:,} rows kept, {again:,} the same again, {bad:,} set aside."


def could_not(unread, of: int) -> str:
    """Which files could not be read, the last thing that is said, since what was said of each is long past by then."""
    names = [Path(report.path).name for report in unread[:NAMED]]
    more = f" and {_files(len(unread) - NAMED)} more" if len(unread) > NAMED else ""
    return f"{len(unread):,} of {_files(of)} could not be read: {', '.join(names)}{more}. Why stands with each of them."


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
