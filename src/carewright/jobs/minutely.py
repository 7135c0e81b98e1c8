"""Every minute: the access log is sealed, and watched folders are looked into."""

from datetime import datetime

from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.exchange import actions as exchange
from carewright.plumbing import home, jobs
from carewright.staff import clock


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
