"""
My Day: one list of everything that needs this person now, the most pressing first, each line with its reason.

`worklist` gathers the lines, `choosing` says which of them a number or a chip leads to, `beside` what stands in the rail
of the chosen line, `snoozing` how long something may be put off.
"""
