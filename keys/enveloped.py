"""Enveloped credentials and presentations (Verifiable Credentials Data Model 2.0, sections 4.13.1 and 4.13.2): a JOSE
or COSE envelope as a `data:` address (RFC 2397) inside a small object; making and reading side by side.

Nothing that stands around an envelope is signed, so nothing may stand there but the envelope (docs/attacks.md B6).
"""

import base64
import binascii
import re
from collections.abc import Mapping

from keys import cose, jose
from keys.payload import CREDENTIAL, PRESENTATION, Content, Sealed
from schemas.contexts import VC_2
from schemas.datamodel import ENVELOPED
from schemas.errors import DataLoss, Malformed, Unsupported
from schemas.reading import Json, shown

TYPES: Mapping[str, Content] = {ENVELOPED: CREDENTIAL, "EnvelopedVerifiablePresentation": PRESENTATION}
_MEMBERS = frozenset({"@context", "id", "type"})
_DATA_URL = re.compile(r"data:application/(v[cp])\+(jwt|sd-jwt|cose)(;base64)?,(.*)", re.ASCII)


def of_jose(token: str, content: Content) -> dict[str, Json]:
    """The object that holds a compact JWS."""
    return _object(f"data:application/{content.name}+jwt,{token}", content)


def of_cose(data: bytes, content: Content) -> dict[str, Json]:
    """The object that holds a COSE_Sign1, in base64 as VC-JOSE-COSE 1.0 section 3.3.1 wants it."""
    return _object(f"data:application/{content.name}+cose;base64,{base64_encode(data)}", content)


def _object(address: str, content: Content) -> dict[str, Json]:
    name = next(name for name, each in TYPES.items() if each is content)
    return {"@context": VC_2, "id": address, "type": name}


def read(value: Mapping[str, Json], content: Content) -> Sealed:
    """The envelope in an enveloped credential or presentation, unopened.

    Raises `Malformed` for what is none, `DataLoss` for a member beside the envelope, and like `keys.jose.read` and
    `keys.cose.read`.
    """
    contexts, types = _items(value.get("@context")), _items(value.get("type"))
    if VC_2 not in contexts:
        raise Malformed.saying("verify.shape.not_credential", member="@context")
    if [TYPES.get(name) if isinstance(name, str) else None for name in types] != [content]:
        raise Malformed.saying("verify.shape.not_credential", member="type")
    if loose := next((name for name in value if name not in _MEMBERS), None):
        raise DataLoss.saying("keys.envelope.loose_member", member=shown(loose))
    return _read_address(value.get("id"), content)


def _read_address(address: Json, content: Content) -> Sealed:
    """White space in it is left out, as readers of addresses do (URL Standard, section 4.4)."""
    text = re.sub(r"[\t\n\r]", "", address) if isinstance(address, str) else ""
    found = _DATA_URL.fullmatch(text)
    if not found or found[1] != content.name or bool(found[3]) != (found[2] == "cose"):
        raise Malformed.saying("keys.envelope.not_a_data_url")
    if found[2] == "sd-jwt":
        raise Unsupported.saying("keys.envelope.sd_jwt")
    return cose.read(base64_decode(found[4]), content) if found[3] else jose.read(found[4], content)


def base64_encode(data: bytes) -> str:
    """base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def base64_decode(text: str) -> bytes:
    """base64, with padding or without, as others write it; raises `Malformed` for anything else."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed.saying("keys.envelope.not_a_data_url") from None


def _items(member: Json) -> list[Json]:
    return member if isinstance(member, list) else [member]
