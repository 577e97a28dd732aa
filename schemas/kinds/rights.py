"""The documents by which one organisation gives another a right: the accreditation certificate of a body, and the
mandate of an institution (docs/formats.md, "Rights").

Both are W3C credentials about an organisation, never about a person. Their days are whole days in Kazakhstan; a change
is a new version with the same number.
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.kinds.document import Bin, DataIntegrityProof, Instant, SchemaReference, Uri
from schemas.kinds.facts import Code, Node, Trilingual

BODY_DID = r"^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$"
"""A body is its key, so that a chain can be checked without asking anybody (docs/decisions/0017)."""
Kinds = Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{2,60}$")], ...], Field(min_length=1)]


class Organisation(Node):
    """An organisation by its DID, its names and its BIN."""

    id: Uri
    legal_name: Trilingual
    bin: Bin


class Body(Organisation):
    """A body that accredits."""

    id: Annotated[str, Field(pattern=BODY_DID)]


class Accredited(Organisation):
    """What is allowed to whom: to issue documents of `kinds`, or to accredit others for them. `professions`, the codes
    of the register of professions, narrow the recognition of qualifications (Law on professional qualifications,
    article 23)."""

    right: Literal["issue", "accredit"]
    kinds: Kinds
    professions: Annotated[tuple[Code, ...], Field(min_length=1, max_length=500)] | None = None


class Mandated(Organisation):
    """Who may issue documents of `kinds` in the giver's name."""

    kinds: Kinds


class RightDocument(Node):
    """What both have around their subject."""

    id: Uri
    valid_from: Instant
    valid_until: Instant | None = None
    number: Code
    version: Annotated[int, Field(ge=1, le=999)]
    test: Literal[True] | None = None
    credential_schema: SchemaReference
    proof: DataIntegrityProof | None = None


class AccreditationCertificate(RightDocument):
    """Given by a body to an institution, or to another body."""

    issuer: Body
    credential_subject: Accredited


class IssuingMandate(RightDocument):
    """Given by one institution to another."""

    issuer: Organisation
    credential_subject: Mandated
