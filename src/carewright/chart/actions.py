"""Everything that changes a chart. Nothing else may."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.chart.models import Reported
from carewright.chart.receive import BY_SOURCE, BY_UNDO, Received, merge
from carewright.kernel.errors import NotNow


def record(
    reported: Mapping[type[Reported], Iterable[tuple[object, ...]]], *, at: datetime, by, what: str = ""
) -> dict[type[Reported], Received]:
    """
    Write down what sources reported, many facts of many kinds at once; all of them or none.

    `reported` holds, per model, rows of `receive.HEAD` followed by `receive.own_columns(model)`. A later report
    corrects an earlier one; what a source says was entered in error is retracted; hearing the same again changes
    nothing. One entry in the access log says what came (`what` names the batch) and how much of each kind.
    """
    received: dict[type[Reported], Received] = {}
    with transaction.atomic():
        for model, rows in reported.items():
            received[model] = merge(model, rows, at=at)
        counts = {
            model._meta.model_name: [one.added, one.changed, one.waiting]
            for model, one in received.items()
            if one.added or one.changed or one.waiting
        }
        if counts:
            audit.happened("recorded", what, by=by, after={"added_changed_waiting": counts})
    return received


def protect(
    *, by, what: str, source: str = "", npi: str = "", evidence: Iterable[tuple[str, int]] = (), tag: str = "part2"
) -> int:
    """
    Tag what the chart already holds from a protected source: all of a feed, or what names a provider's NPI.

    `evidence` are further (delivery, line) pairs known to come from that source. One entry in the access log says how
    many facts of each kind were closed; answers their number. Tagging again changes nothing.
    """
    rows = [Q(source=source)] if source else []
    for delivery_id, found in groupby(sorted(set(evidence)), key=itemgetter(0)):
        rows.append(Q(delivery_id=delivery_id, line__in=[line for _delivery, line in found]))
    tags = Func(F("tags"), Value(tag), function="array_append")
    counts: dict[str, int] = {}
    with transaction.atomic():
        for model in Reported.__subclasses__():
            names_provider = npi and any(field.name == "provider" for field in model._meta.fields)
            facts = model._default_manager.exclude(tags__contains=[tag])
            closed = sum(
                facts.filter(each).update(tags=tags) for each in (*rows, *[Q(provider=npi)] * bool(names_provider))
            )
            if closed:
                counts[str(model._meta.model_name)] = closed
        if counts:
            audit.happened("protected", what, by=by, after={tag: counts})
    return sum(counts.values())


def take_back(*, delivery_id: str, because: str, at: datetime, by) -> int:
    """
    The file these facts came in was taken back: each is retracted, and stays. Answers how many facts that were.

    What one of our people retracted is left as it is. What an earlier file said of the same facts is read again by
    whoever calls this. Safe to do again.
    """
    counts: dict[str, int] = {}
    with transaction.atomic():
        for model in Reported.__subclasses__():
            said = model._default_manager.filter(delivery_id=delivery_id)
            standing = said.filter(Q(retracted_at__isnull=True) | Q(retracted_by=BY_SOURCE))
            left = standing.update(retracted_at=at, retracted_by=BY_UNDO, retracted_because=because)
            if left:
                counts[str(model._meta.model_name)] = left
        if counts:
            audit.happened("took_back_facts", f"delivery:{delivery_id}", by=by, why=because, after=counts)
    return sum(counts.values())


def retract(fact: Reported, *, because: str, at: datetime, by) -> Reported:
    """One of our people says this fact is wrong. It stays, with when, who and why, and is no longer shown as standing."""
    if fact.retracted_at is not None:
        raise NotNow(_("This was already retracted."))
    with audit.change(fact, by=by, did="retract", why=because):
        fact.retracted_at = at
        fact.retracted_by = str(audit.who(by)["by"])
        fact.retracted_because = because
    return fact
