"""How often one address may look something up: a bucket of tokens for each address and each way of looking, in memory.

An IPv6 address counts by its /64, which one subscriber has whole; `X-Forwarded-For` is believed from proxies that the
operator names, and from nobody else (docs/attacks.md E6, E7, F22). Where nothing is found a look-up costs more, since
whoever guesses finds little else. All addresses together have a bucket too, for what can be counted through. Each
process has buckets of its own, full when it starts.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import ceil
from types import MappingProxyType
from typing import Literal

from schemas.errors import Refused
from schemas.reading import shown

Way = Literal["code", "number", "file"]
"""By a secret that is printed or sent; by a number that can be counted up; by handing something in."""
Proxies = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket: what it holds, how much comes back in a second, and what an answer costs that found nothing."""

    burst: int
    per_second: float
    miss: int = 1


EACH: Mapping[Way, Limit] = MappingProxyType(
    {"code": Limit(300, 10, miss=10), "number": Limit(30, 0.5, miss=3), "file": Limit(300, 5)}
)
"""Of one address. At a hall full of people behind one address somebody scans a code each 0.1 s; nobody types numbers so
fast."""
ALL: Mapping[Way, Limit] = MappingProxyType({"number": Limit(1200, 20)})
"""Of all addresses together: codes cannot be counted through, numbers can."""
KEPT = 100_000
"""Buckets; the one that was used longest ago goes first."""

TOLD_EVERY = 60
"""Seconds."""

_PATHS: tuple[tuple[str, str, Way], ...] = (
    ("GET", "/c/", "code"),
    ("GET", "/api/c/", "code"),
    ("GET", "/api/entries/", "code"),
    ("GET", "/s/", "code"),
    ("GET", "/h/", "code"),
    ("GET", "/n/", "number"),
    ("GET", "/api/n/", "number"),
    ("POST", "/h/", "code"),
    ("POST", "/verify", "file"),
    ("POST", "/api/verify", "file"),
    ("POST", "/api/presentations/", "file"),
)


def way_of(method: str, path: str) -> Way | None:
    """What is counted; None for what everybody may ask for at any time: lists, schemas, figures, pages without a
    document."""
    asked = "GET" if method == "HEAD" else method
    return next((way for verb, beginning, way in _PATHS if verb == asked and path.startswith(beginning)), None)


def read_proxies(names: Sequence[str]) -> Proxies:
    """Addresses and networks such as `127.0.0.1` and `10.0.0.0/8`; raises `Refused` for anything else."""
    try:
        return tuple(ip_network(name) for name in names)
    except ValueError:
        raise Refused.saying("limits.bad_proxies", names=shown(" ".join(names), 120)) from None


_HOPS = 20
"""Of `X-Forwarded-For`, from its end: more proxies stand before nobody."""


def client_of(peer: str | None, forwarded: str, proxies: Proxies) -> str:
    """Whose bucket it is: the last address that no trusted proxy has, read from the end of `X-Forwarded-For`."""
    address = _read(peer or "")
    for hop in reversed(forwarded.split(",")[-_HOPS:]):
        if address is None or not any(address in proxy for proxy in proxies):
            break
        before = _read(hop)
        if before is None:
            break
        address = before
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address or "unknown")


def _read(spelled: str) -> IPv4Address | IPv6Address | None:
    """An address, with or without a port; an IPv4 address in the clothes of IPv6 is one of IPv4."""
    text = spelled.strip()[:64]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass
class Limits:
    """The buckets of one process. Not for threads: the event loop takes and gives."""

    proxies: Proxies = ()
    clock: Callable[[], float] = time.monotonic
    each: Mapping[Way, Limit] = field(default_factory=lambda: EACH)
    everybody: Mapping[Way, Limit] = field(default_factory=lambda: ALL)
    _told_at: float = float("-inf")
    _buckets: OrderedDict[tuple[Way, str], _Bucket] = field(default_factory=OrderedDict)

    def wait(self, way: Way, address: str) -> int:
        """Takes a token; 0, or how many seconds until there is one again."""
        return self._take((way, address), self.each.get(way))

    def wait_for_all(self, way: Way) -> int:
        """The same of the bucket that all addresses have together."""
        return self._take((way, ""), self.everybody.get(way))

    def missed(self, way: Way, address: str) -> None:
        """Nothing was found: the rest of its price, on credit if need be."""
        if (limit := self.each.get(way)) and (bucket := self._buckets.get((way, address))):
            bucket.tokens = max(bucket.tokens - (limit.miss - 1), -limit.burst)

    def is_news(self) -> bool:
        """Shall the operator be told that somebody is held back? Once a minute, so that nobody fills the log."""
        now = self.clock()
        if now - self._told_at < TOLD_EVERY:
            return False
        self._told_at = now
        return True

    def _take(self, key: tuple[Way, str], limit: Limit | None) -> int:
        if limit is None:
            return 0
        bucket = self._filled(key, limit)
        if bucket.tokens < 1:
            return max(1, ceil((1 - bucket.tokens) / limit.per_second))
        bucket.tokens -= 1
        return 0

    def _filled(self, key: tuple[Way, str], limit: Limit) -> _Bucket:
        now = self.clock()
        bucket = self._buckets.setdefault(key, _Bucket(limit.burst, now))
        self._buckets.move_to_end(key)
        while len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        bucket.tokens = min(limit.burst, bucket.tokens + (now - bucket.at) * limit.per_second)
        bucket.at = now
        return bucket
