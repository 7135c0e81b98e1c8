"""
The call screen: one page from the first word to the finished note.

A call is begun with one patient and stays theirs: a sealed mark in the form says with whom, by whom and when it began,
and a save that does not fit it is refused. Somebody who calls us hears and sees nothing of a chart before two things
they said about the patient fit the record, and who is on the line is written down.
"""
