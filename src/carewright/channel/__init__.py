"""
Everything that leaves the house for a person: texts, emails, letters, faxes, and pages to colleagues on call.

There is one gate (`actions.send`). It asks whether this person may be written to, in this way, at this hour; it holds
or refuses with a reason that anyone can read; what it lets through is tried until it arrives or until somebody is told
that it did not. Nothing private stands in a notice: a text says that there is something to read, never what.

Nouns: message, receipt, stop, do not contact, incoming text, pager.
"""
