"""
The demo world: invented people whose files look and behave like those a payer sends.

Nobody here exists. A seed and a day make the same people, histories and files every time, so that a demonstration,
a test and a bench all speak about the same world. Nothing here knows Django: `world.write` makes files in a folder,
and the rest of the house reads them as it reads anybody's.
"""
