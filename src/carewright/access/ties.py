"""Everything that changes whom somebody may see: ties are given from a day on, and ended; never deleted."""

from datetime import date

from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.access.models import CANDIDATES, EVERYONE, PAYER, Tie
from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo, NotNow
from carewright.registry.models import Patient
from carewright.staff.models import Team, User


def tie_to_population(
    *, population: str, because: str, on: date, by: User | str, user: User | None = None, team: Team | None = None,
    until: date | None = None,
) -> Tie:  # fmt: skip
    """From that day on (and until another, when given), a person or a team may see everyone of a population."""
    if (user is None) == (team is None):
        raise CannotDo(_("Say one: a person or a team."))
    if until is not None and until < on:
        raise CannotDo(_("It cannot end before it starts."))
    open_ones = Tie.objects.filter(user=user, team=team, population=population, because=because, ends_on__isnull=True)
    if open_ones.exists():
        raise NotNow(
            _("%(who)s may see %(whom)s for this reason already.") % {"who": user or team, "whom": said(population)}
        )
    tie = Tie(user=user, team=team, population=population, because=because, starts_on=on, ends_on=until)
    with audit.change(tie, by=by, did="tied"):
        pass
    return tie


def end_tie(*, tie: Tie, on: date, by: User | str, why: str = "") -> Tie:
    """The last day of a tie; what was seen until then stays in the log."""
    if tie.ends_on is not None and tie.ends_on <= on:
        raise NotNow(_("This tie has ended already."))
    with audit.change(tie, by=by, did="untied", why=why):
        tie.ends_on = max(on, tie.starts_on)
    return tie


def said(population: str | None) -> str:
    """
    A population in words.

    >>> said("payer:Meridian"), said("everyone")
    ('everyone covered by Meridian', 'everyone')
    """
    if population is None:
        return _("one person")
    if population == EVERYONE:
        return _("everyone")
    if population == CANDIDATES:
        return _("everyone some program suggests")
    return _("everyone covered by %(payer)s") % {"payer": population.removeprefix(PAYER)}


def payers() -> list[str]:
    """The payers there are. Names of companies, not of people, so whoever gives ties may read them."""
    with acting_as("system:payers"):
        return sorted(set(Patient.objects.order_by().values_list("payer", flat=True).distinct()) - {""})
