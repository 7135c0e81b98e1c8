"""
What we know about everyone as of the latest run, and what people decided about it.

Tables of a run are replaced run by run and never edited (`run`, `facts`, `judged`). Decisions, saved filters and settings
outlive runs (`decided`).
"""

from carewright.population.models.decided import CandidateDecision, ProgramSetting, SavedFilter
from carewright.population.models.facts import (
    AttributedProvider,
    ChronicCondition,
    Comorbidity,
    Dispensing,
    EdVisit,
    HccPart,
    HccScore,
    Neighborhood,
    Readmission,
    SocialNeed,
    SpendingMonth,
    Stay,
    Utilization,
)
from carewright.population.models.judged import Candidate, Criterion, Eligibility, Movement, Score, ScorePart
from carewright.population.models.run import (
    ClosedRun,
    DispensedProduct,
    Freshness,
    FreshnessMonth,
    JoinedNumber,
    ProviderName,
    Run,
    UnknownCode,
    Worth,
)

__all__ = [
    "AttributedProvider",
    "Candidate",
    "CandidateDecision",
    "ChronicCondition",
    "ClosedRun",
    "Comorbidity",
    "Criterion",
    "DispensedProduct",
    "Dispensing",
    "EdVisit",
    "Eligibility",
    "Freshness",
    "FreshnessMonth",
    "HccPart",
    "HccScore",
    "JoinedNumber",
    "Movement",
    "Neighborhood",
    "ProgramSetting",
    "ProviderName",
    "Readmission",
    "Run",
    "SavedFilter",
    "Score",
    "ScorePart",
    "SocialNeed",
    "SpendingMonth",
    "Stay",
    "UnknownCode",
    "Utilization",
    "Worth",
]
