"""
Row history: what a row was before it was changed or removed, when that happened, and who did it.

The database's own triggers keep it, row by row, so that a bulk load or a line of plain SQL leaves its trace like a
form does. What a row is *now* is the row itself; its history holds each earlier version, written at the moment it was
replaced. So the row as of any moment is the earliest version replaced after that moment, or the row itself. A first
load therefore costs nothing here, and a run that changes nothing writes nothing.

History may only be added to: triggers refuse to change or remove it.
"""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Func, TextField, Value
from django.db.models.functions import Coalesce, Concat, NullIf
from pghistory.models import Event


def _who() -> Coalesce:
    """Who acts, as the access wall names them; a bare database session is named by its database user."""
    actor = Func(Value("carewright.actor"), Value(True), function="current_setting", output_field=TextField())
    session = Func(function="session_user", template="%(function)s::text", output_field=TextField())
    return Coalesce(NullIf(actor, Value("")), Concat(Value("database:"), session))


class Version(Event):
    """One earlier version of a row: when it was replaced (`pgh_created_at`) and by whom (`pgh_by`)."""

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_by = models.TextField(db_default=_who())

    class Meta:
        abstract = True


def keeps_history(*, besides: tuple[str, ...] = (), never: tuple[str, ...] = ()):
    """
    Keep every earlier version of this table's rows in `<Model>History`.

    A change of a column named in `besides` alone is not worth a version (a run id that moves each night); a column
    named in `never` is not kept at all (a password).
    """

    def keep(model: type[models.Model]) -> type[models.Model]:
        watched = [field.name for field in model._meta.concrete_fields if field.name not in {*besides, *never}]
        return pghistory.track(
            pghistory.UpdateEvent("changed", row="OLD", condition=pgtrigger.AnyChange(*watched)),
            pghistory.DeleteEvent("removed", row="OLD"),
            model_name=f"{model.__name__}History",
            exclude=list(never) or None,
            base_model=Version,
            append_only=True,
            context_field=None,  # type: ignore[arg-type]
            obj_field=pghistory.ObjForeignKey(related_name="history", related_query_name="+"),
            level=pgtrigger.Row,
        )(model)

    return keep
