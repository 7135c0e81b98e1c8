"""
Asking the right questions: what a person answered, what it adds up to, and what they need.

An assessment is asked in sections, each with its own status, person and moment. Every answer is saved when it is given; a
danger is acted on from the answer itself, though the form be abandoned. What the records say is confirmed or changed, one
fact at a time. Finishing freezes the answers and the scores, and says whether the person belongs in the program. What is
found later is added as an addendum, with the old answer beside it.

Nouns: assessment, section, answer, recorded fact, score result, addendum; need (computed, never stored).
"""
