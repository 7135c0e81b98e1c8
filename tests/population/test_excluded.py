"""Whom somebody excluded is excluded on every page: in counts, in lists and where it is said why they are here."""

import pytest

from carewright.population.models import CandidateDecision
from tests.population.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("population", ["everyone", "payer:Plan A"])
@pytest.mark.parametrize("role", ["supervisor", "care_manager", "analyst", "quality"])
def test_whom_somebody_excluded_is_counted_and_listed_as_excluded(run, as_role, client, patient, role, population):
    user = as_role(role, population)

    def counted() -> dict[tuple[str, str], int]:
        [block] = [block for block in client.get("/population").context["blocks"] if block.code == "program"]
        for number in block.numbers:
            listed = client.get(f"/population/people?{number.address}").context["page"].paginator.count
            assert listed == number.people, number
        return {(number.chosen.program, number.chosen.verdict): number.people for number in block.numbers}

    before = counted()
    CandidateDecision.objects.create(patient=patient("ada"), decision="excluded", because="opted_out", by=user, at=NOW)
    CandidateDecision.objects.create(patient=patient("dov"), decision="excluded", because="moved", by=user, at=NOW)
    after = counted()
    # Ada's yes has gone to excluded; of Dov, who died, the rule said so before, and a rule that is not for them still says that.
    assert after["chronic_care", "yes"] == before["chronic_care", "yes"] - 1
    assert after["chronic_care", "excluded"] == before["chronic_care", "excluded"] + 1
    for program in {program for program, _verdict in before}:
        assert after[program, "not_applicable"] == before[program, "not_applicable"]
        assert sum(n for (p, _v), n in after.items() if p == program) == sum(
            n for (p, _v), n in before.items() if p == program
        )


def test_why_says_excluded_where_somebody_decided_so(run, as_role, client, patient):
    user = as_role("supervisor")
    address = f"/candidates/{patient('ada').public_id}"
    assert {rule["verdict"] for rule in client.get(address).context["rules"]} >= {"yes"}
    CandidateDecision.objects.create(patient=patient("ada"), decision="excluded", because="opted_out", by=user, at=NOW)
    response = client.get(address)
    assert {rule["verdict"] for rule in response.context["rules"]} == {"excluded"}
    assert response.context["suggested"] == []
    page = response.content.decode()
    assert (
        "Excluded by" in page and "Without that, the rule would say yes." in page and "Ruled out because ." not in page
    )
    [row] = client.get("/candidates?state=excluded").context["rows"]
    assert {verdict for _program, verdict in row["verdicts"]} == {"excluded"}
