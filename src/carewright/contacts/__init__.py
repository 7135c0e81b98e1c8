"""
Every attempt to reach someone, how it ended, the minutes it took, and what was written down about it.

A contact is a fact: clocks and measures read contacts, never tasks. It is only added to; a mistake is corrected by a
second row that names the first and says why.

Nouns: contact, minutes entry, note.
"""
