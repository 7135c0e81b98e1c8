"""Our records, put in the shape in which they are compared."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from carewright.registry.matching.described import Described, describe
from carewright.registry.matching.rules import ONE_EACH
from carewright.registry.models import Address, ContactPoint, Coverage, Identifier, Patient

AT_ONCE = 20_000

LIKE_NEWCOMERS = """
with newcomer as materialized (
    select id, born_on, given_key, sort_name from registry_patient where id > %(newest)s and merged_into_id is null
)
select id from newcomer
union
select p.id from registry_patient p where p.born_on in (select born_on from newcomer)
union
select p.id from registry_patient p where p.sort_name in (select sort_name from newcomer where sort_name <> '')
union
select p.id from registry_patient p inner join newcomer n on n.given_key = p.given_key and n.given_key <> ''
    inner join registry_address a on a.patient_id = p.id inner join registry_address b on b.patient_id = n.id
        and b.zip_code = a.zip_code
union
select o.patient_id from registry_contactpoint c inner join newcomer n on n.id = c.patient_id
    inner join registry_contactpoint o on o.digits = c.digits
where c.digits <> ''
union
select o.patient_id from registry_contactpoint c inner join newcomer n on n.id = c.patient_id
    inner join registry_contactpoint o on lower(o.value) = lower(c.value)
where c.kind = 'email' and o.kind = 'email'
union
select o.patient_id from registry_coverage c inner join newcomer n on n.id = c.patient_id
    inner join registry_coverage o on o.member_id = c.member_id and o.payer = c.payer
where c.member_id <> ''
"""
"""
Newcomers, and whoever shares with one of them what `likelihood.ALIKE_TO_LOOK_AT` asks for. What is compared there in a
cleaner shape (a "Jr" written inside the name) may be missed here, and is found by night, when everybody is compared.
"""


def beside_newcomers(newest: int) -> set[int]:
    """The keys of records younger than this one, and of those that one of them may be."""
    with connection.cursor() as cursor:
        cursor.execute(LIKE_NEWCOMERS, {"newest": newest})
        return {pk for (pk,) in cursor.fetchall()}


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
