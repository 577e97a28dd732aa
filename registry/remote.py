"""A registry over HTTP: the same questions, put to the doors of `registry.routes` on another host."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

from registry import wire
from registry.entry import Entry
from registry.fetch import Fetcher
from registry.issuers import Institution
from registry.statuses import Change
from registry.trust import Roots, judged
from schemas.errors import Refused, Unavailable
from schemas.reading import read_object, shown

T = TypeVar("T")


@dataclass(frozen=True)
class RemoteRegistry:
    """Asks the registry at `base`; what it says is believed as far as the signatures in it hold."""

    base: str
    fetcher: Fetcher
    roots: Roots = frozenset()

    @classmethod
    def at(cls, base: str, roots: Roots = frozenset()) -> Self:
        """The registry at an address that the operator names."""
        return cls(base.rstrip("/"), Fetcher(trusted_base=base), roots)

    def institution(self, did: str) -> Institution | None:
        found = self._ask(f"/api/issuers/{quote(did, safe=':')}", wire.read_institution)
        return found and judged(found, self.roots)

    def entry(self, code: str) -> Entry | None:
        return self._ask(f"/api/entries/{quote(code)}", wire.read_entry)

    def history(self, code: str) -> Sequence[Change]:
        return self._ask(f"/api/entries/{quote(code)}", wire.read_history) or ()

    def parent_history(self, code: str) -> Sequence[Change] | None:
        return self._ask(f"/api/entries/{quote(code)}", wire.read_parent_history)

    def successor(self, code: str) -> str | None:
        return self._ask(f"/api/entries/{quote(code)}", wire.read_successor)

    def status_list(self, url: str) -> bytes | None:
        """The list whatever host its address names: this registry publishes it under the same path."""
        return self.fetcher.get(self.base + urlsplit(url).path)

    def document(self, code: str) -> bytes | None:
        """Documents are never handed out over HTTP."""
        del code
        return None

    def document_numbered(self, number: str) -> bytes | None:
        """Nor are they by their numbers."""
        del number
        return None

    def _ask(self, path: str, read: Callable[[dict[str, Any]], T | None]) -> T | None:
        data = self.fetcher.get(self.base + path)
        if data is None:
            return None
        try:
            return read(read_object(data))
        except (Refused, KeyError, TypeError, ValueError):
            raise Unavailable.saying("registry.bad_answer", host=shown(self.base)) from None
