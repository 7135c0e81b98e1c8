"""
Reminders, safety alarms, and who is on call.

A task is a reminder, never a fact: it may be opened, handed over, snoozed and closed, and nothing else in the house
draws a conclusion from it. An alarm is different: it says that somebody may be in danger, and only a named clinician who
writes what was done may close it.

Nouns: task, alarm, on call shift, paging.
"""
