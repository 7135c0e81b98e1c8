"""
The plan a patient and their care manager make together.

It starts thin: what is the matter (problems), what the patient wants (goals, in their own words), and what happens next
(steps, each with somebody who does it and a day). The full plan grows from these rows. One person has one plan, whatever
programs they are in.

Nouns: problem, goal, intervention (a next step, on the pages).
"""
