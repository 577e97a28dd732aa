"""The list of an instance that keeps the status of what it issues: one bit for each credential, in memory
(Bitstring Status List 1.0)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from keys.proof import proof_options, secure
from keys.signer import Signer
from schemas.canonical import rdfc
from schemas.credential import utc, written
from schemas.errors import Malformed, Refused
from schemas.reading import Json
from schemas.statuslist import MIN_SLOTS, encode_bitstring, list_document, read_index

PURPOSE = "revocation"
GOOD_FOR = timedelta(hours=1)


class StatusList:
    """Which credentials of one instance are revoked."""

    def __init__(self, url: str, issuer: str, method: str, signer: Signer) -> None:
        self.url, self.issuer = url, issuer
        self._method, self._signer = method, signer
        self._issued = 0
        self._indices: dict[bytes, list[int]] = {}
        """Digest of a credential's id → its indices; of a digest, because an id may be long."""
        self._revoked: set[int] = set()
        self._lock = Lock()

    def entry(self, credential_id: Json) -> dict[str, Json]:
        """The `credentialStatus` of a new credential; raises `Refused` when the list is full."""
        with self._lock:
            if self._issued == MIN_SLOTS:
                raise Refused.saying("conformance.list_full")
            index, self._issued = self._issued, self._issued + 1
            if isinstance(credential_id, str):
                self._indices.setdefault(_digest(credential_id), []).append(index)
        return {
            "id": f"{self.url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": PURPOSE,
            "statusListIndex": str(index),
            "statusListCredential": self.url,
        }

    def change(self, wanted: Mapping[str, Json]) -> None:
        """What `credentials/status` asks for: the bit of a credential, named by its id or by its entry, is set, or
        cleared where `status` is false. Raises `Malformed`."""
        indices, status = self._named(wanted), wanted.get("status", True)
        if not isinstance(status, bool):
            raise Malformed.saying("conformance.bad_member", member="status")
        with self._lock:
            self._revoked = self._revoked | indices if status else self._revoked - indices

    def _named(self, wanted: Mapping[str, Json]) -> set[int]:
        entry, name = wanted.get("credentialStatus"), wanted.get("credentialId")
        if not isinstance(entry, dict) or entry.get("type") != "BitstringStatusListEntry":
            raise Malformed.saying("conformance.bad_member", member="credentialStatus")
        if entry.get("statusPurpose", PURPOSE) != PURPOSE or entry.get("statusListCredential", self.url) != self.url:
            raise Malformed.saying("conformance.bad_member", member="credentialStatus")
        known = self._indices.get(_digest(name), []) if isinstance(name, str) else []
        indices = {read_index(entry["statusListIndex"])} if "statusListIndex" in entry else set(known)
        if not indices or max(indices) >= self._issued:
            raise Malformed.saying("conformance.unknown_credential")
        return indices

    def document(self, now: datetime) -> bytes:
        """The list, signed as of `now`."""
        encoded = encode_bitstring(self._revoked)
        value = list_document(self.url, self.issuer, PURPOSE, encoded, utc(now), utc(now + GOOD_FOR))
        return written(secure(value, rdfc(value), proof_options(self._method, now), self._signer))


def _digest(credential_id: str) -> bytes:
    return hashlib.sha256(credential_id.encode()).digest()
