"""What `stratify` says when the list it made is empty."""

from datetime import date

from carewright.cli.stratify import _nobody

DAY = date(2026, 11, 20)


def test_no_claims_at_all_leads_to_ingest():
    assert "No claims were received" in _nobody(DAY, None)


def test_old_claims_lead_to_the_last_day_of_their_month():
    said = _nobody(DAY, date(2018, 2, 1))
    assert "The latest claims are of February 2018" in said
    assert said.endswith("./carewright stratify --as-of 2018-02-28")


def test_fresh_claims_lead_to_what_ruled_each_person_out():
    assert "Hidden, and why" in _nobody(DAY, date(2026, 10, 1))
