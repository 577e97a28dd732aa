"""Signer: the one thing that uses a private key. It signs typed messages only, never bytes that a caller chose
(docs/attacks.md B18). FileSigner keeps the key in an encrypted file, or in memory alone.

Ed25519 is deterministic by itself (RFC 8032); ECDSA is made so (RFC 6979), so that no signature hangs on a random
number (docs/attacks.md B19).
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, TypeAlias, final, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from keys import cbor
from keys.multibase import MAX_ENCODED, base64url_decode, base64url_encode
from keys.public import KEY_TYPES, KeyName, PublicKey, curve_of, public_key
from schemas.errors import Malformed, Refused
from schemas.reading import Json

MEMORY_KIB = 64 * 1024
ITERATIONS = 3
LANES = 4
"""Argon2id, the second recommended choice of RFC 9106, section 4: 64 MiB, three passes."""


_DIGESTS = (32, 48)
"""Bytes: SHA-256, SHA-384."""
_STATEMENTS_KEY = KEY_TYPES["P-256"].multicodec
_POINT = 33
"""Bytes of a compressed point of P-256."""


@final
@dataclass(frozen=True, slots=True)
class HashedDocument:
    """What Data Integrity signs (section 3.2.4 of the EdDSA suites): proof options' digest, then the document's; 64 or
    96 bytes."""

    options_digest: bytes
    document_digest: bytes

    def __post_init__(self) -> None:
        _require(len(self.options_digest) == len(self.document_digest) in _DIGESTS)

    @property
    def message(self) -> bytes:
        return self.options_digest + self.document_digest


@final
@dataclass(frozen=True, slots=True)
class SelectiveDocument:
    """What the base proof of ecdsa-sd-2023 signs (VC DI ECDSA 1.0, section 3.6.5): the options' digest, the public key
    of the statements, the digest of what is always disclosed; 99 bytes."""

    options_digest: bytes
    statements_key: bytes
    """A Multikey of P-256."""
    mandatory_digest: bytes

    def __post_init__(self) -> None:
        _require(len(self.options_digest) == len(self.mandatory_digest) == 32)
        _require(self.statements_key.startswith(_STATEMENTS_KEY))
        _require(len(self.statements_key) == len(_STATEMENTS_KEY) + _POINT)

    @property
    def message(self) -> bytes:
        return self.options_digest + self.statements_key + self.mandatory_digest


@final
@dataclass(frozen=True, slots=True)
class SelectiveStatement:
    """What the statements' key of ecdsa-sd-2023 signs: one N-Quad (section 3.6.5), which begins with an IRI or a blank
    node."""

    nquad: str

    def __post_init__(self) -> None:
        _require(self.nquad.startswith(("<", "_:")) and self.nquad.endswith(" .\n"))

    @property
    def message(self) -> bytes:
        return self.nquad.encode()


@final
@dataclass(frozen=True, slots=True)
class JwsInput:
    """What a JWS signs: protected header and payload, each in base64url (RFC 7515, section 5.1). Made by `keys.jose`
    from a credential, a presentation, a status list or an entity statement, and from nothing else. It begins with
    `eyJ`, as an object does whose first member is named by a word; raises `Malformed` for any other header."""

    header: bytes
    payload: bytes

    def __post_init__(self) -> None:
        if not base64url_encode(self.header[:3]).startswith("eyJ"):
            raise Malformed.saying("keys.envelope.header_begins")

    @property
    def message(self) -> bytes:
        return f"{base64url_encode(self.header)}.{base64url_encode(self.payload)}".encode()


@final
@dataclass(frozen=True, slots=True)
class SigStructure:
    """What a COSE_Sign1 signs: protected headers and payload in a Sig_structure without external data (RFC 9052,
    section 4.4). Made by `keys.cose` from a credential, a presentation or a status list, and from nothing else. It
    begins with `84 6A` and "Signature1"."""

    protected: bytes
    payload: bytes

    @property
    def message(self) -> bytes:
        return cbor.write(["Signature1", self.protected, b"", self.payload])


Message: TypeAlias = HashedDocument | SelectiveDocument | SelectiveStatement | JwsInput | SigStructure
"""All that is ever signed. No message of one type is a message of another, so a signature made for one place fits in no
other (docs/attacks.md B18): of the two that begin with digests, each has lengths of its own, and neither a token nor a
statement is found whose bytes are two digests."""
PrivateKey: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class Signer(Protocol):
    """A private key's public side, and the one operation."""

    @property
    def public(self) -> PublicKey:
        """Its public key."""

    @property
    def multibase(self) -> str:
        """Its public key, `publicKeyMultibase`."""

    def sign(self, message: Message) -> bytes:
        """The signature: 64 bytes of Ed25519, or r‖s."""


class WrongPassphrase(Refused):
    """The passphrase does not open the key file."""


@dataclass(frozen=True)
class FileSigner:
    """A key from a file: Argon2id over the passphrase, AES-256-GCM bound to the public key."""

    public: PublicKey
    _key: PrivateKey

    @property
    def multibase(self) -> str:
        return self.public.multibase

    def sign(self, message: Message) -> bytes:
        if type(message) not in get_args(Message):
            raise TypeError("a signer signs typed messages only")
        return _signature(self._key, message.message)

    @classmethod
    def generate(cls, name: KeyName = "Ed25519") -> Self:
        """A new key, in memory only."""
        curve = KEY_TYPES[name].curve
        return cls._of(ec.generate_private_key(curve.curve) if curve else Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes, name: KeyName = "Ed25519") -> Self:
        """The key of a 32-byte seed (Ed25519) or of a private scalar, big-endian: for test vectors and JWKs."""
        curve = KEY_TYPES[name].curve
        if curve is None:
            return cls._of(Ed25519PrivateKey.from_private_bytes(seed))
        return cls._of(ec.derive_private_key(int.from_bytes(seed), curve.curve))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Json]) -> Self:
        """The key of a private JWK (RFC 7518, section 6.2.2; RFC 8037); raises `Malformed`, also where its two halves
        are not of one key."""
        public = PublicKey.from_jwk({name: member for name, member in jwk.items() if name != "d"})
        secret, curve = jwk.get("d"), public.type.curve
        found = base64url_decode(secret) if isinstance(secret, str) and len(secret) <= MAX_ENCODED else b""
        try:
            signer = cls.from_seed(found, public.name) if len(found) == (curve.size if curve else 32) else None
        except ValueError:
            signer = None
        if signer is None or signer.public != public:
            raise Malformed.saying("keys.bad_key")
        return signer

    @classmethod
    def _of(cls, key: PrivateKey) -> Self:
        return cls(public_key(key.public_key()), key)

    def _secret(self) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.private_bytes_raw()
        return self._key.private_numbers().private_value.to_bytes((self._key.key_size + 7) // 8)

    def save(self, path: Path, passphrase: str) -> None:
        """Writes the encrypted key, mode 0600, durably; never over an existing file."""
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        kdf = {"memoryKiB": MEMORY_KIB, "iterations": ITERATIONS, "lanes": LANES, "salt": _b64(salt)}
        cipher = AESGCM(_kek(passphrase, kdf))
        sealed = cipher.encrypt(nonce, self._secret(), self.multibase.encode())
        content = {
            "type": self.public.name,
            "publicKeyMultibase": self.multibase,
            "kdf": {"name": "argon2id", **kdf},
            "cipher": {"name": "A256GCM", "nonce": _b64(nonce)},
            "sealed": _b64(sealed),
        }
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(json.dumps(content, indent=1).encode())
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def load(cls, path: Path, passphrase: str) -> Self:
        """Opens a key file; raises `WrongPassphrase`, or `Refused` for a file that is damaged."""
        try:
            content = json.loads(path.read_bytes())
            public, sealed = str(content["publicKeyMultibase"]), _unb64(content["sealed"])
            cipher = AESGCM(_kek(passphrase, content["kdf"]))
            secret = cipher.decrypt(_unb64(content["cipher"]["nonce"]), sealed, public.encode())
            return cls.from_seed(secret, KEY_TYPES[content.get("type", "Ed25519")].name)
        except InvalidTag:
            raise WrongPassphrase.saying("keys.wrong_passphrase") from None
        except (OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError):
            raise Refused.saying("keys.file_unreadable", path=path) from None


def _require(sound: bool) -> None:
    if not sound:
        raise ValueError("these bytes are no message of this type")


def _signature(key: PrivateKey, message: bytes) -> bytes:
    """64 bytes of Ed25519, or r‖s, deterministic (RFC 6979, section 3.2)."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    curve = curve_of(key)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(curve.hash, deterministic_signing=True)))
    return r.to_bytes(curve.size) + s.to_bytes(curve.size)


def _kek(passphrase: str, kdf: Mapping[str, Any]) -> bytes:
    """The key that seals the key, at the cost that the file states."""
    argon2: Any = Argon2id(
        salt=_unb64(kdf["salt"]),
        length=32,
        iterations=kdf["iterations"],
        lanes=kdf["lanes"],
        memory_cost=kdf["memoryKiB"],
    )
    return bytes(argon2.derive(passphrase.encode()))


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
