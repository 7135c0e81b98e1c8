"""One plain sentence about what our order is worth beside CMS-HCC and Charlson, computed from the tables below it."""

from math import sqrt

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

RIVALS = {"cms_hcc": "CMS-HCC V28", "charlson": "Charlson"}
SURE = 1.96
"""How many standard errors a difference must exceed to be called reliable (95 of 100 times)."""


def verdict(blocks: list[dict]) -> str:
    """
    Whether our order is better, worse or not reliably different, from blocks as `overview.worth` gives them.

    Days whose later claims are not complete are left out, and groups with fewer than 11 stays. Two shares of the same
    stays are compared as if independent, stay by stay; several stays of one person are not independent, so a
    difference near the limit is less sure than it says.
    """
    judged = [block for block in blocks if not block["too_few"] and block["is_complete"]]
    said = [one for rival, name in RIVALS.items() if (one := _against(judged, rival, name))]
    if not said:
        return _("Too few yet: no earlier day has complete claims and at least 11 unplanned stays after it.")
    days = len({block["scored_on"] for block in judged})
    begin = ngettext("On %(n)s earlier day, our order was ", "On %(n)s earlier days, our order was ", days) % {
        "n": days
    }
    return begin + "; ".join(said) + "."


def _against(blocks: list[dict], rival: str, name: str) -> str:
    better, worse, even = 0, [], 0
    for block in blocks:
        theirs = {row.top_share: row for row in block["methods"].get(rival, [])}
        for ours in block["methods"].get("carewright", []):
            their = theirs.get(ours.top_share)
            if their is None:
                continue
            sure = difference(ours.caught, their.caught, block["stays"])
            better, even = better + (sure > 0), even + (sure == 0)
            if sure < 0:
                worse.append(_where(block, ours.top_share))
    compared = better + even + len(worse)
    if not compared:
        return ""
    counts = {"name": name, "better": better, "all": compared, "where": "; ".join(worse)}
    if worse:
        return _("worse than %(name)s for %(where)s, and better in %(better)s of %(all)s comparisons") % counts
    if better:
        return (
            _("better than %(name)s in %(better)s of %(all)s comparisons, with no reliable difference otherwise")
            % counts
        )
    return _("not reliably different from %(name)s in any of %(all)s comparisons") % counts


def difference(ours: float, theirs: float, stays: int) -> int:
    """
    1 when ours caught reliably more of the stays, -1 when reliably fewer, 0 when the difference may be chance.

    >>> difference(60, 30, 100), difference(32, 30, 100), difference(10, 40, 100)
    (1, 0, -1)
    """
    error = sqrt(sum(caught * (1 - caught / stays) for caught in (ours, theirs))) if stays else 0.0
    if abs(ours - theirs) <= SURE * error or ours == theirs:
        return 0
    return 1 if ours > theirs else -1


def _where(block: dict, share: float) -> str:
    group = _("people with Medicare") if block["group"] == "medicare" else _("everyone covered")
    day = formats.date_format(block["scored_on"], "M j, Y")
    return _("the first %(share)s %% of %(group)s on %(day)s") % {
        "share": round(share * 100), "group": group, "day": day,
    }  # fmt: skip
