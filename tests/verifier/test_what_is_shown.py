"""What a report reveals follows from its verdict and from what the reader has handed in (docs/journey.md)."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from issuer.rights import body_called
from schemas import display
from schemas.errors import Unavailable
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES
from tests.world import BODIES, EXTRACT, MICRO, SUPPLEMENT, Told, World, institution_row, named_key, value_of
from verifier.report import REVEALS, VERDICTS, Check, Report, Verdict, derive

kinds = pytest.mark.parametrize("kind", KINDS)
HOLDER = "Өтеғалиева"
GRADE = "3.67"
BIRTH = "1999"


def text(report: Report) -> str:
    """All that a report shows of a document, as JSON."""
    return json.dumps(report.as_json()["document"], ensure_ascii=False)


def test_every_verdict_says_what_it_reveals() -> None:
    assert set(REVEALS) == set(VERDICTS)


def test_the_verdict_is_the_last_word_of_all_checks() -> None:
    def check(n: int, verdict: Verdict | None) -> Check:
        outcome = "unknown" if verdict == "indeterminate" else "failed" if verdict else "passed"
        return Check(n, "x", outcome, None, verdict)  # type: ignore[arg-type]

    assert derive([]) == "not_found"
    assert derive([check(1, None)]) == "valid"
    words = [verdict for verdict in VERDICTS if verdict not in ("valid", "not_found")]
    for place, verdict in enumerate(words):
        for earlier in words[: place + 1]:
            assert derive([check(1, verdict), check(2, None), check(3, earlier)]) == verdict
            assert derive([check(1, earlier), check(2, verdict)]) == verdict


def test_a_failure_without_a_word_is_never_valid() -> None:
    assert derive([Check(1, "x", "failed", None)]) == "malformed"  # type: ignore[arg-type]


@kinds
def test_whoever_hands_in_the_document_sees_what_it_states(kind: str, world: World) -> None:
    report = world.verify(world.issue(kind).document)
    assert report.document is not None
    assert report.document.holder is not None
    assert HOLDER in text(report)
    assert report.document.title is not None
    assert report.document.lines
    assert report.document.signatories
    assert report.document.legal_basis is not None
    assert report.document.issuer.confirmed
    assert report.test


@kinds
def test_the_code_alone_shows_no_grade_and_no_birth_date(kind: str, world: World) -> None:
    issued = world.issue(kind)
    whole, by_code = world.verify(issued.document), world.look_up(issued.code)
    assert by_code.verdict == "valid"
    assert BIRTH not in text(by_code)
    assert GRADE not in text(by_code) or kind == SUPPLEMENT, "item 4.4 of a supplement explains the scale"
    if kind in (MICRO, "ShortTermTrainingCertificate"):
        assert BIRTH in text(whole)
    for private in ("Certification commission", "4XQ7", "Supervised learning", "Commission for recognition"):
        assert private not in text(whole)
        assert private not in text(by_code)


def test_of_an_extract_from_minutes_the_code_shows_state_number_and_issuer_alone(world: World) -> None:
    issued = world.issue(EXTRACT)
    report = world.look_up(issued.code)
    document = report.document
    assert document is not None
    assert (document.holder, document.title, document.lines) == (None, None, ())
    assert (document.number, document.code) == (issued.number, issued.code)
    assert document.issuer.name.en == "Specimen KMU"
    for private in (HOLDER, "Utegaliyeva", "Machine", "Информатика", "Computer science", "6B06102"):
        assert private not in text(report)
    assert HOLDER in text(world.look_up(issued.code, show=display.LINK))
    assert "Machine learning" in text(world.look_up(issued.code, show=display.LINK))


def test_who_signed_is_shown_of_an_extract_no_more_than_of_any_other(world: World) -> None:
    assert "Ұлықбекова" in text(world.look_up(world.issue(MICRO).code))


@kinds
def test_of_a_document_that_is_not_in_force_nothing_about_its_holder_is_shown(kind: str, w: World) -> None:
    issued = w.issue(kind)
    w.annul(issued)
    for report in (w.verify(issued.document), w.look_up(issued.code)):
        assert report.verdict == "annulled"
        assert HOLDER not in text(report)
        assert "Utegaliyeva" not in text(report)
        assert GRADE not in text(report)
        assert report.document is not None
        assert report.document.number == issued.number
        assert report.document.lines == ()
        assert report.document.signatories == ()


def test_an_expired_document_is_shown_as_the_document_it_was(w: World) -> None:
    document = w.forged(w.issue(), validUntil="2026-11-21T05:00:00Z")
    w.clock.move(minutes=1)
    report = w.verify(document)
    assert report.verdict == "expired"
    assert HOLDER in text(report)


def test_where_the_state_is_not_known_the_holder_is_not_shown(w: World) -> None:
    issued = w.issue()
    w.clock.move(days=2)
    report = w.verify(issued.document)
    assert report.verdict == "indeterminate"
    assert HOLDER not in text(report)
    assert report.document is not None
    assert report.document.number == issued.number


def test_of_a_changed_document_nothing_is_shown(world: World) -> None:
    value = value_of(world.issue().document)
    value["credentialSubject"]["familyName"]["kk"] = "Басқа"
    report = world.verify(value)
    assert (report.verdict, report.document) == ("tampered", None)
    assert "Басқа" not in str(report.as_json())


def test_A1_a_member_that_no_signature_covers_is_never_shown(world: World) -> None:
    value = value_of(world.issue().document)
    value["credentialSubject"]["degree"] = "Doctor of Everything"
    assert "Everything" not in str(world.verify(value).as_json())


def test_of_an_unreadable_file_nothing_is_shown(world: World) -> None:
    report = world.verify(b"<script>alert(1)</script>")
    assert (report.verdict, report.document) == ("malformed", None)
    assert "script" not in str(report.as_json())


def test_when_the_register_is_silent_nobody_learns_what_an_unconfirmed_document_claims(world: World) -> None:
    def silent(*_: object) -> None:
        raise Unavailable.saying("registry.no_answer", host="registry.example", problem="ConnectError")

    report = world.verify(world.issue().document, Told.by(world.registry, institution=silent))
    assert report.verdict == "indeterminate"
    assert report.document is None


def test_a_claimed_name_is_made_fit_to_be_shown(world: World) -> None:
    key = named_key("stranger")
    value = value_of(world.issue().document)
    value["issuer"]["id"] = f"did:key:{key.multibase}"
    value["issuer"]["name"] = "А" * 500
    report = world.verify(world.signed_by(key, value))
    assert report.verdict == "unknown_issuer"
    assert report.document is not None
    assert len(report.document.issuer.name.kk) <= 121


@kinds
def test_every_sentence_of_a_report_stands_in_three_languages(kind: str, w: World) -> None:
    issued = w.issue(kind)
    reports = [w.verify(issued.document), w.look_up(issued.code), w.verify(b"{}"), w.look_up("00000000000000")]
    w.suspend(issued)
    reports.append(w.verify(issued.document))
    w.clock.move(days=3)
    reports.append(w.verify(issued.document))
    for report in reports:
        content = report.as_json()
        assert set(content) == {"verdict", "test", "checked_at", "policy", "checks", "signatures", "document"} | {
            "at",
            "later",
            "unasked",
        }
        for check in content["checks"]:
            assert set(check) == {"n", "name", "outcome", "because"}
            assert check["outcome"] in ("passed", "failed", "unknown", "not_applicable")
            assert set(check["because"]) == set(LANGUAGES)
            assert all(check["because"].values())


def test_a_real_institution_has_no_test_band(tmp_path: Path) -> None:
    real = institution_row("kmu", "KMU", "990340000014", KINDS, test=False)
    w = World(tmp_path, rows=(real,), bodies=tuple(row.model_copy(update={"test": False}) for row in BODIES))
    roots = frozenset({body_called(w.office, "root").did})
    w.office = replace(w.office, registry=replace(w.office.registry, roots=roots))
    report = w.look_up(w.issue().code)
    assert report.verdict == "valid"
    assert not report.test


def test_a_test_document_stays_one_when_its_institution_goes_into_service(w: World) -> None:
    issued = w.issue()
    w.rewrite("UPDATE institutions SET test = 0")
    assert w.look_up(issued.code).test


def test_the_time_of_the_report_is_the_time_that_it_was_asked_for(w: World) -> None:
    issued = w.issue()
    w.clock.move(seconds=77)
    assert w.look_up(issued.code).checked_at == w.clock.now
    assert w.clock.now - timedelta(seconds=77) < w.look_up(issued.code).checked_at
