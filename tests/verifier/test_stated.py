"""Policy `open` goes by what a document states, whatever the contexts call it: whoever holds it may write others, as
long as the same statements are signed (docs/attacks.md A5)."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from schemas.contexts import DATA_INTEGRITY_2, STATUS_1, VC_1, VC_2
from schemas.credential import written
from schemas.reading import Json
from tests import envelopes, school
from tests.counting import Counting
from tests.school import DID, HOST, KEY, LIST_URL, TERMS, Hosts, credential, entry, method_of, signed, status_list
from tests.world import BEGINNING
from verifier.canonizer import InProcess
from verifier.enveloped import verify_enveloped
from verifier.foreign import verify_foreign
from verifier.listed import MAX_ENTRIES
from verifier.report import Report
from verifier.verify import NO_HOSTS

VC = "https://www.w3.org/2018/credentials#"
STATUS = "https://www.w3.org/ns/credentials/status#"
NAME = "https://schema.org/name"
TEST = "urn:tanu:v1:test"
INSTANT = "http://www.w3.org/2001/XMLSchema#dateTime"


def opened(document: Mapping[str, Json] | bytes, lists: Mapping[str, Json] | None = None) -> Report:
    fetcher = NO_HOSTS if lists is None else Hosts(lists).fetcher(HOST)
    if isinstance(document, bytes):
        return verify_enveloped(document, BEGINNING, fetcher, InProcess())
    return verify_foreign(written(document), BEGINNING, fetcher, InProcess())


def of_1_1(*contexts: Json, **more: Json) -> dict[str, Any]:
    """A credential of VC 1.1, whose first context leaves most names free."""
    return {
        "@context": [VC_1, DATA_INTEGRITY_2, *contexts],
        "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d",
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "issuanceDate": "2020-03-16T22:37:26Z",
        "credentialSubject": {"id": "did:example:learner"},
    } | more


def renamed(document: Mapping[str, Json], *contexts: Json, **more: Json) -> dict[str, Json]:
    """The same statements under other contexts; a member that is `...` is left out."""
    found = {**document, "@context": list(contexts), **more}
    return {name: member for name, member in found.items() if member is not ...}


# ---------------------------------------------------------------- status

OWN_ENTRY: dict[str, Json] = {
    "BitstringStatusListEntry": f"{STATUS}BitstringStatusListEntry",
    "statusPurpose": f"{STATUS}statusPurpose",
    "statusListIndex": f"{STATUS}statusListIndex",
    "statusListCredential": {"@id": f"{STATUS}statusListCredential", "@type": "@id"},
    "batch": f"{TERMS}batch",
    "archive": {"@id": f"{TERMS}archive", "@type": "@id"},
}
"""The terms of a status entry, as a document of 1.1 may define them itself, and two of a school's own."""


@pytest.mark.parametrize(("one", "other"), [("statusListIndex", "batch"), ("statusListCredential", "archive")])
def test_A5_what_a_status_entry_states_is_asked_whatever_it_is_called(one: str, other: str) -> None:
    archive = f"https://{HOST}/archive"
    slot = entry(batch="12", archive=archive)
    document = signed(of_1_1(STATUS_1, {name: OWN_ENTRY[name] for name in ("batch", "archive")}, credentialStatus=slot))
    lists = {LIST_URL: status_list(7), archive: status_list(id=archive)}
    assert opened(document, lists).verdict == "revoked"
    swapped = OWN_ENTRY | {one: OWN_ENTRY[other], other: OWN_ENTRY[one]}
    twisted = slot | {one: slot[other], other: slot[one]}
    changed = renamed(document, VC_1, DATA_INTEGRITY_2, swapped, credentialStatus=twisted)
    assert opened(changed, lists).verdict == "revoked"


@pytest.mark.parametrize(
    ("more", "listed", "verdict"),
    [
        ({"statusSize": 1}, [], "valid"),
        ({"statusSize": 2}, [], "indeterminate"),
        ({"statusSize": 2}, [7], "indeterminate"),
        ({"statusPurpose": "message"}, [], "valid"),
        ({"statusPurpose": "message"}, [7], "indeterminate"),
    ],
    ids=str,
)
def test_what_a_list_says_of_other_things_is_not_known(more: dict[str, Json], listed: list[int], verdict: str) -> None:
    """A slot of two bits stands elsewhere; and not every set bit is a withdrawal."""
    document, purpose = signed(credential(credentialStatus=entry("7", **more))), more.get("statusPurpose", "revocation")
    subject = status_list(*listed)["credentialSubject"] | {"statusPurpose": purpose}
    assert opened(document, {LIST_URL: status_list(credentialSubject=subject)}).verdict == verdict


def test_A11_each_list_is_asked_for_and_checked_once_and_there_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry(str(n)) for n in range(MAX_ENTRIES + 1)]
    hosts, counting = Hosts({LIST_URL: status_list(3)}), Counting(monkeypatch)

    def report(document: Mapping[str, Json]) -> Report:
        fetcher = hosts.fetcher(HOST)
        return verify_foreign(written(document), BEGINNING, fetcher, counting)

    many = signed(credential(credentialStatus=entries[4:]))
    assert report(many).verdict == "valid"
    assert (hosts.asked, counting.pieces) == ([LIST_URL], ["stated", "holds"] * 2)
    assert report(signed(credential(credentialStatus=entries[:-1]))).verdict == "revoked"
    hosts.asked.clear()
    assert report(signed(credential(credentialStatus=entries))).verdict == "malformed"
    assert hosts.asked == []


INSTANTS = {name: {"@id": VC + name, "@type": INSTANT} for name in ("validFrom", "validUntil")}


@pytest.mark.parametrize("spelled", ["VerifiableCredential", f"{VC}VerifiableCredential"])
def test_A5_C3_a_list_is_not_made_younger_by_other_contexts(spelled: str) -> None:
    """The standard's names are protected for what calls itself a credential by the standard's term, not by address."""
    kept = {"keptUntil": {"@id": f"{TERMS}keptUntil", "@type": INSTANT}}
    old = status_list(at=BEGINNING - timedelta(days=90))
    stale = signed(old | {"@context": [VC_2, kept], "keptUntil": "2030-01-01T00:00:00Z"})
    swapped = {"keptUntil": INSTANTS["validUntil"], "validUntil": kept["keptUntil"], "validFrom": INSTANTS["validFrom"]}
    swapped |= {name: {"@id": VC + name, "@type": "@id"} for name in ("issuer", "credentialSubject")}
    twisted = renamed(
        stale,
        VC_2,
        swapped,
        type=[spelled, "BitstringStatusListCredential"],
        keptUntil=stale["validUntil"],
        validUntil=stale["keptUntil"],
    )
    document = signed(credential(credentialStatus=entry()))
    for given in (stale, twisted):
        assert opened(document, {LIST_URL: given}).verdict == "indeterminate"


@pytest.mark.parametrize(
    "more", [{"expires": "2026-02-01T00:00:00Z"}, {"created": "2030-01-01T00:00:00Z"}, {"expires": "soon"}], ids=str
)
def test_C1_a_list_whose_signature_is_not_of_now_does_not_count(more: dict[str, Json]) -> None:
    unsigned = {name: member for name, member in status_list().items() if name != "proof"}
    document = signed(credential(credentialStatus=entry()))
    assert opened(document, {LIST_URL: signed(unsigned)}).verdict == "valid"
    assert opened(document, {LIST_URL: signed(unsigned, **more)}).verdict == "indeterminate"


@pytest.mark.parametrize(
    "again",
    [
        {"statusPurpose": ["revocation"] * 2},
        {"statusPurpose": {"@value": "revocation"}},
        {"statusPurpose": {"@value": "revocation", "@type": "http://www.w3.org/2001/XMLSchema#string"}},
        {"statusListIndex": ["7", {"@value": "7", "@type": "http://www.w3.org/2001/XMLSchema#string"}]},
        {"statusListCredential": [LIST_URL, {"id": LIST_URL}]},
        {"type": ["BitstringStatusListEntry", f"{STATUS}BitstringStatusListEntry"]},
    ],
    ids=str,
)
def test_A5_what_is_said_again_or_at_length_says_the_same(again: dict[str, Json]) -> None:
    document = signed(credential(credentialStatus=entry()))
    assert opened(document | {"credentialStatus": entry(**again)}, {LIST_URL: status_list(7)}).verdict == "revoked"


def test_A5_two_entries_under_one_address_are_not_taken_apart_again() -> None:
    """As statements they are one entry with two purposes and two indices, whose pairs nobody has signed."""
    first, second = entry("7", id="urn:uuid:slot"), entry("9", id="urn:uuid:slot", statusPurpose="suspension")
    document = signed(credential(credentialStatus=[first, second]))
    crossed = [first | {"statusListIndex": "9"}, second | {"statusListIndex": "7"}]
    for given in (document, document | {"credentialStatus": crossed}):
        assert opened(given, {LIST_URL: status_list(7)}).verdict == "malformed"


def test_A5_an_entry_is_not_completed_elsewhere_in_the_document() -> None:
    slot = entry("7", id="urn:uuid:slot")
    document = signed(of_1_1(STATUS_1, credentialStatus=slot, evidence={"id": "urn:uuid:slot", "type": [f"{TERMS}E"]}))
    lists = {LIST_URL: status_list(7)}
    assert opened(document, lists).verdict == "revoked"
    del slot["statusListIndex"]
    moved = {"id": "urn:uuid:slot", "type": [f"{TERMS}E"], f"{STATUS}statusListIndex": "7"}
    assert opened(document | {"credentialStatus": slot, "evidence": moved}, lists).verdict == "revoked"


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("name", "ends", "better", "verdict"),
    [
        ("expirationDate", {"expirationDate": "2026-02-01T00:00:00Z"}, "2031-01-01T00:00:00Z", "expired"),
        ("issuanceDate", {"issuanceDate": "2030-01-01T00:00:00Z"}, "2025-01-01T00:00:00Z", "not_yet_valid"),
    ],
)
def test_A5_a_date_of_1_1_counts_in_a_document_that_calls_itself_2_0(
    name: str, ends: dict[str, Json], better: str, verdict: str
) -> None:
    document = signed(of_1_1(**ends))
    assert opened(document).verdict == verdict
    terms = {each: {"@id": VC + each, "@type": INSTANT} for each in ("issuanceDate", "expirationDate")}
    assert opened(renamed(document, VC_2, terms)).verdict == verdict
    spare = {"@id": f"{TERMS}renewed", "@type": INSTANT}
    renewed = signed(of_1_1({"renewed": spare}, renewed=better, **ends))
    swapped = {name: better, "renewed": document[name]}
    assert opened(renamed(renewed, VC_2, {**terms, "renewed": terms[name], name: spare}, **swapped)).verdict == verdict
    hidden = renamed(document, VC_2, {**terms, "hidden": terms[name]}, **{name: ..., "hidden": document[name]})
    report = opened(hidden)
    assert report.verdict == "malformed"
    assert f"does not state {name} under the standard's name alone" in report.checks[1].because.en


# ---------------------------------------------------------------- what is shown


def test_A5_the_heading_is_what_the_document_states_as_its_name() -> None:
    own = {"name": NAME, "motto": f"{TERMS}motto"}
    document = signed(of_1_1(own, name="Attended a course", motto="Doctor of Sciences"))
    report = opened(document)
    assert report.document is not None
    assert report.document.title is not None
    assert report.document.title.en == "Attended a course"
    swapped = {"name": own["motto"], "motto": own["name"]}
    twisted = renamed(document, VC_1, DATA_INTEGRITY_2, swapped, name=document["motto"], motto=document["name"])
    assert opened(twisted).document == report.document


def test_A5_nor_is_another_text_shown_as_the_name_of_the_issuer() -> None:
    own = {"name": NAME, "motto": f"{TERMS}motto"}
    document = signed(of_1_1(own, issuer={"id": DID, "name": "A school", "motto": "A national university"}))
    report = opened(document)
    assert report.document is not None
    assert report.document.issuer.name.en == "A school"
    swapped = {"name": own["motto"], "motto": own["name"]}
    issuer = {"id": DID, "name": "A national university", "motto": "A school"}
    twisted = renamed(document, VC_1, DATA_INTEGRITY_2, swapped, issuer=issuer)
    assert opened(twisted).document == report.document


def test_each_reader_is_told_the_name_in_a_language_of_hers() -> None:
    names: list[Json] = [{"@value": "Курс", "@language": "ru"}, {"@value": "Kurs", "@language": "de"}, "Course"]
    for given in (names, names[::-1]):
        shown = opened(signed(credential(name=given))).document
        assert shown is not None
        assert shown.title is not None
        assert (shown.title.ru, shown.title.en, shown.title.kk) == ("Курс", "Course", "Course")


# ---------------------------------------------------------------- test

SPELLINGS: dict[str, dict[str, Json]] = {
    "by its own name": {"@context": [VC_2, school.OWN, {"test": TEST}], "test": True},
    "in an array": {"@context": [VC_2, school.OWN, {"test": TEST}], "test": [True]},
    "as a value object": {"@context": [VC_2, school.OWN, {"test": TEST}], "test": {"@value": True}},
    "by another name": {"@context": [VC_2, school.OWN, {"trial": TEST}], "trial": True},
    "by its address": {TEST: True},
    "by a prefix": {"@context": [VC_2, school.OWN, {"tanu": "urn:tanu:v1:"}], "tanu:test": True},
    "twice": {TEST: [False, True]},
}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_a_document_of_a_test_says_so_however_that_is_spelled(spelled: dict[str, Json]) -> None:
    document = credential() | spelled
    for handed in (
        signed(document),
        envelopes.token(envelopes.header(KEY, kid=method_of(KEY)), document, KEY).encode(),
    ):
        report = opened(handed)
        assert (report.verdict, report.test) == ("valid", True), spelled


def test_a_document_that_says_it_is_no_test_is_none() -> None:
    for more in ({}, {TEST: False}):
        assert opened(signed(credential() | more)).test is False


# ---------------------------------------------------------------- any two names

TYPED = {"issuanceDate": INSTANT, "expirationDate": INSTANT, "validUntil": INSTANT, "renewed": INSTANT}
MEANINGS: dict[str, Json] = (
    {name: {"@id": VC + name, "@type": TYPED[name]} for name in ("issuanceDate", "expirationDate", "validUntil")}
    | {name: {"@id": VC + name, "@type": "@id"} for name in ("issuer", "credentialSubject", "credentialStatus")}
    | {"renewed": {"@id": f"{TERMS}renewed", "@type": INSTANT}, "other": {"@id": f"{TERMS}other", "@type": "@id"}}
    | {"name": NAME, "motto": f"{TERMS}motto", "test": TEST, "final": f"{TERMS}final", "course": f"{TERMS}course"}
    | OWN_ENTRY
)
"""Of each name in the document below: what it means."""
FREE = ("renewed", "other", "motto", "final", "course", "batch", "archive")
"""Those that no context of the standards has."""
NAMED: dict[str, Json] = {"id": DID, "name": "A school", "motto": "A national university"}
PLENTIFUL = of_1_1(
    {name: MEANINGS[name] for name in (*FREE, "name", "test")},
    STATUS_1,
    issuer=NAMED,
    name="Attended a course",
    motto="Doctor of Sciences",
    test=True,
    final=False,
    renewed="2030-01-01T00:00:00Z",
    other="did:example:thief",
    credentialSubject={"id": "did:example:learner", "course": "Algebra"},
    credentialStatus=entry(batch="12", archive=f"https://{HOST}/archive"),
)
"""A genuine document that has, for each member which decides something, another of the same type."""


def exchanged(value: Json, one: str, other: str) -> Json:
    """With the two names in each other's place wherever one stands."""
    if not isinstance(value, dict):
        return value
    names = {one: other, other: one}
    return {names.get(name, name): exchanged(inner, one, other) for name, inner in value.items()}


def test_A5_no_two_names_in_each_others_place_make_a_document_better_or_another() -> None:
    """Under contexts that still sign the same, of 1.1 and of 2.0."""
    lists = {LIST_URL: status_list(7), f"https://{HOST}/archive": status_list(id=f"https://{HOST}/archive")}
    names = [*MEANINGS, "fresh"]
    held = 0
    for more in ({}, {"expirationDate": "2026-02-01T00:00:00Z", "credentialStatus": ...}, {"credentialStatus": ...}):
        genuine = signed({name: member for name, member in (PLENTIFUL | more).items() if member is not ...})
        before = opened(genuine, lists)
        plain = {name: member for name, member in genuine.items() if name not in ("@context", "proof")}
        for base in ([VC_1, DATA_INTEGRITY_2], [VC_2]):
            for one, other in combinations(names, 2):
                terms = MEANINGS | {one: MEANINGS.get(other, "urn:x"), other: MEANINGS.get(one, "urn:x")}
                for own in (terms, {name: meant for name, meant in terms.items() if name in (one, other, *FREE)}):
                    changed = exchanged(plain, one, other) | {"@context": [*base, own], "proof": genuine["proof"]}
                    after = opened(changed, lists)
                    held += after.verdict == before.verdict
                    if after.document is not None:
                        now = after.verdict, after.test, after.document
                        assert now == (before.verdict, before.test, before.document), (one, other, changed)
    assert held > 100
