"""
match: how well we tell whether two records are one person, on invented people of whom the truth is known.

Counted are pairs of records. The machine's *precision* is the share of the pairs it joins that are one person; its
*recall* the share of one person's pairs that it joins; *recall with review* adds those it puts before a person. A false
join by the machine is two people made one: there must be none.
"""

import argparse
import time
from collections import Counter

from carewright.registry.matching.invented import ALIKE, SECOND, Invented, population


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=20_000, help="how many people")
    parser.add_argument("--seed", type=int, default=1, help="which people")


def run(args: argparse.Namespace) -> dict:
    """Make the people, compare their records, and answer with what was told rightly and wrongly."""
    made = population(args.people, seed=args.seed)
    started = time.monotonic()
    joined, waiting = told(made)
    seconds = time.monotonic() - started
    return {"people": args.people, "records": len(made.records), "seconds": round(seconds, 1),
            **measured(made, joined, waiting)}  # fmt: skip


def told(made: Invented) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The pairs the machine would join, and those it would put before a person."""
    from carewright.registry.matching import rules
    from carewright.registry.matching.likelihood import likely_pairs

    by_id = {record.id: record for record in made.records}
    joined, waiting = set(), set()
    for one, other, score in likely_pairs(made.records):
        verdict = rules.judge(by_id[one], by_id[other], score=score)
        if verdict.kind == rules.SAME:
            joined.add((one, other))
        elif verdict.kind == rules.PERHAPS:
            waiting.add((one, other))
    return joined, waiting


def measured(made: Invented, joined: set[tuple[int, int]], waiting: set[tuple[int, int]]) -> dict:
    """Precision and recall in pairs, with what is behind each share, by how the record came about."""
    true = made.true_pairs()
    false = joined - true
    by_kind = []
    how_of = {pair: made.kind[pair[1]] if made.kind[pair[1]] in SECOND else made.kind[pair[0]] for pair in true}
    for how in SECOND:
        pairs = {pair for pair, kind in how_of.items() if kind == how}
        by_kind.append({"one person": how, "pairs": len(pairs), "joined": len(pairs & joined),
                        "waiting": len(pairs & waiting), "missed": len(pairs - joined - waiting)})  # fmt: skip
    wrong = Counter(made.kind[max(pair)] for pair in false)
    asked = Counter(made.kind[max(pair)] for pair in waiting - true)
    return {
        "true_pairs": len(true),
        "joined_by_machine": len(joined),
        "false_joins_by_machine": len(false),
        "precision_of_machine": _share(len(joined & true), len(joined)),
        "recall_of_machine": _share(len(joined & true), len(true)),
        "waiting_for_a_person": len(waiting),
        "of_those_waiting_one_person": _share(len(waiting & true), len(waiting)),
        "recall_with_review": _share(len((joined | waiting) & true), len(true)),
        "second_records": by_kind,
        "look_alikes": [
            {"two people": how, "records": sum(kind == how for kind in made.kind.values()),
             "falsely joined": wrong[how], "put before a person": asked[how]}
            for how in ALIKE
        ],
    }  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
