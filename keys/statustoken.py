"""Status list tokens (draft-ietf-oauth-status-list, section 5): what one states, and one that no key has opened yet.
`keys.jose` and `keys.cose` write and read them.

A token is never a credential, and a credential never a token: each says in its header what it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from keys.payload import Unproven
from keys.public import KeyName, PublicKey
from keys.signer import JwsInput, SigStructure
from schemas.errors import Malformed
from schemas.statuslist import LATEST, Width, read_version, version_id

MAX_BYTES = 8 * 1024 * 1024
"""Room for 16 million slots of two bits that cannot be compressed, in base64url twice."""


@dataclass(frozen=True, slots=True)
class StatusToken:
    """The status list at `uri`, `width` bits for each slot: what a wallet reads of the documents of `issuer`."""

    uri: str
    issuer: str | None
    version: int | None
    issued_at: datetime
    expires_at: datetime | None
    ttl: timedelta | None
    width: Width
    compressed: bytes
    """See `schemas.statuslist.decode_statuses`."""

    @property
    def claims(self) -> dict[str, Any]:
        """By the names of RFC 7519 and of the draft; `lst` as bytes."""
        found = {
            "iss": self.issuer,
            "sub": self.uri,
            "jti": None if self.version is None else version_id(self.uri, self.version),
            "iat": int(self.issued_at.timestamp()),
            "exp": None if self.expires_at is None else int(self.expires_at.timestamp()),
            "ttl": None if self.ttl is None else int(self.ttl.total_seconds()),
            "status_list": {"bits": self.width, "lst": self.compressed},
        }
        return {name: value for name, value in found.items() if value is not None}


def read_claims(claims: dict[str, Any]) -> StatusToken:
    """The reverse; raises `Malformed` for a claim that is missing or of another shape."""
    listed = _claim(claims, "status_list", dict)
    uri, width = _claim(claims, "sub", str), _claim(listed, "bits", int)
    if width not in get_args(Width):
        raise Malformed.saying("keys.envelope.bad_claim", claim="bits")
    issued = _claim(claims, "iat", int)
    issuer, expires, ttl = _optional(claims, "iss", str), _optional(claims, "exp", int), _optional(claims, "ttl", int)
    return StatusToken(
        uri=uri,
        issuer=issuer,
        version=read_version(claims.get("jti"), uri),
        issued_at=_instant(issued),
        expires_at=None if expires is None else _instant(expires),
        ttl=None if ttl is None else _positive(ttl),
        width=width,
        compressed=_claim(listed, "lst", bytes),
    )


def _claim(claims: dict[str, Any], name: str, kind: type) -> Any:
    value = claims.get(name)
    if type(value) is not kind:  # a bool is an int to isinstance
        raise Malformed.saying("keys.envelope.bad_claim", claim=name)
    return value


def _optional(claims: dict[str, Any], name: str, kind: type) -> Any:
    return _claim(claims, name, kind) if name in claims else None


def _instant(seconds: int) -> datetime:
    try:
        return min(datetime.fromtimestamp(seconds, UTC), LATEST)
    except (ValueError, OverflowError, OSError):
        raise Malformed.saying("keys.envelope.bad_claim", claim="iat, exp") from None


def _positive(seconds: int) -> timedelta:
    if not 0 < seconds < 2**31:
        raise Malformed.saying("keys.envelope.bad_claim", claim="ttl")
    return timedelta(seconds=seconds)


@dataclass(frozen=True)
class SealedList:
    """A token as it came. What it states can be had with the key that signed it, and in no other way."""

    algorithm: KeyName
    kid: str | None
    message: JwsInput | SigStructure
    signature: bytes
    _read: Callable[[], dict[str, Any]]
    """Its claims, as `StatusToken.claims` has them."""

    def opened(self, key: PublicKey) -> StatusToken:
        """What `key` has signed; raises `Unproven`, or `Malformed` for what is no status list."""
        if self.algorithm != key.name:
            raise Unproven.saying("keys.envelope.other_algorithm", named=self.algorithm, issuers=key.name)
        if not key.holds(self.signature, self.message.message):
            raise Unproven.saying("keys.envelope.not_by_key")
        return read_claims(self._read())
