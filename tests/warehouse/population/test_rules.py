"""The programs' SQL against an obvious reading in Python, and the promises every verdict keeps."""

from datetime import date, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from carewright.knowledge import ranking
from carewright.knowledge.program import Kind, Verdict, verdict
from carewright.knowledge.programs import ALL_RULES, BY_CODE, PROGRAMS
from carewright.knowledge.programs import tables as program_tables
from tests.warehouse.population.world import AS_OF, World, rows

COMMUNITY = {"01", "06", "07", "21", "81", "86", "87"}


def months_back(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28 if month == 1 else 30))


days = st.integers(0, 900).map(lambda back: AS_OF - timedelta(days=back))
tags = st.sampled_from(["", "", "", "behavioral", "hiv;safety", "part2"])
stays = st.tuples(
    days,
    st.one_of(st.none(), st.integers(0, 20)),
    st.sampled_from(["01", "03", "06", "20", "30", ""]),
    st.booleans(),
    tags,
)
visits = st.tuples(days, st.booleans(), tags)
needs = st.tuples(days, st.sampled_from(["Housing", "Food", "Safety"]), tags)
conditions = st.tuples(
    st.sampled_from([("chf", "I5022"), ("diabetes", "E119"), ("copd", "J449"), ("ami", "I214")]), days, days, tags
)
people = st.fixed_dictionaries(
    {
        "born_on": st.one_of(st.none(), st.dates(date(1925, 1, 1), date(2024, 1, 1))),
        "months": st.integers(0, 12),
        "died_on": st.one_of(st.none(), st.none(), st.none(), st.just(date(2026, 3, 1))),
        "is_covered": st.sampled_from([True, True, True, False]),
        "in_hospice": st.sampled_from([False, False, False, True]),
        "identity_in_doubt": st.sampled_from([False, False, False, True]),
        "stays": st.lists(stays, max_size=5),
        "visits": st.lists(visits, max_size=5),
        "needs": st.lists(needs, max_size=3),
        "records": st.lists(st.tuples(st.sampled_from(["I5022", "E119", "J449"]), tags), max_size=3),
        "conditions": st.lists(conditions, max_size=3, unique_by=lambda found: found[0][0]),
    }
)


def build(crowd: dict[str, dict], *, quiet: bool, share: float) -> World:
    world = World()
    world.feed(feed="claims", complete_through=AS_OF, is_quiet=quiet, months=2, share=share)
    world.claim(world.person("ordinary"), paid_on=AS_OF)
    for name, person in crowd.items():
        world.person(
            name, born_on=person["born_on"], months=person["months"], died_on=person["died_on"],
            is_covered=person["is_covered"], in_hospice=person["in_hospice"],
            identity_in_doubt=person["identity_in_doubt"],
        )  # fmt: skip
        for admitted, length, status, unplanned, tag in person["stays"]:
            out = None if length is None else admitted + timedelta(days=length)
            world.stay(name, admitted, out, status=status, unplanned=unplanned, tags=tag)
        for day, led, tag in person["visits"]:
            world.ed_visit(name, day, led_to_stay=led, tags=tag)
        for day, domain, tag in person["needs"]:
            world.need(name, domain, day, tags=tag)
        for code, tag in person["records"]:
            world.record(name, code, AS_OF, tags=tag)
        for (condition, code), first, second, tag in person["conditions"]:
            world.condition(name, condition, code, first, second, tags=tag)
    return world


def obvious(person: dict, *, quiet: bool, share: float, protected: bool) -> dict[str, str]:
    """Each program's verdict, as one would say it: with protected facts or without them."""

    def counts(tag: str) -> bool:
        return tag != "part2" and (protected or tag == "")

    year_ago, two_years_ago = months_back(AS_OF, 12), months_back(AS_OF, 24)
    unplanned = sum(a > year_ago and u and counts(t) for a, _l, _s, u, t in person["stays"])
    visited = sum(d > year_ago and not led and counts(t) for d, led, t in person["visits"])
    lasting = set()
    for (condition, _code), first, second, tag in person["conditions"]:
        if condition != "ami" and counts(tag) and min(first, second) > two_years_ago and first != second:
            lasting.add(condition)
    of_code = {"I5022": "chf", "E119": "diabetes", "J449": "copd"}
    named = {of_code[code] for code, t in person["records"] if counts(t)}
    has_need = any(d > two_years_ago and counts(t) for d, _n, t in person["needs"])

    # Which feed tells of someone: their own claims, or all feeds when they have none. Here there is one feed.
    is_known = person["months"] >= 9 and not quiet
    nothing = Verdict.NO if is_known else Verdict.UNKNOWN

    every = [
        ("alive", Verdict.NO if person["died_on"] else Verdict.YES),
        ("covered", Verdict.YES if person["is_covered"] else Verdict.NO),
        ("hospice", Verdict.NO if person["in_hospice"] else Verdict.YES),
        ("identity", Verdict.UNKNOWN if person["identity_in_doubt"] else Verdict.YES),
    ]
    shared = [(Kind.EXCLUSION, code, answer) for code, answer in every]
    if person["born_on"] is None:
        adult = Verdict.UNKNOWN
    else:
        born = person["born_on"]
        age = AS_OF.year - born.year - ((AS_OF.month, AS_OF.day) < (born.month, born.day))
        adult = Verdict.YES if age >= 18 else Verdict.NO
    shared_adult = [*shared, (Kind.SCOPE, "adult", adult)]

    def told(found: bool) -> Verdict:
        return Verdict.YES if found else nothing

    at_risk = unplanned >= 1 or visited >= 2 or len(lasting & {"chf", "copd"}) >= 2

    def enough(count: int, needed: int) -> Verdict:
        # One more would do, and the last two months have not all come: that is not a no.
        is_close = is_known and share < 0.9 and count == needed - 1
        return Verdict.UNKNOWN if is_close else told(count >= needed)

    complex_care = [(Kind.NEED, "use", enough(unplanned, 2)), (Kind.NEED, "use", enough(visited, 3))]
    chronic = [
        (
            Kind.NEED,
            "lasting",
            Verdict.UNKNOWN if len(lasting) < 2 <= len(lasting | named) else told(len(lasting) >= 2),
        ),
        (Kind.NEED, "risk", Verdict.YES if at_risk else Verdict.UNKNOWN),
    ]
    social = [(Kind.NEED, "need", Verdict.YES if has_need else Verdict.UNKNOWN)]

    seen = [s for s in person["stays"] if counts(s[4])]
    home, inside = nothing if is_known and share >= 0.8 else Verdict.UNKNOWN, False
    if seen:
        # The latest stay decides; the tests give each person one stay per first day.
        latest = max(seen, key=lambda s: (s[0], date.max if s[1] is None else s[0] + timedelta(days=s[1])))
        out = None if latest[1] is None else latest[0] + timedelta(days=latest[1])
        inside = out is None or out > AS_OF
        lately = not inside and (AS_OF - out).days < 30
        if lately and latest[2] in COMMUNITY:
            home = Verdict.YES
        elif lately and latest[2] in ("", "30"):
            home = Verdict.UNKNOWN
        elif lately or inside:
            home = Verdict.NO
    transitional = [
        (Kind.NEED, "home", home),
        (Kind.NEED, "in", Verdict.NO if inside else Verdict.YES),
    ]
    return {
        "complex_care": verdict([*shared_adult, *complex_care]).value,
        "chronic_care": verdict([*shared_adult, *chronic]).value,
        "social_needs": verdict([*shared, *social]).value,
        "transitional_care": verdict([*shared_adult, *transitional]).value,
    }


def distinct_first_days(person: dict) -> bool:
    return len({s[0] for s in person["stays"]}) == len(person["stays"])


crowds = st.dictionaries(st.sampled_from("abcdef"), people.filter(distinct_first_days), min_size=1, max_size=6)


@settings(max_examples=max(12, settings().max_examples // 4), deadline=None)
@given(crowds, st.booleans(), st.sampled_from([1.0, 0.5]))
def test_both_readings_of_every_program_agree(crowd, quiet, share):
    con = build(crowd, quiet=quiet, share=share).run()
    found = rows(con, "select * from published.eligibility")
    for name, person in crowd.items():
        for protected, column in ((True, "verdict"), (False, "open_verdict")):
            expected = obvious(person, quiet=quiet, share=share, protected=protected)
            said = {row["program"]: row[column] for row in found if row["person_id"] == name}
            assert said == expected, (name, column)


def of_the_two(world: World) -> dict[tuple[str, str], tuple[str, str]]:
    """What chronic and complex care say of each person: the verdict, and the need in words."""
    con = world.run()
    verdicts = {
        (row["person_id"], row["program"]): row["verdict"] for row in rows(con, "select * from published.eligibility")
    }
    needs = {"chronic_care": "lasting_conditions", "complex_care": "unplanned_stays"}
    return {
        (row["person_id"], row["program"]): (verdicts[row["person_id"], row["program"]], row["text"])
        for row in rows(con, "select * from published.criterion")
        if needs.get(row["program"]) == row["code"]
    }


def test_hospice_is_known_from_claims_too():
    """By the bill of a hospice or a discharge to one, lately, unless it says the person left it alive."""
    cases = {
        "bill": ({"claim_kind": "HOSPICE", "discharge_status": "30"}, 20, "no"),
        "unsaid": ({"claim_kind": "HOSPICE"}, 120, "no"),
        "long_ago": ({"claim_kind": "HOSPICE", "discharge_status": "30"}, 121, "yes"),
        "left": ({"claim_kind": "HOSPICE", "discharge_status": "01"}, 20, "yes"),
        "sent_there": ({"claim_kind": "IP", "discharge_status": "51"}, 20, "no"),
        "sent_home": ({"claim_kind": "IP", "discharge_status": "06"}, 20, "yes"),
        "seen_there": ({"claim_kind": "CAR", "service_category_2": "inpatient hospice"}, 20, "no"),
        "protected": ({"claim_kind": "HOSPICE", "tags": "part2"}, 20, "yes"),
    }
    world = World()
    for name, (claim, back, _expected) in cases.items():
        world.claim(world.person(name), paid_on=AS_OF, ends_on=AS_OF - timedelta(days=back), **claim)
    con = world.run()
    found = {row["person_id"]: row for row in rows(con, "select * from published.criterion where code = 'no_hospice'")}
    assert {name: row["verdict"] for name, row in found.items()} == {name: case[2] for name, case in cases.items()}
    assert found["bill"]["text"] == "In hospice, by a claim until 2026-10-31."
    assert found["bill"]["evidence"].startswith("claim:")
    assert found["long_ago"]["text"].startswith("The latest claim that speaks of hospice ended on 2026-07-22")
    judged = rows(con, "select distinct verdict from published.eligibility where person_id = 'bill'")
    assert judged == [{"verdict": "excluded"}]


def test_months_nobody_sent_claims_for_are_unknown_not_no():
    """The history ends in May, whenever it was sent; and a feed that began in September tells little more."""
    for silent, told, covered in ((6, 24, 6), (0, 3, 3)):
        world = World()
        world.feed(feed="claims", complete_through=AS_OF, is_quiet=False, months=2, silent=silent, told=told)
        world.claim(world.person("seen"), paid_on=AS_OF)
        world.person("unseen")
        found = of_the_two(world)
        for name in ("seen", "unseen"):
            for program in ("chronic_care", "complex_care"):
                said, text = found[name, program]
                assert said == "unknown", (silent, name, program)
                assert f"Unknown, not no: only {covered} of the last 12 months are on file" in text


def test_a_payer_of_whom_no_claims_come_is_unknown_not_no():
    world = World()
    world.claim(world.person("seen"), paid_on=AS_OF)
    world.person("healthy")
    world.person("elsewhere", payer="Plan B")
    world.person("sent_apart", enrolled_by="another office of the same payer")
    found = of_the_two(world)
    assert found["seen", "complex_care"][0] == found["healthy", "complex_care"][0] == "no"
    for name, program in product(("elsewhere", "sent_apart"), ("chronic_care", "complex_care")):
        said, text = found[name, program]
        assert said == "unknown"
        assert "no claims of the last 12 months have come for people covered as they are" in text


def test_who_moved_to_a_payer_without_claims_is_not_judged_by_the_payer_before():
    """Nor is anybody else there: one who moved in with old claims does not make the new payer one whose claims come."""
    world = World()
    world.claim(world.person("stayed"), paid_on=AS_OF)
    world.person("healthy")
    world.person("there", payer="Plan B")
    moved = world.person("moved", months=0)
    world.covered(moved, "Plan A", date(2024, 1, 1), date(2026, 6, 30))
    world.covered(moved, "Plan B", date(2026, 7, 1), date(9999, 12, 31))
    world.claim(moved, paid_on=date(2026, 3, 1), starts_on=date(2026, 2, 1))
    late = world.person("late", months=0)  # moved so late that what is known suffices
    world.covered(late, "Plan A", date(2024, 1, 1), date(2026, 9, 30))
    world.covered(late, "Plan B", date(2026, 10, 1), date(9999, 12, 31))
    found = of_the_two(world)
    for name, program in product(("stayed", "healthy", "late"), ("chronic_care", "complex_care")):
        assert found[name, program][0] == "no", (name, program)
    for program in ("chronic_care", "complex_care"):
        assert found["moved", program][0] == found["there", program][0] == "unknown"
        assert "only 7 of the last 12 months are on file" in found["moved", program][1]
        assert "no claims of the last 12 months have come" in found["there", program][1]


def test_claims_without_diagnoses_say_nothing_of_conditions():
    world = World()
    for number in range(5):
        kind = "professional" if number else "institutional"
        world.claim(world.person(f"p{number}"), paid_on=AS_OF, kind=kind, code=None)
    found = of_the_two(world)
    assert found["p0", "complex_care"][0] == "no"
    said, text = found["p0", "chronic_care"]
    assert said == "unknown"
    assert "Unknown, not no: the claims on file come without diagnoses." in text


def test_claims_of_doctors_alone_say_nothing_of_stays_and_emergency_visits():
    world = World()
    world.claim(world.person("seen"), paid_on=AS_OF, kind="professional")
    said = {code: (verdict, text) for code, verdict, text in world.run().execute("""
        select code, verdict, text from published.criterion
        where code in ('unplanned_stays', 'ed_visits', 'home_lately', 'lasting_conditions')""").fetchall()}  # fmt: skip
    assert {code: verdict for code, (verdict, _text) in said.items()} == {
        "unplanned_stays": "unknown", "ed_visits": "unknown", "home_lately": "unknown", "lasting_conditions": "no",
    }  # fmt: skip
    assert "Unknown, not no: no claims of hospitals have come." in said["unplanned_stays"][1]
    assert "Unknown, not no: no claims of hospitals have come." in said["home_lately"][1]


def test_conditions_that_only_records_name_make_a_no_unknown_and_are_said():
    world = World()
    day = date(2026, 3, 3)
    for name in ("three", "one", "part", "ended", "protected", "both"):
        world.claim(world.person(name), paid_on=AS_OF)
    for code in ("I5022", "E119", "J449"):
        world.record("three", code, day)
    world.record("one", "I5022", day)
    # One by claims, the same one and another by record: two in all, of which one is confirmed by claims.
    world.condition("part", "chf", "I5022", date(2026, 1, 3), date(2026, 2, 3))
    world.record("part", "I5022", day)
    world.record("part", "E119", day)
    world.record("ended", "I5022", day, ends_on=date(2026, 6, 1))
    world.record("ended", "E119", day, is_over=True)
    world.record("protected", "E119", day)
    world.record("protected", "F329", day, tags="behavioral")
    world.record("protected", "J449", day, tags="part2")
    world.condition("both", "chf", "I5022", date(2026, 1, 3), date(2026, 2, 3))
    world.condition("both", "copd", "J449", date(2026, 1, 3), date(2026, 2, 3))
    world.record("both", "E119", day)
    con = world.run()
    said = {row["person_id"]: row for row in rows(con, """
        select * from published.criterion where code = 'lasting_conditions'""")}  # fmt: skip
    assert {name: (row["verdict"], row["open_verdict"]) for name, row in said.items()} == {
        "three": ("unknown", "unknown"), "one": ("no", "no"), "part": ("unknown", "unknown"), "ended": ("no", "no"),
        "protected": ("unknown", "no"), "both": ("yes", "yes"),
    }  # fmt: skip
    assert said["three"]["text"].startswith(
        "None found in claims. 2 or more count. Records name 3 that the claims do not"
    )
    assert said["three"]["text"].endswith(" Unknown, not no: a clinician can confirm them.")
    assert said["three"]["evidence"].count("record:") == 3
    assert (
        "Records name 1 that the claims do not show: " in said["one"]["text"] and "Unknown" not in said["one"]["text"]
    )
    assert said["part"]["text"].startswith("1 found in claims: ") and "Records name 1 that" in said["part"]["text"]
    assert said["ended"]["text"] == "None found. 2 or more count."
    assert said["protected"]["tags"] == "behavioral" and said["protected"]["open_evidence"].count("record:") == 1
    assert "Depress" in said["protected"]["text"] and "Depress" not in said["protected"]["open_text"]
    assert "Records" not in said["both"]["text"] and "record:" not in said["both"]["evidence"]
    judged = dict(
        con.execute("select person_id, verdict from published.eligibility where program = 'chronic_care'").fetchall()
    )
    assert judged == {
        "three": "unknown", "one": "no", "part": "unknown", "ended": "no", "protected": "unknown", "both": "yes"
    }  # fmt: skip


@settings(max_examples=max(12, settings().max_examples // 4), deadline=None)
@given(crowds, st.booleans())
def test_parts_add_up_points_follow_the_ladder_and_part2_never_counts(crowd, quiet):
    con = build(crowd, quiet=quiet, share=1.0).run()
    scores = {row["person_id"]: row for row in rows(con, "select * from published.score")}
    parts = rows(con, "select * from published.score_part")
    for name, score in scores.items():
        mine = [part for part in parts if part["person_id"] == name]
        assert sum(part["points"] for part in mine) == score["score"]
        assert 0 <= score["score"] <= 100
        for code, part in ranking.PART_BY_CODE.items():
            whole = [line for line in mine if line["code"] in (code, f"{code}_protected")]
            if whole:
                assert sum(line["points"] for line in whole) == part.points(max(line["value"] for line in whole))
        for line in mine:
            assert line["code"].endswith("_protected") == bool(line["tags"])
    assert sorted(row["rank"] for row in scores.values()) == list(range(1, len(scores) + 1))
    ordered = sorted(scores.values(), key=lambda row: row["rank"])
    assert [row["score"] for row in ordered] == sorted((row["score"] for row in ordered), reverse=True)
    without = {
        name: person | {kind: [one for one in person[kind] if one[-1] != "part2"] for kind in ("stays", "visits", "needs", "conditions")}
        for name, person in crowd.items()
    }  # fmt: skip
    cleaned = build(without, quiet=quiet, share=1.0).run()
    for table in ("score", "eligibility"):
        query = (
            f"select * exclude (paid_12, open_paid_12) from published.{table} order by all"
            if table == "score"
            else f"select * from published.{table} order by all"
        )
        assert rows(con, query) == rows(cleaned, query)


@settings(max_examples=max(12, settings().max_examples // 4), deadline=None)
@given(crowds, st.booleans())
def test_the_open_order_is_the_whole_order_of_a_world_without_protected_facts(crowd, quiet):
    """Nobody's score, band or place tells a reader of fewer facts that there are others, about them or anyone."""
    without = {
        name: person | {kind: [one for one in person[kind] if one[-1] == ""] for kind in ("stays", "visits", "needs", "conditions")}
        for name, person in crowd.items()
    }  # fmt: skip
    columns = ("score", "band", "rank", "tie_break")
    opened = ", ".join(f"open_{name} as {name}" for name in columns)
    found = rows(
        build(crowd, quiet=quiet, share=1.0).run(), f"select person_id, {opened} from published.score order by all"
    )
    bare = rows(
        build(without, quiet=quiet, share=1.0).run(),
        f"select person_id, {', '.join(columns)} from published.score order by all",
    )
    assert found == bare


def test_every_person_has_one_verdict_of_every_program_and_every_line():
    world = World()
    for name in ("ada", "ben", "cyn"):
        world.person(name)
    con = world.run()
    [[verdicts]] = con.execute("select count(*) from published.eligibility").fetchall()
    assert verdicts == 3 * len(PROGRAMS)
    [[lines]] = con.execute("select count(*) from published.criterion").fetchall()
    assert lines == 3 * sum(len(rule.criteria) for rule in ALL_RULES)


def test_nothing_on_file_is_unknown_for_social_needs_never_no():
    world = World()
    world.person("ada")
    [[said]] = (
        world.run().execute("select verdict from published.eligibility where program = 'social_needs'").fetchall()
    )
    assert said == "unknown"


def test_the_discharge_of_someone_back_in_hospital_is_not_a_homecoming():
    world = World()
    world.person("ada")
    world.stay("ada", AS_OF - timedelta(days=20), AS_OF - timedelta(days=15))
    world.stay("ada", AS_OF - timedelta(days=3), None)
    [[said]] = (
        world.run().execute("select verdict from published.eligibility where program = 'transitional_care'").fetchall()
    )
    assert said == "no"


def test_day_thirty_still_counts_and_day_thirty_one_does_not():
    """The day of discharge is the first of thirty."""
    world = World()
    world.person("in")
    world.stay("in", AS_OF - timedelta(days=35), AS_OF - timedelta(days=29))
    world.person("out")
    world.stay("out", AS_OF - timedelta(days=36), AS_OF - timedelta(days=30))
    said = dict(world.run().execute("select person_id, verdict from published.eligibility where program = 'transitional_care'").fetchall())  # fmt: skip
    assert said == {"in": "yes", "out": "no"}


def test_a_site_s_own_number_decides():
    world = World()
    world.person("ada")
    world.ed_visit("ada", date(2026, 6, 1))
    query = "select verdict, (select text from published.criterion where code = 'ed_visits') from published.eligibility where program = 'complex_care'"  # fmt: skip
    assert world.run().execute(query).fetchall()[0][0] == "no"
    [[said, text]] = world.run([("complex_care", "ed_visits_at_least", "1")]).execute(query).fetchall()
    assert said == "yes"
    assert "1 or more count" in text


def test_what_was_paid_later_was_not_known_then():
    """On the day six months ago, a stay billed later must give no points; on today's list it does."""
    back = months_back(AS_OF, 6)
    world = World()
    world.person("late")
    world.stay("late", back - timedelta(days=40), back - timedelta(days=36), paid_on=back + timedelta(days=1))
    world.person("known")
    world.stay("known", back - timedelta(days=40), back - timedelta(days=36), paid_on=back)
    found = rows(world.run(), "select * from marts.score_value where part = 'unplanned_stays' order by all")
    assert {(row["person_id"], row["scored_on"]) for row in found} == {
        ("late", AS_OF), ("known", AS_OF), ("known", back)
    }  # fmt: skip


def test_worth_shares_the_cut_evenly_among_equals():
    """Of ten people with equal scores one had the one stay: the first ten percent caught a tenth of it."""
    world = World()
    for number in range(10):
        world.person(f"p{number}", payer_type="commercial")
    world.stay("p3", months_back(AS_OF, 9) + timedelta(days=3), months_back(AS_OF, 9) + timedelta(days=5))
    found = rows(
        world.run(),
        "select * from published.worth where months_back = 9 and people_group = 'everyone' and top_share = 0.1",
    )
    assert {row["method"]: round(row["share"], 6) for row in found} == {
        "carewright": 0.1, "charlson": 0.1, "chance": 0.1
    }  # fmt: skip


def test_the_tables_the_warehouse_reads_are_the_programs_as_written():
    for name in program_tables.TABLES:
        path = program_tables.FOLDER / f"{name}.csv"
        assert path.read_text(encoding="utf-8") == program_tables.text_of(name), (
            "Run python -m carewright.knowledge.programs.tables."
        )


def test_every_line_is_answered_and_every_default_is_allowed():
    assert ranking.PARTS
    assert sum(part.most for part in ranking.PARTS) == 100
    for rule in ALL_RULES:
        assert BY_CODE[rule.code] is rule
        for threshold in rule.thresholds:
            assert threshold.problem(threshold.default) == "", f"{rule.code}.{threshold.key}"
