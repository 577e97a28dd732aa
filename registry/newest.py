"""Which version of each status list came last: an older one that comes later is a copy that somebody has kept
(docs/attacks.md C3).

What is remembered lives as long as its process; it is a date for each list and nothing of any document.
"""

import threading
from datetime import datetime

MAX_LISTS = 10_000


class Newest:
    """The beginnings of the newest lists, by issuer and address."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def is_behind(self, issuer: str, url: str, begins: datetime) -> bool:
        """Has a younger one been seen? If not, this is now the newest. To be asked of lists that are authentic only."""
        with self._lock:
            known = self._known.pop((issuer, url), begins)
            self._known[issuer, url] = max(known, begins)
            if len(self._known) > MAX_LISTS:
                del self._known[next(iter(self._known))]
        return begins < known
