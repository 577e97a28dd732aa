"""Institutions from a file: keys are made, the DID follows, and the registry's row is written (`tanu init`). Who
accredits is in `tanu.accrediting`, who signs beside an institution in `tanu.cosigners`."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from issuer.office import Office
from keys.did import institution_did, method_id
from registry.issuers import Institution, IssuerKey, Purpose
from schemas.credential import start_of
from schemas.errors import Refused
from schemas.kinds.document import Bin, Signatory
from schemas.kinds.facts import Node, Trilingual
from schemas.kinds.table import KINDS
from schemas.numbers import is_bin
from schemas.reading import shown
from tanu.accrediting import (
    AccreditationRow,
    BodyRow,
    MandateRow,
    add_accreditations,
    problem_of_body,
    unknown_kinds,
)
from tanu.cosigners import PersonRow, RuleRow, add_cosigners, problem_of
from tanu.officers import OfficerRow, set_officers, twice


class InstitutionRow(Node):
    """One institution of the file."""

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    letters: Annotated[str, Field(pattern=r"^[A-Z]{2,10}$")]
    organisation: Literal["university", "college", "recognition_centre", "training_provider"]
    names: Trilingual
    bin: Bin
    country: Literal["KZ"]
    city: Trilingual
    address: Trilingual | None = None
    homepage: Annotated[str | None, Field(pattern=r"^https://[^\s<>\"]{3,200}$")] = None
    test: bool = False
    signatories: Annotated[tuple[Signatory, ...], Field(min_length=1)]
    accreditations: tuple[AccreditationRow, ...]
    responsible_persons: tuple[PersonRow, ...] = ()
    signature_rules: tuple[RuleRow, ...] = ()
    officers: tuple[OfficerRow, ...] = ()


class RegisterFile(Node):
    """The file: bodies and institutions; a list is one of institutions alone."""

    bodies: tuple[BodyRow, ...] = ()
    institutions: tuple[InstitutionRow, ...] = ()
    mandates: tuple[MandateRow, ...] = ()


def read_institutions(path: Path) -> RegisterFile:
    """The file's rows; raises `Refused` naming what is wrong."""
    try:
        content = json.loads(path.read_bytes())
        file = RegisterFile.model_validate({"institutions": content} if isinstance(content, list) else content)
    except (OSError, ValueError) as error:
        raise Refused.saying("home.bad_issuers", path=path, problem=shown(_named(error), 160)) from None
    problems = [(row.slug, problem_of_body(row)) for row in file.bodies]
    problems += [(row.number, unknown_kinds((row,))) for row in file.mandates]
    for slug, problem in [*problems, *((row.slug, _problem_of(row)) for row in file.institutions)]:
        if problem:
            raise Refused.saying("home.bad_issuers", path=path, problem=f"{slug}: {problem}")
    return file


def _problem_of(row: InstitutionRow) -> str | None:
    if unknown := unknown_kinds(row.accreditations) or ", ".join(
        {rule.kind for rule in row.signature_rules} - set(KINDS)
    ):
        return unknown
    if not is_bin(row.bin):
        return row.bin
    return twice(row.officers) or problem_of(row.responsible_persons, row.signature_rules)


def _named(error: Exception) -> str:
    """The first thing that is wrong, with its place."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"


def add_institutions(office: Office, rows: tuple[InstitutionRow, ...]) -> None:
    """Enters those that are not there yet, with new keys; again changes only the signatories and officers, and adds
    accreditations and those who sign beside the institution."""
    for row in rows:
        if office.registry.institution_called(row.slug) is None:
            office.registry.add_institution(_institution(office, row))
    for row in rows:
        add_accreditations(office, row.slug, row.accreditations)
        office.store.set_signatories(row.slug, row.signatories)
        add_cosigners(office, row.slug, row.responsible_persons, row.signature_rules)
        set_officers(office, row.slug, row.officers)


def _institution(office: Office, row: InstitutionRow) -> Institution:
    first = office.ring.new_key()
    did = institution_did(office.public_url, row.slug, first)
    both: tuple[Purpose, ...] = ("documents", "lists")
    if did.startswith("did:key:"):
        keys = [_key(office, did, first, both)]
    else:
        keys = [_key(office, did, first, both[:1]), _key(office, did, office.ring.new_key(), both[1:])]
    return Institution(
        slug=row.slug,
        did=did,
        letters=row.letters,
        organisation=row.organisation,
        name=row.names.text,
        bin=row.bin,
        country=row.country,
        city=row.city.text,
        test=row.test,
        accreditations=(),
        keys=tuple(keys),
        address=row.address.text if row.address else None,
        homepage=row.homepage,
    )


def _key(office: Office, did: str, multibase: str, purposes: tuple[Purpose, ...]) -> IssuerKey:
    return IssuerKey(method_id(did, multibase), multibase, purposes, valid_from=start_of(office.today()))
