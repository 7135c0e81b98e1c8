"""
What assessments said, for pages: `{% load assessed %}{% verdicts patient %}`, and scores in words instead of codes.
"""

import re

from django import template
from django.utils.translation import gettext as _

from carewright.assessment import queries, sentences, shelf, sources
from carewright.assessment.wording import NO_SCORE, PROBLEMS
from carewright.knowledge import instruments
from carewright.knowledge.programs import name_of
from carewright.staff import roles
from carewright.staff.roles import Permission

register = template.Library()


@register.inclusion_tag("assessment/_verdicts.html", takes_context=True)
def verdicts(context, patient, program: str = "") -> dict:
    """The latest verdict of an assessment for each program, or for one, with who gave it, when and why."""
    user = context["request"].user
    found = queries.verdicts_of(patient, program=program) if roles.allows(user, Permission.SEE_CHART) else []
    return {
        "verdicts": [(one, _(name_of(one.program))) for one in found],
        "may_open": roles.allows(user, Permission.ASSESS),
    }


@register.filter
def score_words(instrument, code: str) -> str:
    """
    Which score of a questionnaire this is, in its makers' words; nothing for the only one. Takes the questionnaire or its code.

    >>> score_words("hrqol-4", "unhealthy-days"), score_words("phq-9", "total"), score_words("hrqol-4", "general-health")
    ('Unhealthy days of the past 30', '', 'general health')
    """
    found = shelf.find(instrument) if isinstance(instrument, str) else instrument
    if found is None or code == "total":
        return ""
    rule = next((one for one in found.rules.scores if one.code == code), None)
    item = found.by_link.get(rule.link) if rule and rule.link else None
    return item.text if item else _(instruments.plain(code))


@register.filter
def band_words(band: str) -> str:
    """
    What a score comes to, in words.

    >>> band_words("moderately-severe")
    'moderately severe'
    """
    return _(instruments.plain(band)) if band else ""


@register.filter
def where_said(kept: str) -> str:
    """Where a fact of the records stands, in the reader's language."""
    return sources.where_said(kept)


@register.filter
def without_codes(because: str) -> str:
    """
    A reason for people: how many questions are open, without the codes a program names them by, in their language.

    >>> without_codes("2 questions are not answered: /71802-3, adl-feeding.")
    '2 questions are not answered.'
    >>> without_codes("1 question is not answered: /71802-3. It is made for adults: it is not scored.")
    '1 question is not answered. It is made for adults: it is not scored.'
    """
    kept = re.sub(r": [\w/.-]+(?:, [\w/.-]+)*\.(?= |$)", ".", str(because))
    return NO_SCORE.one_after_the_other(kept, sentences.NO_SCORE) or kept


@register.filter
def why_stopped(text: str) -> str:
    """Why answers that came from elsewhere count no more, in the reader's language."""
    return PROBLEMS.part(text, sentences.STOPPED)
