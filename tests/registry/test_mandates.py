"""One institution issues on behalf of another: both have to be entitled, on the day, and both are shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from issuer import federation, rights, rotation
from issuer.documents.certificate import check_paper
from issuer.holder import paper
from issuer.intents import Order
from issuer.issue import Issued
from issuer.resigning import resign
from keys.proof import proof_options, secure
from registry.entitlement import mandates
from schemas.canonical import rdfc
from schemas.credential import stored_credential, written
from schemas.errors import Refused, Unavailable
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES
from tanu.accrediting import MandateRow, add_mandates
from tests.registry.test_remote import remote
from tests.world import EXTRACT, MICRO, SUPPLEMENT, Told, World, institution_row, value_of
from verifier.report import Report

BY, FOR = "branch", "kmu"


def rows(**right: Any) -> tuple[Any, ...]:
    """A university, and a branch that has no accreditation of its own."""
    branch = institution_row(BY, "BRA", "050140000011", (), accreditations=[])
    plain = {"body": "agency", "number": "IA-1", "kinds": sorted(KINDS), "from": "2024-01-01"}
    return institution_row(FOR, "KMU", "990340000014", (), accreditations=[plain | right]), branch


def lend(w: World, *kinds: str, **more: Any) -> None:
    row = {"by": FOR, "to": BY, "number": "M-1", "kinds": list(kinds or (MICRO, SUPPLEMENT)), "from": "2026-11-01"}
    add_mandates(w.office, (MandateRow.model_validate(row | more),))


@pytest.fixture
def town(tmp_path: Path) -> World:
    """The university has given the branch a mandate for micro-credentials."""
    w = World(tmp_path, rows=rows())
    lend(w)
    return w


def lent(w: World, kind: str = MICRO, **how: Any) -> Issued:
    return w.issue(kind, by=BY, on_behalf_of=FOR, **how)


def step_3(report: Report) -> tuple[str, str, str]:
    check = next(check for check in report.checks if check.n == 3)
    assert all(check.because[language] for language in LANGUAGES)
    return report.verdict, check.outcome, check.because.en


def mandate_of(w: World) -> dict[str, Any]:
    held = w.office.institution(BY).rights
    return value_of(next(each.document for each in held if b'"IssuingMandate"' in each.document))


def test_both_stand_in_the_document_and_in_the_report(town: World) -> None:
    issued, university = lent(town), town.office.institution(FOR)
    issuer = value_of(issued.document)["issuer"]
    assert issuer["id"] == town.office.institution(BY).did
    assert "accreditation" not in issuer
    assert (issuer["onBehalfOf"]["id"], issuer["onBehalfOf"]["mandateNumber"]) == (university.did, "M-1")
    assert issuer["onBehalfOf"]["accreditation"]["accreditationNumber"] == "IA-1"
    report = town.verify(issued.document)
    verdict, outcome, because = step_3(report)
    assert (verdict, outcome) == ("valid", "passed")
    assert "Specimen BRA issued it on behalf of Specimen KMU, by mandate No. M-1" in because
    assert "IA-1" in because
    assert report.document
    said = report.as_json()["document"]["issuer"]
    assert said["name"]["en"] == "Specimen BRA"
    assert said["accreditation"]["number"] == "IA-1"
    assert said["on_behalf_of"] == {
        "id": university.did,
        "name": university.name.as_json(),
        "bin": university.bin,
        "mandate": "M-1",
    }


def test_a_report_is_the_same_wherever_the_register_is(town: World) -> None:
    issued = lent(town)
    assert town.verify(issued.document, remote(town)) == town.verify(issued.document)


def test_E16_the_paper_names_both(town: World) -> None:
    issued = lent(town)
    check_paper(stored_credential(issued.document))
    text = "".join(
        page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(paper(town.office, issued.code))
    )
    for words in ("KMU үлгісі атынан", "от имени: Образец KMU", "on behalf of Specimen KMU", "M-1", "IA-1"):
        assert words in text


def test_a_supplement_is_issued_in_the_same_way(town: World) -> None:
    assert town.verify(lent(town, SUPPLEMENT).document).verdict == "valid"


def test_without_a_mandate_nobody_issues_for_another(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows())
    with pytest.raises(Refused, match="had no mandate to issue this on behalf of Specimen KMU"):
        lent(w)
    lend(w, EXTRACT)
    with pytest.raises(Refused, match="had no mandate"):
        lent(w)
    lend(w, MICRO, number="M-2", **{"from": "2026-11-22"})
    with pytest.raises(Refused, match="had no mandate"):
        lent(w)
    with pytest.raises(Refused, match="Specimen BRA had no right to issue"):
        w.issue(by=BY)
    assert w.rows_of("SELECT * FROM issuer_intents") == []


def test_nobody_lends_what_it_has_not(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(kinds=[EXTRACT]))
    lend(w)
    with pytest.raises(Refused, match="Specimen KMU had no right to issue"):
        lent(w)


def test_who_issues_by_mandate_lends_nothing_on(town: World) -> None:
    third = institution_row("third", "THI", "880140000103", (), accreditations=[])
    w = World(town.folder, rows=(third,))
    lend(w, by=BY, to="third", number="M-9")
    with pytest.raises(Refused, match="Specimen BRA had no right to issue"):
        w.issue(by="third", on_behalf_of=BY)


def test_a_mandate_that_ended_yesterday_ends_issuing_and_no_earlier_document(town: World) -> None:
    before = lent(town)
    town.clock.move(days=1)
    lend(town, until="2026-11-21")
    with pytest.raises(Refused, match="had no mandate"):
        lent(town)
    assert town.verify(before.document).verdict == "valid"
    for created in ("2026-11-21T05:00:00Z", "2026-11-22T05:00:00Z"):
        verdict, outcome, because = step_3(town.verify(town.forged(before, by=BY, proof__created=created)))
        assert (verdict, outcome) == ("not_accredited", "failed")
        assert "had no mandate" in because


def test_the_end_of_the_mandators_accreditation_ends_what_it_has_lent(town: World) -> None:
    before = lent(town)
    town.clock.move(days=1)
    town.accreditation(FOR, valid_until=date(2026, 11, 21))
    with pytest.raises(Refused, match="Specimen KMU had no right to issue"):
        lent(town)
    assert town.verify(before.document).verdict == "valid"
    verdict, _, because = step_3(town.verify(town.forged(before, by=BY)))
    assert verdict == "not_accredited"
    assert "Specimen KMU, on whose behalf it is, had no right to issue this on that day" in because


def test_a_document_that_names_a_mandate_that_there_is_not_is_not_accredited(town: World) -> None:
    issued = lent(town)
    issuer = value_of(issued.document)["issuer"]
    other = {"id": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}
    for change, told in (
        ({"mandateNumber": "M-7"}, "had no mandate"),
        ({"id": issuer["id"]}, "Specimen BRA, on whose behalf it is, had no right"),
        (other, "is not in the register"),
    ):
        behalf = issuer | {"onBehalfOf": issuer["onBehalfOf"] | change}
        verdict, outcome, because = step_3(town.verify(town.forged(issued, by=BY, issuer=behalf)))
        assert (verdict, outcome) == ("not_accredited", "failed")
        assert told in because
    plain = {name: value for name, value in issuer.items() if name != "onBehalfOf"}
    assert step_3(town.verify(town.forged(issued, by=BY, issuer=plain)))[0] == "not_accredited"


def test_a_register_that_does_not_answer_about_the_mandator_leaves_it_open(town: World) -> None:
    issued, university = lent(town), town.office.institution(FOR)

    def silent_about_it(did: str) -> Any:
        if did == university.did:
            raise Unavailable.saying("registry.no_answer", host="registry.example", problem="ConnectError")
        return town.registry.institution(did)

    report = town.verify(issued.document, Told.by(town.registry, institution=silent_about_it))
    assert step_3(report)[:2] == ("indeterminate", "unknown")
    nobody = replace(town.office.registry, roots=frozenset())
    assert step_3(town.verify(issued.document, nobody))[:2] == ("indeterminate", "unknown")


CHANGES: list[Callable[[dict[str, Any]], None]] = [
    lambda v: v["credentialSubject"]["kinds"].append(EXTRACT),
    lambda v: v.update(validUntil="2099-12-31T18:59:59Z"),
    lambda v: v["credentialSubject"].update(bin="990340000014"),
    lambda v: v["proof"].update(created="2026-11-21T04:59:59Z"),
    lambda v: v.pop("proof"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_mandate_that_was_changed_counts_for_nothing(change: Callable[[dict[str, Any]], None], town: World) -> None:
    issued, value = lent(town), mandate_of(town)
    change(value)
    with pytest.raises(Refused):
        rights.enter(town.office, written(value))
    town.rewrite("UPDATE rights SET document = :d WHERE number = 'M-1'", d=written(value))
    assert step_3(town.verify(issued.document))[0] == "not_accredited"


def test_only_the_mandators_own_key_signs_a_mandate(town: World) -> None:
    unsigned = {name: member for name, member in mandate_of(town).items() if name != "proof"} | {"number": "M-8"}
    key = town.office.institution(BY).keys[0]
    options = proof_options(key.id, town.clock.now)
    forged = written(secure(unsigned, rdfc(unsigned), options, town.keys.signer(key.multibase)))
    with pytest.raises(Refused, match="not signed by Specimen KMU"):
        rights.enter(town.office, forged)


def test_what_a_stolen_key_has_lent_counts_only_if_the_register_had_it_before(town: World) -> None:
    before, key = lent(town), town.office.institution(FOR).keys[0]
    town.clock.move(days=1)
    theft = town.clock.now
    town.clock.move(hours=1)
    lend(town, EXTRACT, number="M-2")
    extract = lent(town, EXTRACT)
    rotation.compromise(town.office, key.id, theft)
    assert town.verify(before.document).verdict == "valid"
    assert step_3(town.verify(extract.document))[0] == "not_accredited"


def test_a_mandate_goes_on_when_a_did_key_is_changed(town: World) -> None:
    before = lent(town)
    for slug in (FOR, BY):
        rotation.rotate(town.office, town.office.institution(slug).keys[0].id)
    town.clock.move(seconds=1)
    after = lent(town)
    assert [town.verify(each.document).verdict for each in (before, after)] == ["valid", "valid"]
    lend(town, until="2027-12-31")
    ((_, terms),) = mandates(town.office.institution(BY), town.office.registry.institutions())
    assert terms.valid_until == date(2027, 12, 31)


def test_an_institution_gives_itself_no_mandate(town: World) -> None:
    with pytest.raises(Refused, match="to itself"):
        lend(town, to=FOR)


def test_the_same_case_in_another_name_is_another_content(town: World) -> None:
    lent(town, case="A")
    assert lent(town, case="A").again
    with pytest.raises(Refused):
        town.issue(by=BY, case="A")


def test_verifiers_elsewhere_know_who_issues_by_mandate(town: World) -> None:
    federation.renew(town.office)
    branch = town.office.institution(BY)
    assert town.office.registry.said_of(branch.did)
    lend(town, until="2026-11-20")
    federation.renew(town.office)
    assert town.office.registry.said_of(branch.did) is None


def test_a_lent_document_is_issued_again_on_the_same_behalf(town: World) -> None:
    issued = lent(town)
    key = town.office.institution(BY).keys[0]
    stolen, _ = rotation.compromise(town.office, key.id, town.clock.now - timedelta(hours=1))
    order = Order("replaced", "key_compromised", "Ректор", "Бұйрық", "№ 12", "Ә. Маман")
    (done,) = resign(town.office, rotation.used(town.office, stolen), order, "Б. Екінші")
    assert done.successor
    intent = town.office.store.intent_numbered(done.successor)
    assert intent
    assert town.look_up(intent.code).verdict == "valid"
    assert step_3(town.look_up(intent.code))[2].startswith("Specimen BRA issued it on behalf of Specimen KMU")
    assert issued.number != done.successor
