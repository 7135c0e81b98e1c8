"""Where no list of medicines is on file, the pages say what pharmacy claims show, to those who may see all of it."""

import pytest
from django.urls import reverse

from carewright.population.models import Utilization


@pytest.mark.parametrize("address", ["patient:glance", "patient:medicines"])
def test_no_list_on_file_is_not_no_medicine(run, client, as_role, patient, address):
    ada = patient("ada")
    page = reverse(address, args=[ada.public_id])
    as_role("medical_director")
    assert (
        "Pharmacy claims show 4 different medicines filled in the last 12 months." in client.get(page).content.decode()
    )
    Utilization.objects.filter(patient=ada).update(medicines_12=0)
    assert "Pharmacy claims show" not in client.get(page).content.decode()
    Utilization.objects.filter(patient=ada).update(medicines_12=4)
    as_role("quality")
    assert "Pharmacy claims show" not in client.get(page).content.decode(), "the number counts what they may not see"
