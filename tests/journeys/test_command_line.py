"""Bad input at the command line: one sentence, an exit code, nothing half-issued, never a traceback."""

import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from issuer.store import IssuerStore
from tanu.demo import FILES
from tanu.demonstration import SHIPPED
from tanu.home import open_home
from tanu.settings import Settings

pytestmark = pytest.mark.xdist_group("command line")

TANU = Path(sys.executable).parent / "tanu"
LIST = "certification-list.xlsx"
KIND, INSTITUTION = FILES[LIST]


@dataclass(frozen=True)
class Office:
    home: Path

    def tanu(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {
            **os.environ,
            "TANU_LANG": "en",
            "TANU_HOME": str(self.home),
            "TANU_PASSPHRASE": "a b c",
            **environment,
        }
        answer = subprocess.run(
            [TANU, *arguments], check=False, capture_output=True, env=settings, text=True, timeout=300
        )
        assert "Traceback" not in answer.stderr + answer.stdout
        return answer

    def issue(self, file: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.tanu(
            "issue", str(file), "--kind", KIND, "--institution", INSTITUTION, "--no-pdf", *more, **environment
        )

    @property
    def issued(self) -> int:
        with sqlite3.connect(self.home / "tanu.db") as connection:
            return int(connection.execute("select count(*) from entries").fetchone()[0])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = Office(tmp_path_factory.mktemp("office") / "home")
    answer = made.tanu("init", "--institutions", str(SHIPPED / "issuers.json"))
    assert answer.returncode == 0, answer.stderr
    return made


def test_a_reader_who_leaves_early_changes_no_exit_code(office: Office, tmp_path: Path) -> None:
    """`tanu verify … | head -0`, with output and errors in the same pipe."""
    forged = tmp_path / "forged.json"
    forged.write_text("{}")
    for arguments, code in ((["verify", str(forged)], 3), (["show", "x"], 65)):
        reading, writing = os.pipe()
        os.close(reading)
        settings = {**os.environ, "TANU_LANG": "en", "TANU_HOME": str(office.home)}
        done = subprocess.run([TANU, *arguments], stdout=writing, stderr=subprocess.PIPE, env=settings, check=False)
        assert done.returncode == code
        assert b"rror" not in done.stderr
        assert (
            subprocess.run([TANU, *arguments], stdout=writing, stderr=writing, env=settings, check=False).returncode
            == code
        )
        os.close(writing)


def _changed(tmp_path: Path, changes: dict[int, tuple[str, str | int]]) -> Path:
    """The shipped list with cells of its main sheet changed: row → (part of the heading, value)."""
    book = openpyxl.load_workbook(SHIPPED / LIST)
    sheet = book.worksheets[0]
    for row, (heading, value) in changes.items():
        column = next(
            c.column for line in sheet.iter_rows(max_row=3) for c in line if heading in str(c.value).casefold()
        )
        sheet.cell(row=row, column=column or 1, value=value)
    file = tmp_path / "list.xlsx"
    book.save(file)
    return file


def test_a_wrong_row_is_named_by_sheet_row_and_column_in_three_languages_and_nothing_is_issued(
    office: Office, tmp_path: Path
) -> None:
    file = (
        _changed(tmp_path, {4: ("пайыз", 40)}) if "пайыз" in _headings() else _changed(tmp_path, {4: ("процент", 40)})
    )
    before = office.issued
    answer = office.issue(file, "--json")
    report = json.loads(answer.stdout)
    assert (answer.returncode, report["issued"]) == (65, [])
    problem = report["problems"][0]
    assert problem["place"]["row"] == 4
    assert problem["place"]["sheet"]
    assert problem["place"]["column"]
    assert len({problem["because"][language] for language in ("kk", "ru", "en")}) == 3
    assert office.issued == before


def _headings() -> str:
    sheet = openpyxl.load_workbook(SHIPPED / LIST).worksheets[0]
    return " ".join(str(cell.value) for line in sheet.iter_rows(max_row=3) for cell in line).casefold()


def test_a_dry_run_checks_everything_and_issues_nothing(office: Office) -> None:
    before = office.issued
    answer = office.issue(SHIPPED / LIST, "--dry-run")
    assert answer.returncode == 0, answer.stderr
    assert office.issued == before


def test_killed_in_the_middle_the_next_run_finishes_and_nothing_is_twice(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    office = Office(tmp_path_factory.mktemp("crash") / "home")
    assert office.tanu("init", "--institutions", str(SHIPPED / "issuers.json")).returncode == 0
    for delay in (1.0, 1.6, 2.2):
        arguments = ["issue", str(SHIPPED / LIST), "--kind", KIND, "--institution", INSTITUTION, "--no-pdf"]
        environment = {**os.environ, "TANU_HOME": str(office.home), "TANU_PASSPHRASE": "a b c"}
        process = subprocess.Popen(
            [TANU, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    answer = office.issue(SHIPPED / LIST, "--json")
    issued = json.loads(answer.stdout)["issued"]
    assert answer.returncode == 0, answer.stderr
    assert (
        len({row["number"] for row in issued}) == len({row["code"] for row in issued}) == len(issued) == office.issued
    )
    store = IssuerStore(open_home(Settings.read({}, office.home)).engine)
    assert not store.unfinished()
    assert not store.errands()
    for row in issued[:3]:
        assert office.tanu("verify", row["json"]).returncode == 0


def test_the_wrong_rows_are_left_out_only_on_request_and_the_others_are_issued(office: Office, tmp_path: Path) -> None:
    file = _changed(tmp_path, {3: ("пайыз" if "пайыз" in _headings() else "процент", "many")})
    assert office.issue(file).returncode == 65
    before = office.issued
    answer = office.issue(file, "--skip-bad", "--json")
    report = json.loads(answer.stdout)
    assert answer.returncode == 65
    assert report["problems"]
    assert office.issued == before + len(report["issued"])
    again = json.loads(office.issue(file, "--skip-bad", "--json").stdout)
    assert all(row["again"] for row in again["issued"])


def test_a_wrong_passphrase_records_nothing(office: Office) -> None:
    before = office.issued
    for language, words in (("en", "Wrong passphrase"), ("ru", "Неверная"), ("kk", "Құпиясөз")):
        answer = office.issue(SHIPPED / LIST, TANU_PASSPHRASE="wrong", TANU_LANG=language)
        assert answer.returncode == 65
        assert words in answer.stderr
    assert office.issued == before


def test_without_a_passphrase_it_asks_for_one(office: Office) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TANU_PASSPHRASE"}
    command: list[str | Path] = [
        TANU,
        "issue",
        SHIPPED / LIST,
        "--kind",
        KIND,
        "--institution",
        INSTITUTION,
        "--home",
        office.home,
    ]
    answer = subprocess.run(
        command, check=False, capture_output=True, env=environment, stdin=subprocess.DEVNULL, text=True
    )
    assert answer.returncode == 65
    assert "TANU_PASSPHRASE" in answer.stderr


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = Office(tmp_path / "file" / "home").tanu("init")
    assert answer.returncode == 65
    assert "cannot be written" in answer.stderr


def test_there_is_no_home(tmp_path: Path) -> None:
    answer = Office(tmp_path / "none").tanu("show", "KMU-MC-2026-000001-42")
    assert answer.returncode == 65
    assert "tanu init" in answer.stderr


def test_a_taken_port_is_told(office: Office) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        answer = office.tanu("serve", "--port", str(other.getsockname()[1]))
    assert answer.returncode == 65
    assert "Port" in answer.stderr


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    office = Office(tmp_path / "home")
    office.tanu("init", "--institutions", str(SHIPPED / "issuers.json"))
    with sqlite3.connect(office.home / "tanu.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    answer = office.tanu("show", "KMU-MC-2026-000001-42")
    assert answer.returncode == 65
    assert "newer" in answer.stderr or "Update" in answer.stderr


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    office = Office(tmp_path / "home")
    office.tanu("init")
    (office.home / "tanu.db").write_bytes(b"no database" * 100)
    for leftover in office.home.glob("tanu.db-*"):
        leftover.unlink()
    assert office.tanu("show", "KMU-MC-2026-000001-42").returncode == 65


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("issue",),
        ("verify",),
        ("nonsense",),
        ("verify", "x", "--policy", "loose"),
        ("status", "annul", "X"),
        ("issue", "x.xlsx", "--kind", "Diploma", "--institution", "y"),
        ("status", "annul", "X", "--reason", "whim", "--authority", "a", "--basis", "b", "--by", "c"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_exit_64(office: Office, arguments: tuple[str, ...]) -> None:
    answer = office.tanu(*arguments)
    assert answer.returncode == 64


def test_files_that_are_no_lists(office: Office, tmp_path: Path) -> None:
    before = office.issued
    for name, content in (
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("b.csv", b'"never closed'),
        ("c.json", b"{"),
        ("d.xlsx", b""),
    ):
        (tmp_path / name).write_bytes(content)
        answer = office.issue(tmp_path / name)
        assert answer.returncode == 65
        assert (answer.stdout + answer.stderr).strip()
    assert office.issue(tmp_path / "missing.xlsx").returncode == 65
    assert office.issued == before


def test_unreadable_documents_are_exit_3(office: Office, tmp_path: Path) -> None:
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    contents = (
        b"",
        b"[" * 100_000,
        b"{}",
        b'{"a":1,"a":2}',
        b"%PDF-1.7 broken",
        book.getvalue(),
        b"\xff\xfe",
        b"eyJhbGciOiJub25lIn0..",
    )
    for content in contents:
        (tmp_path / "document").write_bytes(content)
        answer = office.tanu("verify", str(tmp_path / "document"), "--json")
        assert answer.returncode == 3
        assert json.loads(answer.stdout)["verdict"] in ("malformed", "unsupported")
    assert office.tanu("verify", str(tmp_path / "missing.json")).returncode == 3


def test_C13_one_person_cannot_confirm_their_own_entry(office: Office) -> None:
    office.issue(SHIPPED / LIST)
    number = json.loads(office.issue(SHIPPED / LIST, "--json").stdout)["issued"][0]["number"]
    words = ("--authority", "Commission", "--basis", "Regulation", "--minutes", "1", "--by", "Ә. Маман")
    error = ("--reason", "error", *words)
    for second in ("ә. маман", "Stranger"):
        assert office.tanu("status", "revoke", number, *error, "--confirmed-by", second).returncode == 65
    assert office.tanu("status", "revoke", number, *error, "--effective", "2020-01-01").returncode == 65
    assert office.tanu("status", "revoke", number, *error, "--effective", "soon").returncode == 64
    assert json.loads(office.tanu("status", "proposed", "--json").stdout) == []
    event = json.loads(office.tanu("status", "revoke", number, *error, "--json").stdout)["event"]
    assert office.tanu("status", "confirm", event, "--by", "Ә.Маман").returncode == 65
    assert json.loads(office.tanu("show", number, "--json").stdout)["state"] == "valid"
    assert [row["event"] for row in json.loads(office.tanu("status", "proposed", "--json").stdout)] == [event]
    assert office.tanu("status", "confirm", event, "--by", "Б. Екінші").returncode == 0
    assert office.tanu("status", "confirm", event, "--by", "Б. Екінші").returncode == 65
    assert office.tanu("status", "reinstate", number, *error).returncode == 65
    assert json.loads(office.tanu("show", number, "--json").stdout)["state"] == "revoked"
