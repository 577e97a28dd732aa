"""Draft and Credential: a document before and after its signature; both keep their exact bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any

from schemas.canonical import Digested, jcs_digest, rdfc
from schemas.errors import Malformed
from schemas.kinds.document import DataIntegrityProof, Issuer, Signatory, read_proofs
from schemas.kinds.facts import Facts
from schemas.kinds.table import Badge, Kind, Published, recognise
from schemas.languages import KAZAKHSTAN, Language, Text
from schemas.reading import Json, read_object, shown
from schemas.statuslist import read_instant

RULE_SET = "2026-11"
"""The version of the rules that a document was issued under (docs/rules.md EF-03)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a status list: the list's address, the index, what a set bit means there."""

    list_url: str
    index: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What the office adds to the facts: who issues, under which number, when, who answers for it."""

    address: str
    number: str
    issuer: Issuer
    issued_on: date
    first_language: Language
    signatories: tuple[Signatory, ...]
    slots: tuple[Slot, ...]
    schema_url: str
    test: bool


@dataclass(frozen=True)
class Draft:
    """An unsigned document whose shape has been checked: exactly `data` is recorded, then signed."""

    kind: Kind
    data: bytes

    @cached_property
    def value(self) -> dict[str, Json]:
        return read_object(self.data)


def draft(kind: Kind, facts: Facts, heading: Heading) -> Draft:
    """The document of `kind` that states `facts`; its bytes are its JSON as it will be published."""
    subject = _plain(facts)
    if kind.badge:
        subject = _badge_subject(kind.badge, facts, heading) | subject
    document: dict[str, Any] = {
        "@context": kind.context,
        "id": heading.address,
        "type": list(kind.types),
        "name": kind.title[heading.first_language],
        "issuer": _plain(heading.issuer),
        "validFrom": utc(start_of(heading.issued_on)),
        "number": heading.number,
        "issuedOn": heading.issued_on.isoformat(),
        "firstLanguage": heading.first_language,
        "credentialSubject": subject,
        "legalBasis": kind.legal_basis.as_json(),
        "ruleSet": RULE_SET,
        "signatories": [_plain(person) for person in heading.signatories],
        "credentialSchema": {"id": heading.schema_url, "type": "JsonSchema"},
        "credentialStatus": _status(kind, heading.slots),
    }
    if heading.test:
        document["test"] = True
    return Draft(kind, written(document))


def _plain(node: Any) -> dict[str, Any]:
    return dict(node.model_dump(mode="json", by_alias=True, exclude_none=True))


def _badge_subject(badge: Badge, facts: Facts, heading: Heading) -> dict[str, Json]:
    language = heading.first_language
    achievement = badge(facts, language)
    subject = {
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": "IdentityObject", "hashed": False, "identityHash": facts.holder(language), "identityType": "name"}
        ],
        "achievement": {"id": f"{heading.address}#achievement", "type": ["Achievement"], "inLanguage": language}
        | achievement,
        "licenseNumber": heading.number,
    }
    if "creditsAvailable" in achievement:
        subject["creditsEarned"] = achievement["creditsAvailable"]
    return subject


def _status(kind: Kind, slots: tuple[Slot, ...]) -> Json:
    entries = [
        {
            "type": "BitstringStatusListEntry",
            "statusPurpose": slot.purpose,
            "statusListIndex": str(slot.index),
            "statusListCredential": slot.list_url,
        }
        for slot in slots
    ]
    return entries[0] if kind.badge else entries


def written(document: Json) -> bytes:
    """A document's JSON as Tanu writes it."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def start_of(day: date) -> datetime:
    """00:00 of a civil date in Kazakhstan."""
    return datetime.combine(day, time(), KAZAKHSTAN)


def end_of(day: date) -> datetime:
    """23:59:59 of a civil date in Kazakhstan."""
    return datetime.combine(day, time(23, 59, 59), KAZAKHSTAN)


def utc(instant: datetime) -> str:
    """UTC with `Z`, whole seconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Credential:
    """A signed document of ours whose shape has been checked (steps 1 and 2); says nothing of its signature."""

    kind: Kind
    data: bytes
    value: dict[str, Json]
    form: Digested | None = field(default=None, repr=False, compare=False)
    """The RDFC-1.0 form without proof, where it has been made on the way."""

    @cached_property
    def canonical(self) -> Digested:
        """The RDFC-1.0 form without proofs: what the issuer's signature covers."""
        return self.form or rdfc(self.unsigned)

    @cached_property
    def unsigned(self) -> dict[str, Json]:
        """The document without its proofs."""
        return {name: member for name, member in self.value.items() if name != "proof"}

    @cached_property
    def digest(self) -> str:
        """What the registry knows it by: SHA-256 of the JCS form without proofs, lower-case hexadecimal."""
        return jcs_digest(self.unsigned)

    @cached_property
    def facts(self) -> Facts:
        return self.kind.read_facts(self.value)

    @cached_property
    def proofs(self) -> tuple[DataIntegrityProof, ...]:
        """The institution's proof, then the co-signatures."""
        return read_proofs(self.value["proof"])

    @property
    def proof(self) -> DataIntegrityProof:
        """The institution's."""
        return self.proofs[0]

    @cached_property
    def issuer(self) -> Issuer:
        """The issuer as the document names it; people are shown the registry's name."""
        return Issuer.model_validate(self.value["issuer"])

    @property
    def issuer_id(self) -> str:
        """The DID of the issuer."""
        return str(self.value["issuer"]["id"])

    @property
    def on_behalf_of(self) -> tuple[str, str] | None:
        """The DID of the institution in whose name it is issued, and the number of the mandate."""
        mandator = self.value["issuer"].get("onBehalfOf")
        return (str(mandator["id"]), str(mandator["mandateNumber"])) if mandator else None

    @cached_property
    def signatories(self) -> tuple[Signatory, ...]:
        return tuple(Signatory.model_validate(person) for person in self.value["signatories"])

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        entries = self.value["credentialStatus"]
        return tuple(
            Slot(e["statusListCredential"], int(e["statusListIndex"]), e["statusPurpose"])
            for e in (entries if isinstance(entries, list) else [entries])
        )

    @property
    def code(self) -> str:
        """The public code at the end of its address."""
        return str(self.value["id"]).rsplit("/", 1)[-1]

    @property
    def number(self) -> str:
        return str(self.value["number"])

    @property
    def programme_code(self) -> str | None:
        """The code of the programme that it is about, where it names one."""
        return self.kind.programme_code(self.value)

    @property
    def profession_code(self) -> str | None:
        """The code of the profession that it recognises, where its kind does."""
        return self.kind.profession_code(self.value)

    @property
    def parent_number(self) -> str | None:
        """Of a supplement: the registration number of the document that it supplements."""
        parent = self.value["credentialSubject"].get("parent")
        return str(parent["parentNumber"]) if parent else None

    @property
    def issued_on(self) -> date:
        return date.fromisoformat(self.value["issuedOn"])

    @property
    def title(self) -> Text:
        return self.facts.title

    @property
    def is_test(self) -> bool:
        return "test" in self.value


def read_credential(data: bytes) -> Credential:
    """Bytes → a document of ours; raises `Malformed`, `DataLoss` or `Unsupported`."""
    credential = check_shape(data, read_object(data))
    check_facts(credential)
    return credential


def stored_credential(data: bytes) -> Credential:
    """A document that was checked before it was kept: parsed again, not checked again."""
    value = read_object(data)
    return Credential(recognise(value), data, value)


Shape = Callable[[Kind, Mapping[str, Json]], Digested]
"""(kind, document without proof) → its canonical form; raises `schemas.errors.Refused` unless no member is unsigned
and the shape holds. `schemas.closed.read_closed` is the other one."""


def read_whole(kind: Published, document: Mapping[str, Json]) -> Digested:
    """By the reader that finds each member that no context defines, then by the schema; for what is to be signed."""
    refuse_syntax(document)
    form = rdfc(document)
    kind.check_schema(document)
    return form


def check_shape(data: bytes, value: dict[str, Json], shape: Shape = read_whole) -> Credential:
    """Known contexts, known kind, no unsigned term, and the shape holds (step 2)."""
    kind = recognise(value)
    _refuse_keywords(value.get("proof"))
    unsigned = {name: member for name, member in value.items() if name != "proof"}
    credential = Credential(kind, data, value, shape(kind, unsigned))
    for name in ("validFrom", "validUntil"):
        if name in unsigned:
            read_instant(unsigned[name])
    if "proof" in value:
        for proof in credential.proofs:
            read_instant(proof.created)
    return credential


def check_facts(credential: Credential) -> None:
    """What the document states follows the rules of its kind; raises `Malformed`.

    Apart from the shape, so that a verifier can tell a changed grade under a broken signature from a document that
    its issuer should never have signed.
    """
    try:
        _ = credential.facts, credential.issuer, credential.signatories
    except ValueError as error:
        raise Malformed.saying("kinds.facts", problem=shown(str(error).splitlines()[-1], 160)) from None


def refuse_syntax(document: Mapping[str, Json]) -> None:
    """Raises `Malformed` for what JSON-LD has and a document of ours has not: keywords, and names for blank nodes."""
    _refuse_keywords({name: member for name, member in document.items() if name != "@context"})
    _refuse_blank_ids(document)


def _refuse_keywords(value: Json) -> None:
    """Of JSON-LD's keywords a document of ours has `@context`, once, at the top (docs/attacks.md A4)."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name.startswith("@"):
                raise Malformed.saying("kinds.keyword", name=shown(name))
            _refuse_keywords(member)
    elif isinstance(value, list):
        for item in value:
            _refuse_keywords(item)


def _refuse_blank_ids(value: Json) -> None:
    """A document of ours names no blank node (docs/attacks.md A12)."""
    if isinstance(value, dict):
        if str(value.get("id", "")).startswith("_:"):
            raise Malformed.saying("kinds.blank_node")
        for member in value.values():
            _refuse_blank_ids(member)
    elif isinstance(value, list):
        for item in value:
            _refuse_blank_ids(item)


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
