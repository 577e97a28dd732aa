"""What stands at an institution's own address, beside what is registered (docs/attacks.md D6).

Keys come from the register, with the times of each. A DID document that says something else is never used in their
place: it is told to the operator, since the domain may have come into other hands, or a key may have been changed
without the register.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from keys.did import read_document, web_address
from registry.fetch import Fetcher
from registry.issuers import Institution
from schemas.errors import Refused, Unavailable
from schemas.languages import Text, say
from schemas.reading import read_object, shown


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of looking at one institution's address."""

    institution: Institution
    outcome: Literal["same", "other", "silent"]
    because: Text

    def as_json(self) -> dict[str, Any]:
        """A line of `tanu dids --json`."""
        named = {"institution": self.institution.slug, "did": self.institution.did}
        return {**named, "outcome": self.outcome, "because": self.because.as_json()}


def watched(institution: Institution, fetcher: Fetcher, now: datetime) -> Watched:
    """Compares the DID document of an institution that is a did:web with its keys in the register."""
    try:
        url = web_address(institution.did)
        data = fetcher.get(url)
        if data is None:
            return Watched(institution, "other", say("registry.watch.none", url=url))
        found = {method.id: method for method in read_document(read_object(data), institution.did)}
    except Unavailable as silence:
        return Watched(institution, "silent", silence.because)
    except Refused as refused:
        return Watched(institution, "other", say("registry.watch.unreadable", problem=refused.because))
    held = {name: method.key.multibase for name, method in found.items() if "assertionMethod" in method.purposes}
    if difference := next(_differences(institution, held, now), None):
        return Watched(institution, "other", difference)
    return Watched(institution, "same", say("registry.watch.same", url=url))


def _differences(institution: Institution, held: dict[str, str], now: datetime) -> Iterator[Text]:
    known = {key.id: key for key in institution.keys}
    for name, multibase in held.items():
        if name not in known or known[name].multibase != multibase:
            yield say("registry.watch.foreign_key", id=shown(name, 120))
    for key in institution.keys:
        if key.good_at(now) and key.id not in held:
            yield say("registry.watch.missing_key", id=shown(key.id, 120))


def hosts_of(institutions: tuple[Institution, ...]) -> frozenset[str]:
    """The hosts of the institutions that are a did:web: nobody else is asked."""
    return frozenset(institution.did.split(":")[2].split("%3A")[0] for institution in institutions)


def of_the_web(institutions: tuple[Institution, ...]) -> tuple[Institution, ...]:
    """Those that are a did:web; a did:key is its key, so there is nothing to compare."""
    return tuple(institution for institution in institutions if institution.did.startswith("did:web:"))
