"""
Everything that changes who is asked, who agreed and who is in a program, gathered under one name for other rooms.

The functions stand in a module each: referring (the doors), triaging, reaching, consenting, enrolling, deaths, caseload.
"""

from carewright.enrollment.consenting import (
    after_contact,
    agree,
    covering,
    decline,
    disclose,
    reopen_refusal,
    revoke,
    share,
    withdraw,
)
from carewright.enrollment.deaths import confirm as confirm_death
from carewright.enrollment.deaths import report as report_death
from carewright.enrollment.deaths import was_wrong as death_was_wrong
from carewright.enrollment.enrolling import (
    assign_lead,
    describe_lead,
    end,
    enroll,
    keep_licence,
    need_no_licence,
    pause,
    resume,
)
from carewright.enrollment.moving import ask as ask_to_move
from carewright.enrollment.moving import carry_out as carry_out_move
from carewright.enrollment.reaching import call_back, reopen, replan, send_letter, start
from carewright.enrollment.referring import end_link, make_link, receive
from carewright.enrollment.triaging import accept, add_person, ask_pcp, exclude, not_now, say_who, take_back_who

__all__ = [
    "accept", "add_person", "after_contact", "agree", "ask_pcp", "ask_to_move", "assign_lead", "call_back", "carry_out_move", "confirm_death", "covering",
    "death_was_wrong", "decline", "describe_lead", "disclose", "end", "end_link", "enroll", "exclude", "keep_licence",
    "make_link", "need_no_licence", "not_now", "pause", "receive", "reopen", "reopen_refusal", "replan", "report_death", "resume",
    "revoke", "say_who", "send_letter", "share", "start", "take_back_who", "withdraw",
]  # fmt: skip
