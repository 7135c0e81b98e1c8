"""The instruments: every published vector, what is always true of a score, and that the words are their makers'."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.kernel.errors import BadInput, CannotDo
from carewright.knowledge import comprehensive, instruments
from carewright.knowledge.instruments import DECLINED, score, visible
from carewright.knowledge.instruments.visibility import counted
from carewright.knowledge.needs import NEEDS
from tests.shared import shared

ASKED = [found for found in instruments.catalog() if not found.is_receive_only]
SUMMED = [found for found in ASKED if any(rule.method == "sum" for rule in found.rules.scores)]
BY_CODE = pytest.mark.parametrize("found", instruments.catalog(), ids=lambda found: found.code)


def vectors():
    return json.loads(shared("rules/test_vectors.json").read_text())["instruments"]


def links(code, index=0):
    return instruments.get(code).rules.scores[index].items


def answers_of(vector):
    """The answers of a vector, as points per question; what it leaves out is not answered."""
    code = vector["id"]
    if "answers" in vector:
        return {k: v for k, v in zip(links(code), vector["answers"], strict=True) if v is not None}
    if "yes" in vector:
        said = links(code) if vector["yes"] == "all" else vector["yes"]
        return {link: "yes" if link in said else "no" for link in links(code)}
    if "safety" in vector:
        return dict(zip(links(code), vector["safety"], strict=True))
    if "days" in vector:
        return {"/89555-7": vector["days"], "/68516-4": vector["minutes"]}
    return {links(code)[0]: vector["value"]}


def test_every_vector_passes():
    met = 0
    for vector in vectors():
        code = vector["id"]
        found = score(code, answers_of(vector), sex=vector.get("sex"))
        first = instruments.get(code).rules.scores[0].code
        if "total" in vector:
            assert found.scores[first] == vector["total"], vector
        if "product" in vector:
            assert found.scores["activity"] == vector["product"], vector
        if "band" in vector:
            assert found.band == vector["band"], vector
        if "alerts" in vector:
            assert [alert.code for alert in found.safety] == vector["alerts"], vector
        if vector.get("status") == "incomplete":
            assert not found.complete, vector
        if "caveat" in vector:
            assert bool(found.caveats) is vector["caveat"], vector
        if "positive" in vector:
            needs = {need.code: need.result for need in found.needs}
            by_need = {"ahc-hrsn-core": "interpersonal-safety", "ahc-hrsn-supplemental": "physical-activity"}
            said = needs[by_need[code]] == "positive" if code in by_need else found.positive
            assert said is vector["positive"], vector
        met += 1
    assert met >= 25


# ── the words and the rules are those of their makers ──


SHIPPED_CODES = (
    "phq-9", "phq-2", "gad-7", "audit-c", "drug-use-single-item", "ahc-hrsn-core", "ahc-hrsn-supplemental",
    "steadi-stay-independent", "katz-adl", "iadl-8", "sils", "caregiver-check", "prapare-codes-only",
)  # fmt: skip


@pytest.mark.parametrize("code", SHIPPED_CODES)
def test_questions_answers_and_points_are_those_of_the_reference(code):
    theirs = json.loads(shared(f"rules/instruments/{code}.json").read_text())
    ours = instruments.get(code)

    def walk(items):
        for item in items:
            yield item
            yield from walk(item.get("item", []))

    for item in walk(theirs["item"]):
        mine = ours.by_link[item["linkId"]]
        assert (mine.kind, mine.required, mine.repeats) == (
            item["type"], item.get("required", False), item.get("repeats", False),
        )  # fmt: skip
        if item["linkId"] != "safety":
            assert mine.text == item["text"].replace("[licensed text not shipped] ", "")
        options = [
            option["valueCoding"] | {"points": option.get("extension")} for option in item.get("answerOption", [])
        ]
        assert [
            (o["code"], o.get("display") or "", o["points"][0]["valueDecimal"] if o["points"] else None)
            for o in options
        ] == [(o.code, o.display, o.points) for o in mine.options]
        assert len(mine.enable_when) == len(item.get("enableWhen", []))
    assert len(ours.by_link) == len(list(walk(theirs["item"])))


@pytest.mark.parametrize("code", SHIPPED_CODES)
def test_scores_bands_and_codes_are_those_of_the_reference(code):
    theirs = json.loads(shared("rules/instruments/scoring.json").read_text())["instruments"][code]
    rules = instruments.get(code).rules
    if "items" in theirs:
        assert list(rules.scores[0].items) == theirs["items"]
    if "range" in theirs:
        assert [rules.scores[0].least, rules.scores[0].most] == theirs["range"]
    assert [(band.code, band.least, band.most) for band in rules.bands] == [
        (band["code"], band["min"], band["max"]) for band in theirs.get("bands", [])
    ]
    assert [alert.code for alert in rules.alerts] == [alert["id"] for alert in theirs.get("alerts", [])]
    assert [(alert.severity, alert.due) for alert in rules.alerts if alert.code not in ("auditc-high",)] == [
        (alert["severity"], alert["due"].split(" (")[0]) for alert in theirs.get("alerts", []) if "due" in alert
    ]
    for row in theirs.get("needs", []):
        same = {"safety": "interpersonal-safety", "depression": "depression-screen"}
        domain = same.get(row["domain"], row["domain"])
        assert any(rule.need == domain and list(rule.z_codes) == row["z"] for rule in rules.needs), row


def test_what_is_licensed_to_others_is_not_here():
    gate = json.loads(shared("rules/instruments/scoring.json").read_text())["license_gate"]
    titles = " ".join(f"{found.code} {found.title}".lower() for found in instruments.catalog())
    for name in gate["never_ship"]:
        assert name.split()[0].lower() not in titles.replace("(own checklist)", "").split(), name
    assert set(gate["ship"]) <= {found.code for found in ASKED}
    assert [found.code for found in instruments.catalog() if found.is_receive_only] == gate["receive_only"]


def test_what_is_received_only_holds_no_words_of_an_answer():
    prapare = instruments.get("prapare-codes-only")
    assert all(option.display == "" for item in prapare.walk() for option in item.options)
    assert all(len(item.text) < 40 and "?" not in item.text for item in prapare.walk())


@BY_CODE
def test_every_instrument_says_its_terms_source_and_edition(found):
    assert found.licence and found.source and found.edition and found.version


@BY_CODE
def test_every_need_and_code_has_words(found):
    for rule in found.rules.needs:
        assert rule.need in NEEDS
        assert all(instruments.z_code_words(code) for code in rule.z_codes)
        assert all(instruments.z_code_words(code) for _day, codes in rule.z_before for code in codes)


def test_the_suggested_codes_are_codes_of_icd_10_cm():
    from carewright.knowledge.table import rows

    known = {row["code"]: row for row in rows("value_sets/icd10cm.csv.gz")}
    for found in instruments.catalog():
        for rule in found.rules.needs:
            for code in rule.z_codes:
                assert known[code.replace(".", "")], code


# ── what is always true ──


def any_answers(found):
    """Random answers to an instrument, some left out, some declined."""
    fields = {}
    for item in found.questions():
        if item.options:
            one = st.sampled_from([option.code for option in item.options])
            value = st.lists(one, min_size=1, max_size=3, unique=True).map(tuple) if item.repeats else one
        elif item.kind in ("integer", "decimal"):
            value = st.integers(int(item.least or 0), int(item.most or 400))
        elif item.kind == "boolean":
            value = st.booleans()
        else:
            value = st.text("abc ñ", min_size=1, max_size=8).filter(str.strip).map(str.strip)
        fields[item.link_id] = st.one_of(value, value, value, st.just(DECLINED))
    return st.fixed_dictionaries({}, optional=fields)


chosen = st.sampled_from(ASKED).flatmap(lambda found: st.tuples(st.just(found), any_answers(found)))
summed = st.sampled_from(SUMMED).flatmap(lambda found: st.tuples(st.just(found), any_answers(found)))
ages = st.one_of(st.none(), st.integers(18, 110))


@given(chosen, ages)
def test_a_score_stays_within_its_bounds(pair, age):
    found, answers = pair
    made = score(found, answers, age=age)
    for rule in found.rules.scores:
        number = made.scores[rule.code]
        assert number is None or rule.least <= number <= rule.most


@given(chosen)
def test_silence_is_never_zero(pair):
    found, answers = pair
    made = score(found, answers)
    counts = counted(found, answers)
    for rule in found.rules.scores:
        asked = [link for link in rule.items if link in visible(found, answers)]
        answered = [link for link in asked if counts.get(link) not in (None, DECLINED)]
        assert (made.scores[rule.code] is None) is (len(answered) < len(asked) or not asked)


@given(chosen)
def test_leaving_an_answer_out_never_makes_a_score_appear(pair):
    found, answers = pair
    before = score(found, answers)
    for rule in found.rules.scores:
        for link in rule.items:
            without = {key: value for key, value in answers.items() if key != link}
            if link in visible(found, without):
                assert score(found, without).scores[rule.code] is None
    assert before.complete is (before.unanswered == ())


@given(summed, st.data())
def test_a_worse_answer_never_lowers_a_sum(pair, data):
    found, answers = pair
    rule = next(rule for rule in found.rules.scores if rule.method == "sum")
    full = answers | {
        link: data.draw(st.integers(0, 15))
        if found.by_link[link].kind == "integer"
        else data.draw(st.sampled_from(found.by_link[link].options)).code
        for link in rule.items
    }
    link = data.draw(st.sampled_from(rule.items))
    item = found.by_link[link]
    before = score(found, full).scores[rule.code]
    points = item.by_code[full[link]].points if item.options else full[link]
    if item.options:
        worse = [option.code for option in item.options if option.points >= points]
        more = data.draw(st.sampled_from(worse))
    else:
        more = data.draw(st.integers(points, 30))
    after = score(found, full | {link: more}).scores[rule.code]
    if before is not None and after is not None:
        assert after >= before


@given(any_answers(instruments.get("phq-9")), st.sampled_from(["LA6569-3", "LA6570-1", "LA6571-9"]))
def test_item_nine_raises_its_alarm_whatever_else_was_answered(answers, nine):
    made = score("phq-9", answers | {"/44260-8": nine})
    assert made.safety[0].code == "phq9-item9"
    assert made.safety[0].severity == "critical"
    assert made.safety[0].shown_by == ("/44260-8",)


@given(any_answers(instruments.get("phq-9")), st.sampled_from([None, "LA6568-5", DECLINED]))
def test_and_nothing_else_raises_it(answers, nine):
    made = score("phq-9", answers | {"/44260-8": nine})
    assert "phq9-item9" not in {alert.code for alert in made.safety}


@given(any_answers(instruments.get("phq-9")))
def test_without_its_score_the_same_dangers_stand_and_no_range_is_named(answers):
    made = score("phq-9", answers)
    told = instruments.unscored(made, "made for adults")
    assert [(alert.code, alert.severity, alert.due) for alert in told.safety] == [
        (alert.code, alert.severity, alert.due) for alert in made.safety
    ]
    assert [alert for alert in told.safety if alert.code == "phq9-item9"] == [
        alert for alert in made.safety if alert.code == "phq9-item9"
    ]
    assert not any("range" in alert.title or "epression" in " ".join(alert.steps) for alert in told.safety)
    assert (set(told.scores.values()), told.band, told.positive, told.needs) == ({None}, None, None, ())


@given(chosen)
def test_what_is_hidden_counts_for_nothing(pair):
    found, answers = pair
    shown = visible(found, answers)
    kept = counted(found, answers)
    assert visible(found, kept) == shown
    assert counted(found, kept) == kept
    assert score(found, kept) == score(found, answers)


@given(chosen)
def test_a_positive_need_names_an_answer_that_was_given(pair):
    found, answers = pair
    for need in score(found, answers).needs:
        assert need.result in ("positive", "negative", "declined", "not-asked")
        assert set(need.shown_by) <= set(counted(found, answers))
        if need.result == "positive":
            assert need.shown_by


@given(st.lists(st.integers(1, 5), min_size=4, max_size=4), st.integers(0, 15))
def test_a_partial_sum_of_eleven_is_already_positive(points, left_out):
    items = links("ahc-hrsn-core")
    given_ = {link: value for n, (link, value) in enumerate(zip(items, points, strict=True)) if not left_out >> n & 1}
    made = score("ahc-hrsn-core", given_)
    alarmed = "safety-positive" in {alert.code for alert in made.safety}
    assert alarmed is (sum(given_.values()) >= 11)
    assert (made.scores["safety"] is None) is (len(given_) < 4)


# ── single rules ──


def test_who_never_drinks_is_asked_nothing_more():
    made = score("audit-c", {"/68518-0": "LA6270-8", "/68519-8": 4})
    assert made.complete
    assert made.scores == {"total": 0}
    assert visible(instruments.get("audit-c"), {"/68518-0": "LA6270-8"}).isdisjoint({"/68519-8", "/68520-6"})


def test_who_drinks_is_asked_the_rest_and_unknown_sex_takes_the_lower_cut():
    assert not score("audit-c", {"/68518-0": 1}).complete
    assert score("audit-c", {"/68518-0": 1, "/68519-8": 1, "/68520-6": 1}).positive


def test_a_declined_question_leaves_no_total_and_says_so():
    made = score("gad-7", dict.fromkeys(links("gad-7"), 1) | {"/69725-0": DECLINED})
    assert made.scores == {"total": None}
    assert made.needs[0].result == "declined"
    assert made.incomplete_because == "Declined: /69725-0."


def test_i_choose_not_to_answer_is_declined():
    made = score("ahc-hrsn-supplemental", {"/93038-8": "LA30122-8"})
    assert {need.code: need.result for need in made.needs}["stress"] == "declined"


def test_a_positive_phq_2_opens_the_phq_9_and_carries_its_answers():
    given_ = {"/44250-9": "LA6570-1", "/44255-8": "LA6569-3"}
    assert score("phq-2", given_).opens == ("phq-9",)
    phq9 = instruments.get("phq-9")
    assert instruments.carried_over({"phq-2": given_}, phq9) == given_
    assert instruments.carried_over({"ahc-hrsn-supplemental": given_}, instruments.get("phq-2")) == given_
    assert instruments.carried_over({"gad-7": given_}, phq9) == {}


@pytest.mark.parametrize("found", [found for found in ASKED if found.is_adult_only], ids=lambda found: found.code)
def test_an_adult_instrument_is_refused_for_a_child_with_a_sentence(found):
    with pytest.raises(CannotDo, match="made for people of 18 and older; this person is 12"):
        score(found, {}, age=12)


def test_every_scale_with_a_total_is_for_adults_only():
    assert {found.code for found in ASKED if found.is_validated and not found.is_adult_only} == {
        "ahc-hrsn-core", "ahc-hrsn-supplemental",
    }  # fmt: skip


def test_a_child_of_twelve_has_no_depression_score_within_the_social_questions():
    made = score("ahc-hrsn-supplemental", {"/44250-9": 3, "/44255-8": 3, "/89555-7": 5, "/68516-4": 60}, age=12)
    assert made.scores == {"activity": 300, "phq2": None}
    assert {need.code: need.result for need in made.needs}["physical-activity"] == "positive"
    assert "Not scored at age 12: phq2." in made.incomplete_because
    assert score("ahc-hrsn-supplemental", {"/89555-7": 7, "/68516-4": 60}, age=12).scores["activity"] == 420


def test_none_of_the_above_clears_the_others():
    made = score("ahc-hrsn-core", {"/96778-6": ["LA31996-4", "LA9-3"]})
    assert {need.code: need.result for need in made.needs}["inadequate-housing"] == "negative"


def test_a_shut_off_utility_is_urgent_where_equipment_depends_on_it():
    answers = {"/96779-4": "LA32002-0"}
    assert score("ahc-hrsn-core", answers).safety == ()
    made = score("ahc-hrsn-core", answers, facts={"powered-equipment-or-insulin"})
    assert [(alert.code, alert.severity) for alert in made.safety] == [("shutoff", "high")]
    health = instruments.get("cw-health")
    assert instruments.facts_shown(health, {"powered": "yes"}) == {"powered-equipment-or-insulin"}


def test_the_codes_suggested_are_those_in_force_that_day():
    from datetime import date

    def codes(on):
        made = score("ahc-hrsn-core", {"/96779-4": "LA33-6"}, on=on)
        return {need.code: need.z_codes for need in made.needs}["utility-insecurity"]

    assert codes(date(2025, 9, 30)) == ("Z59.12", "Z59.86")
    assert codes(date(2025, 10, 1)) == codes(None) == ("Z59.861",)


def test_losing_one_activity_since_last_time_is_reported():
    now = dict.fromkeys(links("katz-adl"), "independent") | {"adl-bathing": "dependent"}
    assert score("katz-adl", now).safety == ()
    assert [alert.code for alert in score("katz-adl", now, previous={"total": 6}).safety] == ["adl-decline"]
    assert score("katz-adl", now, previous={"total": 5}).safety == ()


def test_fourteen_unhealthy_days_and_never_more_than_thirty():
    days = {"general-health": "fair", "physical-days": 20, "mental-days": 15, "limited-days": 10}
    made = score("hrqol-4", days)
    assert made.scores == {"unhealthy-days": 30, "limited-days": 10, "general-health": 4}
    assert made.positive


def test_safety_questions_are_asked_by_a_person_only():
    asked = {item.link_id for found in ASKED for item in found.walk() if item.is_safety}
    assert asked >= {"/44260-8", "/95618-5", "/95617-7", "/95616-9", "/95615-1"}
    assert instruments.get("phq-9").asked_by_person_only
    assert not instruments.get("gad-7").asked_by_person_only


def test_the_comprehensive_assessment_asks_only_what_exists_and_nothing_twice():
    asked = []
    for section in comprehensive.SECTIONS:
        for feed in section.feeds:
            found = instruments.get(feed.instrument)
            assert not found.is_receive_only
            assert all(link in found.by_link for link in feed.only)
            for item in feed.items(found):
                asked += [(found.code, inner.link_id) for inner in item.walk() if inner.is_question]
    assert len(asked) == len(set(asked))
    assert [section.number for section in comprehensive.SECTIONS] == list(range(14))
    missing = {
        link for found in (instruments.get(comprehensive.AHC),) for link in (i.link_id for i in found.questions())
    }
    missing -= {link for code, link in asked if code == comprehensive.AHC}
    assert missing == {"/68517-2", "/68524-8", "/44250-9", "/44255-8"}


def test_the_clock_of_the_assessment_is_the_one_published():
    from datetime import date, timedelta

    vector = json.loads(shared("rules/test_vectors.json").read_text())["ccm_assessment_clock"]
    start = date.fromisoformat(vector["identified"])
    assert (start + timedelta(days=comprehensive.CLOCKS.begin_days)).isoformat() == vector["begin_by"]
    assert (start + timedelta(days=comprehensive.CLOCKS.complete_days)).isoformat() == vector["complete_by"]


# ── answers as they come ──


RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "questionnaire": "https://example.org/Questionnaire/phq-2|1.0",
    "item": [
        {"linkId": "/44250-9", "answer": [{"valueCoding": {"system": "http://loinc.org", "code": "LA6571-9"}}]},
        {"linkId": "/44255-8", "answer": [{"valueCoding": {"display": "Several days"}}]},
        {"linkId": "/55758-7", "answer": [{"valueInteger": 99}]},
    ],
}


def test_a_response_is_read_and_its_own_total_is_not_believed():
    assert score("phq-2", RESPONSE).scores == {"total": 4}


def test_a_declined_answer_in_a_response():
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "asked-declined"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": "sils-1", "answer": [{"extension": [absent]}]}],
    }
    assert score("sils", response).needs[0].result == "declined"


@pytest.mark.parametrize(
    "given_",
    [
        {"/44250-9": "LA6570-1"},
        {"44250-9": 2},
        {"/44250-9": "more than half the days"},
        {"/44250-9": {"code": "LA6570-1"}},
    ],
)
def test_an_answer_may_come_as_code_points_words_or_coding(given_):
    assert instruments.read(instruments.get("phq-2"), given_) == {"/44250-9": "LA6570-1"}


@pytest.mark.parametrize(
    ("code", "given_", "said"),
    [
        ("phq-2", {"/44250-9": 7}, "expected one of LA6568-5 .Not at all.; .* found '7'"),
        ("phq-2", {"/1-1": 1}, "expected a question of phq-2, found '/1-1'"),
        ("phq-2", {"/44250-9": ["LA6568-5", "LA6569-3"]}, "expected one answer"),
        ("drug-use-single-item", {"/68524-8": -1}, "a number between 0 and 999"),
        ("drug-use-single-item", {"/68524-8": "often"}, "a whole number"),
        ("drug-use-single-item", {"/68524-8": 1.5}, "a whole number"),
        ("cw-goals", {"matters": 3}, "a text"),
        ("phq-2", RESPONSE | {"questionnaire": "urn:carewright:instrument:gad-7"}, "Score it as the instrument"),
        ("phq-2", {"resourceType": "Patient"}, "a QuestionnaireResponse"),
        ("phq-2", {"resourceType": "QuestionnaireResponse", "item": {}}, "a list of items"),
        ("phq-2", {"resourceType": "QuestionnaireResponse", "item": [{"answer": []}]}, "an item with a linkId"),
        ("phq-2", {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "/44250-9", "answer": 3}]}, "a list of answers"),
    ],
)  # fmt: skip
def test_what_does_not_read_says_where_and_what_was_expected(code, given_, said):
    with pytest.raises(BadInput, match=said):
        score(code, given_)


def test_nobody_asks_for_an_instrument_that_is_not_there():
    with pytest.raises(CannotDo, match="No instrument is called 'phq-10'"):
        score("phq-10", {})
