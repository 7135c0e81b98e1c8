"""
Whom should we call first, and why: every question pages ask about the latest run.

All answers are about people the reader may see, and rest on facts the reader may see: who is not shown every protected
fact gets the `open_…` reading everywhere, in lists, verdicts, counts and reasons alike.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from carewright.access import guard, sensitive
from carewright.access.models import Tie
from carewright.knowledge import ranking
from carewright.knowledge.programs import ALL_RULES
from carewright.plumbing.lists import sort_named
from carewright.population import excluded
from carewright.population.filters import AGES, SORTS, VERDICTS, Filters
from carewright.population.models import (
    CandidateDecision,
    ChronicCondition,
    Criterion,
    Eligibility,
    Freshness,
    FreshnessMonth,
    Movement,
    ProgramSetting,
    Run,
    SavedFilter,
    Score,
    ScorePart,
)
from carewright.registry.models import ContactPoint, Coverage, Patient
from carewright.staff import roles


def current_run() -> Run | None:
    """The run that counts, or None before the first."""
    return Run.objects.in_force().select_related("before__closed").first()


def closed_run() -> Run | None:
    """The run that counted until it was closed; None when one counts, or before the first."""
    closed = Run.objects.filter(~Exists(Run.objects.in_force()), closed__isnull=False)
    return closed.select_related("closed").order_by("closed__at", "pk").last()


@dataclass(frozen=True)
class Reader:
    """Who is looking: which readings and which columns are theirs."""

    user: object
    on: date

    @property
    def hidden(self) -> frozenset[str]:
        """The sensitivity tags closed to them."""
        return sensitive.hidden_tags(self.user)

    @property
    def sees_all(self) -> bool:
        """Whether nothing is closed to them but Part 2, which never enters a run's tables."""
        return self.hidden <= roles.ALWAYS_HIDDEN

    @property
    def seen(self) -> str:
        """`all` or `open`, as movements name the two readings."""
        return "all" if self.sees_all else "open"

    @property
    def prefix(self) -> str:
        """What stands before a column that has two readings."""
        return "" if self.sees_all else "open_"

    @property
    def sees_direct(self) -> bool:
        """Whether names, birth dates and ZIP codes are shown to them."""
        role = roles.role_of(self.user)
        return role is not None and role.sees_direct

    @cached_property
    def patients(self) -> QuerySet | None:
        """The people this reader may see; None when that is everyone, so that no row needs to be asked."""
        return None if guard.sees_everyone(self.user, on=self.on) else guard.patients_for(self.user, on=self.on)

    @cached_property
    def joined(self) -> tuple[int, ...]:
        """Records that were joined into another since, or before, the run; few, and in no list."""
        held = Patient.every_record.filter(merged_into__isnull=False)
        return tuple(held.order_by("pk").values_list("pk", flat=True))

    def visible(self, rows: QuerySet) -> QuerySet:
        """Of rows about patients, those about people this reader may see, each person once."""
        if self.patients is not None:
            return rows.filter(patient__in=self.patients)
        return rows.exclude(patient__in=self.joined) if self.joined else rows


def offered(reader: Reader, chosen: Filters) -> Filters:
    """
    Of the filters in an address, those this reader is offered.

    ZIP codes and names are for readers who see who somebody is.
    """
    if not reader.sees_direct:
        chosen = replace(chosen, zip="", sort="" if chosen.sort == "name" else chosen.sort)
    return chosen


def people(reader: Reader, run: Run, chosen: Filters) -> QuerySet[Score]:
    """The people a choice of filters names, in no order; the length of this is the number every page shows."""
    chosen = offered(reader, chosen)
    rows = reader.visible(Score.objects.filter(run=run))
    rows = _by_state(rows, reader, chosen)
    if chosen.program:
        rows = _by_program(rows, reader, run, chosen)
    if chosen.moved:
        moved = Movement.objects.filter(
            run=run, patient=OuterRef("patient"), seen=reader.seen, change=chosen.moved,
            **({"program": chosen.program} if chosen.program and chosen.moved in ("entered", "left") else {}),
        )  # fmt: skip
        rows = rows.filter(Exists(moved))
    if chosen.condition:
        held = ChronicCondition.objects.filter(
            run=run, scheme="ccw30", condition=chosen.condition, patient=OuterRef("patient")
        )
        rows = rows.filter(Exists(sensitive.without_hidden(held, reader.user)))
    for name, column in (
        ("band", f"{reader.prefix}band"),
        ("language", "language"),
        ("payer", "payer"),
        # People know a doctor by name; the links in the list by number.
        ("pcp", "pcp_npi" if chosen.pcp.isdigit() or chosen.pcp == "none" else "pcp_name__icontains"),
    ):
        if value := getattr(chosen, name):
            rows = rows.filter(**{column: "" if value == "none" else value})
    if chosen.zip:
        rows = rows.filter(zip_code="") if chosen.zip == "none" else rows.filter(zip_code__startswith=chosen.zip)
    if chosen.county:
        rows = rows.filter(county="" if chosen.county == "none" else chosen.county)
    if chosen.age:
        youngest, oldest = AGES[chosen.age]
        rows = rows.filter(age__gte=youngest, age__lte=oldest)
    if chosen.stays:
        rows = rows.filter(**{f"{reader.prefix}stays_12__gte": int(chosen.stays)})
    if chosen.ed:
        rows = rows.filter(**{f"{reader.prefix}ed_visits_12__gte": int(chosen.ed)})
    return rows


def ordered(rows: QuerySet[Score], reader: Reader, chosen: Filters) -> QuerySet[Score]:
    """The same people in the order asked for; names come with them."""
    sort = sort_named(offered(reader, chosen).sort, SORTS)
    columns = [column.format(open=reader.prefix) for column in sort.columns]
    return rows.select_related("patient").order_by(*columns)


def show_scores(reader: Reader, rows: Iterable[Score]) -> None:
    """
    Make these rows say what this reader may know; call it before anything of a score is shown.

    Who does not see every fact gets the score, band, place and tie-break that unprotected facts give, of everybody: the
    difference to those of all facts would be the protected ones. The rows are not saved.
    """
    for row in rows:
        for name in ("score", "band", "rank", "tie_break"):
            setattr(row, name, getattr(row, f"{reader.prefix}{name}"))
        if not reader.sees_direct:
            row.tie_break = without_great_age(row.tie_break)


def without_great_age(text: str) -> str:
    """
    Words with an age over 89 said as 90+, as readers who see no names get it.

    >>> without_great_age("Age 91."), without_great_age("Age 89.")
    ('Age 90+.', 'Age 89.')
    """
    return re.sub(r"\b([Aa]ge) (?:9\d|1\d\d)\b", r"\1 90+", text)


def _by_program(rows: QuerySet[Score], reader: Reader, run: Run, chosen: Filters) -> QuerySet[Score]:
    if chosen.moved in ("entered", "left"):
        return rows
    if chosen.verdict:
        verdict = f"{reader.prefix}verdict"
        judged = Eligibility.objects.filter(run=run, patient=OuterRef("patient"), program=chosen.program)
        said = Exists(judged.filter(**{verdict: chosen.verdict}))
        if chosen.verdict == "not_applicable":
            return rows.filter(said)
        set_aside = Q(patient__in=excluded.by_decision(reader.on).values("patient"))
        if chosen.verdict == "excluded":
            return rows.filter(said | (set_aside & Exists(judged.exclude(**{verdict: "not_applicable"}))))
        return rows.filter(said).exclude(set_aside)
    column = "hidden_programs" if chosen.state == "hidden" else "programs"
    wanted = Q(**{f"{reader.prefix}{column}__contains": [chosen.program]})
    if chosen.state == "hidden":
        wanted |= Q(**{f"{reader.prefix}programs__contains": [chosen.program]})
    return rows.filter(wanted)


def _by_state(rows: QuerySet[Score], reader: Reader, chosen: Filters) -> QuerySet[Score]:
    decided = CandidateDecision.objects.in_force(reader.on).filter(patient=OuterRef("patient"))
    is_candidate = ~Q(**{f"{reader.prefix}programs": []})
    match chosen.state:
        case "waiting":
            if chosen.moved == "left":
                return rows.filter(~Exists(decided))
            return rows.filter(is_candidate).filter(~Exists(decided)).filter(~Exists(_led(reader)))
        case "led":
            return rows.filter(is_candidate).filter(~Exists(decided)).filter(Exists(_led(reader)))
        case "accepted" | "not_now" | "excluded" as decision:
            return rows.filter(Exists(decided.filter(decision=decision)))
        case "hidden":
            set_aside = CandidateDecision.objects.in_force(reader.on).filter(decision__in=["not_now", "excluded"])
            by_rule = ~Q(**{f"{reader.prefix}hidden_programs": []})
            return rows.filter(by_rule | (is_candidate & Q(patient__in=set_aside.values("patient"))))
        case _:
            return rows


def _led(reader: Reader) -> QuerySet[Tie]:
    """Of the outer row's patient: the tie of somebody who leads their care today. Whom somebody leads waits for nobody."""
    return Tie.objects.on(reader.on).filter(because=Tie.Because.CASELOAD, patient=OuterRef("patient"))


def waiting_count(user) -> int | None:
    """
    How many candidates wait for a decision, for the sidebar; the same number as the list has.

    A page that has just counted that list leaves the number on the user of the request, so it is asked once.
    """
    if (counted := getattr(user, "waiting_counted", None)) is not None:
        return counted
    run = current_run()
    if run is None:
        return None
    return people(Reader(user, timezone.localdate()), run, Filters(state="waiting")).count()


def hidden_counts(reader: Reader, run: Run) -> dict[str, int]:
    """Of people hidden from the list: how many by each reason. Someone with two reasons is counted by the first."""
    by_rule = ~Q(**{f"{reader.prefix}hidden_programs": []})
    ruled_out = reader.visible(Score.objects.filter(run=run)).filter(by_rule)
    counts = dict(ruled_out.values_list("excluded_because").annotate(people=Count("*")).order_by("excluded_because"))
    set_aside = CandidateDecision.objects.in_force(reader.on).filter(decision__in=["not_now", "excluded"])
    theirs = Score.objects.filter(run=run, patient=OuterRef("patient")).exclude(by_rule).exclude(_nobody(reader))
    decided = reader.visible(set_aside).filter(Exists(theirs))
    return counts | dict(decided.values_list("decision").annotate(people=Count("*")).order_by("decision"))


def decided_counts(reader: Reader, run: Run) -> dict[str, int]:
    """How many people each kind of decision holds about today; the lengths of those lists without other filters."""
    in_run = Score.objects.filter(run=run, patient=OuterRef("patient"))
    held = reader.visible(CandidateDecision.objects.in_force(reader.on)).filter(Exists(in_run))
    counts = dict(held.values_list("decision").annotate(people=Count("*")).order_by("decision"))
    return {decision: counts.get(decision, 0) for decision in CandidateDecision.Decision.values}


def state_counts(reader: Reader, run: Run, *, hidden: int) -> dict[str, int]:
    """
    How many people each chip of the candidates page leads to: led, decided, hidden and all; the lengths of those lists.

    `hidden` is the sum of `hidden_counts`, which the page has asked for already.
    """
    if reader.patients is None:
        everyone = _everyone(run.pk, reader.joined)
    else:
        everyone = reader.visible(Score.objects.filter(run=run)).count()
    led = people(reader, run, Filters(state="led")).count()
    return decided_counts(reader, run) | {"led": led, "hidden": hidden, "all": everyone}


@lru_cache(maxsize=8)
def _everyone(run_pk: int, joined: tuple[int, ...]) -> int:
    return Score.objects.filter(run=run_pk).exclude(patient__in=joined).count()


def _nobody(reader: Reader) -> Q:
    """Of scores: those of people no program suggests."""
    return Q(**{f"{reader.prefix}programs": []})


def suggests_anybody(reader: Reader, run: Run) -> bool:
    """Whether any program suggests anybody this reader may see."""
    return reader.visible(Score.objects.filter(run=run)).exclude(_nobody(reader)).exists()


def sees_nobody(reader: Reader, run: Run) -> bool:
    """Whether a run counts people and this reader may see none of them: nobody is tied to them yet."""
    return bool(run.rows.get("score")) and not reader.visible(Score.objects.filter(run=run)).exists()


def moved_counts(reader: Reader, run: Run) -> dict[str, int]:
    """How many people entered and left any program's list since the run before, and rose or fell a band."""
    if not run.is_compared:
        return {}
    if reader.patients is None:
        return _moved_of_everyone(run.pk, reader.seen, reader.joined)
    return _moved(reader.visible(Movement.objects.filter(run=run, seen=reader.seen)))


@lru_cache(maxsize=8)
def _moved_of_everyone(run_pk: int, seen: str, joined: tuple[int, ...]) -> dict[str, int]:
    return _moved(Movement.objects.filter(run=run_pk, seen=seen).exclude(patient__in=joined))


def _moved(rows: QuerySet[Movement]) -> dict[str, int]:
    counted = rows.values("change").annotate(people=Count("patient", distinct=True)).order_by()
    return {row["change"]: row["people"] for row in counted}


@dataclass(frozen=True)
class Reason:
    """One chip: why someone is on a list, in three words, and the line it comes from."""

    program: str
    code: str
    words: str


def reasons_for(reader: Reader, run: Run, patients: Iterable[int]) -> dict[int, list[Reason]]:
    """The reason chips of some people: what the lines that say yes found. One chip per words."""
    lines = Criterion.objects.filter(run=run, patient__in=list(patients), kind="need").exclude(chip="", open_chip=None)
    found: dict[int, list[Reason]] = {}
    for line in lines.order_by("patient", "program", "position"):
        shown = read_line(line, reader)
        mine = found.setdefault(line.patient_id, [])
        if shown.verdict == "yes" and shown.chip and shown.chip not in {reason.words for reason in mine}:
            mine.append(Reason(line.program, line.code, shown.chip))
    return found


def read_line(line: Criterion, reader: Reader) -> Criterion:
    """The line as this reader may see it: the reading without protected facts when any of them is closed to them."""
    if line.tags and not reader.sees_all:
        line.verdict, line.text = line.open_verdict or line.verdict, line.open_text or line.text
        line.chip, line.evidence = line.open_chip or "", line.open_evidence or ""
        line.tags = []
    if not reader.sees_direct:
        line.text, line.chip = without_great_age(line.text), without_great_age(line.chip)
    return line


def verdicts_for(
    reader: Reader, run: Run, patients: Iterable[int], decisions: dict[int, CandidateDecision]
) -> dict[int, dict[str, str]]:
    """Each program's verdict about some people, read with the decisions that stand about them (`decisions_for`)."""
    column = f"{reader.prefix}verdict"
    set_aside = {patient for patient, found in decisions.items() if excluded.says_so(found, reader.on)}
    rows = Eligibility.objects.filter(run=run, patient__in=list(patients)).values_list("patient", "program", column)
    found: dict[int, dict[str, str]] = {}
    for patient, program, verdict in rows:
        found.setdefault(patient, {})[program] = excluded.read_with(verdict, is_excluded=patient in set_aside)
    return found


def decisions_for(patients: Iterable[int]) -> dict[int, CandidateDecision]:
    """The decision that stands about some people, in force or run out."""
    rows = CandidateDecision.objects.standing().filter(patient__in=list(patients)).select_related("by")
    return {row.patient_id: row for row in rows}


def phones_of(patients: Iterable[int]) -> dict[int, str]:
    """The phone numbers of some people, several joined; only for readers who see such things."""
    found: dict[int, str] = {}
    rows = ContactPoint.objects.filter(patient__in=list(patients), kind=ContactPoint.Kind.PHONE).order_by("pk")
    for patient, value in rows.values_list("patient", "value"):
        found[patient] = f"{found[patient]}, {value}" if patient in found else value
    return found


def member_id_of(patient, *, on: date) -> str:
    """The member ID under the coverage that runs on a day, or else under the latest one."""
    rows = list(
        Coverage.objects.filter(patient=patient, starts_on__lte=on).exclude(member_id="").order_by("-starts_on")
    )
    runs = [row for row in rows if row.ends_on is None or row.ends_on >= on]
    return (runs or rows)[0].member_id if rows else ""


@dataclass(frozen=True)
class ShownPart:
    """One part of a score as a reader sees it."""

    code: str
    label: str
    points: int
    evidence: str


PROTECTED = "_protected"


def parts_for(reader: Reader, parts: Iterable[ScorePart]) -> list[ShownPart]:
    """
    The parts of a score as this reader may see them; they add up to the score this reader is shown (`show_scores`).

    Who sees everything sees each part whole. Everyone else sees what unprotected facts give, and no remainder: its size
    would tell what the protected ones are.
    """
    parts = list(parts)
    if not reader.sees_direct:
        for part in parts:
            part.label, part.all_label = without_great_age(part.label), without_great_age(part.all_label)
    if not reader.sees_all:
        return [ShownPart(part.code, part.label, part.points, part.evidence) for part in parts if not part.tags]
    whole: dict[str, ShownPart] = {}
    for part in parts:
        code = part.code.removesuffix(PROTECTED)
        before = whole.get(code)
        whole[code] = ShownPart(
            code,
            part.all_label or part.label,
            part.points + (before.points if before else 0),
            part.all_evidence or part.evidence,
        )
    return list(whole.values())


@dataclass(frozen=True)
class DataState:
    """What the freshness banner says: the feeds, how far the slowest is complete, who went quiet."""

    feeds: list[Freshness]
    short: list[FreshnessMonth] = field(default_factory=list)
    """Months of the last twelve in which a feed brought far fewer claims than its other months."""

    @property
    def known(self) -> list[Freshness]:
        """The feeds of which it is known how far they are complete, the slowest first."""
        return sorted((feed for feed in self.feeds if feed.complete_through), key=lambda feed: feed.complete_through)  # type: ignore[arg-type, return-value]

    @property
    def slowest(self) -> Freshness | None:
        """The feed that is complete the least far."""
        return self.known[0] if self.known else None

    @property
    def quiet(self) -> list[str]:
        """The feeds that stopped sending."""
        return [feed.feed for feed in self.feeds if feed.is_quiet]


def data_state(run: Run) -> DataState:
    """How fresh the claims of this run are."""
    since = date(run.as_of.year - 1, run.as_of.month, 1)
    short = FreshnessMonth.objects.filter(run=run, is_short=True, month__gt=since, month__lte=run.as_of)
    return DataState(list(Freshness.objects.filter(run=run).order_by("feed")), list(short.order_by("-month", "feed")))


def verdict_counts(run: Run) -> list[dict[str, str | int]]:
    """By program, how many people got which verdict in a run: for whoever ran it, without a name."""
    counted: dict[str, dict[str, int]] = {}
    for row in Eligibility.objects.filter(run=run).values("program", "verdict").annotate(people=Count("patient")):
        counted.setdefault(row["program"], {})[row["verdict"]] = row["people"]
    return [
        {"program": program, **{word: counts.get(word, 0) for word in VERDICTS}}
        for program, counts in sorted(counted.items())
    ]


def latest_month(run: Run) -> date | None:
    """The last month of care of which any feed brought claims."""
    return FreshnessMonth.objects.filter(run=run, rows__gt=0).aggregate(latest=Max("month"))["latest"]


def saved_filters(user, on: date) -> QuerySet[SavedFilter]:
    """A person's own saved filters and those their teams share."""
    teams = user.memberships.on(on).values("team")
    return SavedFilter.objects.filter(Q(user=user) | Q(team__in=teams)).order_by("name").select_related("team")


def settings_in_force(on: date) -> list[tuple[str, str, str]]:
    """The programs' numbers that a site has set, as they hold on a day: (program, key, value)."""
    latest = ProgramSetting.objects.filter(from_on__lte=on).order_by("program", "key", "-from_on", "-at", "-pk")
    return [(row.program, row.key, row.value) for row in latest.distinct("program", "key")]


def numbers_on(on: date) -> dict[tuple[str, str], str]:
    """Every number of every rule as it holds on a day: the site's own, or the default."""
    declared = {(rule.code, found.key): found.default for rule in ALL_RULES for found in rule.thresholds}
    declared |= {(ranking.RANKING, found.key): found.default for found in ranking.THRESHOLDS}
    return declared | {(program, key): value for program, key, value in settings_in_force(on)}


@lru_cache(maxsize=8)
def choices_of(run_pk: int) -> dict[str, list[str]]:
    """The languages and payers that occur in a run, for menus; a run never changes, so they are asked once."""
    rows = Score.objects.filter(run=run_pk)
    return {
        "language": list(rows.exclude(language="").values_list("language", flat=True).distinct().order_by("language")),
        "payer": list(rows.exclude(payer="").values_list("payer", flat=True).distinct().order_by("payer")),
    }
