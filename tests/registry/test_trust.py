"""A right to issue counts as far as it leads up to a root, on the day: what a register says beside that is nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from issuer import rights
from issuer.cosign import withdraw
from issuer.issue import prepare
from issuer.rights import Party, body_called
from issuer.signing import resume
from keys.proof import proof_options, secure
from registry import trust
from registry.trust import judged
from schemas.canonical import rdfc
from schemas.credential import written
from schemas.errors import Refused
from schemas.kinds.table import ACCREDITATION, KINDS
from schemas.languages import LANGUAGES
from schemas.reading import Json
from schemas.rights import Terms, read_right
from tanu.accrediting import BodyRow
from tests.cosigning import RECTOR, rows, rule
from tests.world import (
    BODIES,
    CENTRE,
    EXTRACT,
    MICRO,
    World,
    accredited,
    body_row,
    institution_row,
    named_key,
    value_of,
)
from verifier.report import Report


def step_3(report: Report) -> tuple[str, str, str]:
    """Verdict, and outcome and sentence of step 3."""
    check = next(check for check in report.checks if check.n == 3)
    assert all(check.because[language] for language in LANGUAGES)
    return report.verdict, check.outcome, check.because.en


def trusting(w: World, *roots: str) -> Any:
    """The world's register as others see it who trust these roots."""
    return replace(w.office.registry, roots=frozenset(roots))


def did_of(w: World, body: str) -> str:
    return body_called(w.office, body).did


def certificate(w: World) -> dict[str, Any]:
    """What was signed for the university."""
    return value_of(next(r.document for r in w.university.rights if b'"right":"issue"' in r.document))


def test_an_accreditation_is_a_credential_that_its_body_has_signed(w: World) -> None:
    right = read_right(written(certificate(w)))
    assert right.holder.did == w.university.did
    assert right.giver.did == did_of(w, "agency")
    assert right.terms.kinds == tuple(sorted(KINDS))
    assert trust.is_signed_by_body(right)
    verdict, outcome, because = step_3(w.verify(w.issue().document))
    assert (verdict, outcome) == ("valid", "passed")
    assert "Specimen agency" in because
    assert "IA-KMU" in because


# Roots


def test_who_trusts_another_root_finds_nobody_accredited(w: World) -> None:
    issued, other = w.issue(), f"did:key:{named_key('another root').multibase}"
    verdict, outcome, because = step_3(w.verify(issued.document, trusting(w, other)))
    assert (verdict, outcome) == ("not_accredited", "failed")
    assert "No root of trust vouches for the right of Specimen agency to accredit" in because
    assert w.verify(issued.document, trusting(w, other, did_of(w, "root"))).verdict == "valid"


def test_who_names_no_root_cannot_tell(w: World) -> None:
    verdict, outcome, because = step_3(w.verify(w.issue().document, trusting(w)))
    assert (verdict, outcome) == ("indeterminate", "unknown")
    assert "TANU_TRUST_ROOTS" in because


def test_who_trusts_the_body_itself_needs_nobody_above(w: World) -> None:
    assert w.verify(w.issue().document, trusting(w, did_of(w, "agency"))).verdict == "valid"


def test_an_office_issues_nothing_under_what_leads_to_no_root(w: World) -> None:
    w.office = replace(w.office, registry=trusting(w, f"did:key:{named_key('another root').multibase}"))
    with pytest.raises(Refused, match="No root of trust vouches"):
        w.issue()
    assert w.rows_of("SELECT * FROM issuer_intents") == []


# Chains


def chained(folder: Path, *bodies: BodyRow) -> World:
    """A world whose university is accredited by the last of these bodies."""
    return World(folder, rows=(accredited({"body": bodies[-1].slug}),), bodies=(BODIES[0], *bodies))


def test_a_chain_may_have_four_links_and_no_more(tmp_path: Path) -> None:
    bins = ("880140000064", "880140000074", "880140000084", "880140000094")
    rows = [body_row(f"b{n}", bin_, KINDS, by=f"b{n - 1}" if n else "root") for n, bin_ in enumerate(bins)]
    assert chained(tmp_path / "four", *rows[:3]).issue().number
    with pytest.raises(Refused, match="No root of trust"):
        chained(tmp_path / "five", *rows).issue()


def test_bodies_that_vouch_for_each_other_vouch_for_nobody(tmp_path: Path) -> None:
    one, two = body_row("one", "880140000064"), body_row("two", "880140000074")
    w = World(tmp_path, rows=(), bodies=(BODIES[0], one, two, body_row("one", one.bin, KINDS, by="two")))
    with_two = body_row("two", two.bin, KINDS, by="one")
    w = World(tmp_path, rows=(accredited({"body": "one"}),), bodies=(with_two,))
    w.office = replace(w.office, registry=trusting(w, did_of(w, "root")))
    assert w.university.accreditations == ()
    assert len(w.university.unproven) == 1


def test_a_body_gives_no_more_than_it_may(tmp_path: Path) -> None:
    w = chained(tmp_path, body_row("agency", "880140000064", [MICRO]))
    assert [right.kinds for right in w.university.accreditations] == [(MICRO,)]
    w.issue(MICRO)
    with pytest.raises(Refused):
        w.issue(EXTRACT)


def test_who_may_only_issue_accredits_nobody(w: World) -> None:
    """The university's own key signs a certificate for the other institution."""
    university = w.university
    giver = {"id": university.did, "legalName": university.name.as_json(), "bin": university.bin}
    other = w.office.institution("kau")
    holder = {"id": other.did, "legalName": other.name.as_json(), "bin": other.bin}
    signed = resigned(w, certificate(w), university.keys[0].multibase, issuer=giver, credentialSubject=holder)
    rights.enter(w.office, signed)
    assert [each.claimed.kinds for each in w.office.institution("kau").unproven] == [tuple(sorted(KINDS))]
    assert w.office.institution("kau").accreditation_for(EXTRACT, w.clock.now) is None


def resigned(w: World, value: dict[str, Json], multibase: str, **changes: Any) -> bytes:
    """A certificate with other members, under a proof by a key of the home."""
    unsigned = {name: member for name, member in value.items() if name != "proof"}
    for name, new in changes.items():
        unsigned[name] = unsigned[name] | new if isinstance(new, dict) else new
    created = unsigned.pop("created", None)
    options = proof_options(f"did:key:{multibase}#{multibase}", created or w.clock.now)
    return written(secure(unsigned, rdfc(unsigned), options, w.keys.signer(multibase)))


def key_of(w: World, body: str) -> str:
    return did_of(w, body).removeprefix("did:key:")


# What is signed is what counts


CHANGES: list[Callable[[dict[str, Any]], None]] = [
    lambda v: v["credentialSubject"]["kinds"].append("MicroCredential"),
    lambda v: v["credentialSubject"].update(right="accredit"),
    lambda v: v.update(validUntil="2099-12-31T18:59:59Z"),
    lambda v: v.pop("validUntil"),
    lambda v: v.update(number="IA-8"),
    lambda v: v.update(version=2),
    lambda v: v.pop("test"),
    lambda v: v["credentialSubject"].update(bin="050140000011"),
    lambda v: v["issuer"].update(id=f"did:key:{named_key('x').multibase}"),
    lambda v: v["proof"].update(created="2026-11-21T04:59:59Z"),
    lambda v: v["proof"].update(proofPurpose="authentication"),
    lambda v: v["proof"].update(verificationMethod="did:key:x#x"),
    lambda v: v.update(proof=[v["proof"], v["proof"]]),
    lambda v: v.pop("proof"),
    lambda v: v.update(degree="PhD"),
    lambda v: v["credentialSubject"].update(professions=[]),
    lambda v: v["@context"].append({"kinds": "urn:x"}),
    lambda v: v.update(validFrom="2024-01-01T00:00:00Z"),
    lambda v: v.update(validFrom="9999-12-31T23:59:59Z"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_certificate_that_was_changed_is_not_taken_and_does_not_count(
    change: Callable[[dict[str, Any]], None], world: World
) -> None:
    value = certificate(world)
    change(value)
    with pytest.raises(Refused):
        rights.enter(world.office, written(value))
    entered = tuple(
        replace(each, document=written(value)) if b'"right":"issue"' in each.document else each
        for each in world.university.rights
    )
    assert judged(replace(world.university, rights=entered), world.home.roots).accreditations == ()


def test_what_an_administrator_writes_into_the_register_gives_no_right(w: World) -> None:
    issued = w.issue()
    value = certificate(w)
    value["credentialSubject"]["kinds"] = [CENTRE]
    w.rewrite("UPDATE rights SET document = :d WHERE number = 'IA-KMU'", d=written(value))
    assert step_3(w.verify(issued.document))[:2] == ("not_accredited", "failed")
    w.rewrite("DELETE FROM rights WHERE number = 'R-agency'")
    assert w.verify(issued.document).verdict == "not_accredited"


def test_F20_the_certificate_of_a_test_is_none_for_others(tmp_path: Path) -> None:
    w = World(tmp_path, rows=(institution_row("kmu", "KMU", "990340000014", KINDS, test=False),))
    assert w.university.accreditations == ()
    assert "test certificate" in w.university.unproven[0].because.en
    with pytest.raises(Refused, match="test certificate"):
        w.issue()


def test_F20_a_root_of_the_homes_own_that_is_no_test_is_not_trusted_for_that(tmp_path: Path) -> None:
    real = [row.model_copy(update={"test": False}) for row in BODIES]
    w = World(tmp_path, rows=(institution_row("kmu", "KMU", "990340000014", KINDS, test=False),), bodies=tuple(real))
    assert w.home.roots == frozenset()
    assert w.university.accreditations == ()
    assert judged(w.university, frozenset({did_of(w, "root")})).accreditations


# Days


def test_an_institution_whose_accreditation_ended_yesterday_cannot_issue_today(w: World) -> None:
    before = w.issue(case="A")
    w.clock.move(days=1)
    w.accreditation(valid_until=date(2026, 11, 21))
    with pytest.raises(Refused, match="on 22 November 2026"):
        w.issue(case="B")
    assert w.verify(before.document).verdict == "valid"
    assert w.look_up(before.code).verdict == "valid"
    honest = w.forged(before)
    assert w.verify(honest).verdict == "not_accredited"
    for created in ("2026-11-21T18:59:59Z", "2026-11-21T05:00:00Z"):
        report = w.verify(w.forged(before, proof__created=created, issuedOn="2026-11-21"))
        verdict, outcome, because = step_3(report)
        assert (verdict, outcome) == ("not_accredited", "failed"), "the register's clock knows better"
        assert "the register took the document on 22 November 2026" in because
        assert [check.n for check in report.checks if check.outcome == "failed"] == [3]
        assert report.document is not None
        assert report.document.holder is None


def test_what_waits_for_a_co_signature_beyond_the_end_of_the_right_is_not_published(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(1)))
    first, waiting = w.begin(), w.begin()
    w.cosign(first, RECTOR)
    w.clock.move(days=1)
    w.accreditation(valid_until=date(2026, 11, 21))
    with pytest.raises(Refused, match="has no right any more"):
        w.cosign(waiting, RECTOR)
    assert w.registry.entry(waiting.intent.code) is None
    withdraw(w.office, waiting.intent.number, "its institution is accredited no more")
    assert w.verify(w.finished(first)).verdict == "valid"


def test_what_a_crash_left_unsigned_ends_void_where_the_right_has_ended(w: World) -> None:
    (prepared,) = prepare(w.office, [w.approve()])
    w.clock.move(days=1)
    w.accreditation(valid_until=date(2026, 11, 21))
    resume(w.office)
    ((state, why),) = w.rows_of("SELECT state, void_reason FROM issuer_intents")
    assert (state, prepared.intent.number in why) == ("void", True)
    assert "has no right any more" in why


def test_the_newest_version_counts_and_no_other_bodys(tmp_path: Path) -> None:
    other = body_row("other", "880140000074", KINDS)
    w = World(tmp_path, rows=(accredited({"number": "7"}),), bodies=(*BODIES, other))
    w.accreditation(body="other", valid_until=date(2026, 11, 20), number="7")
    assert w.issue().number
    w.accreditation(valid_until=date(2026, 11, 20))
    assert w.university.accreditations == tuple(r for r in w.university.accreditations if r.valid_until)
    with pytest.raises(Refused):
        w.issue()
    w.accreditation(valid_until=date(2026, 12, 31))
    assert w.issue().number


def test_of_a_certificate_nothing_but_its_last_day_changes(w: World) -> None:
    entered = w.rows_of("SELECT count(*) FROM rights")
    w.accreditation()
    assert w.rows_of("SELECT count(*) FROM rights") == entered, "the same again is no new version"
    for change in ({"kinds": (MICRO,)}, {"valid_from": date(2025, 1, 1)}, {"professions": ("7212-1-004",)}):
        with pytest.raises(Refused, match="only its last day can change"):
            w.accreditation(**change)
    value = certificate(w) | {"validUntil": "2099-12-31T18:59:59Z"}
    with pytest.raises(Refused, match="is there already, with other content"):
        rights.enter(w.office, resigned(w, value, key_of(w, "agency")))


def test_a_body_whose_own_right_has_ended_gives_none_backwards(tmp_path: Path) -> None:
    """What it gave before stays; what it signs later does not count, whatever time it states."""
    agency = body_row("agency", "880140000064", KINDS)
    w = chained(tmp_path, agency)
    before, root = w.issue(), body_called(w.office, "root")
    w.clock.move(days=2)
    assert agency.authority
    ended = Terms(
        ACCREDITATION, "R-agency", tuple(sorted(KINDS)), date(2023, 1, 1), date(2026, 11, 22), right="accredit"
    )
    rights.enter(
        w.office, rights.accredit(w.office, root, Party.body(w.office, body_called(w.office, "agency")), ended)
    )
    assert w.issue().number
    assert w.verify(before.document).verdict == "valid"
    value = certificate(w) | {"number": "IA-9"}
    for created in (w.clock.now, w.clock.now - timedelta(days=1, hours=12)):
        late = value | {"id": f"urn:x:{created:%d}", "version": created.day, "created": created}
        rights.enter(w.office, resigned(w, late, key_of(w, "agency")))
    assert [right.number for right in w.university.accreditations] == ["IA-0"]
    assert len(w.university.unproven) == 2


# Professions


def test_PQ_01_an_accreditation_for_some_professions_is_for_those_alone(tmp_path: Path) -> None:
    code = World(tmp_path / "any").facts(CENTRE).profession_code
    assert code
    w = World(tmp_path / "these", rows=(accredited({"professions": [code, "0000-0-000"]}),))
    issued = w.issue(CENTRE)
    assert w.verify(issued.document).verdict == "valid"
    w = World(tmp_path / "others", rows=(accredited({"professions": ["0000-0-000"]}),))
    with pytest.raises(Refused, match=f"PQ-01.*does not cover the profession {code}"):
        w.issue(CENTRE)
    w.issue(MICRO)
    both = World(tmp_path / "both", rows=(accredited({"professions": [code]}, {"professions": ["0000-0-000"]}),))
    issued = both.issue(CENTRE)
    both.clock.move(days=1)
    both.accreditation(valid_until=date(2026, 11, 20))
    verdict, outcome, because = step_3(both.verify(issued.document))
    assert (verdict, outcome) == ("not_accredited", "failed")
    assert f"does not cover the profession {code}" in because


# Speed


def test_a_chain_is_checked_once_and_again_when_it_has_changed(w: World) -> None:
    w.accreditation(valid_until=date(2027, 6, 1))
    issued = w.issue()
    before = trust.signed_with.cache_info().misses
    for _ in range(3):
        assert w.verify(issued.document).verdict == "valid"
    assert trust.signed_with.cache_info().misses == before
    w.accreditation(valid_until=date(2027, 7, 1))
    before = trust.signed_with.cache_info().misses
    assert w.verify(issued.document).verdict == "valid"
    assert trust.signed_with.cache_info().misses == before + 1


def test_all_at_once_or_one_by_one_the_institutions_are_the_same(w: World) -> None:
    store = w.office.registry
    assert list(store.institutions()) == [store.institution_called(slug) for slug in ("kau", "kmu")]


def test_the_document_of_a_certificate_names_whole_days_in_kazakhstan(w: World) -> None:
    value = json.loads(written(certificate(w)))
    assert (value["validFrom"], value["validUntil"]) == ("2023-12-31T18:00:00Z", "2027-12-31T18:59:59Z")
    assert datetime.fromisoformat(value["validFrom"]).tzinfo
