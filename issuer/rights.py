"""Giving a right: an accreditation by a body or a mandate by an institution, signed here, or taken into the register as
it was signed elsewhere.

An audit row is durable before the key is used, and what is signed is read back before it is kept. A right that is there
is changed by a new version alone, and of that only its last day: what was issued under it stays judged by its days.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from issuer.office import Office
from keys.did import method_id
from keys.proof import proof_options, secure
from registry.entitlement import is_signed_by
from registry.issuers import AccreditationBody, Institution, SignedRight
from registry.trust import is_signed_by_body, read
from schemas.canonical import rdfc
from schemas.credential import sha256_hex, written
from schemas.errors import Refused
from schemas.kinds.table import ACCREDITATION, RightKind
from schemas.reading import read_object
from schemas.rights import Organisation, Right, Terms, draft_right, read_right


@dataclass(frozen=True, slots=True)
class Party:
    """Who gives or holds a right."""

    organisation: Organisation
    test: bool
    rights: tuple[SignedRight, ...]
    """Those that it holds already, and what lets their givers give them."""

    @classmethod
    def body(cls, office: Office, body: AccreditationBody) -> "Party":
        """A body of this register."""
        return cls(Organisation(body.did, body.name, body.bin), body.test, office.registry.rights_of(body.did))

    @classmethod
    def institution(cls, institution: Institution) -> "Party":
        """An institution of this register, or of another."""
        organisation = Organisation(institution.did, institution.name, institution.bin)
        return cls(organisation, institution.test, institution.rights)

    def newest(self, giver_bin: str, kind: RightKind, number: str) -> tuple[Right, bytes] | None:
        """What a giver, by its BIN, has given it of that kind under that number."""
        known = ((read(each.document), each.document) for each in self.rights)
        mine = [(right, document) for right, document in known if right and right.holder.bin == self.organisation.bin]
        named = giver_bin, number, kind
        same = [each for each in mine if (each[0].giver.bin, each[0].terms.number, each[0].terms.kind) == named]
        return max(same, key=lambda each: each[0].version, default=None)


def body_called(office: Office, slug: str) -> AccreditationBody:
    """A body of the register; raises `Refused` naming those that there are."""
    bodies = {body.slug: body for body in office.registry.bodies()}
    if slug not in bodies:
        raise Refused.saying("rights.no_body", slug=slug, known=", ".join(bodies) or "–")
    return bodies[slug]


def accredit(office: Office, body: AccreditationBody, holder: Party, terms: Terms) -> bytes:
    """The certificate, signed by the body's key in this home, or the newest version where that says the same already.

    Raises `Refused` where more than the last day would change.
    """
    method = method_id(body.did, body.did.removeprefix("did:key:"))
    return _given(office, Party.body(office, body), holder, terms, method)


def mandate(office: Office, mandator: Institution, holder: Party, terms: Terms) -> bytes:
    """The mandate, signed by the mandator's key for documents; in the same way."""
    key, _ = office.signing_key(mandator, "documents")
    if holder.organisation.bin == mandator.bin:
        raise Refused.saying("mandate.own", name=mandator.name)
    giver = replace(Party.institution(mandator), organisation=Organisation(key.did, mandator.name, mandator.bin))
    return _given(office, giver, holder, terms, key.id)


def _given(office: Office, giver: Party, holder: Party, terms: Terms, method: str) -> bytes:
    newest, version = holder.newest(giver.organisation.bin, terms.kind, terms.number), 1
    if newest is not None:
        before, document = newest
        if before.terms == terms:
            return document
        if replace(before.terms, valid_until=terms.valid_until) != terms:
            raise Refused.saying("rights.stays", number=terms.number)
        version = before.version + 1
    return _signed(office, giver, holder, terms, version, method)


def _signed(office: Office, giver: Party, holder: Party, terms: Terms, version: int, method: str) -> bytes:
    """By the key of `method`; the audit first."""
    signer = office.ring.signer(method.rpartition("#")[2])
    unsigned = draft_right(
        address=UUID(int=office.random(1 << 128), version=4).urn,
        giver=giver.organisation,
        holder=holder.organisation,
        terms=terms,
        version=version,
        schema_url=f"{office.public_url}/schemas/{terms.kind.name}/{terms.kind.version}.json",
        test=giver.test or holder.test,
    )
    now, canonical = office.now(), rdfc(unsigned)
    with office.store.writing() as writing:
        named = {"giver": giver.organisation.did, "holder": holder.organisation.did, "version": str(version)}
        writing.audit(now, office.operator, "sign_right", terms.number, bytes=canonical.digest.hex(), **named)
    document = written(secure(unsigned, canonical, proof_options(method, now), signer))
    if read_right(document).canonical.digest != canonical.digest:
        raise Refused.saying("issue.comparison_failed", number=terms.number)
    return document


def enter(office: Office, handed_in: bytes) -> Right:
    """Takes a certificate into the register, whoever has signed it: whether it leads up to a root is for each who looks
    at it. Raises `Refused` for what is none, what its body has not signed, and what is for nobody here."""
    right = read_right(handed_in)
    if not _is_signed(office, right):
        raise Refused.saying("rights.not_signed", name=right.giver.name)
    document, holder = written(read_object(handed_in)), _holder(office, right)
    if document in (each.document for each in office.registry.rights_of(holder)):
        return right
    with office.store.writing() as writing:
        named = {"giver": right.giver.did, "holder": right.holder.did, "version": str(right.version)}
        digest = sha256_hex(document)
        writing.audit(office.now(), office.operator, "enter_right", right.terms.number, sha256=digest, **named)
    office.registry.enter_right(right, document, holder, office.now())
    return right


def _is_signed(office: Office, right: Right) -> bool:
    if right.terms.kind is ACCREDITATION:
        return is_signed_by_body(right)
    mandator = office.registry.institution(right.giver.did)
    return mandator is not None and is_signed_by(right, office.now(), mandator)


def _holder(office: Office, right: Right) -> str:
    """Under which DID the register has the holder; a body need not be in it."""
    if right.terms.right == "accredit":
        return right.holder.did
    institution = office.registry.institution(right.holder.did)
    if institution is None or institution.bin != right.holder.bin:
        raise Refused.saying("rights.holder_unknown", name=right.holder.name, id=right.holder.did, bin=right.holder.bin)
    return institution.did
