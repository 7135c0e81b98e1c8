"""What a reminder is about when something came in or did not arrive: the words of a text, or the message that failed."""

from dataclasses import dataclass

from django.db.models import QuerySet

from carewright.access.actor import acting_as
from carewright.channel import queries as channel
from carewright.channel.models import IncomingText, Message
from carewright.registry import relating
from carewright.registry.models import Patient
from carewright.tasks import arrivals
from carewright.tasks.models import Task

MOST = 10
SYSTEM = "system:arrived"


@dataclass(frozen=True)
class Arrived:
    """
    A text somebody sent us, or a message of ours that did not arrive.

    `people` are those who have the number of a text that several share; nobody is guessed. `do_not_call` says that the
    number leads to somebody who is held away from a patient for safety: it is neither shown nor dialed.
    """

    text: IncomingText | None = None
    people: tuple[Patient, ...] = ()
    message: Message | None = None
    do_not_call: bool = False


def arrived(task: Task, *, among: QuerySet[Patient]) -> Arrived | None:
    """What arrived or failed, for a task about such a thing; `among` are the patients its reader may see."""
    if task.about_public_id is None:
        return None
    if task.about_kind == arrivals.MESSAGE:
        message = channel.without_held(Message.objects.filter(public_id=task.about_public_id))
        return Arrived(message=message[0] if message else None)
    if task.about_kind != arrivals.TEXT:
        return None
    text = IncomingText.objects.filter(public_id=task.about_public_id).first()
    if text is None:
        return Arrived()
    with acting_as(SYSTEM):  # also when the patient it is about is not the reader's: nobody calls that number
        if relating.leads_to_somebody_held(text.number):
            return Arrived(text=text, do_not_call=True)
    if task.patient_id is not None:
        return Arrived(text=text)
    return Arrived(text=text, people=tuple(channel.whose_number(text, among=among)[:MOST]))
