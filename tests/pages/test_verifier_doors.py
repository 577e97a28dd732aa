"""The verifier's doors over HTTP: codes, files, shares, caps, headers; no browser."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from registry.pages import content_security_policy
from schemas import display
from schemas.languages import LANGUAGES, Language, say
from schemas.numbers import grouped
from tests.pages import reports
from tests.pages.conftest import SHARED, Answers
from verifier.report import VERDICTS, Verdict

VALID = reports.code_of("valid")
JSON_LIMIT = 256 * 1024
PDF_LIMIT = 10 * 1024 * 1024

verdicts = pytest.mark.parametrize("verdict", VERDICTS)


def heading(html: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", html)
    assert found, html
    return found[1]


# The first page


def test_a_typed_code_leads_to_the_documents_page(client: TestClient) -> None:
    typed = f" {grouped(VALID).lower()} "
    answer = client.get("/c", params={"code": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/c/{VALID}")


def test_the_chosen_language_goes_along(client: TestClient) -> None:
    answer = client.get("/c", params={"code": VALID, "lang": "kk"})
    assert answer.headers["location"] == f"/c/{VALID}?lang=kk"
    assert f'name="lang" value="kk"' in client.get("/?lang=kk").text  # noqa: F541


def test_the_address_behind_the_qr_code_may_be_typed_too(client: TestClient) -> None:
    for address in (f"{reports.PUBLIC_URL}/c/{VALID}?lang=ru", f"127.0.0.1:8000/c/{VALID}"):
        assert client.get("/c", params={"code": address}).headers["location"] == f"/c/{VALID}"


def test_a_registration_number_leads_to_what_it_opens(client: TestClient) -> None:
    answer = client.get("/c", params={"code": f" {reports.NUMBER.lower()}", "lang": "ru"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/n/{reports.NUMBER}?lang=ru")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "pages.home.nothing_typed"),
        ("   ", "pages.home.nothing_typed"),
        (reports.NUMBER[:-1] + "9", "numbers.number_mistyped"),
        (f"https://veriffy-kz.example/c/{VALID}", "pages.home.foreign_address"),
        (f"{reports.PUBLIC_URL}.evil.example/c/{VALID}", "pages.home.foreign_address"),
        ("hello", "numbers.not_a_code"),
        (VALID[:-1] + ("0" if VALID[-1] != "0" else "1"), "numbers.code_mistyped"),
    ],
)
def test_a_slip_is_told_on_the_page_and_what_was_typed_stays(client: TestClient, typed: str, key: str) -> None:
    """An address of another site too (docs/attacks.md E2)."""
    for language in LANGUAGES:
        answer = client.get("/c", params={"code": typed, "lang": language})
        assert answer.status_code == 422
        beginning = say(key)[language].split("{")[0]
        assert beginning[:30].replace("'", "&#39;") in answer.text
        assert f'value="{typed}"' in answer.text
        assert answer.text.count("<h1>") == 1
        assert say("pages.home.error_title")[language] in re.findall("<title>(.*)</title>", answer.text)[0]


# Where the QR code leads


@verdicts
def test_a_code_answers_200_and_only_an_unknown_one_404(client: TestClient, verdict: Verdict) -> None:
    answer = client.get(f"/c/{reports.code_of(verdict)}")
    assert answer.status_code == (404 if verdict == "not_found" else 200)
    assert heading(answer.text) == say(f"pages.verdict.{verdict}")["kk"]


def test_unknown_codes_all_get_the_same_page(client: TestClient) -> None:
    one, other = (client.get(f"/c/{reports.code_like(body)}") for body in ("1" * 13, "Z" * 13))
    assert one.content == other.content
    assert one.status_code == 404


def test_a_mistyped_code_says_so(client: TestClient) -> None:
    wrong = VALID[:-1] + ("0" if VALID[-1] != "0" else "1")
    answer = client.get(f"/c/{wrong}?lang=en")
    assert answer.status_code == 404
    assert "typing error" in answer.text
    assert heading(answer.text) == "No such document"


def test_a_code_in_groups_and_small_letters_is_read(client: TestClient) -> None:
    assert client.get(f"/c/{grouped(VALID).lower()}").status_code == 200


@verdicts
def test_programs_get_the_report_as_json(client: TestClient, verdict: Verdict) -> None:
    code = reports.code_of(verdict)
    for answer in (client.get(f"/c/{code}", headers={"Accept": "application/json"}), client.get(f"/api/c/{code}")):
        assert answer.json()["verdict"] == verdict
        assert answer.status_code == (404 if verdict == "not_found" else 200)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


def test_html_and_json_of_one_address_are_never_mistaken_for_each_other(client: TestClient) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for accept in (browser, "*/*", "", "text/html, application/json", "application/jsonp"):
        answer = client.get(f"/c/{VALID}", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith("text/html")
        assert "Accept" in answer.headers["vary"]
    as_json = client.get(f"/c/{VALID}", headers={"Accept": "application/json"})
    assert as_json.headers["vary"] == "Accept-Language, Accept"


def test_a_code_alone_never_shows_grades(client: TestClient, answers: Answers) -> None:
    answers.asked.clear()
    client.get(f"/c/{VALID}")
    client.get(f"/api/c/{VALID}")
    assert answers.asked == [(VALID, display.CODE)] * 2
    assert "A-" not in client.get(f"/c/{VALID}").text


# Share links


def test_a_share_link_shows_grades_with_their_scale(client: TestClient, answers: Answers) -> None:
    answers.asked.clear()
    answer = client.get(f"/s/{SHARED}?lang=en")
    assert answers.asked == [(VALID, display.LINK)]
    assert answer.status_code == 200
    assert "A-" in answer.text
    assert "Point-rating letter grading system" in answer.text


def test_an_ended_share_link_has_its_own_sentence(client: TestClient) -> None:
    answer = client.get("/s/neverwas?lang=en")
    assert answer.status_code == 404
    assert heading(answer.text) == "This link has ended"
    assert "no-store" in answer.headers["cache-control"]


# Files


def test_a_file_is_answered_with_its_report(client: TestClient) -> None:
    answer = client.post("/verify?lang=en", files={"file": ("a.json", b'{"type": "x"}')})
    assert (answer.status_code, heading(answer.text)) == (200, "Valid")
    assert "{&#34;type&#34;: &#34;x&#34;}" in answer.text
    assert "was not compared" not in answer.text


def test_of_a_tampered_file_nothing_is_shown_not_even_the_file(client: TestClient, answers: Answers) -> None:
    answers.to_file = reports.report("tampered")
    try:
        answer = client.post("/verify?lang=en", files={"file": ("a.json", b'{"secret": "Mickey"}')})
    finally:
        answers.to_file = None
    assert heading(answer.text) == "Not genuine or changed"
    assert "Mickey" not in answer.text


def test_of_a_pdf_the_page_says_that_the_paper_was_not_compared(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.routes.handed_in", lambda data: b"{}")
    answer = client.post("/verify?lang=en", files={"file": ("a.pdf", b"%PDF-1.7 ...")})
    assert "The printed page of the PDF was not compared" in answer.text


@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", b"\x89PNG\r\n", b"PK\x03\x04"])
def test_what_cannot_be_read_gets_a_reason_and_a_next_step(client: TestClient, data: bytes) -> None:
    answer = client.post("/verify?lang=en", files={"file": ("a", data)})
    assert (answer.status_code, heading(answer.text)) == (200, "We cannot read this")
    assert say("pages.next.malformed").en in answer.text
    assert client.post("/api/verify", content=data).json()["verdict"] in ("malformed", "unsupported")


@pytest.mark.parametrize("files", [{"file": ("a.json", b"")}, {"other": ("a.json", b"{}")}, {"file": ("", b"")}])
def test_a_form_without_a_file_leads_back_to_the_form(client: TestClient, files: Any) -> None:
    answer = client.post("/verify?lang=en", files=files)
    assert answer.status_code == 400
    assert "No file was chosen" in answer.text


def test_a_file_over_its_cap_leads_back_to_the_form(client: TestClient) -> None:
    for size, start in ((JSON_LIMIT + 1, b"{"), (PDF_LIMIT + 1, b"%PDF-1.7")):
        answer = client.post("/verify?lang=en", files={"file": ("a", start.ljust(size))})
        assert answer.status_code == 413
        assert "too large" in answer.text


def test_the_address_of_a_report_on_a_file_leads_home(client: TestClient) -> None:
    answer = client.get("/verify?lang=ru")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=ru")
    report = client.post("/verify?lang=ru", files={"file": ("a.json", b"{}")}).text
    assert 'href="/?lang=kk"' in report


# The API


def test_the_api_takes_a_body_or_a_form(client: TestClient, answers: Answers) -> None:
    answers.asked.clear()
    for answer in (
        client.post("/api/verify", content=b"{}"),
        client.post("/api/verify?policy=open", files={"file": ("a.json", b"{}")}),
    ):
        assert answer.status_code == 200
        assert answer.json() == reports.report("valid", show=display.LINK).as_json()
    assert answers.asked == [("file", "product"), ("file", "open")]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"content": b""}, 400),
        ({"content": b" \n "}, 400),
        ({"content": b"{}", "params": {"policy": "none"}}, 400),
        ({"files": {"other": ("a", b"{}")}}, 400),
        ({"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=y"}}, 400),
        ({"content": b"{" * (JSON_LIMIT + 1)}, 413),
        ({"content": b"%PDF-1.7".ljust(PDF_LIMIT + 1)}, 413),
        ({"files": {"file": ("a", b"{" * (JSON_LIMIT + 1))}}, 413),
        ({"files": {"file": ("a", b"%PDF-1.7".ljust(PDF_LIMIT + 100_000))}}, 413),
    ],
)
def test_what_the_api_refuses_is_a_problem_in_three_languages(
    client: TestClient, request_: dict[str, Any], status: int
) -> None:
    answer = client.post("/api/verify", **request_)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert problem["status"] == status
    assert set(problem["because"]) == set(LANGUAGES)
    assert len(answer.content) < 2000


def test_a_body_is_read_no_further_than_its_cap(client: TestClient) -> None:
    given = 0

    def pieces() -> Any:
        nonlocal given
        for _ in range(400):
            given += 1
            yield b"x" * 65536

    assert client.post("/api/verify", content=pieces()).status_code == 413


def test_the_largest_bodies_are_taken(client: TestClient) -> None:
    assert client.post("/api/verify", content=b"{}".ljust(JSON_LIMIT)).status_code == 200
    assert client.post("/api/verify", content=b"%PDF-".ljust(PDF_LIMIT)).json()["verdict"] == "malformed"


# Every answer


PLACES = (
    "/",
    f"/c/{VALID}",
    "/c/nothing",
    f"/s/{SHARED}",
    "/s/ended",
    "/c?code=x",
    f"/api/c/{VALID}",
    "/nowhere",
    "/c/",
)


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_carries_the_guarding_headers(client: TestClient, place: str) -> None:
    """docs/attacks.md E1, E10, E19."""
    headers = client.get(place, headers={"Accept": "text/html"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    if headers["content-type"].startswith("text/html"):
        assert headers["content-security-policy"] == content_security_policy()
        assert "Accept-Language" in headers["vary"]


HOSTILE_HOSTS = (
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil.example"},
    {"Forwarded": "host=evil.example"},
    {"X-Original-URL": "/evil.example", "X-Rewrite-URL": "/evil.example"},
    {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
)


@pytest.mark.parametrize("headers", HOSTILE_HOSTS, ids=str)
def test_no_header_of_a_request_changes_a_page_or_a_link(client: TestClient, headers: dict[str, str]) -> None:
    """docs/attacks.md D8."""
    for place in (*PLACES, f"/c/{reports.code_of('replaced')}"):
        plain, hostile = client.get(place), client.get(place, headers=headers)
        assert hostile.content == plain.content
        assert "evil" not in str(hostile.headers)
    answer = client.get("/c", params={"code": VALID}, headers=headers)
    assert answer.headers["location"] == f"/c/{VALID}"


def test_no_other_query_changes_a_page(client: TestClient) -> None:
    """docs/attacks.md D8."""
    plain = client.get(f"/c/{VALID}")
    for query in ("?cb=1", "?url=https://evil.example", "?lang=../..", "?lang=KK", "?lang="):
        assert client.get(f"/c/{VALID}{query}").content == plain.content


@pytest.mark.parametrize("path", [f"/c/{VALID}.css", f"/c/{VALID}/x.css", "/c/", f"/c/{VALID}/..;/x", "/s/", "/api/c/"])
def test_a_path_with_something_behind_it_is_not_found(client: TestClient, path: str) -> None:
    """docs/attacks.md D8."""
    assert client.get(path).status_code == 404


def test_unknown_paths_and_methods_are_answered_for_people_and_for_programs(client: TestClient) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("DELETE", "/", 405), ("GET", "/api/verify", 405)):
        page = client.request(method, path, headers={"Accept": "text/html", "Accept-Language": "ru"})
        assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert '<html lang="ru">' in page.text
        assert say(f"pages.problem_next.{status}").ru in page.text
        problem = client.request(method, path)
        assert (problem.status_code, problem.headers["content-type"]) == (status, "application/problem+json")
        assert "Traceback" not in page.text + problem.text


def test_pages_answer_head_as_get(client: TestClient) -> None:
    for place in ("/", f"/c/{VALID}", f"/s/{SHARED}"):
        assert client.head(place).status_code == 200


def test_no_door_takes_an_address_to_fetch(client: TestClient, sockets: list[Any]) -> None:
    """docs/attacks.md D9."""
    for parameter in ("url", "uri", "href", "registry", "issuer", "src"):
        client.get("/", params={parameter: "http://127.0.0.1:9/x"})
        client.get(f"/c/{VALID}", params={parameter: "http://127.0.0.1:9/x"})
        client.post("/api/verify", params={parameter: "http://127.0.0.1:9/x"}, content=b"{}")
        client.post("/verify", data={parameter: "http://127.0.0.1:9/x"}, files={"file": ("a", b"{}")})
    client.post("/api/verify", content=b'"http://127.0.0.1:9/x"')
    assert sockets == []


# Languages


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("kk", "kk"),
        ("ru-KZ,ru;q=0.9,en;q=0.8", "ru"),
        ("en-GB", "en"),
        ("de-DE,de;q=0.9,ru;q=0.5,kk;q=0.7", "kk"),
        ("ru;q=0.1, en;q=0.9", "en"),
        ("EN-us", "en"),
        ("de, fr", "en"),
        ("ru;q=0", "kk"),
        ("", "kk"),
        ("*", "kk"),
        ("../../", "kk"),
        ("ru/../../etc/passwd", "kk"),
        ("kk\tru", "kk"),
        ("x" * 10_000, "kk"),
        (",".join(["zz-ZZ;q=0.1"] * 900) + ",ru", "en"),
        ("ru;q=9", "kk"),
        ("ru;q=NaN", "kk"),
        ("<script>alert(1)</script>", "kk"),
        ("٠ru", "kk"),
        ("k" * 3, "en"),
    ],
)
def test_any_accept_language_gets_one_of_three_languages(client: TestClient, header: str, language: Language) -> None:
    """docs/attacks.md E21."""
    answer = client.get(f"/c/{VALID}", headers={"Accept-Language": header.encode()})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert heading(answer.text) == say("pages.verdict.valid")[language]
    assert answer.headers["content-language"] == language


def test_the_switch_wins_over_the_browser_and_stays_on_the_page(client: TestClient) -> None:
    answer = client.get(f"/c/{VALID}?lang=ru", headers={"Accept-Language": "en"})
    assert '<html lang="ru">' in answer.text
    assert re.findall(r'href="(\?lang=..)"', answer.text) == ["?lang=kk", "?lang=en"]
    assert 'href="/?lang=ru"' in answer.text
