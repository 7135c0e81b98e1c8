"""
Everything that changes what was received. Nothing else may.

`ingest` is the one way in for files: the command line, the upload page, the watched folder and the demo all call it.
It works in batches of files that land together, remembers each step, and is safe to kill at any moment: the next call
first finishes what was left half done.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.assessment import receiving as assessment
from carewright.audit import actions as audit
from carewright.chart import actions as chart
from carewright.chart.receive import Received
from carewright.exchange import charting, protecting, receiving, rereading, taking_back, waiting
from carewright.exchange.batch import FileReport
from carewright.exchange.files.recognize import fingerprint
from carewright.exchange.ingesting import Ingest, Report, files_left, finish_what_was_left
from carewright.exchange.models import ColumnMap, Delivery, SensitiveSource, TakenBack
from carewright.exchange.receiving import Given
from carewright.kernel.errors import NotNow
from carewright.plumbing import home as homes
from carewright.plumbing import jobs
from carewright.plumbing.home import Home
from carewright.population import actions as population
from carewright.population import queries as population_queries
from carewright.registry.matching import actions as matching
from carewright.registry.models import Identifier
from carewright.staff.models import User
from carewright.warehouse import kept_closed, landing

log = logging.getLogger(__name__)
PAPER = "write_caseload_sheets"
"""The job that writes the papers kept for days without screens."""
AT_ONCE = 10_000


def ingest(
    paths: Iterable[Path | str | Given],
    *,
    source: str = "",
    strict: bool = False,
    by,
    report: Report | None = None,
    at: datetime | None = None,
    home: Home | None = None,
    keep_refused: bool = False,
    into_chart: bool = True,
) -> list[FileReport]:
    """
    Take files in: keep their bytes, land their rows, and say of every row what became of it.

    One `FileReport` per file, in the order given. A file that cannot be read has a `problem` and stops no other.
    `into_chart=False` lands FHIR for the warehouse only (measurements). With `keep_refused` such a file becomes a delivery all the same, so that an operator sees it.
    `source` names the feed; without it the file's own `data_source` does, or the kind of file. `by` is a member of
    staff or `system:…`. Raises `NotNow` when another ingest works in this home, `BadInput` for a path that is not there.
    """
    home, at = home or homes.current(), at or timezone.now()
    given = receiving.files_in(paths)
    with _at_work(home, by=by, at=at) as finished:
        return Ingest(
            home, source, strict, by, at, report, keep_refused=keep_refused, into_chart=into_chart, finished=finished
        ).all(given)


@contextmanager
def _at_work(home: Home, *, by, at: datetime) -> Iterator[frozenset[str]]:
    """
    Hold the home's landing, alone, after finishing what was left half done; tells which files those were, by number.

    Raises `NotNow` when another holds it.
    """
    with landing.alone(home) as is_alone:
        if not is_alone:
            raise NotNow(_("Another ingest is reading into this home. Wait until it has finished, then try again."))
        try:
            with acting_as("system:ingest"), matching.on_arrival(by=by, at=at):
                receiving.clear_what_was_left(home, at=at)
                left = files_left()
                finish_what_was_left(by=by, at=at, home=home)
                taking_back.finish_what_waits(home, at=at)
                yield left
                charting.bring_up_to_date(home, by=by, at=at)
        finally:
            receiving.clear_scratch(home)


@contextmanager
def around_a_run(home: Home, *, by, at: datetime) -> Iterator[None]:
    """Around a run of the warehouse: whom it makes known gets into their chart what had waited for them, by FHIR or table."""
    from carewright.exchange.fhir import catching_up

    with catching_up.those_made_known(home, by=by):
        yield
    _open_what_is_protected_no_more(home)
    bring_charts_up_to_date(by=by, at=at, home=home)


def bring_charts_up_to_date(*, by, at: datetime, home: Home | None = None) -> Received:
    """
    After a run: clinical rows about people whom it made known go to their charts. An ingest does the same by itself,
    so nothing is done while one is at work.
    """
    home = home or homes.current()
    with landing.alone(home) as is_alone:
        return charting.bring_up_to_date(home, by=by, at=at) if is_alone else Received()


def sweep_inbox(*, by, at: datetime | None = None, home: Home | None = None) -> list[FileReport]:
    """
    Read what waits at the door: uploads, deliveries to be tried again, and complete files of the watched folders.

    Nothing happens while another ingest is at work; the next sweep finds it all again. What fails by a fault of ours
    holds up nothing that came after it: the rest is read, then the fault is raised.
    """
    home, at = home or homes.current(), at or timezone.now()
    reports: list[FileReport] = []
    faults: list[Exception] = []
    inbox: dict[str, list[Path]] = {}
    for feed, path in waiting.complete_files(home, at=at):
        inbox.setdefault(receiving.readable(feed), []).append(path)
    with suppress(NotNow):
        if TakenBack.objects.filter(done_at__isnull=True, problem="").exists():
            with _noting(faults), _at_work(home, by=by, at=at):
                pass
        for folder, asked in waiting.asked(home):
            with _noting(faults):
                reports += _do_asked(home, folder, asked, at=at)
        for feed, paths in inbox.items():
            with _noting(faults):
                reports += _do_feed(home, feed, paths, by=by, at=at)
    if faults:
        raise faults[0]
    return reports


@contextmanager
def _noting(faults: list[Exception]) -> Iterator[None]:
    """Note a fault of ours and go on; that another ingest is at work is none."""
    try:
        yield
    except NotNow:
        raise
    except Exception as fault:
        log.exception("Something that waits at the door could not be read.")
        faults.append(fault)


def _do_feed(home: Home, feed: str, paths: list[Path], *, by, at: datetime) -> list[FileReport]:
    """Read the files of one watched folder, and take out those whose bytes are kept."""
    read = ingest(paths, source=feed, by=by, at=at, home=home, keep_refused=True)
    for path in paths:
        name = receiving.readable(str(path))
        own = [each for each in read if each.path == name or each.path.startswith(f"{name}/")]
        if own and all(each.delivery_id for each in own):
            path.unlink()
    return read


def _do_asked(home: Home, folder: Path, asked: waiting.Asked, *, at: datetime) -> list[FileReport]:
    person = User.objects.get(pk=asked.by_id)
    if asked.rows:
        with _at_work(home, by=person, at=at):
            delivery = Delivery.objects.select_related("map").get(sha256=asked.again)
            report = rereading.rows_again(home, delivery, token=folder.name, by=person, at=at)
        waiting.done(folder)
        return [report] if report else []
    path = home.received / asked.again if asked.again else folder / "file"
    reports = ingest(
        [Given(path, asked.file_name)], source=asked.source, by=person, at=at, home=home, keep_refused=True
    )
    waiting.done(folder)
    return reports


def upload(
    chunks: Iterable[bytes], *, file_name: str, source: str, by: User, at: datetime, home: Home | None = None
) -> waiting.Asked:
    """Keep an uploaded file, and have it read by the next sweep, which is asked to come at once."""
    home = home or homes.current()
    kept = waiting.keep_upload(home, chunks, file_name=file_name, source=source, by=by, at=at)
    audit.happened("uploaded", f"file:{kept.file_name}", by=by, after={"source": source})
    _sweep_soon(at)
    return kept


def try_again(delivery: Delivery, *, by: User, at: datetime, home: Home | None = None) -> waiting.Asked:
    """
    Have a delivery read again from its kept bytes: one that waits, could not be read or was taken back as a whole, and
    of one that has landed the rows set aside.
    """
    rows = delivery.state == Delivery.State.LANDED
    if delivery.state in (Delivery.State.READING, Delivery.State.LEAVING) or (rows and not delivery.rows_rejected):
        raise NotNow(
            _(
                "There is nothing to try again: a file that waits, could not be read or was taken back can be read again,"
                " and rows that were set aside."
            )
        )
    home = home or homes.current()
    if not (home.received / delivery.sha256).exists():
        raise NotNow(_("The bytes of this file are no longer here. Send it again."))
    asked = waiting.ask_again(
        home,
        sha256=delivery.sha256,
        file_name=delivery.path or delivery.file_name,
        source=delivery.source,
        by=by,
        at=at,
        rows=rows,
    )
    audit.happened("asked_again", audit.name_of(delivery), by=by, after={"only_rows_set_aside": rows})
    _sweep_soon(at)
    return asked


def take_back(delivery: Delivery, *, because: str, by: User, at: datetime, home: Home | None = None) -> TakenBack:
    """
    Take a load back: nothing of it counts any more, in the warehouse and in the charts; its bytes and its report stay.

    It is written down now and done by the next sweep, which is asked to come at once. Raises `NotNow` for a file that
    has not landed.
    """
    back = taking_back.begin(home or homes.current(), delivery, because=because, by=by, at=at)
    _sweep_soon(at)
    return back


def finish_taking_back(*, by, at: datetime, home: Home | None = None) -> None:
    """Finish loads that are being taken back, if there are any; while another ingest reads, that one does it."""
    if TakenBack.objects.filter(done_at__isnull=True).exists():
        with suppress(NotNow), _at_work(home or homes.current(), by=by, at=at):
            pass


def _sweep_soon(at: datetime) -> None:
    """Have the next sweep come at once; after the commit, because a sweep that waits already would abort it."""
    transaction.on_commit(lambda: jobs.defer("sweep_inbox", once="sweep_inbox", timestamp=int(at.timestamp())))


def save_column_map(
    *, name: str, table: str, source: str, header: Sequence[str], columns: list[dict], by: User, at: datetime
) -> ColumnMap:
    """
    Say what the columns of one sender's files mean. The next file with this header is read by itself.

    A map is never changed: this is its next version. Raises `ValidationError` when a needed column is not mapped.
    """
    own = fingerprint(header)
    latest = ColumnMap.objects.filter(fingerprint=own).order_by("-version").first()
    saved = ColumnMap(
        name=name.strip(), version=latest.version + 1 if latest else 1, table=table, source=source.strip(),
        fingerprint=own, header=list(header), columns=columns, saved_at=at, saved_by=by,
    )  # fmt: skip
    with audit.change(saved, by=by, did="saved_column_map"):
        pass
    return saved


def retire_column_map(saved: ColumnMap, *, by: User, at: datetime) -> ColumnMap:
    """Stop reading files by this map; those read with it stay as they are."""
    if saved.retired_at:
        raise NotNow(_("This column map is retired already."))
    with audit.change(saved, by=by, did="retired_column_map"):
        saved.retired_at = at
    return saved


def declare_sensitive_source(
    *, kind: str, value: str, because: str, by: User, at: datetime, home: Home | None = None
) -> SensitiveSource:
    """
    Say that a provider or a feed is protected by 42 CFR Part 2.

    From now on its facts land tagged, and what the chart has from it is tagged at once, in the same transaction. When
    anything of it has landed that the lists may rest on, the lists are closed to everyone in that transaction too, and a
    run is begun that counts without it. A file that is being read at this moment is held up until the declaration
    stands, and what it took to the chart before is tagged too.
    """
    home = home or homes.current()
    declared = SensitiveSource(
        kind=kind, value=value.strip(), because=because.strip(), declared_at=at, declared_by=by
    )  # fmt: skip
    with transaction.atomic():
        protecting.while_declaring()
        with audit.change(declared, by=by, did="declared_part2_source"):
            pass
        with acting_as("system:part2"):
            told = kept_closed.people_of(home, declared.kind, declared.value)
            patients = _patients(told)
            if declared.kind == SensitiveSource.Kind.FEED:
                chart.protect(by=by, what=str(declared), source=declared.value)
                came_in = landing.deliveries_of(home, declared.value)
                assessment.protect(
                    by=by, at=at, what=str(declared), source=declared.value, deliveries=came_in, patients=patients
                )
            else:
                named = landing.naming(home, declared.value, unfinished=True)
                chart.protect(by=by, what=str(declared), npi=declared.value, evidence=named)
                assessment.protect(by=by, at=at, what=str(declared), evidence=named, patients=patients)
            if _lists_may_rest_on(home, declared):
                population.close_lists(because=f"{declared} was declared to be protected.", at=at, by=by)
        _write_part2_sources(home=home)
        _print_anew(home, at=at)
    return declared


def _print_anew(home: Home, *, at: datetime) -> None:
    """The papers kept for days without screens say what was open this morning: they go, and are written anew."""
    for paper in home.folder("paper").glob("caseload-*"):
        paper.unlink(missing_ok=True)
    jobs.defer(PAPER, once=PAPER, timestamp=int(at.timestamp()))


def _patients(person_ids: set[str]) -> set[int]:
    """Whose numbers these are, with the records theirs were joined into."""
    found: set[int] = set()
    asked = sorted(person_ids)
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        known = Identifier.objects.filter(system="person_id", assigner="", value__in=some)
        for pair in known.values_list("patient_id", "patient__merged_into"):
            found.update(filter(None, pair))
    return found


def _lists_may_rest_on(home: Home, declared: SensitiveSource) -> bool:
    """Whether anything of this source landed that the run in force did not already leave out."""
    run = population_queries.current_run()
    if run is None:
        return population_queries.closed_run() is not None
    kept = kept_closed.of_run(home.warehouse / "runs" / run.run_id)
    return (declared.kind, declared.value) not in kept and landing.has_landed(home, declared.kind, declared.value)


def end_sensitive_source(
    declared: SensitiveSource, *, because: str, by: User, at: datetime, home: Home | None = None
) -> SensitiveSource:
    """
    Say that a source is not protected, or no longer, and why. What landed with the tag keeps it; the rest opens when a
    run has counted it, and not before.
    """
    if declared.ended_at:
        raise NotNow(_("This source was taken off the list already."))
    with transaction.atomic():
        protecting.while_declaring()
        with audit.change(declared, by=by, did="ended_part2_source", why=because):
            declared.ended_at, declared.ended_because = at, because.strip()
        _write_part2_sources(home=home)
    return declared


def _write_part2_sources(*, home: Home | None = None) -> None:
    """Write the declared sources where landing and the warehouse read them, and those no run has counted since they ended."""
    home = home or homes.current()
    sources = SensitiveSource.objects.filter(ended_at__isnull=True).values_list("kind", "value")
    ended = SensitiveSource.objects.filter(ended_at__isnull=False).values_list("kind", "value", "ended_at")
    run = population_queries.current_run()
    kept = kept_closed.of_run(home.warehouse / "runs" / run.run_id) if run else frozenset()
    waiting = {
        (kind, value)
        for kind, value, ended_at in ended
        if run is None or ended_at is None or run.received_at <= ended_at or (kind, value) in kept
    }
    landing.declare_part2(home, list(sources), ended=waiting)


def _open_what_is_protected_no_more(home: Home) -> None:
    """After a run: what landed from sources taken off the list before it opens, as far as the run counted it."""
    with transaction.atomic():
        protecting.while_declaring()
        if set(landing.closed_sources(home)) - set(landing.part2_sources(home)):
            _write_part2_sources(home=home)
