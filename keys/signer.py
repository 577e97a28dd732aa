"""Signer: the one thing that uses a private key. It signs typed messages only, never bytes that a caller chose
(docs/attacks.md B18). FileSigner keeps the key in an encrypted file."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from keys.multikey import encode_ed25519
from schemas.errors import Refused

MEMORY_KIB = 64 * 1024
ITERATIONS = 3
LANES = 4
"""Argon2id, the second recommended choice of RFC 9106, section 4: 64 MiB, three passes."""


@dataclass(frozen=True, slots=True)
class HashedDocument:
    """What Data Integrity signs (section 3.2.4 of the EdDSA suites): proof options' digest, then the document's."""

    options_digest: bytes
    document_digest: bytes

    @property
    def message(self) -> bytes:
        return self.options_digest + self.document_digest


class Signer(Protocol):
    """A private key's public side, and the one operation."""

    @property
    def multibase(self) -> str:
        """Its public key, `publicKeyMultibase`."""

    def sign(self, document: HashedDocument) -> bytes:
        """The signature, 64 bytes."""


class WrongPassphrase(Refused):
    """The passphrase does not open the key file."""


@dataclass(frozen=True)
class FileSigner:
    """An Ed25519 key from a file: Argon2id over the passphrase, AES-256-GCM bound to the public key."""

    multibase: str
    _key: Ed25519PrivateKey

    def sign(self, document: HashedDocument) -> bytes:
        return self._key.sign(document.message)

    @classmethod
    def generate(cls) -> Self:
        """A new key, in memory only."""
        return cls._of(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of a 32-byte seed: for test vectors."""
        return cls._of(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def _of(cls, key: Ed25519PrivateKey) -> Self:
        return cls(encode_ed25519(key.public_key()), key)

    def save(self, path: Path, passphrase: str) -> None:
        """Writes the encrypted key, mode 0600, durably; never over an existing file."""
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        kdf = {"memoryKiB": MEMORY_KIB, "iterations": ITERATIONS, "lanes": LANES, "salt": _b64(salt)}
        cipher = AESGCM(_kek(passphrase, kdf))
        sealed = cipher.encrypt(nonce, self._key.private_bytes_raw(), self.multibase.encode())
        content = {
            "type": "Ed25519",
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
            seed = cipher.decrypt(_unb64(content["cipher"]["nonce"]), sealed, public.encode())
        except InvalidTag:
            raise WrongPassphrase.saying("keys.wrong_passphrase") from None
        except (OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError):
            raise Refused.saying("keys.file_unreadable", path=path) from None
        return cls.from_seed(seed)


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
