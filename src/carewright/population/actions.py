"""Everything that changes what we decided about people and programs, and how a run is made and received."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel.errors import BadInput, NotNow, NotPermitted
from carewright.knowledge import comprehensive, consent, outreach, ranking
from carewright.knowledge.program import Threshold
from carewright.knowledge.programs import PROGRAMS, name_of, program_named
from carewright.plumbing import jobs
from carewright.plumbing.home import Home
from carewright.population import queries, receive
from carewright.population.models import CandidateDecision, ClosedRun, ProgramSetting, Run, SavedFilter
from carewright.population.refusals import Refusal, refusals
from carewright.population.sentences import NOT_A_NUMBER
from carewright.population.wording import PHRASES
from carewright.registry import numbers
from carewright.registry.matching import actions as matching
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import Team, User
from carewright.warehouse import one_at_a_time
from carewright.warehouse import run as warehouse

Decision = CandidateDecision.Decision
Because = CandidateDecision.Because
UNDO_WITHIN = timedelta(minutes=10)
LONGEST_NOT_NOW = timedelta(days=366)
RUN_SOON = "stratify_soon"
"""The job that makes a run as soon as a worker is free."""


class RunAtWork(NotNow):
    """Another run is being made in this home."""


@dataclass(frozen=True)
class Decided:
    """What became of several people: the decisions made, and who was not accepted and why."""

    made: list[CandidateDecision]
    refused: list[tuple[Patient, Refusal]]


def stratify(
    home: Home,
    *,
    as_of: date,
    at: datetime,
    by,
    who: str = "",
    waits: Callable[[str], object] | None = None,
    report: Callable[[object], object] = lambda step: None,
    received: Callable[[str, int], object] = lambda table, rows: None,
    again: Callable[[str], object] = lambda why: None,
) -> tuple[warehouse.Run, Run]:
    """
    Run the warehouse for a day with the programs' numbers of that day, and receive what it publishes.

    Somebody whose records were joined is counted as one person. `report` is told each warehouse step, `received` each
    table of the record. Answers both runs.

    One run at a time: raises `RunAtWork` while another is being made, with whose it is and since when. With `waits`,
    that is told the same, and the other run is waited for. `who` is how ours is called to others, else `by`.
    A source declared to be protected meanwhile makes the run begin anew; `again` is told why.
    """
    told = None if waits is None else lambda other: waits(_who_is_at_work(other))
    try:
        with one_at_a_time.alone(home, who=who or str(audit.who(by)["by"]), at=at, waits=told):
            receive.forget_old_runs()
            while True:
                settings = queries.settings_in_force(as_of)
                done = warehouse.run(
                    home, as_of=as_of, program_settings=settings, joined_numbers=numbers.joined_numbers(), report=report,
                    at=at,
                )  # fmt: skip
                try:
                    return done, receive_run(home, done.run_id, at=at, by=by, settings=settings, received=received)
                except receive.DeclaredMeanwhile:
                    again(
                        "A source was declared to be protected by 42 CFR Part 2 while this run was made; it begins anew."
                    )
    except one_at_a_time.OneIsAtWork as busy:
        said = _("%(who)s Try again when it has finished, or let ./carewright stratify --wait wait for it.")
        raise RunAtWork(said % {"who": _who_is_at_work(busy.other)}) from None


def _who_is_at_work(other: one_at_a_time.AtWork) -> str:
    """One sentence about the run that is being made."""
    if other.since is None:
        return _("A run is being made in this home already.")
    since = timezone.localtime(other.since)
    return _("A run is being made in this home already: %(who)s (process %(process)s), since %(since)s.") % {
        "who": other.who, "process": other.process, "since": date_format(since, "F j, g:i A"),
    }  # fmt: skip


def close_lists(*, because: str, at: datetime, by) -> Run | None:
    """
    Show the run that counts to nobody any more, since it may rest on facts nobody may see; answers that run, if any.

    All pages, counts, files and papers then say that the lists are closed, until a new run is received; one is begun at
    once. Nothing opens the run again.
    """
    with transaction.atomic():
        run = queries.current_run()
        if run is not None:
            ClosedRun.objects.create(run=run, at=at)
            audit.happened("closed_lists", f"run:{run.pk}", by=by, why=because)
        if run is not None or queries.closed_run() is not None:
            jobs.defer(RUN_SOON, once=f"{RUN_SOON}:closed", unless_open=True)
    return run


def receive_run(
    home: Home,
    run_id: str,
    *,
    at: datetime,
    by,
    settings: Iterable[tuple[str, str, str]] = (),
    received: Callable[[str, int], object] = lambda table, rows: None,
) -> Run:
    """
    Load the published tables of one warehouse run in one transaction and make it the current one.

    People it makes known are compared with those we know; whom that joins, the next run counts as one.
    """
    folder = home.warehouse / "runs" / run_id
    if not folder.is_dir():
        raise NotNow(_("There is no run %(run)s in this home. Run ./carewright stratify.") % {"run": run_id})
    with matching.on_arrival(by=by, at=at):
        return receive.receive(folder, at=at, by=by, home=home, settings=list(settings), report=received)


def accept(
    *, patient: Patient, by: User, at: datetime, because: str = Because.FITS, note: str = ""
) -> CandidateDecision:
    """
    Take someone on: the team will ask them whether they want to join.

    Someone who has died, is not covered, in hospice or excluded, or whom no program suggests, is refused with the reason.
    """
    _must_decide(by)
    if refused := refusals([patient], on=timezone.localdate(at)).get(patient.pk):
        raise NotNow(refused.sentence)
    return _decide(patient, Decision.ACCEPTED, until=None, because=because, note=note, by=by, at=at)


def accept_referred(*, patient: Patient, by: User, at: datetime, note: str = "") -> CandidateDecision:
    """
    Take on somebody who was referred, whether or not a program suggests them.

    Someone who has died or whom a person excluded is refused with the reason.
    """
    _must_decide(by)
    on = timezone.localdate(at)
    refused = refusals([patient], on=on).get(patient.pk)
    standing = CandidateDecision.objects.in_force(on).filter(patient=patient, decision=Decision.EXCLUDED)
    excluded = standing.exists()
    if refused is not None and (patient.died_on is not None or excluded):
        raise NotNow(refused.sentence)
    return _decide(patient, Decision.ACCEPTED, until=None, because=Because.FITS, note=note, by=by, at=at)


def not_now(
    *, patient: Patient, until: date, on: date, because: str, by: User, at: datetime, note: str = ""
) -> CandidateDecision:
    """Set someone aside until a day; the day after it they are on the list again."""
    if until < on:
        raise NotNow(
            _("%(day)s is past. Choose today or a later day.") % {"day": date_format(until, "F j, Y")}, at="until"
        )
    if until > on + LONGEST_NOT_NOW:
        raise NotNow(
            _("%(day)s is more than 12 months ahead. Choose an earlier day, or exclude the person with a reason.")
            % {"day": date_format(until, "F j, Y")},
            at="until",
        )
    return _decide(patient, Decision.NOT_NOW, until=until, because=because, note=note, by=by, at=at)


def exclude(
    *,
    patient: Patient,
    because: str,
    on: date,
    by: User,
    at: datetime,
    until: date | None = None,
    note: str = "",
) -> CandidateDecision:
    """Keep someone off the list, for good or until a day, with a reason that everyone who looks can read."""
    if until is not None and until < on:
        raise NotNow(
            _("%(day)s is past. Choose a later day, or none for an exclusion without an end.")
            % {"day": date_format(until, "F j, Y")}
        )
    return _decide(patient, Decision.EXCLUDED, until=until, because=because, note=note, by=by, at=at)


def lift(*, decision: CandidateDecision, because: str, by: User, at: datetime) -> CandidateDecision:
    """
    Take a decision back, with a reason; the person is a candidate again if the rules say so.

    An exclusion is lifted by those who answer for the program: a supervisor or a medical director.
    """
    if decision.decision == Decision.EXCLUDED and not roles.allows(by, roles.Permission.MANAGE_PROGRAMS):
        raise NotPermitted(_("An exclusion is lifted by a supervisor or a medical director. Ask one of them."))
    if decision.ended_at is not None:
        raise NotNow(_("This decision was replaced or lifted already."))
    if not because.strip():
        raise NotNow(_("Say why the decision is taken back."))
    with audit.change(decision, by=by, did="lift_decision", why=because.strip()):
        decision.ended_at, decision.ended_by, decision.ended_because = at, by, because.strip()
    return decision


def take_back(*, made_at: datetime, by: User, at: datetime) -> list[CandidateDecision]:
    """
    Undo what this person decided at one moment, within ten minutes: the decisions end, those they replaced hold again.

    Raises NotNow when the time is over or nothing of it stands any more.
    """
    _must_decide(by)
    if at - made_at > UNDO_WITHIN:
        raise NotNow(_("Ten minutes have passed. Take the decision back on the person's own page, with a reason."))
    with transaction.atomic():
        mine = CandidateDecision.objects.standing().filter(by=by, at=made_at, decision=Decision.ACCEPTED)
        found = list(mine.select_for_update())
        if not found:
            raise NotNow(_("There is nothing left to undo: this was taken back or decided anew already."))
        for decision in found:
            with audit.change(decision, by=by, did="undo_decision"):
                decision.ended_at, decision.ended_by, decision.ended_because = at, by, "undone"
            replaced = CandidateDecision.objects.filter(
                patient=decision.patient_id, ended_at=made_at, ended_by=by, ended_because="replaced"
            )
            for earlier in replaced.select_for_update():
                with audit.change(earlier, by=by, did="restore_decision"):
                    earlier.ended_at = earlier.ended_by = earlier.ended_because = None
    return found


def decide_many(
    *, patients: Iterable[Patient], decision: str, until: date | None, because: str, note: str, on: date, by: User,
    at: datetime,
) -> Decided:  # fmt: skip
    """
    The same decision about several people: about all of them or, when one fails, about none.

    Accepting is the exception: who must not be accepted is left out and named in the answer, and the others go on.
    """
    patients = list(patients)
    refused: dict[int, Refusal] = {}
    if decision == Decision.ACCEPTED:
        _must_decide(by)
        refused = refusals(patients, on=timezone.localdate(at))
    with transaction.atomic():
        made = []
        for patient in patients:
            if patient.pk in refused:
                continue
            match decision:
                case Decision.ACCEPTED:
                    made.append(
                        _decide(patient, decision, until=None, because=because or Because.FITS, note=note, by=by, at=at)
                    )
                case Decision.NOT_NOW:
                    if until is None:
                        raise NotNow(_("Say until when."))
                    made.append(not_now(patient=patient, until=until, on=on, because=because, by=by, at=at, note=note))
                case Decision.EXCLUDED:
                    made.append(exclude(patient=patient, because=because, on=on, by=by, at=at, until=until, note=note))
                case _:
                    raise BadInput("the decision", decision, "accepted, not_now or excluded")
    return Decided(made, [(patient, refused[patient.pk]) for patient in patients if patient.pk in refused])


def _must_decide(by: User) -> None:
    if not roles.allows(by, roles.Permission.DECIDE_CANDIDATES):
        raise NotPermitted(_("Your role does not decide about candidates."))


def _decide(
    patient: Patient, decision: str, *, until: date | None, because: str, note: str, by: User, at: datetime
) -> CandidateDecision:
    _must_decide(by)
    with transaction.atomic():
        for earlier in CandidateDecision.objects.standing().filter(patient=patient).select_for_update():
            held = earlier.decision == Decision.EXCLUDED and earlier.holds_on(timezone.localdate(at))
            if held and not roles.allows(by, roles.Permission.MANAGE_PROGRAMS):
                raise NotPermitted(
                    _("This person is excluded. A supervisor or a medical director can lift that first.")
                )
            with audit.change(earlier, by=by, did="replace_decision"):
                earlier.ended_at, earlier.ended_by, earlier.ended_because = at, by, "replaced"
        made = CandidateDecision(
            patient=patient, decision=decision, until=until, because=because, note=note.strip(), by=by, at=at
        )
        with audit.change(made, by=by, did=f"decide_{decision}"):
            pass
    return made


def save_filter(*, name: str, query: str, by: User, at: datetime, team: Team | None = None) -> SavedFilter:
    """Keep a list's filters under a name; saving under the same name again replaces them."""
    if not name.strip():
        raise NotNow(_("Give the filter a name."))
    if team is not None and not by.memberships.on(timezone.localdate(at)).filter(team=team).exists():
        raise NotPermitted(_("You can share filters with your own teams only."))
    kept = SavedFilter.objects.filter(user=by, name=name.strip()).first() or SavedFilter(user=by, name=name.strip())
    with audit.change(kept, by=by, did="save_filter"):
        kept.query, kept.team, kept.at = query, team, at
    return kept


def forget_filter(*, saved: SavedFilter, by: User) -> None:
    """Remove a saved filter; only the person who saved it may."""
    if saved.user_id != by.pk:
        raise NotPermitted(_("Only the person who saved this filter can remove it."))
    audit.happened("forget_filter", audit.name_of(saved), by=by)
    saved.delete()


def threshold_of(program: str, key: str) -> Threshold | None:
    """The declared number with this key, of a program or of the ranking."""
    if program == ranking.RANKING:
        return next((found for found in ranking.THRESHOLDS if found.key == key), None)
    declared = program_named(program)
    if declared is None:
        return None
    return declared.threshold(key) or next((found for found in on_the_way(program) if found.key == key), None)


def on_the_way(program: str) -> tuple[Threshold, ...]:
    """The numbers of outreach, consent and assessment that a site may set for a program, each with the program's own default."""
    if program not in {found.code for found in PROGRAMS}:
        return ()
    own = (replace(found, default=outreach.default(program, found.key)) for found in outreach.THRESHOLDS)
    return (*own, consent.DECLINE, *comprehensive.THRESHOLDS)


def set_threshold(
    *, program: str, key: str, value: str, from_on: date, because: str, by: User, at: datetime
) -> ProgramSetting:
    """Set a number of a program from a day on, with the reason. Runs of earlier days keep the number they had."""
    if not roles.allows(by, roles.Permission.MANAGE_PROGRAMS):
        raise NotPermitted(_("Your role does not set the programs' numbers."))
    declared = threshold_of(program, key)
    if declared is None:
        raise NotNow(_("%(program)s has no number called %(key)s.") % {"program": _(name_of(program)), "key": key})
    if problem := declared.problem(value):
        said = PHRASES.one_of(problem, NOT_A_NUMBER) or problem
        raise NotNow(_("%(number)s: %(problem)s") % {"number": _(declared.words), "problem": said})
    if not because.strip():
        raise NotNow(_("Say why the number changes."))
    made = ProgramSetting(
        program=program, key=key, value=value.strip(), from_on=from_on, because=because.strip(), by=by, at=at
    )
    with audit.change(made, by=by, did="set_threshold", why=because.strip()):
        pass
    return made
