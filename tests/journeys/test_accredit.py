"""A chamber accredits a recognition centre: two homes, which know of each other only by files."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry import wire
from registry.issuers import Institution
from registry.store import RegistryStore
from schemas.credential import written
from schemas.reading import Json
from tanu import cli
from tanu.home import open_home
from tanu.settings import Settings
from tests.world import CENTRE, MICRO, body_row, institution_row

ASKED = ("--body", "chamber", "--number")
ROOT, CHAMBER = "880140000054", "880140000064"


def file_of(folder: Path, name: str, value: Json) -> Path:
    path = folder / name
    path.write_bytes(written(value))
    return path


@dataclass
class Town:
    """The home of the chamber, which keeps the root too, and that of the centre."""

    folder: Path
    set: Callable[[str, str], None]

    def run(self, home: str, *words: str | Path) -> int:
        return cli.run([*map(str, words), "--home", str(self.folder / home)])

    def store(self, home: str) -> RegistryStore:
        return open_home(Settings.read(home=self.folder / home)).registry

    def centre(self) -> Institution:
        found = self.store("centre").institution_called("centre")
        assert found
        return found

    @property
    def root(self) -> str:
        return next(body.did for body in self.store("chamber").bodies() if body.slug == "root")

    def certificate_of_the_chamber(self) -> Path:
        body = next(body for body in self.store("chamber").bodies() if body.slug == "chamber")
        (right,) = self.store("chamber").rights_of(body.did)
        return file_of(self.folder, "chamber.json", wire.write_body(body, [right])["rights"][0]["document"])

    def published(self) -> Path:
        """What `/api/issuers/{did}` of the centre's register says of it."""
        return file_of(self.folder, "issuer.json", wire.write_institution(self.centre()))


def row_of(row: Any) -> Any:
    return json.loads(row.model_dump_json(by_alias=True, exclude_none=True))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANU_PASSPHRASE", "a passphrase")
        patch.setenv("TANU_LANG", "en")
        made = Town(folder, patch.setenv)
        bodies = [body_row("root", ROOT, test=False), body_row("chamber", CHAMBER, [CENTRE], test=False)]
        file = file_of(folder, "bodies.json", {"bodies": [row_of(row) for row in bodies]})
        assert made.run("chamber", "init", "--institutions", file) == 0
        centre = institution_row("centre", "CEN", "990340000014", (), accreditations=[], test=False)
        file = file_of(folder, "institutions.json", [row_of(centre)])
        assert made.run("centre", "init", "--institutions", file) == 0
        yield made


def test_a_certificate_goes_from_home_to_home(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    asked = (*ASKED, "KZ-0042")
    more = ("--kind", CENTRE, "--profession", "7212-1-004", "--from", "2026-01-01", "--until", "2028-12-31")
    out = town.folder / "accreditation.json"
    capsys.readouterr()
    assert town.run("chamber", "accredit", town.published(), *asked, *more, "--out", out) == 0
    said = capsys.readouterr().out
    assert "Accreditation certificate No. KZ-0042, version 1, is signed: Specimen chamber → Specimen CEN" in said
    assert town.run("centre", "accredit", "--enter", out) == 0
    assert "is in the register" in capsys.readouterr().out
    assert town.centre().accreditations == ()
    assert "TANU_TRUST_ROOTS" in town.centre().unproven[0].because.en
    town.set("TANU_TRUST_ROOTS", town.root)
    assert "No root of trust vouches for the right of Specimen chamber" in town.centre().unproven[0].because.en
    assert town.run("centre", "accredit", "--enter", town.certificate_of_the_chamber()) == 0
    (right,) = town.centre().accreditations
    assert (right.kinds, right.professions, right.number) == ((CENTRE,), ("7212-1-004",), "KZ-0042")
    before = len(town.centre().rights)
    assert town.run("centre", "accredit", "--enter", out) == 0
    assert len(town.centre().rights) == before, "the same again changes nothing"
    # its end
    capsys.readouterr()
    assert town.run("chamber", "accredit", town.published(), *asked, "--until", "2026-11-29", "--json") == 0
    ended = json.loads(capsys.readouterr().out)
    assert (ended["version"], ended["validUntil"]) == (2, "2026-11-29T18:59:59Z")
    assert ended["credentialSubject"]["professions"] == ["7212-1-004"]
    assert town.run("centre", "accredit", "--enter", file_of(town.folder, "ended.json", ended)) == 0
    assert [str(each.valid_until) for each in town.centre().accreditations] == ["2026-11-29"]


def test_a_mandate_goes_from_home_to_home(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """The centre lets an institution of another home issue in its name; that home knows the centre by its row."""
    branch = institution_row("branch", "BRA", "050140000011", (), accreditations=[], test=False)
    file = file_of(town.folder, "branch-home.json", [row_of(branch)])
    assert town.run("branch", "init", "--institutions", file) == 0
    held = town.store("branch").institution_called("branch")
    assert held
    described = file_of(town.folder, "branch.json", wire.write_institution(held))
    out = town.folder / "mandate.json"
    of = ("--by", "centre", "--number", "M-1", "--kind", CENTRE, "--until", "2030-01-01")
    capsys.readouterr()
    assert town.run("centre", "mandate", described, *of, "--out", out) == 0
    assert (
        "Mandate to issue documents No. M-1, version 1, is signed: Specimen CEN → Specimen BRA"
        in capsys.readouterr().out
    )
    assert town.run("branch", "mandate", "--enter", out) == 65
    assert "not signed by Specimen CEN" in capsys.readouterr().err.replace("\n", " "), (
        "its register has no such mandator"
    )
    assert town.run("centre", "mandate", "centre", *of) == 65
    assert "to itself" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["accredit"], 64, "--enter"),
        (["accredit", "centre", "--body", "chamber"], 64, "--number"),
        (
            ["accredit", "centre", "--body", "nobody", "--number", "1", "--kind", CENTRE],
            65,
            "There is no accreditation",
        ),
        (["accredit", "nobody", "--body", "chamber", "--number", "1", "--kind", CENTRE], 65, "nobody"),
        (["accredit", "{issuer}", "--body", "chamber", "--number", "1"], 65, "--kind"),
        (["accredit", "{issuer}", "--body", "chamber", "--number", "1", "--kind", "Diploma"], 65, "Diploma"),
        (["accredit", "{issuer}", "--body", "chamber", "--number", "a\tb", "--kind", CENTRE], 65, "number"),
        (["accredit", "{issuer}", *ASKED, "1", "--kind", CENTRE, "--until", "2020-01-01"], 65, "its beginning"),
        (["accredit", "{issuer}", *ASKED, "1", "--kind", CENTRE, "--until", "soon"], 64, "--until"),
        (["accredit", "--enter", "{issuer}"], 65, ""),
        (["mandate", "centre", "--by", "centre"], 64, "--number"),
        (["mandate", "{issuer}", "--by", "nobody", "--number", "1", "--kind", CENTRE], 65, "nobody"),
        (["mandate"], 64, "--enter"),
        (["accredit", "--enter", "{nothing}"], 65, "nothing.json"),
        (["accredit", "{nothing}", *ASKED, "1", "--kind", MICRO], 65, "nothing.json"),
        (["accredit", "{bodies}", *ASKED, "1", "--kind", MICRO], 65, "bodies.json"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    words: list[str], code: int, said: str, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {
        "issuer": town.published(),
        "nothing": town.folder / "nothing.json",
        "bodies": town.folder / "bodies.json",
    }
    before = town.store("chamber").bodies(), town.centre()
    capsys.readouterr()
    assert town.run("chamber", *(word.format(**places) for word in words)) == code
    answer = capsys.readouterr()
    assert said in answer.err.replace("\n", " ")
    assert "Traceback" not in answer.err + answer.out
    assert (town.store("chamber").bodies(), town.centre()) == before


@pytest.mark.parametrize(
    "root", ["did:web:example.kz", "z6Mk", "did:key:z6MkX", "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"]
)
def test_a_root_that_is_no_did_key_is_refused(
    root: str, town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANU_TRUST_ROOTS", root)
    for words in (("dids",), ("verify", str(town.folder / "issuer.json"), "--registry", "http://127.0.0.1:1")):
        assert town.run("centre", *words) == 65
        assert "TANU_TRUST_ROOTS" in capsys.readouterr().err
