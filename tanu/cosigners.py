"""Who signs beside an institution, from the file of institutions: responsible persons with their keys, and rules.

What has been entered stays: a file given again adds persons and rules, and sets the ends that it names. A rule never
reaches back to documents that are signed already.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from issuer.office import Office
from keys.public import PublicKey
from registry.issuers import PARTNER, PERSONS, Form, Institution, ResponsiblePerson, Role, SignatureRule
from schemas.credential import end_of, start_of
from schemas.errors import Refused
from schemas.kinds.facts import Code, Day, Name, Node, Trilingual
from schemas.kinds.table import KINDS

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]


class PersonRow(Node):
    """A responsible person in one capacity. Without `public_key_multibase` the home makes and keeps the key."""

    person: Slug
    name: Name
    position: Trilingual
    role: Role
    valid_from: Annotated[Day, Field(alias="from")]
    valid_until: Annotated[Day | None, Field(alias="until")] = None
    compromised_from: Annotated[Day | None, Field(alias="compromised")] = None
    public_key_multibase: Annotated[str | None, Field(pattern=r"^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$")] = None


class RuleRow(Node):
    """How many signatures of which seats a kind, or one programme of it, needs; partners by their short names."""

    kind: str
    programme: Code | None = None
    needed: Annotated[int, Field(ge=1, le=10)]
    roles: Annotated[tuple[Role, ...], Field(max_length=10)] = ()
    partners: Annotated[tuple[Slug, ...], Field(max_length=10)] = ()
    form: Form = "set"
    valid_from: Annotated[Day, Field(alias="from")]
    valid_until: Annotated[Day | None, Field(alias="until")] = None


def problem_of(persons: Sequence[PersonRow], rules: Sequence[RuleRow]) -> str | None:
    """What is wrong with them, whatever the register says."""
    for person in persons:
        if person.role not in PERSONS:
            return f"responsible_persons: {person.person}: {person.role}"
        if person.public_key_multibase:
            PublicKey.from_multibase(person.public_key_multibase)
    for rule in rules:
        seats = len(rule.roles) + len(rule.partners)
        if PARTNER in rule.roles or rule.needed > seats or seats > 10:
            return f"signature_rules: {rule.kind}: {rule.needed} / {seats}"
        if rule.programme and rule.kind in KINDS and KINDS[rule.kind].programme is None:
            return f"signature_rules: {rule.kind}: {rule.programme}"
    return None


def add_cosigners(office: Office, slug: str, persons: Sequence[PersonRow], rules: Sequence[RuleRow]) -> None:
    """Enters persons, with new keys where they bring none, and rules. Raises `Refused` where what has been entered
    would change, or where a rule would reach back to documents that are signed already."""
    institution = office.institution(slug)
    wanted = [_rule(office, slug, row) for row in rules]
    for rule in wanted:
        _check_rule(institution, rule, office.store.newest_intent(slug))
    people = [_person(office, institution, row) for row in persons]
    office.registry.add_cosigners(institution.did, people, wanted)


def _rule(office: Office, slug: str, row: RuleRow) -> SignatureRule:
    if slug in row.partners:
        raise Refused.saying("cosigners.own_partner", slug=slug)
    return SignatureRule(
        kind=row.kind,
        programme=row.programme,
        needed=row.needed,
        roles=row.roles,
        partners=tuple(office.institution(partner).did for partner in row.partners),
        form=row.form,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _check_rule(institution: Institution, rule: SignatureRule, newest: datetime | None) -> None:
    """`newest` is when the institution last recorded a document to be signed."""
    there = next((known for known in institution.rules if _but_end(known) == _but_end(rule)), None)
    if there is not None and (rule.valid_until is None or rule.valid_until == there.valid_until):
        return
    if there is not None and there.valid_until is not None:
        raise Refused.saying("cosigners.stays", name=rule.kind)
    touched = end_of(rule.valid_until) < newest if there and rule.valid_until and newest else False
    if touched or (there is None and newest is not None and start_of(rule.valid_from) <= newest):
        raise Refused.saying("cosigners.reaches_back", kind=rule.kind, instant=newest)


def _but_end(rule: SignatureRule) -> SignatureRule:
    return replace(rule, valid_until=None)


def _person(office: Office, institution: Institution, row: PersonRow) -> ResponsiblePerson:
    """The person as the register will have it; a key is made only for whom the register does not have yet."""
    place = row.person, row.role, start_of(row.valid_from)
    there = next((p for p in institution.persons if (p.person, p.role, p.valid_from) == place), None)
    if there is None and row.public_key_multibase in _keys(office):
        raise Refused.saying("cosigners.key_taken", person=row.person)
    person = ResponsiblePerson(
        person=row.person,
        name=row.name,
        position=row.position.text,
        role=row.role,
        multibase=row.public_key_multibase or (there.multibase if there else office.ring.new_key()),
        valid_from=start_of(row.valid_from),
        retired_at=start_of(row.valid_until + timedelta(days=1)) if row.valid_until else None,
        compromised_from=start_of(row.compromised_from) if row.compromised_from else None,
    )
    if there is not None and not _only_ends_are_new(there, person):
        raise Refused.saying("cosigners.stays", name=row.person)
    return person


def _keys(office: Office) -> set[str]:
    """Every public key that the register knows: one key is one person's, in one capacity."""
    every = office.registry.institutions()
    return {key.multibase for row in every for key in row.keys} | {p.multibase for row in every for p in row.persons}


def _only_ends_are_new(there: ResponsiblePerson, person: ResponsiblePerson) -> bool:
    ends = ("retired_at", "compromised_from")
    kept = {end: getattr(there, end) for end in ends}
    set_before = (kept[end] is not None and getattr(person, end) not in (None, kept[end]) for end in ends)
    return replace(person, **kept) == there and not any(set_before)
