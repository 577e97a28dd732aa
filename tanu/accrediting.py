"""Who gives a right: bodies and mandates from the file of institutions, `tanu accredit`, `tanu mandate`.

A body is a did:key whose key the home makes. One that nobody lets accredit is a root; the home trusts a root of its own
for tests alone, since a root beside the keys that it vouches for proves nothing (docs/decisions/0017).
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from rich.console import Console

from issuer import federation, rights
from issuer.office import Office
from issuer.rights import Party, body_called
from registry.issuers import AccreditationBody
from registry.wire import read_institution
from schemas.errors import Refused
from schemas.kinds.document import Bin
from schemas.kinds.facts import Code, Day, Node, Trilingual
from schemas.kinds.rights import BODY_DID
from schemas.kinds.table import ACCREDITATION, KINDS, MANDATE, RightKind, kind_named
from schemas.languages import Text, say
from schemas.numbers import is_bin
from schemas.reading import read_object
from schemas.rights import Right, Terms, read_right
from tanu.cosigners import Slug
from tanu.home import Home
from tanu.session import Session

Kinds = Annotated[tuple[str, ...], Field(min_length=1)]


class AuthorityRow(Node):
    """The right to accredit for `kinds`, by another body."""

    by: Slug
    number: Code
    kinds: Kinds
    valid_from: Annotated[Day, Field(alias="from")]
    valid_until: Annotated[Day | None, Field(alias="until")] = None


class BodyRow(Node):
    """A body that accredits; without `authority` a root."""

    slug: Slug
    names: Trilingual
    bin: Bin
    did: Annotated[str | None, Field(pattern=BODY_DID)] = None
    """Of a body that keeps its key itself; else the home makes one."""
    test: bool = False
    authority: AuthorityRow | None = None


class AccreditationRow(Node):
    """A right to issue, as a body gives it; `professions` limit recognitions of qualifications to those codes."""

    body: Slug
    number: Code
    kinds: Kinds
    professions: Annotated[tuple[Code, ...], Field(max_length=500)] = ()
    valid_from: Annotated[Day, Field(alias="from")]
    valid_until: Annotated[Day | None, Field(alias="until")] = None


class MandateRow(Node):
    """An institution lets another issue in its name."""

    by: Slug
    to: Slug
    number: Code
    kinds: Kinds
    valid_from: Annotated[Day, Field(alias="from")]
    valid_until: Annotated[Day | None, Field(alias="until")] = None


def unknown_kinds(rows: tuple[AuthorityRow | AccreditationRow | MandateRow, ...]) -> str | None:
    """Kinds that there are not."""
    return ", ".join(sorted({kind for row in rows for kind in row.kinds} - set(KINDS))) or None


def problem_of_body(row: BodyRow) -> str | None:
    """What is wrong with a row, whatever the register says."""
    return (None if is_bin(row.bin) else row.bin) or (unknown_kinds((row.authority,)) if row.authority else None)


def add_bodies(home: Home, office: Office, rows: tuple[BodyRow, ...]) -> Office:
    """Enters the bodies that are not there yet, with new keys, and what lets them accredit; the office whose register
    goes by the roots of the home from then on."""
    there = {body.slug for body in office.registry.bodies()}
    for row in (row for row in rows if row.slug not in there):
        did = row.did or f"did:key:{office.ring.new_key()}"
        office.registry.add_body(AccreditationBody(row.slug, did, row.names.text, row.bin, row.test))
        if row.test and row.authority is None and row.did is None:
            home.trust(did)
    for row in rows:
        if given := row.authority:
            holder, terms = Party.body(office, body_called(office, row.slug)), _terms(given, "accredit")
            rights.enter(office, rights.accredit(office, body_called(office, given.by), holder, terms))
    return replace(office, registry=replace(office.registry, roots=home.roots))


def add_mandates(office: Office, rows: tuple[MandateRow, ...]) -> None:
    """What institutions of this home let others do in their name."""
    for row in rows:
        holder = Party.institution(office.institution(row.to))
        terms = Terms(MANDATE, row.number, row.kinds, row.valid_from, row.valid_until)
        rights.enter(office, rights.mandate(office, office.institution(row.by), holder, terms))


def add_accreditations(office: Office, slug: str, rows: tuple[AccreditationRow, ...]) -> None:
    """What the bodies of this home give an institution; one that is there gets a new version where its last day is
    another."""
    for row in rows:
        holder, terms = Party.institution(office.institution(slug)), replace(_terms(row), professions=row.professions)
        rights.enter(office, rights.accredit(office, body_called(office, row.body), holder, terms))


def _terms(row: AuthorityRow | AccreditationRow, right: Literal["issue", "accredit"] = "issue") -> Terms:
    return Terms(ACCREDITATION, row.number, row.kinds, row.valid_from, row.valid_until, right=right)


@dataclass(frozen=True, slots=True)
class Order:
    """What the person at the desk asks for; what is not said stays as it is."""

    holder: str
    """A short name, or the file of an institution of another register."""
    giver: str
    number: str
    kinds: tuple[str, ...]
    professions: tuple[str, ...]
    valid_from: date | None
    valid_until: date | None
    out: Path | None


def accredit(session: Session, order: Order) -> None:
    """`tanu accredit INSTITUTION`: signs, and enters what is for an institution of this home."""
    office = session.office
    body, holder = body_called(office, order.giver), _holder(office, order)
    terms = _asked(office, order, holder, ACCREDITATION, body.bin)
    _hand_over(session, order, rights.accredit(office, body, holder, terms))


def mandate(session: Session, order: Order) -> None:
    """`tanu mandate INSTITUTION`: the same for a mandate."""
    office = session.office
    mandator, holder = office.institution(order.giver), _holder(office, order)
    terms = _asked(office, order, holder, MANDATE, mandator.bin)
    _hand_over(session, order, rights.mandate(office, mandator, holder, terms))


def enter(session: Session, file: Path) -> None:
    """`--enter`: takes what was signed elsewhere."""
    document = _content(file)
    right = rights.enter(session.office, document)
    federation.renew(session.office)
    _tell(session, right, document, entered=True, shown=False)


def _hand_over(session: Session, order: Order, document: bytes) -> None:
    elsewhere = _is_file(order)
    right = read_right(document) if elsewhere else rights.enter(session.office, document)
    federation.renew(session.office)
    if order.out:
        order.out.write_bytes(document)
    _tell(session, right, document, entered=not elsewhere, shown=elsewhere and order.out is None)


def _is_file(order: Order) -> bool:
    return order.holder.endswith(".json")


def _holder(office: Office, order: Order) -> Party:
    if not _is_file(order):
        return Party.institution(office.institution(order.holder))
    return _from_file(Path(order.holder))


def _asked(office: Office, order: Order, holder: Party, kind: RightKind, giver_bin: str) -> Terms:
    """What is to be signed: of what is there only the last day needs to be said."""
    kinds, newest = tuple(kind_named(name).name for name in order.kinds), holder.newest(giver_bin, kind, order.number)
    if newest is not None and not kinds:
        return replace(newest[0].terms, valid_until=order.valid_until)
    if not kinds:
        raise Refused.saying("rights.kinds_needed", known=", ".join(KINDS))
    first = order.valid_from or (newest[0].terms.valid_from if newest else office.today())
    return Terms(kind, order.number, kinds, first, order.valid_until, order.professions)


def _from_file(file: Path) -> Party:
    """The institution that `/api/issuers/{did}` of its register describes."""
    try:
        return Party.institution(read_institution(read_object(_content(file))))
    except (KeyError, TypeError, ValueError) as error:
        raise Refused.saying("home.bad_file", path=file, problem=type(error).__name__) from None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused.saying("home.bad_file", path=file, problem=error.strerror or "") from None


def _tell(session: Session, right: Right, document: bytes, *, entered: bool, shown: bool) -> None:
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if session.as_json or shown:
        console.print(json.dumps(read_object(document), ensure_ascii=False, indent=1))
        return
    terms = right.terms
    until = say("pages.issuer_list.no_end") if terms.valid_until is None else terms.valid_until
    named = {"number": terms.number, "version": right.version, "giver": right.giver.name, "name": right.holder.name}
    told = say("rights.entered" if entered else "rights.signed", **named, first=terms.valid_from, last=until)
    console.print(f"{terms.kind.title[session.language]} {told[session.language]}")
    for kind in terms.kinds:
        title = KINDS[kind].title if kind in KINDS else Text.same(kind)
        console.print(f"  {title[session.language]}")
