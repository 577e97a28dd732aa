"""`tanu keys`: listing, adding, rotating, and what follows when a key came into other hands."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tanu import cli
from tanu.demonstration import SHIPPED
from tests.world import MICRO

BY = ("--authority", "Rector", "--basis", "Order", "--minutes", "12", "--by", "Ә. Маман")


@dataclass
class Desk:
    """A home with the specimen institutions, and what its commands say."""

    folder: Path
    said: Callable[[], tuple[str, str]]

    def run(self, *words: str) -> int:
        return cli.run([*words, "--home", str(self.folder)])

    def asked(self, *words: str) -> Any:
        self.said()
        assert self.run(*words, "--json") == 0
        return json.loads(self.said()[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("keys") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANU_PASSPHRASE", "a passphrase")
        patch.setenv("TANU_PUBLIC_URL", "https://tanu.example")
        patch.setenv("TANU_LANG", "en")
        assert cli.run(["init", "--institutions", str(SHIPPED / "issuers.json"), "--home", str(made)]) == 0
        yield made


@pytest.fixture
def desk(folder: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(folder, lambda: tuple(capsys.readouterr()))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["list", "nobody"], 65, "nobody"),
        (["rotate", "z6MkNobody"], 65, "tanu keys list"),
        (["rotate", "{key}", "--from", "yesterday"], 64, "--from"),
        (["rotate", "{key}", "--from", "2020-01-01"], 65, "has passed"),
        (["add", "specimen-university", "--purpose", "fun"], 64, "documents | lists"),
        (["compromise", "{key}", "--from", "2099-01-01"], 65, "has not come yet"),
        (["compromise", "{key}", "--re-sign"], 64, "--authority"),
        (["compromise", "{key}", "--re-sign", *BY[:-2]], 64, "--by"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(words: list[str], code: int, said: str, desk: Desk) -> None:
    key = desk.asked("keys", "list", "specimen-university")[0]["id"]
    before = desk.asked("keys", "list")
    assert desk.run("keys", *(word.format(key=key) for word in words)) == code
    told = desk.said()
    assert said in told[1].replace("\n", " ")
    assert "Traceback" not in "".join(told)
    assert desk.asked("keys", "list") == before


def test_a_key_is_listed_rotated_and_found_to_be_stolen(desk: Desk) -> None:
    documents, lists = desk.asked("keys", "list", "specimen-university")
    assert (documents["purposes"], lists["purposes"]) == (["documents"], ["lists"])
    assert len(desk.asked("keys", "list")) == 8
    file = str(SHIPPED / "certification-list.xlsx")
    issued = desk.asked(
        "issue",
        file,
        "--kind",
        MICRO,
        "--institution",
        "specimen-university",
        "--no-pdf",
        "--out",
        str(desk.folder / "o"),
    )["issued"]
    old, new = desk.asked("keys", "rotate", lists["id"])
    assert old["retired_at"] == new["valid_from"]
    (added,) = desk.asked("keys", "add", "specimen-university", "--purpose", "lists", "--from", "2099-01-01")
    assert added["valid_from"] == "2098-12-31T19:00:00Z"
    found = desk.asked("keys", "compromise", documents["id"], "--from", documents["valid_from"])
    assert {each["number"] for each in found["documents"]} == {each["number"] for each in issued}
    assert {(each["fate"], each["state"], each["recorded"]) for each in found["documents"]} == {("lost", "valid", True)}
    assert [key["id"] == documents["id"] for key in found["keys"]] == [True, False]
    assert desk.run("keys", "compromise", documents["id"]) == 0
    out = desk.said()[0]
    assert "in other hands from" in out
    assert f"To be withdrawn or issued again: {len(issued)}" in out
    again = desk.asked("keys", "compromise", documents["id"], "--re-sign", *BY, "--confirmed-by", "Б. Екінші")
    assert len(again["re_signed"]) == len(issued)
    for each in again["re_signed"]:
        assert desk.asked("show", each["number"])["state"] == "replaced"
        assert desk.asked("show", each["successor"])["state"] == "valid"
    assert desk.asked("keys", "compromise", documents["id"])["documents"] == []
