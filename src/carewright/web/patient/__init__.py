"""
One patient on one page: what must never be missed, why the risk is high, the chart, the story, the team, the work.

`header` is what stands on top of every page about a patient; `chart`, `story`, `around` and `use` read one part each;
`page` puts them together. Every part is asked for by a `Sight`: who looks, at whom, when, and what stays closed to them.
"""
