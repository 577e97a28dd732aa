"""A signed right: an accreditation certificate or a mandate, drafted, and read back under its closed shape.

What is read says nothing of its signature, nor of whether the giver may give it: that is `registry.trust`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from schemas.canonical import Digested
from schemas.credential import end_of, read_whole, start_of, utc
from schemas.errors import Malformed
from schemas.kinds.document import Bin, DataIntegrityProof, read_proof
from schemas.kinds.facts import Trilingual
from schemas.kinds.table import ACCREDITATION, RightKind, recognise_right
from schemas.languages import KAZAKHSTAN, Text
from schemas.reading import Json, read_object, shown
from schemas.statuslist import read_instant

_LAST_YEAR = 9998
"""So that a day in Kazakhstan can still be named."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who gives a right, or has one."""

    did: str
    name: Text
    bin: Bin

    def as_json(self) -> dict[str, Json]:
        return {"id": self.did, "legalName": self.name.as_json(), "bin": self.bin}

    @classmethod
    def read(cls, value: Mapping[str, Json]) -> Organisation:
        """Of a document whose shape has been checked."""
        return cls(str(value["id"]), Trilingual.model_validate(value["legalName"]).text, str(value["bin"]))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a right says: for which kinds of documents, from the first day to the last. Raises `Malformed` for an end
    before the beginning."""

    kind: RightKind
    number: str
    kinds: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None
    professions: tuple[str, ...] = ()
    """The codes of the professions that it is limited to; none: it is not."""
    right: Literal["issue", "accredit"] = "issue"
    """May the holder issue documents, or accredit others for them?"""

    def __post_init__(self) -> None:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise Malformed.saying("rights.days")

    def in_force(self, instant: datetime) -> bool:
        """Is `instant` within its days, to the last second?"""
        begun = start_of(self.valid_from) <= instant
        return begun and (self.valid_until is None or instant <= end_of(self.valid_until))

    @property
    def subject(self) -> dict[str, Json]:
        """The members that stand beside the holder."""
        said: dict[str, Json] = {"kinds": list(self.kinds)}
        if self.kind is ACCREDITATION:
            said["right"] = self.right
        if self.professions:
            said["professions"] = list(self.professions)
        return said


@dataclass(frozen=True, eq=False)
class Right:
    """A signed right whose shape has been checked."""

    value: Mapping[str, Json]
    canonical: Digested
    """The RDFC-1.0 form without proof."""
    proof: DataIntegrityProof
    giver: Organisation
    holder: Organisation
    terms: Terms
    version: int

    @cached_property
    def signed_at(self) -> datetime:
        return read_instant(self.proof.created)

    @property
    def is_test(self) -> bool:
        return "test" in self.value


def draft_right(
    address: str, giver: Organisation, holder: Organisation, terms: Terms, version: int, schema_url: str, *, test: bool
) -> dict[str, Json]:
    """The document to be signed; raises `Malformed` where it does not fit its schema."""
    document: dict[str, Json] = {
        "@context": terms.kind.context,
        "id": address,
        "type": list(terms.kind.types),
        "issuer": giver.as_json(),
        "validFrom": utc(start_of(terms.valid_from)),
        **({"validUntil": utc(end_of(terms.valid_until))} if terms.valid_until else {}),
        "number": terms.number,
        "version": version,
        **({"test": True} if test else {}),
        "credentialSubject": holder.as_json() | terms.subject,
        "credentialSchema": {"id": schema_url, "type": "JsonSchema"},
    }
    terms.kind.check_schema(document)
    return document


def read_right(data: bytes) -> Right:
    """Bytes → a signed right; raises `Malformed`, `DataLoss` or `Unsupported`."""
    value = read_object(data)
    kind = recognise_right(value)
    if "proof" not in value:
        raise Malformed.saying("verify.proof.missing")
    canonical = read_whole(kind, {name: value[name] for name in value if name != "proof"})
    proof = read_proof(value["proof"])
    read_instant(proof.created)
    try:
        giver, holder = (Organisation.read(value[member]) for member in ("issuer", "credentialSubject"))
    except ValueError as error:
        raise Malformed.saying("kinds.facts", problem=shown(str(error).splitlines()[-1], 160)) from None
    return Right(value, canonical, proof, giver, holder, _terms(kind, value), int(value["version"]))


def _terms(kind: RightKind, value: Mapping[str, Json]) -> Terms:
    """Raises `Malformed` for days that are not whole days in Kazakhstan, or that end before they begin."""
    subject = value["credentialSubject"]
    first, last = _day(value["validFrom"]), _day(value["validUntil"]) if "validUntil" in value else None
    whole = utc(start_of(first)) == value["validFrom"] and (not last or utc(end_of(last)) == value["validUntil"])
    if not whole:
        raise Malformed.saying("rights.days")
    return Terms(
        kind=kind,
        number=str(value["number"]),
        kinds=tuple(subject["kinds"]),
        valid_from=first,
        valid_until=last,
        professions=tuple(subject.get("professions", ())),
        right="accredit" if subject.get("right") == "accredit" else "issue",
    )


def _day(spelled: Json) -> date:
    instant = read_instant(spelled)
    if instant.year > _LAST_YEAR:
        raise Malformed.saying("rights.days")
    return instant.astimezone(KAZAKHSTAN).date()
