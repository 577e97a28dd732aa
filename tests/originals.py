"""Some twenty signed documents, each genuine under its policy: all kinds, both kinds of DID, languages, suites, shapes,
and envelopes.

Whatever is made of one of them by a hand that has no key is not valid (`tests/verifier/test_changed_bytes.py`,
`tests.fuzz`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, cast

from issuer.holder import paper
from issuer.issue import Private
from keys import cose, enveloped, jose
from keys.did import build_document
from keys.payload import CREDENTIAL, Unsecured
from keys.proof import add_proof
from keys.selective import deciding, derive, secure_selective
from registry.client import Registry
from registry.fetch import Fetcher
from schemas.contexts import VC_2
from schemas.credential import read_credential, written
from schemas.kinds.table import KINDS
from schemas.reading import Json
from tests import school
from tests.world import BEGINNING, EXTRACT, TRAINING, World, named_key
from verifier.report import Policy, Report
from verifier.verify import verify


@dataclass(frozen=True)
class Original:
    """A document, how it is checked, and whom the check asks."""

    name: str
    data: bytes
    """What is handed in."""
    policy: Policy
    world: World
    registry: Registry
    fetcher: Fetcher

    def report(self, data: bytes) -> Report:
        """On `data`, as if it had been handed in instead."""
        return verify(data, self.registry, BEGINNING, policy=self.policy, fetcher=self.fetcher)


class Remembered:
    """A registry that is asked each question once: nothing changes while documents are changed a thousand times."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.answers: dict[tuple[str, object], object] = {}

    def __getattr__(self, question: str) -> Callable[[str], Any]:
        def ask(about: str) -> Any:
            if (question, about) not in self.answers:
                self.answers[question, about] = getattr(self.registry, question)(about)
            return self.answers[question, about]

        return ask

    @classmethod
    def of(cls, registry: Registry) -> Registry:
        """As what it stands for."""
        return cast(Registry, cls(registry))


SCHOOL = "did:web:school.example:i:algebra"
_WEB: Mapping[str, Json | bytes] = {
    school.LIST_URL: school.status_list(8),
    "https://school.example/i/algebra/did.json": build_document(SCHOOL, [(f"{SCHOOL}#k", school.KEY.multibase)]),
}
_TEXTS: Json = {"texts": {"kk": "Алгебра пәні", "ru": "Курс алгебры", "en": "Algebra"}}
_TURNED = {"@value": "שלום", "@language": "he", "@direction": "rtl"}


def _in_languages() -> dict[str, Json]:
    document = school.credential(credentialSubject={**school.credential()["credentialSubject"], **_TEXTS})
    return document | {"@context": [VC_2, school.TERMS_OF]}


def _co_signed() -> dict[str, Json]:
    """The school, a partner beside it, and a ministry over both."""
    partner, ministry = named_key("a partner"), named_key("a ministry")
    document = school.signed(school.credential(), id="urn:uuid:1")
    document = add_proof(document, school.options_of(partner, id="urn:uuid:2"), partner)
    return add_proof(document, school.options_of(ministry, previousProof=["urn:uuid:1", "urn:uuid:2"]), ministry)


def _shown_in_part() -> dict[str, Json]:
    """Without its name."""
    key, numbers = school.KEYS["P-256"], count(1)
    issuer = {"id": f"did:key:{key.multibase}", "name": "A school abroad"}
    options = school.options_of(key, cryptosuite="ecdsa-sd-2023")
    document = school.credential(issuer=issuer)
    always = deciding(document)
    base = secure_selective(document, options, key, always, lambda size: next(numbers).to_bytes(size))
    return derive(base, ["/credentialSubject/course", "/credentialSubject/level"])


def _foreign() -> Iterator[tuple[str, dict[str, Json]]]:
    plain, signed, of_suite = school.credential, school.signed, school.of_suite
    yield "eddsa-rdfc-2022", signed(plain())
    yield "eddsa-jcs-2022", of_suite("eddsa-jcs-2022", "Ed25519")
    yield "ecdsa-rdfc-2019, P-256", of_suite("ecdsa-rdfc-2019", "P-256")
    yield "ecdsa-rdfc-2019, P-384", of_suite("ecdsa-rdfc-2019", "P-384")
    yield "ecdsa-jcs-2019, P-256", of_suite("ecdsa-jcs-2019", "P-256")
    yield "ecdsa-jcs-2019, P-384", of_suite("ecdsa-jcs-2019", "P-384")
    yield "ecdsa-sd-2023, a part", _shown_in_part()
    yield "co-signed", _co_signed()
    yield "did:web", signed(plain(issuer=SCHOOL), verificationMethod=f"{SCHOOL}#k")
    yield "a proof in a list", {**signed(plain()), "proof": [signed(plain())["proof"]]}
    yield "three languages", signed(_in_languages())
    yield "a text from right to left", signed(plain(name=_TURNED))
    yield "on a status list", signed(plain(credentialStatus=school.entry(), validUntil="2027-01-01T00:00:00Z"))
    yield (
        "two subjects, one without a name",
        signed(plain(credentialSubject=[plain()["credentialSubject"], {"level": "7"}])),
    )
    more: dict[str, Any] = {
        "expires": "2027-01-01T00:00:00Z",
        "domain": "a.example",
        "challenge": "c",
        "nonce": "n",
        "id": "urn:x:1",
    }
    yield "a proof with all options", signed(plain(), **more)


def _ours(world: World) -> Iterator[tuple[str, bytes]]:
    for kind in KINDS:
        yield kind, world.issue(kind).document


def _of_web(world: World) -> Iterator[tuple[str, bytes]]:
    for language, kind in (("ru", EXTRACT), ("en", TRAINING)):
        issued = world.issue(kind, private=Private(first_language=language))  # type: ignore[arg-type]
        yield f"{kind}, did:web, {language}", issued.document


def _enveloped() -> Iterator[tuple[str, bytes]]:
    key = school.KEYS["P-256"]
    issuer = {"id": f"did:key:{key.multibase}", "name": "A school abroad"}
    method = school.method_of(key)
    unsecured = Unsecured(CREDENTIAL, written(school.credential(issuer=issuer)))
    token, binary = jose.seal(unsecured, key, method), cose.seal(unsecured, key, method)
    yield "vc+jwt", token.encode()
    yield "vc+cose", binary
    yield "an enveloped credential", written(enveloped.of_jose(token, CREDENTIAL))


NAMES = (
    *KINDS,
    f"{EXTRACT}, did:web, ru",
    f"{TRAINING}, did:web, en",
    *(name for name, _ in _foreign()),
)
ENVELOPES = tuple(name for name, _ in _enveloped())
"""Of all, in their order."""


def hosts() -> Fetcher:
    """The hosts that the foreign documents name."""
    return school.Hosts(_WEB).fetcher(school.HOST, "school.example")


def originals(folder: Path) -> list[Original]:
    """All of them; their worlds are made in `folder`."""
    ours, of_web = World(folder / "key"), World(folder / "web", public_url="https://tanu.example")
    found = [Original(name, data, "product", ours, ours.registry, Fetcher()) for name, data in _ours(ours)]
    found += [Original(name, data, "product", of_web, of_web.registry, Fetcher()) for name, data in _of_web(of_web)]
    found += [Original(name, written(value), "open", ours, ours.registry, hosts()) for name, value in _foreign()]
    found += [Original(name, data, "open", ours, ours.registry, hosts()) for name, data in _enveloped()]
    return [replace(each, registry=Remembered.of(each.registry)) for each in found]


def paper_of(original: Original) -> Original:
    """The PDF of a document of ours."""
    code = read_credential(original.data).code
    data = paper(original.world.office, code)
    return replace(original, name=f"paper of {original.name}", data=data)
