"""What a carrier answers, and the two ways in which it can fail."""

from collections.abc import Callable
from dataclasses import dataclass

from carewright.channel.configuration import Sending
from carewright.channel.models import Message


@dataclass(frozen=True)
class Taken:
    """The carrier has it: its own name, its number for the message, and whether it is with the person already."""

    carrier: str
    carrier_id: str = ""
    words: str = ""
    is_delivered: bool = False


class NotTaken(Exception):  # noqa: N818 - a word of the house
    """The carrier could not take it now; it is tried again."""


class Refused(Exception):  # noqa: N818 - a word of the house
    """The carrier will never take it; trying again is useless."""


Carrier = Callable[[Message, Sending], Taken]
