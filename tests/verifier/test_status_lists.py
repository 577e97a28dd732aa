"""The state of a document: by the register's record and by the issuer's signed lists (step 8)."""

import ssl
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from registry.client import Registry
from registry.fetch import MAX_BYTES, Fetcher
from schemas.credential import utc
from schemas.reading import Json
from schemas.statuslist import encode_bitstring, list_document
from tests.world import EXTRACT, MICRO, SUPPLEMENT, Told, World, loosely, named_key, value_of
from verifier.report import Check, Report

BASE = "http://registry.example:8000"


def step8(report: Report) -> Check:
    """What was said of the state."""
    return next(check for check in report.checks if check.n == 8)


def over_http(w: World, answer: Callable[[httpx.Request], httpx.Response]) -> Registry:
    """The world's registry, whose status lists come over HTTP from a server that may misbehave."""
    fetcher = Fetcher(trusted_base=BASE, transport=httpx.MockTransport(answer))
    return Told.by(w.registry, status_list=lambda url: fetcher.get(f"{BASE}/status/{url.rsplit('/', 1)[1]}"))


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    """A server that cannot be reached."""

    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


def saying(status: int, body: bytes = b"", **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    """A server that gives one answer to everything."""
    return lambda _: httpx.Response(status, content=body, headers=headers)


FAULTS = {
    "refused": raising(httpx.ConnectError("refused")),
    "no such name": raising(httpx.ConnectError("Name or service not known")),
    "no TLS": raising(httpx.ConnectError(str(ssl.SSLCertVerificationError("certificate has expired")))),
    "slow to connect": raising(httpx.ConnectTimeout("timeout")),
    "slow to answer": raising(httpx.ReadTimeout("timeout")),
    "cut off": raising(httpx.RemoteProtocolError("peer closed connection")),
    "404": saying(404),
    "410": saying(410),
    "500": saying(500, b"Internal Server Error"),
    "503": saying(503),
    "moved": saying(302, location=f"{BASE}/status/other"),
    "moved for good": saying(308, location="http://169.254.169.254/"),
    "not modified": saying(304),
    "empty": saying(200),
    "a page": saying(200, b"<html>sign in</html>"),
    "half of it": saying(200, b'{"@context": ["https://www.w3.org/ns/credentials/v2"], "id": "'),
    "another document": saying(200, b'{"a": 1}'),
    "bytes": saying(200, bytes(range(256))),
    "too much": saying(200, b" " * (MAX_BYTES + 1)),
    "broken compression": saying(200, b"no gzip", **{"content-encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_C1_where_the_list_cannot_be_had_the_state_is_open(fault: str, world: World) -> None:
    for kind in (MICRO, EXTRACT):
        issued = world.issue(kind)
        report = world.verify(issued.document, over_http(world, FAULTS[fault]))
        assert report.verdict == "indeterminate"
        assert step8(report).outcome == "unknown"
        because = step8(report).because
        assert all("registry.example" in words or "/status/kmu-revocation-1" in words for _, words in because)
        assert report.document is not None
        assert report.document.holder is None
        assert report.document.lines == ()


def test_C1_and_when_it_can_be_had_again_the_document_is_valid(world: World) -> None:
    issued = world.issue()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=world.registry.status_list(f"{world.public_url}{request.url.path}"))

    assert world.verify(issued.document, over_http(world, answer)).verdict == "valid"


def lists_of(w: World, *versions: Json) -> Registry:
    """The world's registry with another status list than its own."""
    data = loosely(versions[0])
    return Told.by(w.registry, status_list=lambda _: data)


def own_list(w: World, document: bytes, **changes: Json) -> dict[str, Json]:
    """The signed list of a document, with changes, unsigned."""
    status = value_of(document)["credentialStatus"]
    entry = status[0] if isinstance(status, list) else status
    data = w.registry.status_list(entry["statusListCredential"])
    assert data is not None
    return {name: member for name, member in (value_of(data) | changes).items() if name != "proof"}


def test_C1_a_list_that_somebody_else_signed_does_not_count(w: World) -> None:
    issued, other = w.issue(), w.office.institution("kau")
    stranger = named_key("stranger")
    honest = own_list(w, issued.document)
    assert w.verify(issued.document, lists_of(w, w.signed_again(honest))).verdict == "valid"
    w.issue(by="kau")
    for forged in (
        w.signed_by(stranger, honest),
        w.signed_by(stranger, honest | {"issuer": f"did:key:{stranger.multibase}"}),
        w.signed_by(stranger, honest, verificationMethod=w.university.keys[0].id),
        w.signed_again(honest, by="kau"),
        w.signed_again(honest | {"issuer": other.did}, by="kau"),
        w.signed_again(honest, proofPurpose="authentication"),
        honest,
        honest | {"proof": None},
        honest | {"proof": []},
        honest | {"proof": [w.signed_again(honest)["proof"]]},
        w.signed_again(honest) | {"proof": {"type": "DataIntegrityProof"}},
    ):
        report = w.verify(issued.document, lists_of(w, forged))
        assert report.verdict == "indeterminate", forged.get("proof")
        assert "/status/" in step8(report).because.ru


def test_C1_a_list_that_is_another_list_does_not_count(w: World) -> None:
    """Of the same issuer: for suspensions, of another number, or under another address."""
    issued = w.issue(EXTRACT)
    honest = own_list(w, issued.document)
    elsewhere = f"{w.public_url}/status/kmu-revocation-2"
    for other in (
        honest | {"id": elsewhere},
        honest | {"credentialSubject": honest["credentialSubject"] | {"statusPurpose": "suspension"}},
        honest | {"credentialSubject": honest["credentialSubject"] | {"statusPurpose": "refresh"}},
        honest | {"type": ["VerifiableCredential"]},
    ):
        assert w.verify(issued.document, lists_of(w, w.signed_again(other))).verdict == "indeterminate"
    suspensions = w.registry.status_list(f"{w.public_url}/status/kmu-suspension-1")
    assert w.verify(issued.document, Told.by(w.registry, status_list=lambda _: suspensions)).verdict == "indeterminate"


def test_C1_a_list_that_was_changed_does_not_count(w: World) -> None:
    issued = w.issue()
    signed = w.signed_again(own_list(w, issued.document))
    for change in (
        {"validUntil": "2027-01-01T00:00:00Z"},
        {"name": "x"},
        {"extra": "x"},
        {"credentialSubject": signed["credentialSubject"] | {"encodedList": encode_bitstring([1])}},
    ):
        assert w.verify(issued.document, lists_of(w, signed | change)).verdict == "indeterminate"


def test_C7_a_list_too_short_to_hide_in_does_not_count(w: World) -> None:
    issued = w.issue()
    honest = own_list(w, issued.document)
    short = encode_bitstring([], slots=131_064)
    subject = honest["credentialSubject"] | {"encodedList": short}
    report = w.verify(issued.document, lists_of(w, w.signed_again(honest | {"credentialSubject": subject})))
    assert report.verdict == "indeterminate"
    assert "STATUS_LIST_LENGTH_ERROR" in step8(report).because.en


def test_C3_a_list_out_of_its_time_does_not_count(w: World) -> None:
    issued = w.issue()
    assert w.verify(issued.document).verdict == "valid"
    w.clock.move(hours=24)
    assert w.verify(issued.document).verdict == "valid", "its last second"
    w.clock.move(seconds=1)
    report = w.verify(issued.document)
    assert report.verdict == "indeterminate"
    assert "/status/kmu-revocation-1" in step8(report).because.kk
    w.deliver()
    assert w.verify(issued.document).verdict == "valid"
    honest = own_list(w, issued.document)
    later = w.signed_again(honest | {"validFrom": utc(w.clock.now + timedelta(minutes=6))})
    assert w.verify(issued.document, lists_of(w, later)).verdict == "indeterminate"


def test_C3_a_list_from_before_a_revocation_changes_nothing(w: World) -> None:
    issued = w.issue()
    old = w.registry.status_list(f"{w.public_url}/status/kmu-revocation-1")
    w.clock.move(minutes=1)
    w.revoke(issued)
    assert w.verify(issued.document, Told.by(w.registry, status_list=lambda _: old)).verdict == "revoked"


def test_C3_a_list_older_than_the_last_recorded_change_does_not_count(w: World) -> None:
    issued = w.issue(EXTRACT)
    w.clock.move(minutes=1)
    w.suspend(issued, reason="other")
    old = {p: w.registry.status_list(f"{w.public_url}/status/kmu-{p}-1") for p in ("revocation", "suspension")}
    w.clock.move(minutes=1)
    w.reinstate(issued, reason="other")
    assert w.verify(issued.document).verdict == "valid"
    rolled_back = Told.by(w.registry, status_list=lambda url: old[url.rsplit("-", 2)[1]])
    report = w.verify(issued.document, rolled_back)
    assert report.verdict == "indeterminate"
    assert "older" in step8(report).because.en


def test_a_set_bit_counts_where_the_register_says_nothing_of_it(w: World) -> None:
    issued = w.issue()
    w.revoke(issued)
    forgetful = Told.by(w.registry, history=lambda _: [])
    assert w.verify(issued.document, forgetful).verdict == "revoked"


def test_a_set_bit_counts_although_another_list_is_silent(w: World) -> None:
    issued = w.issue(EXTRACT)
    w.suspend(issued)
    lists = {"revocation": None, "suspension": w.registry.status_list(f"{w.public_url}/status/kmu-suspension-1")}
    told = Told.by(w.registry, history=lambda _: [], status_list=lambda url: lists[url.rsplit("-", 2)[1]])
    assert w.verify(issued.document, told).verdict == "suspended"


@pytest.mark.parametrize("act", ["suspended", "revoked", "annulled", "replaced"])
def test_each_end_of_a_document_is_told_with_reason_authority_and_date(act: str, w: World) -> None:
    for kind in (MICRO, EXTRACT):
        issued, successor = w.issue_many(2, kind)
        more = {"successor": successor.number} if act == "replaced" else {}
        w.change(issued, act, reason="other", authority="Комитет", **more)
        for report in (w.verify(issued.document), w.look_up(issued.code)):
            assert report.verdict == act
            assert "Комитет" in step8(report).because.kk
            assert "21 November 2026" in step8(report).because.en
            assert report.document is not None
            assert report.document.number == issued.number
            assert report.document.holder is None
            (change,) = report.document.history
            assert (change.act, change.reason, change.authority, change.basis) == (
                act,
                "other",
                "Комитет",
                "Бұйрық № 12",
            )
            assert report.document.successor_code == (successor.code if more else None)
        assert w.verify(successor.document).verdict == "valid"


def test_a_reinstated_document_is_valid_and_its_page_keeps_the_history(w: World) -> None:
    issued = w.issue(EXTRACT)
    w.suspend(issued, reason="other")
    w.reinstate(issued, reason="other")
    report = w.look_up(issued.code)
    assert report.verdict == "valid"
    assert report.document is not None
    assert [change.act for change in report.document.history] == ["suspended", "reinstated"]


def test_a_change_that_takes_effect_later_is_not_told_before(w: World) -> None:
    issued = w.issue()
    w.revoke(issued, effective_on=(w.clock.now + timedelta(days=2)).date())
    report = w.look_up(issued.code)
    assert report.verdict == "valid"
    assert report.document is not None
    assert report.document.history == ()
    w.clock.move(days=2)
    w.deliver()
    assert w.look_up(issued.code).verdict == "revoked"


def test_the_end_of_its_parent_ends_a_supplement(w: World) -> None:
    for act in ("suspended", "revoked", "annulled"):
        parent = w.issue()
        supplement = w.issue(SUPPLEMENT, parent=parent)
        assert w.verify(supplement.document).verdict == "valid"
        w.change(parent, act)
        assert w.verify(supplement.document).verdict == act


def test_the_end_of_its_parent_counts_although_the_supplements_own_was_not_recorded(w: World) -> None:
    parent = w.issue()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    w.annul(parent)
    old = w.signed_again(
        own_list(w, parent.document, credentialSubject=empty(f"{w.public_url}/status/kmu-revocation-1"))
    )
    told = Told.by(w.registry, history=lambda _: [], status_list=lambda _: loosely(old))
    report = w.verify(supplement.document, told)
    assert report.verdict == "annulled"
    assert parent.number in step8(report).because.en


def test_a_supplement_whose_parent_nobody_knows_is_left_open(w: World) -> None:
    supplement = w.issue(SUPPLEMENT)
    report = w.verify(supplement.document, Told.by(w.registry, parent_history=lambda _: None))
    assert report.verdict == "indeterminate"


def test_a_supplement_to_a_replaced_document_is_replaced_too(w: World) -> None:
    parent, successor = w.issue_many(2)
    supplement = w.issue(SUPPLEMENT, parent=parent)
    w.replace(parent, successor)
    report = w.verify(supplement.document)
    assert report.verdict == "replaced"
    own_silent = Told.by(w.registry, history=lambda code: [] if code == supplement.code else w.registry.history(code))
    assert parent.number in step8(w.verify(supplement.document, own_silent)).because.ru


def empty(url: str) -> dict[str, Json]:
    """The subject of a list in which nothing is set."""
    return dict(list_document(url, "", "revocation", encode_bitstring([]), "", "")["credentialSubject"])


def test_C3_a_list_is_not_made_younger_by_other_contexts(w: World) -> None:
    """The register hands out an old list under contexts of its own: what was signed is the same, and its end is under a
    name that stands for nothing."""
    issued = w.issue()
    old = value_of(w.registry.status_list(value_of(issued.document)["credentialStatus"]["statusListCredential"]) or b"")
    w.clock.move(hours=25)
    vc, security, xsd = "https://www.w3.org/2018/credentials#", "https://w3id.org/security#", "http://www.w3.org/2001/"
    status = "https://www.w3.org/ns/credentials/status#"
    own = {
        "id": "@id",
        "type": "@type",
        "VerifiableCredential": f"{vc}VerifiableCredential",
        "BitstringStatusListCredential": f"{status}BitstringStatusListCredential",
        "BitstringStatusList": f"{status}BitstringStatusList",
        "issuer": {"@id": f"{vc}issuer", "@type": "@id"},
        "credentialSubject": {"@id": f"{vc}credentialSubject", "@type": "@id"},
        "statusPurpose": f"{status}statusPurpose",
        "encodedList": {"@id": f"{status}encodedList", "@type": f"{security}multibase"},
        "validFrom": {"@id": f"{vc}validFrom", "@type": f"{xsd}XMLSchema#dateTime"},
        "validUntil": "@index",
        "ends": {"@id": f"{vc}validUntil", "@type": f"{xsd}XMLSchema#dateTime"},
        "DataIntegrityProof": f"{security}DataIntegrityProof",
        "cryptosuite": {"@id": f"{security}cryptosuite", "@type": f"{security}cryptosuiteString"},
        "created": {"@id": "http://purl.org/dc/terms/created", "@type": f"{xsd}XMLSchema#dateTime"},
        "proofPurpose": {"@id": f"{security}proofPurpose", "@type": "@vocab"},
        "assertionMethod": f"{security}assertionMethod",
        "verificationMethod": {"@id": f"{security}verificationMethod", "@type": "@id"},
    }
    until = utc(w.clock.now + timedelta(hours=1))
    younger = old | {"@context": [own], "ends": old["validUntil"], "validUntil": until}
    told = Told.by(w.registry, status_list=lambda _: loosely(younger))
    assert w.verify(issued.document, told).verdict == "indeterminate"
