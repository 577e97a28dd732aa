"""The demo as a new user meets it: through the command, with the shipped files, from the paper back to the page."""

import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from starlette.testclient import TestClient

from keys.proof import check
from keys.public import PublicKey
from schemas.numbers import is_iin
from schemas.reading import read_object
from schemas.statuslist import bit_at, read_list_document
from tanu.asgi import everything
from tanu.home import open_home
from tanu.settings import Settings

pytestmark = pytest.mark.xdist_group("demo")

TANU = Path(sys.executable).parent / "tanu"
KINDS = {
    "MicroCredentialCertificate",
    "ProfessionalQualificationRecognition",
    "LearningRecognitionDecision",
    "ShortTermTrainingCertificate",
    "CertificateSupplement",
}


@dataclass(frozen=True)
class Demo:
    home: Path
    issued: list[dict[str, str]]

    def tanu(self, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "TANU_LANG": "en", "TANU_HOME": str(self.home)}
        return subprocess.run(
            [TANU, *arguments], check=False, capture_output=True, env=environment, input=stdin, timeout=300
        )

    def change(
        self, verb: str, number: str, reason: str, authority: str = "Office", basis: str = "Act 1", **more: str
    ) -> None:
        """One officer proposes, another confirms."""
        options = [word for name, value in more.items() for word in (f"--{name}", value)]
        proposed = self.tanu("status", verb, number, *order(reason, authority, basis), *options, "--json")
        assert proposed.returncode == 0, proposed.stderr.decode()
        event = json.loads(proposed.stdout)["event"]
        confirmed = self.tanu("status", "confirm", event, "--by", "Б. Екінші")
        assert confirmed.returncode == 0, confirmed.stderr.decode()

    def first(self, kind: str) -> dict[str, str]:
        return next(row for row in self.issued if row["kind"] == kind)

    def a_certificate(self, place: int) -> dict[str, str]:
        """Another micro-credential for each test that ends one."""
        return [row for row in self.issued if row["kind"] == "MicroCredentialCertificate"][place]


def order(reason: str, authority: str = "Office", basis: str = "Act 1") -> tuple[str, ...]:
    """The options of a change of state."""
    said = {"reason": reason, "authority": authority, "basis": basis, "minutes": "7", "by": "Ә. Маман"}
    return tuple(word for name, value in said.items() for word in (f"--{name}", value))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    home = tmp_path_factory.mktemp("demo") / "home"
    made = Demo(home, [])
    answer = made.tanu("demo", "--no-serve", "--json")
    assert answer.returncode == 0, answer.stderr.decode()
    return Demo(home, json.loads(answer.stdout))


@pytest.fixture(scope="module")
def browser(demo: Demo) -> Iterator[TestClient]:
    home = open_home(Settings.read({}, demo.home))
    office = home.office((demo.home / "passphrase").read_text(), "test")
    with TestClient(everything(office), base_url=home.public_url) as client:
        yield client


def _page_of_qr(pdf: bytes) -> str:
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def _attached(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (attached,) = document.attachments.values()
        return attached.get_file().read_bytes()


def test_the_demo_issues_all_five_kinds_to_forty_holders_and_more(demo: Demo) -> None:
    assert {row["kind"] for row in demo.issued} == KINDS
    assert Counter(row["kind"] for row in demo.issued)["CertificateSupplement"] == 2
    holders = {_name(row) for row in demo.issued}
    assert len(holders) >= 40
    assert set("әғқңөұүһі") <= set("".join(holders).casefold())


def _name(row: dict[str, str]) -> str:
    subject = _subject(row)
    parts = (subject["familyName"], subject["givenName"], subject.get("patronymicName", {}))
    return " ".join(str(part.get("kk", part.get("en"))) for part in parts)


def _subject(row: dict[str, str]) -> dict[str, Any]:
    return dict(read_object(Path(row["json"]).read_bytes())["credentialSubject"])


def test_every_document_verifies_from_its_file_and_from_its_paper(demo: Demo) -> None:
    for row in (demo.first(kind) for kind in sorted(KINDS)):
        for file in (row["json"], row["pdf"]):
            answer = demo.tanu("verify", file, "--json")
            report = json.loads(answer.stdout)
            assert (answer.returncode, report["verdict"], report["test"]) == (0, "valid", True), (file, report)
            assert sorted({step["n"] for step in report["checks"]}) == list(range(1, 10))
            signers = [each["role"] for each in report["signatures"]]
            others = ["rector", "dean"] if row["kind"] == "CertificateSupplement" else []
            assert signers == ["institution", *others]


def test_the_qr_of_every_paper_leads_to_its_page_which_says_valid_and_test(demo: Demo, browser: TestClient) -> None:
    for row in demo.issued:
        pdf = Path(row["pdf"]).read_bytes()
        assert _page_of_qr(pdf) == row["page"]
        assert _attached(pdf) == Path(row["json"]).read_bytes()
    for row in (demo.first(kind) for kind in sorted(KINDS)):
        page = browser.get(row["page"], headers={"Accept": "text/html", "Accept-Language": "en"})
        assert page.status_code == 200
        assert page.text.partition("<title>")[2].startswith("Valid")
        assert "TEST" in page.text
        assert row["number"] in page.text


def test_the_code_alone_never_shows_a_grade_and_the_whole_document_does(demo: Demo, browser: TestClient) -> None:
    row = demo.a_certificate(0)
    by_code = browser.get(f"/api/c/{row['code']}").json()
    handed_in = browser.post("/api/verify", content=Path(row["json"]).read_bytes()).json()
    grade = _subject(row)["grade"]
    assert "grade" not in [field["name"] for field in by_code["document"]["fields"]]
    shown = next(field for field in handed_in["document"]["fields"] if field["name"] == "grade")
    assert grade["letter"] in json.dumps(shown)


def test_of_a_commissions_decision_the_code_shows_only_state_number_and_issuer(demo: Demo, browser: TestClient) -> None:
    row = demo.first("LearningRecognitionDecision")
    document = browser.get(f"/api/c/{row['code']}").json()["document"]
    assert (document["holder"], document["title"], document["fields"]) == (None, None, [])
    assert document["number"] == row["number"]
    assert document["issuer"]["confirmed"]


def test_no_iin_stands_in_anything_public(demo: Demo, browser: TestClient) -> None:
    public = [Path(row["json"]).read_text("utf-8") for row in demo.issued]
    public += [browser.get(row["page"], headers={"Accept": "text/html"}).text for row in demo.issued]
    public += [_text(Path(row["pdf"]).read_bytes()) for row in demo.issued]
    for text in public:
        digits = "".join(c if c.isdigit() else " " for c in text)
        assert not [run for run in digits.split() if len(run) == 12 and is_iin(run)]


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_after_an_annulment_page_api_and_list_say_so_with_reason_authority_and_date(
    demo: Demo, browser: TestClient
) -> None:
    row = demo.a_certificate(1)
    by = ("--by", "Ә. Маман")
    for step in (("open", "--ground", "x"), ("inform",), ("answer", "--text", "x")):
        answer = demo.tanu("annulment", step[0], row["number"], *step[1:], *by)
        assert answer.returncode == 0, answer.stderr.decode()
    demo.change("annul", row["number"], "violation", "Certification commission", "Regulation 9.2")
    report = browser.get(f"/api/c/{row['code']}").json()
    (change,) = report["document"]["history"]
    assert report["verdict"] == "annulled"
    assert (change["reason"], change["authority"], change["basis"]) == (
        "violation",
        "Certification commission",
        "Regulation 9.2",
    )
    page = browser.get(row["page"], headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert page.partition("<title>")[2].startswith("Annulled")
    assert "Certification commission" in page
    assert demo.tanu("verify", row["json"]).returncode == 1
    document = read_object(Path(row["json"]).read_bytes())
    assert _bit(browser, document)


def test_after_an_annulment_its_case_goes_on_and_the_office_sees_what_is_left_to_do(demo: Demo) -> None:
    number, by = demo.a_certificate(1)["number"], ("--by", "Ә. Маман")
    assert demo.tanu("annulment", "appeal", number, "--text", "I do not agree", *by).returncode == 0
    told = ("--minutes", "9", "--text", "Nothing new")
    assert demo.tanu("annulment", "outcome", number, "rejected", *told, *by).returncode == 0
    case = json.loads(demo.tanu("annulment", "show", number, "--json").stdout)
    assert (case["state"], [step["step"] for step in case["steps"]]) == (
        "rejected",
        ["open", "inform", "answer", "decide", "effect", "appeal", "reject"],
    )
    assert [row["case"] for row in json.loads(demo.tanu("annulment", "list", "--json").stdout)] == [f"{number}-A1"]
    assert "reject the appeal" in demo.tanu("annulment", "show", number).stdout.decode()
    shown = json.loads(demo.tanu("show", number, "--json").stdout)
    assert (shown["annulment"], shown["proposed"]) == ("rejected", None)
    (ended,) = shown["history"]
    assert (ended["minutes"], ended["entered_by"], ended["confirmed_by"]) == ("7", "Ә. Маман", "Б. Екінші")
    assert "Ә. Маман → Б. Екінші" in demo.tanu("show", number).stdout.decode()
    assert demo.tanu("annulment", "outcome", number, "upheld", *told, *by).returncode == 65
    letters = [row for row in json.loads(demo.tanu("notices", "--all", "--json").stdout) if row["number"] == number]
    assert [(row["about"], row["way"]) for row in letters] == [
        (about, "letter") for about in ("rejected", "annulled", "informed")
    ]
    assert all((demo.home / "notices" / f"{row['name']}.eml").exists() for row in letters)
    assert json.loads(demo.tanu("notices", "--json").stdout) == []
    assert json.loads(demo.tanu("flags", "--json").stdout) == []
    assert demo.tanu("flags", number).returncode == 65
    review = ("--minutes", "1", "--conclusion", "x", *by)
    assert demo.tanu("flags", number, *review).returncode == 65


def _bit(browser: TestClient, document: dict[str, Any]) -> bool:
    entry = document["credentialStatus"]
    signed = read_object(browser.get(entry["statusListCredential"]).content)
    multibase = str(signed["proof"]["verificationMethod"]).partition("#")[2]
    assert check(signed, signed["proof"], PublicKey.from_multibase(multibase))
    return bit_at(read_list_document(signed).bits, int(entry["statusListIndex"]))


def test_a_suspension_ends_and_the_page_keeps_telling_both(demo: Demo, browser: TestClient) -> None:
    row = demo.a_certificate(2)
    demo.change("suspend", row["number"], "other")
    assert browser.get(f"/api/c/{row['code']}").json()["verdict"] == "suspended"
    demo.change("reinstate", row["number"], "other")
    report = browser.get(f"/api/c/{row['code']}").json()
    assert report["verdict"] == "valid"
    assert [change["state"] for change in report["document"]["history"]] == ["suspended", "reinstated"]


def test_a_replaced_document_points_to_its_successor(demo: Demo, browser: TestClient) -> None:
    old, stranger = demo.a_certificate(3), demo.a_certificate(4)
    new = _corrected(demo, old)
    words = order("correction")
    assert demo.tanu("status", "replace", old["number"], *words, "--successor", stranger["number"]).returncode == 65
    demo.change("replace", old["number"], "correction", successor=new["number"])
    report = browser.get(f"/api/c/{old['code']}").json()
    assert (report["verdict"], report["document"]["successor"]) == ("replaced", new["code"])
    assert new["code"] in browser.get(old["page"], headers={"Accept": "text/html"}).text


def _corrected(demo: Demo, row: dict[str, str]) -> dict[str, str]:
    """The same holder's document, issued again under a new case."""
    subject = _subject(row)
    badge = ("type", "identifier", "achievement", "licenseNumber", "creditsEarned")
    facts = {name: value for name, value in subject.items() if name not in badge}
    file = demo.home / "corrected.json"
    file.write_text(json.dumps([{"case": "corrected-1", **facts}], ensure_ascii=False))
    of = ("--kind", row["kind"], "--institution", "specimen-university", "--no-pdf", "--json")
    answer = demo.tanu("issue", str(file), *of)
    assert answer.returncode == 0, answer.stderr
    issued: list[dict[str, str]] = json.loads(answer.stdout)["issued"]
    return issued[0]


def test_a_document_replaced_by_an_unnamed_one_sends_its_reader_to_the_issuer(demo: Demo, browser: TestClient) -> None:
    row = demo.a_certificate(10)
    demo.change("replace", row["number"], "correction")
    page = browser.get(row["page"], headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "Ask the holder or the issuer" in page


def test_the_end_of_a_certificate_ends_its_supplement(demo: Demo, browser: TestClient) -> None:
    supplement = demo.first("CertificateSupplement")
    parent = _subject(supplement)["parent"]["parentNumber"]
    demo.change("revoke", parent, "error")
    assert browser.get(f"/api/c/{supplement['code']}").json()["verdict"] == "revoked"


def test_a_duplicate_says_so_and_is_the_same_document(demo: Demo, tmp_path: Path) -> None:
    row = demo.a_certificate(5)
    answer = demo.tanu("print", row["number"], "--out", str(tmp_path), "--json")
    printed = json.loads(answer.stdout)
    pdf = Path(printed["pdf"]).read_bytes()
    assert printed["print"] == 2
    assert _attached(pdf) == Path(row["json"]).read_bytes()
    assert _page_of_qr(pdf) == row["page"]
    assert "Дубликат" in _text(pdf)
    assert "Дубликат" not in _text(Path(row["pdf"]).read_bytes())


def test_the_holder_downloads_the_exact_bytes_until_the_office_renews_the_link(demo: Demo, browser: TestClient) -> None:
    row = demo.a_certificate(6)
    download = browser.get(row["holder_page"] + "/credential.json")
    assert download.headers["content-type"] == "application/vc"
    assert download.content == Path(row["json"]).read_bytes()
    assert browser.get(row["holder_page"] + "/certificate.pdf").content[:5] == b"%PDF-"
    renewed = json.loads(demo.tanu("link", row["number"], "--json").stdout)["holder_page"]
    assert browser.get(row["holder_page"]).status_code == 404
    assert browser.get(row["holder_page"] + "/credential.json").status_code == 404
    assert browser.get(renewed).status_code == 200


def test_the_demo_again_finishes_what_is_missing_and_adds_nothing(demo: Demo) -> None:
    lost = Path(demo.issued[7]["pdf"])
    lost.unlink()
    again = json.loads(demo.tanu("demo", "--no-serve", "--json").stdout)
    names = ("kind", "number", "code", "page", "json", "pdf")
    assert [[row[n] for n in names] for row in again] == [[row[n] for n in names] for row in demo.issued]
    assert _page_of_qr(lost.read_bytes()) == demo.issued[7]["page"]


def test_what_cannot_be_asked_is_not_valid_and_neither_is_what_was_changed(demo: Demo) -> None:
    row = demo.a_certificate(8)
    assert demo.tanu("verify", row["json"], "--registry", "http://127.0.0.1:1").returncode == 2
    name = _subject(row)["familyName"]["kk"]
    changed = Path(row["json"]).read_text("utf-8").replace(name, name + "а")
    assert demo.tanu("verify", "-", stdin=changed.encode()).returncode == 1
    assert demo.tanu("verify", "-", stdin=b"[").returncode == 3


def test_no_host_header_changes_an_address_and_pages_are_compressed(demo: Demo, browser: TestClient) -> None:
    page = browser.get("/c/" + demo.issued[9]["code"], headers={"Accept": "text/html", "Host": "evil.example"})
    assert "evil.example" not in page.text
    assert page.headers["content-encoding"] == "gzip"
    assert browser.get("/issuers/", headers={"Host": "evil.example"}, follow_redirects=False).status_code == 404
