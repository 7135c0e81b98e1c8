"""
Hundreds of real kills, in the night only: of reading, of taking back, of taking rows to the charts.

Each round ends with what an installation has that nobody killed: nothing lost, nothing twice, nothing half taken back.
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from carewright.chart.models import Observation
from carewright.exchange import actions
from carewright.exchange.models import Delivery, TakenBack
from tests.exchange.conftest import AT
from tests.exchange.test_charting import LAB
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

ROUNDS = int(os.environ.get("CAREWRIGHT_KILLS", "0")) // 5
RUN = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from pathlib import Path
from datetime import UTC, datetime
from carewright.plumbing.home import Home
from carewright.exchange import actions
print("go", flush=True)
home, at = Home(Path(sys.argv[2])), datetime(2026, 11, 23, 13, tzinfo=UTC)
if sys.argv[3:]:
    actions.ingest(sys.argv[3:], by="system:test", at=at, home=home)
else:
    actions.finish_taking_back(by="system:test", at=at, home=home)
    actions.bring_charts_up_to_date(by="system:test", at=at, home=home)
print("done", flush=True)
"""


@pytest.mark.skipif(not ROUNDS, reason="dev night runs it")
@pytest.mark.django_db(transaction=True)
def test_reading_taking_back_and_charting_killed_anywhere(tmp_path, sent, landed, home):
    from django.db import connection

    script = tmp_path / "run.py"
    script.write_text(RUN)
    chance, environment = random.Random(), os.environ | {"PYTHONPATH": f"{os.getcwd()}:{os.getcwd()}/src"}

    def until_done(*files) -> None:
        """Kill it at random moments, later and later, until once it is done."""
        command = [sys.executable, str(script), connection.settings_dict["NAME"], str(home.path), *map(str, files)]
        longest = 0.4
        while True:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
            assert process.stdout.readline() == "go\n"
            time.sleep(chance.uniform(0, longest))
            process.send_signal(signal.SIGKILL)
            if "done" in process.communicate()[0]:
                return
            assert process.returncode == -signal.SIGKILL, "it fell over by itself"
            longest *= 2

    operator = UserFactory(role="analyst")
    PatientFactory(person_id="ada")
    for number in range(ROUNDS):
        rows = [{"lab_result_id": f"{number}-{n}"} for n in range(3_000)]
        first = sent(f"{number}-first.csv", *rows, base=LAB)
        later = sent(f"{number}-later.csv", *(row | {"result": "6.1"} for row in rows[:1_000]), *rows[2_000:], base=LAB)
        until_done(first)
        until_done(later)
        standing = Observation.objects.filter(external_id__startswith=f"lab_result/{number}-", retracted_at=None)
        assert sorted(standing.values_list("value", flat=True)) == ["6.1"] * 1_000 + ["7.9"] * 2_000
        wrong = Delivery.objects.get(file_name=f"{number}-later.csv")
        assert (wrong.rows_kept, wrong.duplicates) == (1_000, 1_000)
        actions.take_back(wrong, because="Not ours.", by=operator, at=AT, home=home)
        until_done()
        assert TakenBack.objects.get(delivery=wrong).done_at
        assert sorted(standing.values_list("value", flat=True)) == ["7.9"] * 3_000
        own = [row["lab_result_id"] for row in landed("lab_result") if row["lab_result_id"].startswith(f"{number}-")]
        assert len(own) == len(set(own)) == 3_000
