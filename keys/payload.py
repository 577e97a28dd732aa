"""What JOSE and COSE envelopes carry (Securing Verifiable Credentials using JOSE and COSE 1.0): a credential or a
presentation on its way in, what is sealed, and what was opened.

`keys.jose` and `keys.cose` write and read the envelopes. Whose key opens one, and whether it was good at the time, is
asked by the verifier; dates are too, since nothing here knows what time it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from keys.public import KeyName, PublicKey
from keys.signer import JwsInput, SigStructure
from schemas.canonical import rdfc
from schemas.contexts import VC_2, own_terms
from schemas.datamodel import check_credential, check_presentation, is_enveloped
from schemas.errors import DataLoss, Malformed, Refused
from schemas.reading import Json, read_object, shown
from schemas.statuslist import LATEST, read_instant


@dataclass(frozen=True, slots=True)
class Content:
    """A kind of content: its short media type (`cty`), who speaks in it, and the rules of its shape."""

    name: str
    speaker: str
    check: Callable[[Mapping[str, Json]], None]


CREDENTIAL = Content("vc", "issuer", check_credential)
PRESENTATION = Content("vp", "holder", check_presentation)

_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})
"""Registered claims that others put beside the members of a credential: of the token, not of the credential. Of any
other member a context has to say what it means."""
_NO_MEMBERS = ("vc", "vp")
"""VC-JOSE-COSE 1.0, sections 1.1.2.1 and 3.1.3: of tokens of version 1.1 and in no document of 2.0."""
CLAIMS = _CLAIMS.union(_NO_MEMBERS)
"""What of a protected header speaks of the content (RFC 7519, section 5.3)."""


class Unproven(Refused):
    """No signature that counts covers the content: there is none, it is by another key or algorithm than the issuer's,
    or it is made under conditions that this verifier does not know."""


@dataclass(frozen=True, slots=True)
class Unsecured:
    """A credential or a presentation that is fit to be put in an envelope, by its exact bytes: only this is sealed.

    Raises `Malformed` or `DataLoss`; also for a member that only a catch-all (`@vocab`) of the contexts takes in, since
    an issuer signs nothing that it does not understand.
    """

    content: Content
    data: bytes

    def __post_init__(self) -> None:
        document = read_object(self.data)
        _refuse_members(document, (*_NO_MEMBERS, *sorted(_CLAIMS), "proof"))
        check_document(document, self.content)
        known = own_terms(document["@context"], _items(document["type"]))
        if strange := next((name for name in document if name not in known and name != "@context"), None):
            raise DataLoss.saying("keys.envelope.catch_all", member=shown(strange))


def check_document(document: Mapping[str, Json], content: Content) -> None:
    """The shape of the data model 2.0, and JSON-LD in safe mode; raises `Malformed` or `DataLoss`.

    The credentials in a presentation are each judged by themselves, but one that nothing secures has no place there
    (section 3.1.2).
    """
    content.check(document)
    if document["@context"][0] != VC_2:
        raise Malformed.saying("verify.shape.not_credential", member="@context")
    enclosed = _items(document.get("verifiableCredential")) if content is PRESENTATION else []
    if not all(is_enveloped(each) or each.get("proof") for each in enclosed):
        raise Malformed.saying("keys.envelope.unsecured")
    rdfc({name: member for name, member in document.items() if not enclosed or name != "verifiableCredential"})


@dataclass(frozen=True, slots=True)
class Claims:
    """What an envelope says of itself (RFC 7519, section 4.1; VC-JOSE-COSE 1.0, section 3.1.3): when the signature was
    made and until when it counts, which is not the validity of the credential; and for a presentation, to whom."""

    issued: datetime | None = None
    not_before: datetime | None = None
    expires: datetime | None = None
    audience: tuple[str, ...] = ()
    nonce: str | None = None


@dataclass(frozen=True)
class Sealed:
    """An envelope that has not been opened. Nothing of its content can be had from it but who it claims to be from,
    which is needed to find the key."""

    content: Content
    algorithm: KeyName
    """The one type of key that its algorithm belongs to."""
    kid: str | None
    headers: Mapping[str, Json]
    """Claims that stand in the protected header, by the names of RFC 7519."""
    message: JwsInput | SigStructure
    signature: bytes
    _payload: bytes

    @cached_property
    def claimed_speaker(self) -> str:
        """The id of the issuer or holder, unproven; empty where there is none."""
        return speaker_id(read_object(self._payload), self.content)


@dataclass(frozen=True)
class Opened:
    """An envelope that `key` opens. There is no other way to make one, so its document is what was signed
    (docs/attacks.md B6). Raises `Unproven`, or `Malformed` for a content that is no document or contradicts itself."""

    sealed: Sealed
    key: PublicKey

    def __post_init__(self) -> None:
        sealed = self.sealed
        if sealed.algorithm != self.key.name:
            raise Unproven.saying("keys.envelope.other_algorithm", named=sealed.algorithm, issuers=self.key.name)
        if not self.key.holds(sealed.signature, sealed.message.message):
            raise Unproven.saying("keys.envelope.not_by_key")
        for part in (self._payload, sealed.headers):
            _refuse_members(part, _NO_MEMBERS)
        speaker = speaker_id(self.document, sealed.content)
        if speaker and any(named != speaker for named in self._named_issuers):
            raise Malformed.saying("keys.envelope.other_issuer", issuer=shown(speaker, 120))
        _ = self.claims

    @cached_property
    def _payload(self) -> dict[str, Json]:
        return read_object(self.sealed._payload)

    @property
    def document(self) -> dict[str, Json]:
        """The verified credential or presentation, without the claims of the envelope; read from the signed bytes each
        time, so that nobody's change of it is anybody else's."""
        found = read_object(self.sealed._payload)
        return {name: member for name, member in found.items() if name not in _CLAIMS}

    @property
    def _named_issuers(self) -> Sequence[Json]:
        return [claims["iss"] for claims in (self.sealed.headers, self._payload) if "iss" in claims]

    @cached_property
    def claims(self) -> Claims:
        """The payload's and those of the protected header (RFC 7519, section 5.3; RFC 9597), which do not contradict
        each other."""
        own, headers = self._payload, self.sealed.headers
        if other := next((name for name in headers if name in own and own[name] != headers[name]), None):
            raise Malformed.saying("keys.envelope.contradicts", claim=other)
        found = {**own, **headers}
        issued, not_before, expires = (_instant(found.get(name)) for name in ("iat", "nbf", "exp"))
        audience, nonce = _items(found.get("aud")), found.get("nonce")
        if not all(isinstance(each, str) for each in (*audience, nonce or "")):
            raise Malformed.saying("keys.envelope.bad_claim", claim="aud, nonce")
        return Claims(issued, not_before, expires, tuple(audience), nonce)


def speaker_id(document: Mapping[str, Json], content: Content) -> str:
    """The id of the issuer of a credential, or of the holder of a presentation; empty where there is none."""
    speaker = document.get(content.speaker)
    found = speaker.get("id") if isinstance(speaker, dict) else speaker
    return found if isinstance(found, str) else ""


def _refuse_members(document: Mapping[str, Json], names: Sequence[str]) -> None:
    if found := next((name for name in names if name in document), None):
        raise Malformed.saying("keys.envelope.no_member", member=found)


def _instant(value: Json) -> datetime | None:
    """A NumericDate (RFC 7519, section 2), or an instant in letters, as other issuers write."""
    if value is None or isinstance(value, str):
        return None if value is None else read_instant(value)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return min(datetime.fromtimestamp(value, UTC), LATEST)
    except (ValueError, OverflowError, OSError):
        pass
    raise Malformed.saying("keys.envelope.bad_claim", claim="iat, nbf, exp")


def _items(member: Json) -> list[Json]:
    if member is None:
        return []
    return member if isinstance(member, list) else [member]
