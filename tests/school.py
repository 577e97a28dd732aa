"""A foreign school: its key, its credential under policy `open`, its status list, and hosts that answer for it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx

from keys.proof import proof_options, secure
from keys.public import KeyName
from keys.signer import FileSigner
from registry.fetch import Fetcher
from schemas.contexts import VC_2
from schemas.credential import utc, written
from schemas.reading import Json
from schemas.statuslist import encode_bitstring, list_document
from tests.world import BEGINNING, named_key

KEY = named_key("a school abroad")
DID = f"did:key:{KEY.multibase}"
KEYS: dict[KeyName, FileSigner] = {
    "Ed25519": KEY,
    "P-256": FileSigner.from_seed(b"a school abroad, its key of P256", "P-256"),
    "P-384": FileSigner.from_seed(b"a school abroad, and then its key of P384 for it", "P-384"),
}
"""The school's keys, by their type."""
TERMS = "https://school.example/terms#"
HOST = "lists.example"
LIST_URL = f"https://{HOST}/1"
SIGNED_AT = datetime(2026, 1, 1, tzinfo=UTC)
TERMS_OF: dict[str, Json] = {
    "course": f"{TERMS}course",
    "level": f"{TERMS}level",
    "texts": {"@id": f"{TERMS}texts", "@container": "@language"},
}
"""Its own terms; a credential defines those that it uses, since of the others nothing is signed."""
OWN: dict[str, Json] = {name: TERMS_OF[name] for name in ("course", "level")}


def credential(**more: Json) -> dict[str, Json]:
    """The credential, not signed."""
    plain: dict[str, Json] = {
        "@context": [VC_2, OWN],
        "id": "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5",
        "type": ["VerifiableCredential"],
        "issuer": {"id": DID, "name": "A school abroad"},
        "name": "Course certificate",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:learner", "course": "Algebra", "level": "6"},
    }
    return plain | more


def method_of(key: FileSigner) -> str:
    """The verification method of the did:key of a key."""
    return f"did:key:{key.multibase}#{key.multibase}"


def options_of(key: FileSigner, **options: Json) -> dict[str, Json]:
    """Of a proof by `key`; an option `...` is left out."""
    plain = proof_options(method_of(key), SIGNED_AT)
    return {name: value for name, value in {**plain, **options}.items() if value is not ...}


def signed(document: Mapping[str, Json], key: FileSigner = KEY, **options: Json) -> dict[str, Json]:
    """`document` under a proof by `key`, by default the school's; `cryptosuite` is an option like any other."""
    unsigned = {name: member for name, member in document.items() if name != "proof"}
    return secure(unsigned, None, options_of(key, **options), key)


def of_suite(suite: str, key_type: KeyName, **more: Json) -> dict[str, Json]:
    """The credential under another suite, by the school's key of that type."""
    key = KEYS[key_type]
    document = credential(issuer={"id": f"did:key:{key.multibase}", "name": "A school abroad"}) | more
    return signed(document, key, cryptosuite=suite)


def entry(index: Json = "7", **more: Json) -> dict[str, Json]:
    """A credential's place in the school's list."""
    plain: dict[str, Json] = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": LIST_URL,
    }
    return plain | more


def status_list(*revoked: int, at: datetime = BEGINNING, slots: int = 131_072, **changes: Json) -> dict[str, Json]:
    """The school's signed list, good for a day from `at`."""
    bits = encode_bitstring(revoked, slots=slots)
    document = list_document(LIST_URL, DID, "revocation", bits, utc(at), utc(at + timedelta(days=1)))
    return signed(document | changes)


class Hosts:
    """Hosts as they answer, by URL, and what was asked of them; 404 for anything else. A page may be a whole answer."""

    def __init__(self, pages: Mapping[str, Json | bytes | httpx.Response]) -> None:
        self.pages = dict(pages)
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = f"https://{request.headers['host']}{request.url.path}"
        self.asked.append(url)
        if url not in self.pages:
            return httpx.Response(404)
        page = self.pages[url]
        if isinstance(page, httpx.Response):
            return page
        return httpx.Response(200, content=page if isinstance(page, bytes) else written(page))

    def fetcher(self, *hosts: str) -> Fetcher:
        """What may ask them: hosts of these names, all at one public address."""
        transport = httpx.MockTransport(self)
        return Fetcher(hosts=frozenset(hosts), resolver=lambda _: ["93.184.216.34"], transport=transport)
