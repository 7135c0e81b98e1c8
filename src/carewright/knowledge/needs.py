"""
The needs an assessment can find: what an answer means for the person, in a few words each.

Read aloud: a need is not a diagnosis and not a code. It says that something is worth talking about, and is always shown
with the answer it came from. Whether it becomes a problem on the plan is for the person and their care manager.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """
    One kind of need.

    `sensitivity` is the tag that keeps it from some roles; a `is_concealed` need is never shown to proxies, in prints for
    others, or in messages.
    """

    code: str
    label: str
    words: str
    area: str
    sensitivity: str = ""
    is_concealed: bool = False


AREAS = {
    "safety": "Safety",
    "mood": "Mood and substances",
    "health": "Health",
    "medicines": "Medicines",
    "function": "Daily life",
    "thinking": "Thinking",
    "social": "Living conditions",
    "communication": "Understanding each other",
    "support": "Family and support",
    "wishes": "Wishes",
}

NEEDS = {
    need.code: need
    for need in (
        Need("suicide-risk", "Thoughts of death or self-harm", "A clinician assesses the risk today.", "safety",
             "behavioral", True),
        Need("interpersonal-safety", "Safety with other people", "Talk in private only; safe contact only.", "safety",
             "safety", True),
        Need("partner-violence", "Afraid of a partner", "Talk in private only; safe contact only.", "safety",
             "safety", True),
        Need("safe-contact", "Needs a safe way to be reached", "Someone else may answer, read or should not know.",
             "safety", "safety", True),
        Need("depression-screen", "Depression screen positive", "The PHQ-9 follows.", "mood", "behavioral"),
        Need("depression", "Low mood", "A depression score of 10 or more.", "mood", "behavioral"),
        Need("anxiety", "Anxiety", "An anxiety score of 10 or more.", "mood", "behavioral"),
        Need("alcohol", "Alcohol", "Drinking above the cut of the screen.", "mood", "behavioral"),
        Need("drug-use", "Drug use", "Any use in the past year.", "mood", "behavioral"),
        Need("rx-misuse", "Medicines used for other reasons", "Prescription drugs used for non-medical reasons.",
             "mood", "behavioral"),
        Need("tobacco", "Tobacco", "Any use in the past year.", "mood"),
        Need("stress", "Stress", "Feels stressed quite a bit or very much.", "mood"),
        Need("quality-of-life", "Many unhealthy days", "Half of the past 30 days or nearly.", "health"),
        Need("pain", "Pain", "Pain of 4 or more in the past week.", "health"),
        Need("frequent-hospital-use", "Lately in hospital or emergency", "In the past six months.", "health"),
        Need("warning-signs", "Does not know the warning signs", "Which signs to call about is not clear.", "health"),
        Need("physical-activity", "Little physical activity", "Less than recommended in a week.", "health"),
        Need("medicine-adherence", "Doses are missed", "Two or more days missed in a week, or stopped.", "medicines"),
        Need("medicine-cost", "Trouble paying for medicines", "Skipped or not filled because of cost.", "medicines"),
        Need("medicine-side-effects", "A medicine may do harm", "Feels bad because of a medicine, or is not sure.",
             "medicines"),
        Need("medicine-management", "Cannot manage medicines alone", "Needs regular help with medicines.", "medicines"),
        Need("falls", "At risk of falls", "Fell in the past year, or a checklist of 4 or more.", "function"),
        Need("daily-activities", "Needs help with daily activities", "Bathing, dressing, toilet, moving, eating.",
             "function"),
        Need("household-activities", "Needs help around the house", "Shopping, cooking, cleaning, money, getting around.",
             "function"),
        Need("equipment", "Equipment is missing or broken", "Something needed at home is not there.", "function"),
        Need("home-safety", "The home is hard to move in", "Stairs, bathroom, clutter or light.", "function"),
        Need("disability-errands", "Difficulty with errands alone", "Because of a condition.", "function"),
        Need("vision", "Trouble seeing", "Even with glasses.", "communication"),
        Need("hearing", "Trouble hearing", "Even with a hearing aid.", "communication"),
        Need("speech", "Hard to understand when speaking", "Needs time or another way.", "communication"),
        Need("memory", "Memory or thinking", "More trouble in the past year.", "thinking"),
        Need("capacity", "May not be able to take part in the plan", "Could not say the plan back.", "thinking"),
        Need("disability-cognition", "Difficulty concentrating or deciding", "Because of a condition.", "thinking"),
        Need("homelessness", "No steady place to live", "Now without a home of their own.", "social"),
        Need("housing-instability", "May lose the home", "Has a place, and is worried about losing it.", "social"),
        Need("inadequate-housing", "Problems with the home", "Pests, mold, heat, water, smoke detectors.", "social"),
        Need("food-insecurity", "Not enough food", "Worried about food, or it did not last.", "social"),
        Need("transportation-insecurity", "No reliable way to get around", "Missed visits or things of daily life.",
             "social"),
        Need("utility-insecurity", "Utilities threatened or off", "Electric, gas, oil or water.", "social"),
        Need("financial-strain", "Hard to pay for the basics", "Food, housing, medical care, heating.", "social"),
        Need("material-hardship", "Lacks things of daily life", "Clothing, child care, phone or other.", "social"),
        Need("employment", "Wants help with work", "Finding or keeping a job.", "social"),
        Need("education", "Wants help with school or training", "School, training, diploma.", "social"),
        Need("insurance", "No health insurance", "Not insured.", "social"),
        Need("incarceration", "Jail or prison in the past year", "May need help after release.", "social"),
        Need("medical-debt", "Medical bills", "Bills that cannot be paid.", "social"),
        Need("coverage", "Coverage to be checked", "What we have on file may be wrong.", "social"),
        Need("benefits", "Wants help with benefits", "Programs the person may be able to get.", "social"),
        Need("community-resources", "Wants help in the community", "Services the person asked for.", "social"),
        Need("daily-help", "Needs more help day to day", "Does not get the help that is needed.", "support"),
        Need("social-isolation", "Feels lonely", "Often or always.", "support"),
        Need("lives-alone", "Lives alone", "No one else at home.", "support"),
        Need("caregiver-strain", "The caregiver is under strain", "Hard to go on, own health suffers, or no backup.",
             "support"),
        Need("caregiver-ability", "The caregiver needs training or help", "Cannot do all that is needed.", "support"),
        Need("depends-on-patient", "Someone depends on the patient", "Plan for them too.", "support"),
        Need("language", "Another language at home", "Ask which, and whether an interpreter is needed.",
             "communication"),
        Need("interpreter", "Wants an interpreter", "At every contact.", "communication"),
        Need("health-literacy", "Needs help with reading", "Use teach-back and plain materials.", "communication"),
        Need("cultural-needs", "Customs or beliefs to respect", "Asked for by the person.", "communication"),
        Need("advance-directive", "No advance directive on hand", "Offer to talk, ask for a copy.", "wishes"),
        Need("health-care-agent", "Nobody named to decide", "Offer to name one.", "wishes"),
        Need("wishes-talk", "Wants to talk about wishes", "Now or another time.", "wishes"),
        Need("low-confidence", "Not sure about the goal", "Confidence under 7: look for a smaller first step.", "wishes"),
    )
}  # fmt: skip
"""Every need, by its code."""


def is_concealed(code: str) -> bool:
    """Whether nothing that others may read tells of this need; a code nobody declared conceals nothing."""
    return code in NEEDS and NEEDS[code].is_concealed


def need(code: str) -> Need:
    """The need of this code; a site's own need without an entry is shown by its code."""
    return NEEDS.get(code) or Need(code, code.replace("-", " ").capitalize(), "", "health")
