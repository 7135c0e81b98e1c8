"""
The chart: what others told us about a patient, always with its source and the day it was received.

Its nouns are encounter, condition, observation, allergy, immunization, medication listing, procedure, document,
appointment and service order; and the outside care plan, goal and team member, which are other organizations' words.
Facts come in through `actions.record`; a later report corrects an earlier one, an earlier one never a later, and what
is taken back is retracted, not deleted.
"""
