"""
FHIR R4 comes in here: bundles, bulk NDJSON, single resources, folders of small files.

A nurse would say: "the hospital sent us its record of these people". We read what we use, keep the rest as it came, and
put what does not read to one side with a sentence that says where it stands, what was found, and how to mend it.

The walk of one resource:

1. `documents` finds the resources of a file, one after the other, each with its line (its entry's number in a bundle).
2. `versions` asks whether it is FHIR R4 at all; `strict` asks a full validator, when that is wanted.
3. One reader per kind of resource (`people`, `visits`, `findings`, `care`, `medicines`, `bills`) turns it into facts:
   flat rows, one tuple each. A reader either returns all facts of a resource or none.
4. `facts` turns those rows into columns, a few hundred thousand at a time, for the landed tables of the warehouse.
5. `apply` gives the same rows to the chart in PostgreSQL.

Nothing is translated from one code system into another: a condition coded in SNOMED CT stays SNOMED CT.
A day is the day the source wrote down, on the source's own clock.
"""
