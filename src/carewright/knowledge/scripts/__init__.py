"""
What is said and asked on a call: a few open questions for each reason to call, with answers that can be ticked.

The questions are our own words, in English. Where a language has no official or reviewed translation there is none
here: the question is then put through the interpreter, and the page says so.
"""

from carewright.knowledge.scripts.after_care import AFTER_DISCHARGE, AFTER_EMERGENCY
from carewright.knowledge.scripts.other_calls import INCOMING, OFFER, REGULAR, SAFETY
from carewright.knowledge.scripts.script import Answer, Question, Script

SCRIPTS: tuple[Script, ...] = (AFTER_DISCHARGE, AFTER_EMERGENCY, SAFETY, OFFER, REGULAR, INCOMING)
BY_CODE: dict[str, Script] = {script.code: script for script in SCRIPTS}

__all__ = ["BY_CODE", "OFFER", "SCRIPTS", "Answer", "Question", "Script", "for_kind"]


def for_kind(kind: str, *, incoming: bool = False) -> Script:
    """
    The script for a kind of task; the regular one when no other names the kind, and its own for who calls us.

    >>> for_kind("discharge_call").code, for_kind("call_back").code, for_kind("", incoming=True).code
    ('after_discharge', 'regular', 'incoming')
    """
    if incoming:
        return INCOMING
    return next((script for script in SCRIPTS if kind in script.kinds), REGULAR)
