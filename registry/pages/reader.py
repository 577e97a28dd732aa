"""Who reads: the language of a page, from the switch or from `Accept-Language`; and where the pages stand."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from schemas.languages import LANGUAGES, Language

STATE_LANGUAGE: Language = "kk"
"""For a reader who says nothing that can be read."""
FOREIGN: Language = "en"
"""For a reader who reads none of our languages."""

_MAX_HEADER = 1000
"""Of `Accept-Language`; browsers send less than 200 characters (docs/attacks.md E21)."""
_RANGE = re.compile(r"([a-z]{2,3})(?:-[a-z0-9]{1,8}){0,4}(?:;q=([01](?:\.[0-9]{0,3})?))?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """The language to write in, and whether the switch chose it: only then links carry it on."""

    language: Language
    chosen: bool = False


def reader(switch: str | None, accept_language: str | None) -> Reader:
    """The reader who set the switch to `switch` (the query's `lang`) and whose browser sent `accept_language`."""
    if switch in LANGUAGES:
        return Reader(switch, chosen=True)
    return Reader(negotiated(accept_language or ""))


def negotiated(accept_language: str) -> Language:
    """The best of our languages by RFC 9110 section 12.5.4; anything that is no language range is passed over."""
    ranges = [found for item in accept_language[:_MAX_HEADER].split(",") if (found := _range(item))]
    ranges.sort(key=lambda found: -found[1])
    ours = [tag for tag, _ in ranges if tag in LANGUAGES]
    if ours:
        return ours[0]
    return FOREIGN if ranges else STATE_LANGUAGE


def _range(item: str) -> tuple[str, float] | None:
    match = _RANGE.fullmatch(item.strip().replace(" ", ""))
    quality = float(match[2] or 1) if match else 0.0
    return (match[1].lower(), quality) if match and quality > 0 else None


@dataclass(frozen=True, slots=True)
class Site:
    """Where the product stands. Every address on a page comes from here, none from a request (docs/attacks.md D8)."""

    public_url: str
    """Without a slash at its end."""

    @property
    def root(self) -> str:
        """What stands before every path: empty unless the public address has a path of its own."""
        return urlsplit(self.public_url).path

    @property
    def origin(self) -> str:
        """Scheme and host, as browsers write an origin."""
        address = urlsplit(self.public_url)
        return f"{address.scheme}://{address.netloc}"

    @property
    def printed(self) -> str:
        """The address as people read it: https goes without saying."""
        return self.public_url.removeprefix("https://")

    def path(self, path: str, who: Reader | None = None) -> str:
        """A link within the product; it keeps the language that `who` has chosen."""
        return f"{self.root}{path}" + (f"?lang={who.language}" if who and who.chosen else "")
