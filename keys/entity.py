"""Entity statements (OpenID Federation 1.0, section 3): what a register of issuers says of itself and of each issuer.
`keys.jose` signs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keys.public import PublicKey
from schemas.reading import Json


@dataclass(frozen=True, slots=True)
class EntityStatement:
    """What `issuer` states about `subject`: its keys, and how people know it. About itself, it is a configuration."""

    issuer: str
    subject: str
    keys: tuple[PublicKey, ...]
    metadata: Mapping[str, Json]
    """Of the type `federation_entity`."""

    def claims(self, issued_at: datetime, expires_at: datetime) -> dict[str, Any]:
        """By the names of the standard."""
        return {
            "iss": self.issuer,
            "sub": self.subject,
            "iat": int(issued_at.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jwks": {"keys": [key.jwk | {"kid": key.thumbprint} for key in self.keys]},
            "metadata": {"federation_entity": dict(self.metadata)},
        }
