"""
Instruments: the questions we ask, exactly as their makers wrote them, and how the answers are read.

Read aloud: an instrument is asked in its own words or not at all. Who made it and on what terms is shown with it. A total
is given only when everything it needs was answered. Anything that shows a danger is raised from the answer itself, at
once. What is only licensed to others is not here; what may be received but not asked holds codes and no words.
"""

from carewright.knowledge.instruments.answers import DECLINED, Value, one_answer, read
from carewright.knowledge.instruments.questionnaire import Condition, Instrument, Item, Option
from carewright.knowledge.instruments.scoring import (
    NOT_SCORED,
    NOT_SCORED_STEPS,
    NeedFound,
    SafetyAlert,
    Score,
    carried_over,
    facts_shown,
    refuse_a_child,
    score,
    unscored,
)
from carewright.knowledge.instruments.shelf import catalog, get, load_site, plain, shipped, z_code_words
from carewright.knowledge.instruments.visibility import visible

__all__ = [
    "DECLINED",
    "NOT_SCORED",
    "NOT_SCORED_STEPS",
    "Condition",
    "Instrument",
    "Item",
    "NeedFound",
    "Option",
    "SafetyAlert",
    "Score",
    "Value",
    "carried_over",
    "catalog",
    "facts_shown",
    "get",
    "load_site",
    "one_answer",
    "plain",
    "read",
    "refuse_a_child",
    "score",
    "shipped",
    "unscored",
    "visible",
    "z_code_words",
]  # fmt: skip
