"""From a name on a list to a person in a program: the four doors, outreach, consent, enrollment and caseloads."""
