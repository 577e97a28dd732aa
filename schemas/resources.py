"""Digests of related resources (VC Data Model 2.0, section 5.3): the two spellings, Subresource Integrity and
multibase multihash, compared with the files that are bundled (`schemas.contexts`)."""

import base64
import hashlib
import re
from collections.abc import Mapping

from schemas import contexts
from schemas.errors import Malformed
from schemas.reading import Json, shown

_SRI = ("sha256", "sha384", "sha512")
"""Of several digests only those by the strongest count (Subresource Integrity, section 3.3.3)."""
_MULTIHASH = {"sha256": b"\x12\x20", "sha384": b"\x20\x30", "sha512": b"\x13\x40"}
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def check_digests(resource: Mapping[str, Json], place: str) -> None:
    """Raises `Malformed` where a digest is not that of the bundled file; other addresses are passed over."""
    if resource["id"] in contexts.bundled():
        check_digests_of(contexts.files()[resource["id"]], resource, place)


def check_digests_of(data: bytes, resource: Mapping[str, Json], place: str) -> None:
    """The same for a resource whose bytes are at hand."""
    for name, fits in (("digestSRI", _fits_sri), ("digestMultibase", _fits_multibase)):
        if name in resource and not fits(_strings(resource[name]), data):
            named = shown(str(resource.get("id")), 120)
            raise Malformed.saying("model.digest", member=f"{place}/{name}", url=named, digest=sri(data))


def sri(data: bytes, algorithm: str = "sha384") -> str:
    """`sha384-…` (Subresource Integrity, section 3.1)."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def multibase_digest(data: bytes, algorithm: str = "sha256") -> str:
    """The multihash as multibase `u`."""
    return "u" + base64.urlsafe_b64encode(_multihash(data, algorithm)).rstrip(b"=").decode()


def _multihash(data: bytes, algorithm: str) -> bytes:
    return _MULTIHASH[algorithm] + hashlib.new(algorithm, data).digest()


def _base58(data: bytes) -> str:
    """base58btc of bytes that begin with no zero."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    return digits


def _strings(value: Json) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _fits_sri(given: list[str], data: bytes) -> bool:
    """A digest by the strongest of the algorithms that are named."""
    digests = [re.sub(r"\?.*", "", each) for text in given for each in text.split()]
    named = {digest.partition("-")[0] for digest in digests}
    strongest = next((algorithm for algorithm in reversed(_SRI) if algorithm in named), None)
    return strongest is not None and sri(data, strongest) in digests


def _fits_multibase(given: list[str], data: bytes) -> bool:
    fitting = {
        spelling
        for algorithm in _MULTIHASH
        for spelling in (multibase_digest(data, algorithm), "z" + _base58(_multihash(data, algorithm)))
    }
    return not fitting.isdisjoint(given)
