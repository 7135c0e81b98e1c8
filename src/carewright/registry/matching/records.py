"""Our records, put in the shape in which they are compared."""

from collections import defaultdict
from collections.abc import Iterable

from carewright.registry.matching.described import Described, describe
from carewright.registry.matching.rules import ONE_EACH
from carewright.registry.models import Address, ContactPoint, Coverage, Identifier, Patient

AT_ONCE = 20_000


def everyone(ids: Iterable[int] | None = None) -> dict[int, Described]:
    """Every record that stands for a person, or those of these ids, by id."""
    rows = Patient.objects.order_by("pk")
    chosen = {} if ids is None else {"patient__in": list(ids)}
    if ids is not None:
        rows = rows.filter(pk__in=chosen["patient__in"])
    homes = {
        patient: (line, zip_code)
        for patient, line, zip_code in Address.objects.filter(use=Address.Use.HOME, **chosen).values_list(
            "patient", "line", "zip_code"
        )
    }
    phones: dict[int, list[str]] = defaultdict(list)
    emails: dict[int, list[str]] = defaultdict(list)
    points = ContactPoint.every_one.filter(wrong_since_on__isnull=True, **chosen)
    for patient, kind, value in points.values_list("patient", "kind", "value").iterator(AT_ONCE):
        (phones if kind == ContactPoint.Kind.PHONE else emails)[patient].append(value)
    members, numbers = defaultdict(set), defaultdict(set)
    for patient, payer, number in Coverage.objects.filter(**chosen).values_list("patient", "payer", "member_id"):
        members[patient].add((payer, number))
    given = Identifier.objects.filter(system__in=ONE_EACH, **chosen)
    for patient, system, assigner, value in given.values_list("patient", "system", "assigner", "value"):
        numbers[patient].add((system, assigner, value))
    said = rows.values_list(
        "pk", "given_name", "family_name", "name_suffix", "born_on", "died_on", "sex"
    ).iterator(AT_ONCE)  # fmt: skip
    found = {}
    for pk, given_name, family_name, suffix, born_on, died_on, sex in said:
        line, zip_code = homes.get(pk, ("", ""))
        found[pk] = describe(
            pk, given_name=given_name, family_name=family_name, name_suffix=suffix, born_on=born_on, died_on=died_on,
            sex=sex, line=line, zip_code=zip_code, phones=phones.get(pk, ()), emails=emails.get(pk, ()),
            members=members.get(pk, ()), numbers=numbers.get(pk, ()),
        )  # fmt: skip
    return found
