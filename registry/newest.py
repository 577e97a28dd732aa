"""Which version of each status list came last: an older one that comes later is a copy that somebody has kept
(docs/attacks.md C3).

Ours say their version (`schemas.statuslist.version_id`), which tells apart two of one second, and goes on when a clock
is set back; of others the date has to do. What is remembered lives as long as its process, and is nothing of any
document.
"""

import threading
from datetime import datetime

MAX_LISTS = 10_000


class Newest:
    """The newest lists, by issuer and address."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[datetime, int | None]] = {}
        self._lock = threading.Lock()

    def is_behind(self, issuer: str, url: str, begins: datetime, version: int | None = None) -> bool:
        """Has a younger one been seen? If not, this is now the newest. To be asked of lists that are authentic only."""
        with self._lock:
            known = self._known.pop((issuer, url), (begins, version))
            behind = _older((begins, version), known)
            self._known[issuer, url] = known if behind else (begins, version)
            if len(self._known) > MAX_LISTS:
                del self._known[next(iter(self._known))]
        return behind


def _older(one: tuple[datetime, int | None], other: tuple[datetime, int | None]) -> bool:
    (begins, version), (known_begins, known_version) = one, other
    if version is not None and known_version is not None and version != known_version:
        return version < known_version
    return begins < known_begins
