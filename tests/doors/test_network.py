"""Rows D of docs/attacks.md at the doors: nothing is fetched for a stranger, and no cache keeps what he has shaped."""

import contextlib
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from keys.did import build_document, web_address
from registry.fetch import Fetcher, resolve
from schemas.credential import utc
from schemas.errors import Unavailable
from tanu import published
from tests import school
from tests.contract import Contract
from tests.faults import Proxy, closes, proxy
from tests.world import BEGINNING, MICRO, World, named_key, value_of

LOOPBACK = [
    *(
        "http://127.0.0.1:{p}/",
        "https://127.0.0.1:{p}/",
        "https://127.1:{p}/",
        "https://127.0.1:{p}/",
        "https://0:{p}/",
    ),
    *("https://0.0.0.0:{p}/", "https://0x7f000001:{p}/", "https://0x7f.1:{p}/", "https://0X7F.0.0.1:{p}/"),
    *("https://2130706433:{p}/", "https://017700000001:{p}/", "https://0177.0.0.1:{p}/", "https://127.0.0.01:{p}/"),
    *("https://00000177.1:{p}/", "https://[::1]:{p}/", "https://[::]:{p}/", "https://[::ffff:127.0.0.1]:{p}/"),
    *("https://[::ffff:7f00:1]:{p}/", "https://[0:0:0:0:0:ffff:127.0.0.1]:{p}/", "https://[::127.0.0.1]:{p}/"),
    *("https://[64:ff9b::7f00:1]:{p}/", "https://[64:ff9b:1::7f00:1]:{p}/", "https://[2002:7f00:1::]:{p}/"),
    *("https://[::1%25lo]:{p}/", "https://[fe80::1%25lo]:{p}/", "https://localhost:{p}/", "https://localhost.:{p}/"),
    *("https://LOCALHOST:{p}/", "https://LocalHost:{p}/", "https://ip6-localhost:{p}/", "https://１２７.0.0.1:{p}/"),
    *("https://①②⑦.0.0.1:{p}/", "https://127。0。0。1:{p}/", "https://ｌocalhost:{p}/", "https://%6cocalhost:{p}/"),
    *("https://127.0.0.1%00.a.example:{p}/", "https://a.example@127.0.0.1:{p}/", "https://a.example:x@127.0.0.1:{p}/"),
    *("https://127.0.0.1:{p}@a.example/", "https://127.0.0.1:{p}#@a.example/", "https://127.0.0.1:{p}?@a.example/"),
    *("https://a.example\\@127.0.0.1:{p}/", "https://127.0.0.1:{p}\\@a.example/", "https:127.0.0.1:{p}/"),
    *("https:/127.0.0.1:{p}/", "https:///127.0.0.1:{p}/", "//127.0.0.1:{p}/", "127.0.0.1:{p}", "http:127.0.0.1:{p}"),
    *(
        "https://127.0.0.1:{p}/../",
        " https://127.0.0.1:{p}/",
        "https://127.0.0.1:{p}\r\nHost: a.example/",
        "https://127.0.0.1\t:{p}/",
    ),
    *("https://127.0.0.1 :{p}/", "HTTPS://127.0.0.1:{p}/", "ftp://127.0.0.1:{p}/", "gopher://127.0.0.1:{p}/_x"),
    *(
        "file://127.0.0.1/etc/passwd",
        "data:application/json,{p}",
        "jar:http://127.0.0.1:{p}!/",
        "dict://127.0.0.1:{p}/x",
    ),
    *(
        "ldap://127.0.0.1:{p}/",
        "ws://127.0.0.1:{p}/",
        "unix:///var/run/x.sock",
        "https://169.254.169.254/",
        "https://[fd00:ec2::254]/",
    ),
    *("https://100.64.0.1/", "https://10.0.0.1/", "https://192.168.0.1/", "https://172.16.0.1/", "https://198.18.0.1/"),
    *(
        "https://a.example:22/",
        "https://a.example:25/",
        "https://a.example:5432/",
        "https://a.example:6379/",
        "https://[/",
    ),
]


@pytest.fixture
def canary() -> Iterator[Proxy]:
    """A listener on loopback that notes who calls."""
    with proxy(lambda _: b"", closes) as made:
        yield made


def known(host: str) -> list[str]:
    """The machine's own resolver, for what needs no name server."""
    if re.fullmatch(r"[\da-fA-FxX.:]+|localhost\.?|ip6-localhost", host):
        return resolve(host)
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def all_listed(address: str) -> frozenset[str]:
    """An operator's list with every host that anybody could find in an address."""
    named = re.findall(r"[^/@:?#\\\s\[\]]+", address.lower())
    return frozenset(
        {*named, *re.findall(r"\[([^\]]*)\]", address.lower()), "127.0.0.1", "::1", "localhost", "a.example"}
    )


def test_D2_sixty_spellings(canary: Proxy, world: World) -> None:
    """As the address of a status list under a genuine proof, with every host in it on the operator's own list, and a
    listener on loopback: 0 calls."""
    tried = 0
    for template in LOOPBACK:
        address = template.replace("{p}", str(canary.port))
        fetcher = Fetcher(hosts=all_listed(address), resolver=known)
        with pytest.raises(Unavailable):
            fetcher.get(address)
        try:
            document = school.signed(school.credential(credentialStatus=school.entry(statusListCredential=address)))
        except ValueError:
            continue
        assert world.verify(document, policy="open", fetcher=fetcher).verdict == "indeterminate", address
        tried += 1
    assert len(LOOPBACK) >= 60
    assert tried > 40
    assert canary.asked == []


def test_D2_nor_by_the_port_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a port, so that nothing but where it leads can hold it back: no connection is begun. Were any address
    taken for a public one, many would be."""
    begun: list[str] = []

    def connect(request: httpx.Request) -> httpx.Response:
        begun.append(request.url.host)
        return httpx.Response(200, content=b"{}")

    def tried() -> int:
        for template in LOOPBACK:
            address = template.replace(":{p}", "")
            with contextlib.suppress(Unavailable):
                Fetcher(hosts=all_listed(address), resolver=known, transport=httpx.MockTransport(connect)).get(address)
        return len(begun)

    assert tried() == 0
    monkeypatch.setattr("registry.fetch._is_public", lambda _: True)
    assert tried() > 25
    assert {"127.0.0.1", "0.0.0.0", "::1", "169.254.169.254", "10.0.0.1"} <= set(begun)


def test_D4_rebinding(world: World, sockets: list[Any]) -> None:
    """A name that is public when it is checked, and inside ever after: the one connection goes to what was checked."""
    answers = iter([["93.184.216.34"], *[["127.0.0.1"]] * 5])
    fetcher = Fetcher(hosts=frozenset({"lists.example"}), resolver=lambda _: next(answers))
    document = school.signed(school.credential(credentialStatus=school.entry()))
    assert world.verify(document, policy="open", fetcher=fetcher).verdict == "indeterminate"
    assert [address for (address, *_) in sockets] == [("93.184.216.34", 443)]
    assert world.verify(document, policy="open", fetcher=fetcher).verdict == "indeterminate"
    assert len(sockets) == 1


# D6: the domain of an issuer is bought by somebody else


@pytest.fixture
def web(tmp_path: Path) -> World:
    """A world of did:web institutions."""
    return World(tmp_path, public_url="https://tanu.example")


def test_D6_changed_did_document(web: World) -> None:
    """What stands at the domain today changes nothing: keys come from the register, with the times of each."""
    issued, attacker, did = web.issue(), named_key("the buyer of a domain"), web.university.did
    theirs = build_document(did, [(f"{did}#k", attacker.multibase)])
    hosts = school.Hosts({web_address(did): theirs})
    fetcher = hosts.fetcher("tanu.example")
    forged = school.signed(value_of(issued.document), attacker, created=utc(BEGINNING), verificationMethod=f"{did}#k")
    assert web.verify(forged, fetcher=fetcher).verdict == "tampered"
    assert web.verify(issued.document, fetcher=fetcher).verdict == "valid"
    at_home = published.fetcher(web.office.registry, web.public_url, frozenset({"tanu.example"}))
    at_home = replace(at_home, resolver=fetcher.resolver, transport=fetcher.transport)
    assert web.verify(forged, policy="open", fetcher=at_home).verdict == "tampered"
    assert web.verify(issued.document, policy="open", fetcher=at_home).verdict == "valid"
    assert hosts.asked == []


# D8: what a cache would keep


@dataclass
class Cache:
    """What a shared cache before the service would keep: its key is nginx's (`$scheme$proxy_host$request_uri`), with
    answers apart only where `Vary` says so; a careless one also keeps whatever looks like a static file."""

    careless: bool = False
    kept: dict[tuple[str, tuple[str, ...]], httpx.Response] = field(default_factory=dict)
    varies: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def put(self, path: str, headers: Mapping[str, str], answer: httpx.Response) -> None:
        """What came back to somebody who asked with these headers."""
        if self._keeps(path, answer):
            names = answer.headers.get("vary", "").lower().split(",")
            self.varies[path] = tuple(sorted(name.strip() for name in names if name.strip()))
            self.kept[path, self._varied(path, headers)] = answer

    def get(self, path: str, headers: Mapping[str, str]) -> httpx.Response | None:
        """What the next one gets without the service being asked."""
        return self.kept.get((path, self._varied(path, headers)))

    def _varied(self, path: str, headers: Mapping[str, str]) -> tuple[str, ...]:
        sent = {name.lower(): value for name, value in headers.items()}
        return tuple(sent.get(name, "") for name in self.varies.get(path, ()))

    def _keeps(self, path: str, answer: httpx.Response) -> bool:
        static = re.search(r"\.(css|js|png|jpg|ico|txt|woff2)$", path.split("?", maxsplit=1)[0]) is not None
        if self.careless and static:
            return answer.status_code == 200
        control = answer.headers.get("cache-control", "")
        return "no-store" not in control and "max-age" in control and answer.status_code in (200, 301, 404)


HEADERS: list[dict[str, str]] = [
    *({"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Port": "1337"}),
    *({"X-Forwarded-Prefix": "/evil"}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "host=evil.example;proto=http"}),
    *(
        {"X-Host": "evil.example"},
        {"X-Original-URL": "/evil"},
        {"X-Rewrite-URL": "/evil"},
        {"X-HTTP-Method-Override": "POST"},
    ),
    *({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}),
    *({"Accept": "application/json"}, {"Accept": "text/html"}, {"Accept-Language": "evil"}, {"Cookie": "lang=evil"}),
    *({"X-Accel-Expires": "3600"}, {"Cache-Control": "public, max-age=3600"}, {"Range": "bytes=0-1"}),
    *(
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Mon, 30 Nov 2099 00:00:00 GMT"},
        {"User-Agent": "<script>evil</script>"},
    ),
]


def test_D8_cache_poisoning(contract: Contract, world: World) -> None:
    """Whatever an attacker asks first, others get what they would have got without."""
    issued = world.issue()
    paths = ["/", f"/c/{issued.code}", f"/api/c/{issued.code}", "/issuers", f"/api/entries/{issued.code}", "/nowhere"]
    paths += ["/status/kmu-revocation-1", f"/api/issuers/{world.university.did}", f"/c/{issued.code}?lang=kk&cb=1"]
    assert len(HEADERS) >= 20
    client, kept = contract.service.client, 0
    plain = {path: client.get(path) for path in paths}
    for headers in HEADERS:
        for path in paths:
            answer = client.get(path, headers=headers)
            assert "evil" not in str(answer.headers)
            cache = Cache()
            cache.put(path, headers, answer)
            if next_ones := cache.get(path, {}):
                assert next_ones.content == plain[path].content, (path, headers)
                assert next_ones.headers["content-type"] == plain[path].headers["content-type"], (path, headers)
                kept += 1
    assert kept > 40, "lists and records are kept, so something was compared"


@pytest.mark.parametrize(
    "behind", [".css", "/x.css", "/..%2fx.css", "%2fx.css", ";x.css", "%00.css", "%0a.css", "%23.css", "?x.css"]
)
def test_D8_cache_deception(behind: str, contract: Contract, world: World) -> None:
    """A victim follows an address that looks like a static file; a careless cache keeps nothing of the page there."""
    issued, cache, name = world.issue(), Cache(careless=True), world.facts().holder("en")
    assert name in contract.service.client.get(f"/c/{issued.code}?lang=en").text
    for path in (f"/c/{issued.code}{behind}", f"/api/c/{issued.code}{behind}"):
        cache.put(path, {}, contract.service.client.get(path))
        found = cache.get(path, {})
        assert found is None or (name not in found.text and issued.number not in found.text)


def test_D8_what_may_be_kept_is_the_same_for_everybody(contract: Contract, world: World) -> None:
    """Lists, schemas, records; and of a person nothing."""
    issued = world.issue()
    client = contract.service.client
    for path, kept in (
        ("/", False),
        (f"/c/{issued.code}", False),
        (f"/api/c/{issued.code}", False),
        ("/issuers", False),
        ("/nowhere", False),
        ("/healthz", False),
        ("/status/kmu-revocation-1", True),
        (f"/schemas/{MICRO}/1.json", True),
        (f"/api/entries/{issued.code}", True),
    ):
        control = client.get(path).headers["cache-control"]
        assert ("no-store" in control) != kept, path
        assert world.facts().holder("en") not in client.get(path).text or not kept
    handed_in = client.post("/api/verify", content=issued.document)
    assert "no-store" in handed_in.headers["cache-control"]


def test_D8_absolute_addresses_come_from_the_configuration(contract: Contract, world: World) -> None:
    issued = world.issue()
    for headers in HEADERS:
        page = contract.service.client.get(f"/c/{issued.code}", headers=headers).text
        assert set(re.findall(r"https?://[^/\"'<\s]+", page)) <= {world.public_url}, headers
