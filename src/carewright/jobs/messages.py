"""What the gate queued, carried out by a worker within seconds; the sweep each minute finds what was left over."""

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.channel import actions as channel
from carewright.plumbing import jobs
from carewright.staff import clock


@jobs.task(channel.DELIVER)
def deliver_message(message_id: int) -> None:
    """Carry one message out. Safe to run twice: only one run claims it."""
    clock.set_clock()
    with acting_as("system:channel"):
        channel.deliver(message_id=message_id, by="system:channel", at=timezone.now())
