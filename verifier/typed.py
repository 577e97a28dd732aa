"""What a person types to find a document: its code, the address behind the QR code, or its registration number."""

import re

from registry.doors import Empty
from registry.pages import Site
from schemas.errors import Malformed
from schemas.numbers import NUMBER_PATTERN, read_code, read_number


def page_typed(typed: str, site: Site) -> str:
    """The path of the page that was meant; raises `Empty` or `Malformed` with what to do instead."""
    text = typed.strip()
    if not text:
        raise Empty.saying("pages.home.nothing_typed")
    if re.fullmatch(NUMBER_PATTERN, text.upper().replace(" ", "")):
        return f"/n/{read_number(text)}"
    return f"/c/{read_code(_from_address(text, site) if '/' in text else text)}"


def _from_address(text: str, site: Site) -> str:
    """The code in the address of a page of ours; another address may belong to a forger (docs/attacks.md E2)."""
    own = f"{_without_scheme(site.public_url)}/c/"
    address = _without_scheme(text)
    if not address.lower().startswith(own.lower()):
        raise Malformed.saying("pages.home.foreign_address", address=site.printed)
    return re.split("[?#]", address[len(own) :])[0]


def _without_scheme(address: str) -> str:
    return address.split("://", 1)[-1]
