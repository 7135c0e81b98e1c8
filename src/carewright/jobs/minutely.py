"""Every minute: the log is sealed, watched folders looked into, held messages released, alarms nobody took on told further."""

from datetime import datetime

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.assessment import reminders as assessment
from carewright.audit import actions as audit
from carewright.channel import actions as channel
from carewright.enrollment import watching as enrollment
from carewright.exchange import actions as exchange
from carewright.plumbing import home, jobs
from carewright.staff import clock
from carewright.tasks import alarms, arrivals


@jobs.every("* * * * *", "seal_access_log")
def seal_access_log(at: datetime) -> None:
    """Chain what was written down since the last minute, so that nobody can quietly change it."""
    with acting_as("system:minutely"):
        seal = audit.seal(at)
    if seal is not None:
        # Outside the database, so that a log wiped as a whole is noticed too.
        written = home.current().seal.with_suffix(".part")
        written.write_text(f"{seal.digest}\n", encoding="ascii")
        written.replace(home.current().seal)


@jobs.every("* * * * *", "sweep_inbox")
def sweep_inbox(at: datetime) -> None:
    """Read the files that were put into a watched folder and are complete."""
    clock.set_clock()
    with acting_as("system:minutely"):
        exchange.sweep_inbox(by="system:minutely")


@jobs.every("* * * * *", "sweep_messages")
def sweep_messages(at: datetime) -> None:
    """Ask the gate again about what it held, and carry out what a worker left behind."""
    clock.set_clock()
    with acting_as("system:minutely"):
        channel.release(at=at, by="system:minutely")
        channel.try_again(at=at, by="system:minutely")


@jobs.every("* * * * *", "escalate_alarms")
def escalate_alarms(at: datetime) -> None:
    """Tell the next person of alarms that nobody accepted in time, or whose page failed."""
    clock.set_clock()
    with acting_as("system:minutely"):
        alarms.escalate_alarms(at=at, by="system:minutely")


@jobs.every("* * * * *", "open_tasks_for_arrivals")
def open_tasks_for_arrivals(at: datetime) -> None:
    """Remind somebody of every text that a person must read, and of everything that could not be delivered."""
    clock.set_clock()
    with acting_as("system:minutely"):
        arrivals.open_for_arrivals(at=at, by="system:minutely")


@jobs.every("* * * * *", "watch_enrollment")
def watch_enrollment(at: datetime) -> None:
    """Stop everything for somebody reported dead, reach whom was accepted, plan the next attempt, remind new leads."""
    clock.set_clock()
    with acting_as("system:minutely"):
        enrollment.each_minute(at=at, on=timezone.localdate(at), by="system:minutely")
        assessment.for_new_leads(on=timezone.localdate(at), at=at, by="system:minutely")
