"""Every signature of a document is looked at and named, and a good first one never hides a bad later one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from fastapi.testclient import TestClient

from keys.proof import add_proof, proof_options
from keys.signer import FileSigner
from registry.issuers import Institution
from schemas.credential import written
from schemas.errors import Malformed, Unavailable
from schemas.languages import say
from schemas.reading import Json
from tanu import asgi
from tanu.institutions import add_institutions
from tests.cosigning import CHAIR, DEAN, RECTOR, person, rows, rule, university
from tests.counting import Counting
from tests.registry.test_remote import remote
from tests.world import EXTRACT, TRAINING, Told, World, named_key, value_of
from verifier.canonizer import InProcess
from verifier.report import Report

Document = dict[str, Json]
NAMES = {RECTOR: "Ғ. Ұлықбекова", CHAIR: "Т. Төкенов", DEAN: "Қ. Әшімова"}
STRANGER = named_key("stranger")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Micro-credentials need all three; extracts two of them, in a chain; training a partner."""
    asked = (rule(3), rule(kind=EXTRACT, form="chain"), rule(1, kind=TRAINING, partners=["kau"]))
    return World(tmp_path_factory.mktemp("town"), rows=rows(*asked))


@pytest.fixture(scope="module")
def signed(town: World) -> Document:
    """By the institution and by three persons."""
    waits = town.begin()
    town.cosign(waits, RECTOR, CHAIR, DEAN)
    return value_of(town.finished(waits))


@pytest.fixture(scope="module")
def other(town: World) -> Document:
    """Another one like it."""
    waits = town.begin()
    town.cosign(waits, RECTOR, CHAIR, DEAN)
    return value_of(town.finished(waits))


@pytest.fixture(scope="module")
def chained(town: World) -> Document:
    """By the institution and, after it, by two."""
    waits = town.begin(EXTRACT)
    town.cosign(waits, RECTOR, CHAIR)
    return value_of(town.finished(waits))


class Busy(InProcess):
    """Gives up."""

    def holds(self, *_: object) -> NoReturn:
        raise Malformed.saying("canonical.too_much_work")


def lines(report: Report) -> list[str]:
    """The outcomes of step 6."""
    return [check.outcome for check in report.checks if check.n == 6]


def said(report: Report) -> str:
    """What the failed lines of step 6 say."""
    return " ".join(check.because.en for check in report.checks if check.n == 6 and check.outcome == "failed")


def with_proofs(document: Document, *proofs: Json) -> Document:
    return document | {"proof": list(proofs)}


def broken(proof: Document) -> Document:
    """With one character of its signature changed."""
    value = str(proof["proofValue"])
    return proof | {"proofValue": value[:40] + ("2" if value[40] != "2" else "3") + value[41:]}


def beside(w: World, document: Document, key: FileSigner, **changes: Json) -> Document:
    """The document with one proof more."""
    options = proof_options(f"did:key:{key.multibase}#{key.multibase}", w.clock.now) | changes
    return add_proof(document, options, key)


def key_of(w: World, name: str) -> FileSigner:
    """A person's key."""
    found = next(p for p in w.university.persons if p.person == name)
    signer = w.keys.signer(found.multibase)
    assert isinstance(signer, FileSigner)
    return signer


def tampered(w: World, document: Any) -> Report:
    """The report, which shows nothing, and is the same wherever the register is."""
    report = w.verify(document)
    assert report.verdict == "tampered", report.checks
    assert report.document is None
    assert w.verify(document, remote(w)) == report
    return report


def test_each_signature_has_its_line_with_name_position_and_role(town: World, signed: Document) -> None:
    report = town.verify(signed)
    assert report.verdict == "valid"
    assert lines(report) == ["passed"] * 4
    assert report == town.verify(signed, remote(town))
    first, *others = report.as_json()["signatures"]
    assert (first["role"], first["name"]) == ("institution", town.university.name.as_json())
    assert [(s["role"], s["name"]["kk"]) for s in others] == [
        ("rector", NAMES[RECTOR]),
        ("commission_chair", NAMES[CHAIR]),
        ("dean", NAMES[DEAN]),
    ]
    for line, proof in zip(report.as_json()["signatures"], signed["proof"], strict=True):
        assert set(line) == {"role", "name", "position", "method", "created", "outcome", "because"}
        assert (line["method"], line["created"]) == (proof["verificationMethod"], proof["created"])
        assert line["outcome"] == "passed"
    sentences = [check.because.en for check in report.checks if check.n == 6]
    assert sentences[1].startswith("Signature 2, Ғ. Ұлықбекова, rector of it: ")


def test_of_a_document_that_only_the_institution_signs_there_is_one_line(w: World) -> None:
    report = w.verify(w.issue().document)
    assert lines(report) == ["passed"]
    assert [s.role for s in report.signatures] == ["institution"]
    assert "Signature" not in next(check for check in report.checks if check.n == 6).because.en


def test_A11_what_co_signatures_are_about_is_one_piece_of_work_for_somebody_who_can_be_stopped(
    town: World, signed: Document, chained: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a chain it is a document with a proof in it, whose canonical form is another than the institution's."""
    for document in (signed, chained):
        working = Counting(monkeypatch)
        assert town.verify(document, canonizer=working).verdict == "valid"
        assert working.pieces == ["holds"]
    report = town.verify(chained, canonizer=Busy())
    assert (report.verdict, lines(report)) == ("malformed", ["passed", "failed", "failed"])
    assert "hard to check" in said(report)


# One bad among three


@pytest.mark.parametrize("place", [1, 2, 3])
def test_B4_one_bad_co_signature_among_three_is_named_and_whose(place: int, town: World, signed: Document) -> None:
    proofs = list(signed["proof"])
    proofs[place] = broken(proofs[place])
    report = tampered(town, with_proofs(signed, *proofs))
    outcomes = ["passed"] * 4
    outcomes[place] = "failed"
    assert lines(report)[:4] == outcomes
    name = list(NAMES.values())[place - 1]
    assert f"Signature {place + 1}, {name}" in said(report)
    assert not any(each in said(report) for each in NAMES.values() if each != name)
    assert [s.outcome for s in report.signatures] == outcomes
    assert {check.outcome for check in report.checks if check.n in (8, 9)} == {"unknown"}


def test_B4_a_bad_one_more_is_not_passed_over_where_enough_are_good(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule()))
    waits = w.begin()
    w.cosign(waits, RECTOR, CHAIR)
    document = value_of(w.finished(waits))
    more = beside(w, document, key_of(w, DEAN))
    assert w.verify(more).verdict == "valid"  # a third who signs too does no harm
    *good, bad = more["proof"]
    report = tampered(w, with_proofs(document, *good, broken(bad)))
    assert lines(report) == ["passed", "passed", "passed", "failed"]
    assert NAMES[DEAN] in said(report)


@pytest.mark.parametrize("place", range(4))
def test_a_bad_proof_of_the_institution_is_not_made_good_by_others(place: int, town: World, signed: Document) -> None:
    proofs = list(signed["proof"])
    proofs[0] = broken(proofs[0])
    kept = proofs[: place + 1]
    tampered(town, signed | {"proof": kept if place else kept[0]})


# Proofs in other places, none, and too many


def embedded(document: Document, other: Document) -> Document:
    """The proof stands inside the subject."""
    moved = {name: member for name, member in document.items() if name != "proof"}
    return moved | {"credentialSubject": moved["credentialSubject"] | {"proof": document["proof"]}}


B4: dict[str, Callable[[Document, Document], Document]] = {
    "removed": lambda d, _: {name: member for name, member in d.items() if name != "proof"},
    "null": lambda d, _: d | {"proof": None},
    "an empty list": lambda d, _: d | {"proof": []},
    "an empty object": lambda d, _: d | {"proof": {}},
    "a string": lambda d, _: d | {"proof": d["proof"][0]["proofValue"]},
    "a list of null": lambda d, _: d | {"proof": [None, None]},
    "a list of one": lambda d, _: d | {"proof": d["proof"][:1]},
    "a list of lists": lambda d, _: d | {"proof": [d["proof"]]},
    "inside the subject": embedded,
    "one valid, one empty": lambda d, _: d | {"proof": [d["proof"][0], {}]},
    "one valid, one of another document": lambda d, o: d | {"proof": [d["proof"][0], o["proof"][0]]},
    "of another document": lambda d, o: d | {"proof": o["proof"]},
    "of another document, first": lambda d, o: d | {"proof": [o["proof"][0], *d["proof"][1:]]},
    "one more than anybody needs": lambda d, _: d | {"proof": [*d["proof"], *d["proof"][1:] * 3]},
    "under another name": lambda d, _: {("proofs" if name == "proof" else name): m for name, m in d.items()},
}


@pytest.mark.parametrize("how", B4)
def test_B4_a_proof_that_is_not_there_is_never_passed_over(
    how: str, town: World, signed: Document, other: Document
) -> None:
    changed = B4[how](signed, other)
    report = town.verify(changed)
    assert report.verdict in ("tampered", "malformed"), report.checks
    assert report.document is None


# Stripping


@pytest.mark.parametrize("missing", [(1,), (2,), (3,), (1, 2), (2, 3), (1, 2, 3)], ids=str)
def test_B5_a_co_signature_that_was_taken_away_is_missed(
    missing: tuple[int, ...], town: World, signed: Document
) -> None:
    kept = [proof for place, proof in enumerate(signed["proof"]) if place not in missing]
    report = tampered(town, signed | {"proof": kept if len(kept) > 1 else kept[0]})
    assert f"3 of 3 are needed (rector, chair of the commission, dean), {len(kept) - 1} there" in said(report)
    assert [s.outcome for s in report.signatures] == ["passed"] * len(kept)


def test_B5_the_institution_itself_cannot_leave_them_out(town: World, signed: Document) -> None:
    """Signed by the institution's own key and entered in the register: and yet two are missing."""
    alone = town.signed_again(signed)
    tampered(town, alone)


# Order, and proofs from elsewhere


def test_the_institutions_proof_is_first(town: World, signed: Document) -> None:
    first, *others = signed["proof"]
    for proofs in ([*others, first], [others[0], first, *others[1:]], others):
        tampered(town, with_proofs(signed, *proofs))


def test_those_beside_it_may_stand_in_any_order(town: World, signed: Document) -> None:
    first, *others = signed["proof"]
    assert town.verify(with_proofs(signed, first, *reversed(others))).verdict == "valid"


def test_B4_a_proof_lifted_from_another_document_is_named(town: World, signed: Document, other: Document) -> None:
    proofs = [*signed["proof"][:3], other["proof"][3]]
    report = tampered(town, with_proofs(signed, *proofs))
    assert lines(report)[:4] == ["passed", "passed", "passed", "failed"]
    assert NAMES[DEAN] in said(report)


def test_the_institutions_proof_twice_is_no_signature_beside_it(town: World, signed: Document) -> None:
    first, *others = signed["proof"]
    report = tampered(town, with_proofs(signed, first, first, *others))
    assert "the register names no owner of this key" in said(report)
    tampered(town, with_proofs(signed, first, first, first, first))


def test_one_person_twice_is_one(town: World, signed: Document) -> None:
    first, rector, chair, _ = signed["proof"]
    again = beside(town, with_proofs(signed, first, rector, chair), key_of(town, CHAIR), created=chair["created"])
    report = tampered(town, again)
    assert "has signed already" in said(report)
    assert "2 there" in said(report)


def test_a_stranger_beside_the_institution_is_refused(town: World, signed: Document) -> None:
    report = tampered(town, beside(town, signed, STRANGER))
    assert "Signature 5, a key that the register does not name" in said(report)
    named = report.as_json()["signatures"][-1]
    assert (named["role"], named["name"], named["outcome"]) == (None, None, "failed")


def test_another_institution_is_a_stranger_unless_a_rule_names_it(town: World, signed: Document) -> None:
    partner = town.office.institution("kau").keys[0]
    signer = town.keys.signer(partner.multibase)
    assert isinstance(signer, FileSigner)
    report = tampered(town, beside(town, signed, signer, verificationMethod=partner.id))
    assert "the register names no owner of this key" in said(report)


# Chains


def test_in_a_chain_each_follows_the_institutions_proof(town: World, chained: Document) -> None:
    report = town.verify(chained)
    assert report.verdict == "valid"
    assert lines(report) == ["passed"] * 3
    assert report == town.verify(chained, remote(town))


def test_a_chain_that_leads_elsewhere_or_nowhere_is_refused(town: World, chained: Document) -> None:
    first, second, third = chained["proof"]
    fresh = "urn:uuid:00000000-0000-4000-8000-000000000000"
    bare = {name: member for name, member in second.items() if name != "previousProof"}
    for proofs in (
        (first, second | {"previousProof": fresh}, third),
        (first, bare, third),
        (first | {"id": fresh}, second, third),
        (first | {"id": fresh}, second | {"previousProof": fresh}, third | {"previousProof": fresh}),
        ({n: m for n, m in first.items() if n != "id"}, second, third),
        (first, second | {"id": fresh}, third),
        (first, second | {"id": first["id"]}, third),
        (first, second | {"previousProof": [first["id"]]}, third),
        (first | {"previousProof": first["id"]}, second, third),
        (first, second | {"previousProof": None}, third),
    ):
        tampered(town, with_proofs(chained, *proofs))


def test_a_link_of_another_chain_does_not_fit(town: World, chained: Document) -> None:
    """The same document, signed by the institution a second time: who signed after the first did not sign this."""
    first, *others = chained["proof"]
    again = town.signed_again(chained, id=first["id"], created="2026-11-21T05:00:01Z")
    report = tampered(town, with_proofs(chained, again["proof"], *others))
    assert lines(report)[:3] == ["passed", "failed", "failed"]


@pytest.mark.parametrize("form", ["set", "chain"])
def test_B1_no_changed_byte_among_the_proofs_leaves_a_document_valid(
    form: str, town: World, signed: Document, chained: Document
) -> None:
    """Every fifth byte; of the other bytes of a document `test_changed_bytes` takes care."""
    data = written(signed if form == "set" else chained)
    start = data.rindex(b'"proof":[')
    for place in range(start + len(form), len(data), 5):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert town.verify(changed).verdict in ("tampered", "malformed", "unsupported"), data[place - 20 : place + 20]


def test_A1_an_unknown_member_of_any_proof_is_a_change(town: World, signed: Document) -> None:
    for place, proof in enumerate(signed["proof"]):
        proofs = [*signed["proof"][:place], proof | {"degree": "PhD"}, *signed["proof"][place + 1 :]]
        tampered(town, with_proofs(signed, *proofs))


# Keys and time


def test_a_key_that_was_in_other_hands_before_is_named(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule()))
    waits = w.begin()
    w.cosign(waits, RECTOR, CHAIR)
    document = w.finished(waits)
    w.clock.move(days=10)
    add_institutions(w.office, (university(persons=(person(RECTOR, "rector", until="2026-12-01"),)),))
    w.deliver()
    assert w.verify(document).verdict == "valid"
    add_institutions(w.office, (university(persons=(person(CHAIR, "commission_chair", compromised="2026-11-21"),)),))
    report = tampered(w, document)
    assert lines(report) == ["passed", "passed", "failed", "failed"]
    assert f"Signature 3, {NAMES[CHAIR]}" in said(report)
    assert "was not good on" in said(report)
    assert "1 there" in said(report)


@pytest.mark.parametrize(
    ("created", "because"),
    [
        ("2026-11-21T04:54:59Z", "before the institution itself"),
        ("2025-12-31T12:00:00Z", "was not good on"),
    ],
)
def test_the_time_of_a_co_signature_is_looked_at(created: str, because: str, town: World, signed: Document) -> None:
    first, *others = signed["proof"]
    late = beside(town, with_proofs(signed, first, *others[:2]), key_of(town, DEAN), created=created)
    assert because in said(tampered(town, late))


def test_what_is_signed_in_the_future_is_not_valid_yet(town: World, signed: Document) -> None:
    first, *others = signed["proof"]
    key, made = key_of(town, DEAN), with_proofs(signed, first, *others[:2])
    for second, verdict in ((0, "valid"), (1, "not_yet_valid")):
        later = beside(town, made, key, created=f"2026-11-21T05:05:0{second}Z")
        report = town.verify(later)
        assert report.verdict == verdict
    assert lines(report) == ["passed"] * 3 + ["failed"]
    bad = with_proofs(later, *later["proof"][:3], broken(later["proof"][3]))
    assert lines(tampered(town, bad))[3] == "failed"


# What cannot be asked


def silent(*_: object) -> NoReturn:
    raise Unavailable.saying("registry.no_answer", host="registry.example", problem="x")


def test_a_partner_of_whom_the_register_says_nothing_now_is_unknown(town: World) -> None:
    waits = town.begin(TRAINING)
    town.cosign(waits, "kau")
    document, partner = town.finished(waits), town.office.institution("kau")
    assert town.verify(document).verdict == "valid"
    assert town.verify(document, remote(town)) == town.verify(document)

    def half(did: str) -> Institution | None:
        return silent() if did == partner.did else town.registry.institution(did)

    report = town.verify(document, Told.by(town.registry, institution=half))
    assert report.verdict == "indeterminate"
    assert lines(report) == ["passed", "unknown"]
    gone = Told.by(
        town.registry, institution=lambda did: None if did == partner.did else town.registry.institution(did)
    )
    assert town.verify(document, gone).verdict == "tampered"


def test_where_the_issuer_is_silent_or_unknown_nobody_beside_it_is_passed(town: World, signed: Document) -> None:
    report = town.verify(signed, Told.by(town.registry, institution=silent))
    assert report.verdict == "indeterminate"
    assert lines(report) == ["unknown"] * 4
    report = town.verify(signed, Told.by(town.registry, institution=lambda _: None))
    assert report.verdict == "unknown_issuer"
    assert lines(report) == ["unknown"] * 4


def test_what_is_looked_up_by_its_code_names_them_too(town: World, signed: Document) -> None:
    report = town.look_up(str(signed["id"]).rpartition("/")[2])
    assert report.verdict == "valid"
    assert [s.role for s in report.signatures] == ["institution", "rector", "commission_chair", "dean"]


def test_the_page_names_everybody_who_has_signed(town: World, signed: Document) -> None:
    client = TestClient(asgi.everything(town.office), base_url=town.public_url)
    page = client.get(str(signed["id"]).removeprefix(town.public_url), params={"lang": "kk"}).text
    for name in NAMES.values():
        assert page.count(name) >= 2, "in the list of signatures, and in the line of step 6"
    assert say("pages.report.signed_by").kk in page
    proofs = [*signed["proof"][:3], broken(signed["proof"][3])]
    bad = client.post("/verify", files={"file": ("a.json", written(with_proofs(signed, *proofs)))}).text
    assert f"4-қолтаңба, {NAMES[DEAN]}" in bad


def test_under_policy_open_each_has_its_line_too_by_its_key_alone(town: World, signed: Document) -> None:
    report = town.verify(signed, policy="open")
    assert lines(report) == ["passed"] * 4
    told = report.as_json()["signatures"]
    assert [each["method"] for each in told] == [proof["verificationMethod"] for proof in signed["proof"]]
    assert all((each["role"], each["name"], each["outcome"]) == (None, None, "passed") for each in told)
    proofs = [*signed["proof"][:3], broken(signed["proof"][3])]
    report = town.verify(with_proofs(signed, *proofs), policy="open")
    assert report.verdict == "tampered"
    assert [each.outcome for each in report.signatures] == ["passed"] * 3 + ["failed"]
