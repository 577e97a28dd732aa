"""The only outgoing connection (docs/attacks.md C1, D1–D4): GET, no redirects, bounded in size and time, addresses
checked.

A foreign host must be https on port 443 and on the caller's list; its name is resolved once, every address must be
public, and the connection goes to the address that was checked. The registry that the operator names is trusted
to be where the operator says, so loopback and plain http are allowed for it alone.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from registry.newest import Newest
from schemas.errors import Unavailable
from schemas.reading import shown

MAX_BYTES = 6 * 1024 * 1024
"""A status list of 16 million slots, incompressible, in base64url."""
MAX_KEPT = 256 * 1024
"""Of an answer that is kept for the rest of a request: DID documents, and most lists."""
TIMEOUT_SECONDS = 5.0
"""Without a word from the other side."""
DEADLINE_SECONDS = 10.0
"""For all of it, the look-up of the name too: a host that says a byte now and then holds nobody up for longer."""

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "100.64.0.0/10", "2002::/16", "2001::/32", "::/96", "fec0::/10")
)
"""`ipaddress` calls some of these global although they lead inside (docs/attacks.md D2)."""

Resolver = Callable[[str], list[str]]


def resolve(host: str) -> list[str]:
    """Every address of `host`."""
    return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)})


@dataclass(frozen=True)
class Fetcher:
    """GET for one purpose: `trusted_base` is the operator's own registry, `hosts` the foreign hosts allowed."""

    trusted_base: str | None = None
    hosts: frozenset[str] = frozenset()
    resolver: Resolver = resolve
    transport: httpx.BaseTransport | None = field(default=None, compare=False)
    newest: Newest = field(default_factory=Newest, compare=False)
    """Of the status lists that it has fetched."""

    def get(self, url: str) -> bytes | None:
        """The body, None for 404; raises `Unavailable` for every other way in which there is no answer."""
        host = shown(url)
        try:
            host = shown(urlsplit(url).hostname or url)
            return self._in_time(url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Unavailable.saying("registry.no_answer", host=host, problem=type(error).__name__) from None

    def _in_time(self, url: str) -> bytes | None:
        """Asks in a thread of its own, which ends with its connection once nobody waits for it any more."""
        client = httpx.Client(
            transport=self.transport, timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        )
        asked: Future[bytes | None] = Future()
        threading.Thread(
            target=_settle, args=(asked, lambda: self._get(client, *self._checked(url))), daemon=True
        ).start()
        try:
            return asked.result(DEADLINE_SECONDS)
        finally:
            client.close()

    def _checked(self, url: str) -> tuple[str, dict[str, str], dict[str, str]]:
        """(the URL to connect to, headers, TLS extensions); raises `Unavailable` where connecting is not allowed."""
        if self.trusted_base and url.startswith(self.trusted_base.rstrip("/") + "/"):
            return url, {}, {}
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme != "https" or host not in self.hosts or parts.port not in (None, 443) or parts.username:
            raise Unavailable.saying("registry.not_allowed", host=shown(host or url))
        addresses = self.resolver(host)
        if not addresses or not all(_is_public(address) for address in addresses):
            raise Unavailable.saying("registry.not_allowed", host=shown(host))
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        return parts._replace(netloc=address).geturl(), {"Host": host}, {"sni_hostname": host}

    def _get(self, client: httpx.Client, url: str, headers: dict[str, str], extensions: dict[str, str]) -> bytes | None:
        with client.stream("GET", url, headers=headers, extensions=extensions) as response:
            if response.status_code == 404:
                return None
            if response.status_code != 200:
                raise OSError(f"HTTP {response.status_code}")
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise OSError("too large")
            return bytes(body)


@dataclass(frozen=True)
class FetcherAtHome(Fetcher):
    """Answers in process what lies at an address of one's own, and fetches the rest as the operator allows."""

    own: Callable[[str], bytes | None] = lambda _url: None

    def get(self, url: str) -> bytes | None:
        found = self.own(url)
        return super().get(url) if found is None else found


@dataclass(frozen=True)
class FetcherOnce(Fetcher):
    """For one request: asks `inner` for each address once, whether it answers or not; long answers it does not keep."""

    inner: Fetcher = field(default_factory=Fetcher)
    _told: dict[str, bytes | Unavailable | None] = field(default_factory=dict, compare=False)

    def get(self, url: str) -> bytes | None:
        found = self._told[url] if url in self._told else self._ask(url)
        if isinstance(found, Unavailable):
            raise found
        return found

    def _ask(self, url: str) -> bytes | Unavailable | None:
        found: bytes | Unavailable | None
        try:
            found = self.inner.get(url)
        except Unavailable as silence:
            found = silence
        if not isinstance(found, bytes) or len(found) <= MAX_KEPT:
            self._told[url] = found
        return found


def once(fetcher: Fetcher) -> Fetcher:
    """What asks `fetcher` for each address once."""
    return fetcher if isinstance(fetcher, FetcherOnce) else FetcherOnce(inner=fetcher, newest=fetcher.newest)


def _settle(asked: "Future[bytes | None]", question: Callable[[], bytes | None]) -> None:
    """Keeps what came of the question, for whoever waits."""
    try:
        asked.set_result(question())
    except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
        asked.set_exception(error)


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return (
        ip.is_global and not ip.is_multicast and not any(ip in net for net in _NOT_PUBLIC if net.version == ip.version)
    )
