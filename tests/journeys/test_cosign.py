"""`tanu cosign` and `tanu verify` at the desk: what waits for whom, who signs, and which signature is bad."""

import json
from pathlib import Path
from typing import Any

import pytest

from issuer.batch import Checked
from issuer.cosign import waiting
from issuer.issue import approve
from keys.proof import add_proof
from schemas.credential import written
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from tanu import batches, cli, demonstration, telling
from tanu.cosigning import Order, run
from tanu.institutions import add_institutions, read_institutions
from tanu.session import Session
from tanu.settings import Settings
from tests.cosigning import DEAN, RECTOR, THREE, person, rows, rule, university
from tests.verifier.test_cosignatures import broken
from tests.world import EXTRACT, MICRO, World, issue, named_key, value_of
from tests.world_facts import ROWS, changed, facts_of
from verifier.intake import handed_in
from verifier.verify import verify

OWN = named_key("a key that its owner keeps")


@pytest.fixture
def town(tmp_path: Path) -> World:
    """Three sign micro-credentials; one who keeps the key signs extracts."""
    owner = person("serik", "vice_rector", publicKeyMultibase=OWN.multibase)
    asked = (rule(3), rule(1, "vice_rector", kind=EXTRACT))
    return World(tmp_path, rows=rows(*asked, persons=(*THREE, owner)))


def desk(w: World, *, as_json: bool = True) -> Session:
    """A command's session in the office of the world, with its clock and its keys."""
    session = Session(Settings(w.home.folder, None, None, None, frozenset()), "en", as_json)
    vars(session).update(home=w.home, office=w.office, desk=w.office)
    return session


def told(w: World, capsys: pytest.CaptureFixture[str], **asked: Any) -> Any:
    """What `tanu cosign --json` answers."""
    capsys.readouterr()
    run(desk(w), Order(**asked))
    return json.loads(capsys.readouterr().out)


def test_it_lists_what_waits_and_for_whom(town: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(town, capsys) == []
    waits = town.begin()
    (row,) = told(town, capsys)
    assert (row["number"], row["case"], row["signed"]) == (waits.intent.number, "case-1", [])
    assert "3 of 3" in row["waits_for"][0]["en"]
    run(desk(town, as_json=False), Order())
    assert "3 of 3" in capsys.readouterr().out


def test_it_tells_whose_signature_counts_no_more_and_who_signs_again(
    town: World, capsys: pytest.CaptureFixture[str]
) -> None:
    number = town.begin().intent.number
    told(town, capsys, number=number, name="rector")
    people = (person(RECTOR, "rector", compromised="2026-11-20"), *THREE[1:])
    add_institutions(town.office, (university(rule(3), persons=people),))
    (row,) = told(town, capsys)
    assert "0 there" in row["waits_for"][0]["en"]
    assert row["signed"] == []
    assert "counts no more. From 20 November 2026" in row["lapsed"][0]["en"]
    assert told(town, capsys, number=number, name=DEAN)[0]["lapsed"] == row["lapsed"]
    run(desk(town, as_json=False), Order())
    assert "by the same person with a good key" in capsys.readouterr().out
    assert len(town.rows_of("SELECT act FROM issuer_audit WHERE act = 'cosign_lapsed'")) == 1


def test_each_signs_and_the_last_one_publishes(town: World, capsys: pytest.CaptureFixture[str]) -> None:
    waits, other = town.begin(), town.begin()
    number = waits.intent.number
    (row,) = told(town, capsys, number=number, name="rector")
    assert "1 there" in row["waits_for"][0]["en"]
    told(town, capsys, number=number, name=DEAN)
    for name, count in (("commission_chair", 2), ("rector", 1), ("dean", 1)):
        assert len(told(town, capsys, every=True, name=name)) == count
    assert town.verify(town.finished(waits)).verdict == town.verify(town.finished(other)).verdict == "valid"
    run(desk(town, as_json=False), Order())
    assert capsys.readouterr().out == "No document waits for a signature.\n"


def test_who_keeps_the_key_is_written_what_to_sign(
    town: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = town.begin(EXTRACT)
    asked = told(town, capsys, number=waits.intent.number, name="serik", to_sign=True)
    assert written(asked["document"]) == waits.intent.document
    signed = add_proof(waits.document, asked["proof"], OWN)
    file = tmp_path / "proof.json"
    file.write_bytes(written(signed["proof"][-1]))
    (row,) = told(town, capsys, number=waits.intent.number, proof=file)
    assert row["waits_for"] == []
    assert value_of(town.finished(waits)) == signed
    with pytest.raises(Refused, match="cannot be read"):
        run(desk(town), Order(number=waits.intent.number, proof=tmp_path / "missing.json"))


def test_what_is_not_to_be_signed_is_withdrawn(town: World, capsys: pytest.CaptureFixture[str]) -> None:
    number = town.begin().intent.number
    assert told(town, capsys, number=number, withdraw="A wrong grade") == {
        "number": number,
        "withdrawn": "A wrong grade",
    }
    assert waiting(town.office) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "X"},
        {"name": "rector"},
        {"every": True},
        {"every": True, "number": "X", "name": "rector"},
        {"to_sign": True, "number": "X"},
        {"proof": Path("x")},
        {"proof": Path("x"), "number": "X", "name": "rector"},
        {"withdraw": "y"},
        {"withdraw": "y", "every": True, "name": "rector"},
    ],
    ids=str,
)
def test_half_an_order_or_two_are_refused(wrong: dict[str, Any], town: World) -> None:
    with pytest.raises(Refused, match="Choose one"):
        run(desk(town), Order(**wrong))


def test_the_command_line_says_so_too(town: World, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(town.home.folder)]
    assert cli.run(["cosign", "--all", *home]) == cli.REFUSED
    number = town.begin().intent.number
    assert cli.run(["cosign", *home, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["number"] == number
    assert cli.run(["show", number, *home]) == cli.REFUSED
    assert "3 of 3" in capsys.readouterr().err
    for more in ("king", "vice_rector"):
        assert cli.run(["cosign", number, "--as", more, "--bytes", *home]) == cli.REFUSED


def test_the_office_is_told_what_waits_when_it_issues(town: World, capsys: pytest.CaptureFixture[str]) -> None:
    approved = [town.approve(), town.approve()]
    checked = Checked(tuple(approved), (), ())
    out = town.folder / "out"
    handed, waits = batches.issue_all(desk(town), town.office, checked, out, pdf=False)
    assert handed == []
    assert not out.exists()
    telling.batch(desk(town), checked, handed, waits, dry_run=False, out=out)
    assert [row["case"] for row in json.loads(capsys.readouterr().out)["waiting"]] == ["case-1", "case-2"]
    telling.batch(desk(town, as_json=False), checked, handed, waits, dry_run=False, out=out)
    assert "Documents that wait for signatures: 2" in capsys.readouterr().out
    town.cosign(waits[0], RECTOR, DEAN, "commission_chair")
    handed, waits = batches.issue_all(desk(town), town.office, checked, out, pdf=True)
    (paper,) = out.glob("*.pdf")
    assert [each.case for each in handed] == ["case-1"]
    assert [found.intent.case for found in waits] == ["case-2"]
    assert len(value_of((out / f"{handed[0].number}.json").read_bytes())["proof"]) == 4
    assert town.verify(handed_in(paper.read_bytes())).verdict == "valid"


def test_B4_tanu_verify_says_which_of_three_is_bad_and_whose(
    town: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(telling, "system_clock", town.clock)
    monkeypatch.setenv("TANU_LANG", "en")
    waits = town.begin()
    town.cosign(waits, RECTOR, "commission_chair", DEAN)
    document = value_of(town.finished(waits))
    file = tmp_path / "credential.json"
    file.write_bytes(written(document))
    assert cli.run(["verify", str(file), "--home", str(town.home.folder)]) == 0
    assert capsys.readouterr().out.count("✓ 6") == 4
    first, rector, chair, dean = document["proof"]
    file.write_bytes(written(document | {"proof": [first, rector, broken(chair), dean]}))
    assert cli.run(["verify", str(file), "--home", str(town.home.folder)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("NOT GENUINE OR CHANGED")
    (line,) = [line for line in said.splitlines() if line.startswith("✗ 6") and "Signature" in line]
    assert "Signature 3, Т. Төкенов, commission_chair of it (chair of the commission)" in line
    assert said.count("✓ 6") == 3


def test_a_demonstration_of_before_there_were_rules_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Settings(tmp_path / "home", None, None, None, frozenset()), "en")
    shipped = read_institutions(demonstration.SHIPPED / "issuers.json")
    bare = {"responsible_persons": (), "signature_rules": ()}
    plain = tuple(row.model_copy(update=bare) for row in shipped.institutions)
    monkeypatch.setattr(
        demonstration, "read_institutions", lambda _: shipped.model_copy(update={"institutions": plain})
    )
    office = demonstration.prepare(session)
    university = office.institution("specimen-university")
    facts = facts_of(KINDS[MICRO], changed(ROWS[MICRO](), minutes__decided_on="2025-01-15"))
    (before,) = issue(office, [approve(office, KINDS[MICRO], university, "case-1", facts)])
    monkeypatch.undo()
    office = demonstration.prepare(session)
    there = office.institution("specimen-university")
    assert len(there.persons) == 3
    assert there.rules == ()
    assert verify(before.document, office.registry, office.now()).verdict == "valid"
