"""
The outside world: everything that comes in, exactly as it came, and what became of it.

A file that is received is a **delivery**: its bytes are kept, its rows land or are set aside, and its report says
which. A **column map** says what another sender's columns mean. A **sensitive source** is a provider or a feed whose
records are protected by 42 CFR Part 2, whatever they say.
"""
