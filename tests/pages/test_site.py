"""Where the pages stand: every address comes from the configured one."""

from fastapi.testclient import TestClient

import verifier.routes
from registry.pages import Reader, Site
from tests.pages import reports
from tests.pages.conftest import Answers, application


def test_links_keep_the_path_of_the_public_address_and_a_chosen_language() -> None:
    site = Site("https://edu.example/tanu")
    assert site.path("/c/X") == "/tanu/c/X"
    assert site.path("/c/X", Reader("ru")) == "/tanu/c/X"
    assert site.path("/c/X", Reader("ru", chosen=True)) == "/tanu/c/X?lang=ru"
    assert (site.origin, site.printed) == ("https://edu.example", "edu.example/tanu")


def test_a_site_below_a_path_links_only_below_it(answers: Answers) -> None:
    app = application()
    public_url = "https://edu.example/tanu"
    app.include_router(verifier.routes.router(object(), lambda: reports.NOW, public_url, lambda _: None))  # type: ignore[arg-type]
    client = TestClient(app, follow_redirects=False)
    for path in ("/", f"/c/{reports.code_of('replaced')}", "/c?code=x"):
        page = client.get(path).text
        assert 'href="/tanu/' in page
        assert 'href="/c' not in page
        assert 'action="/verify' not in page
        assert "edu.example/tanu" in page
    typed = client.get("/c", params={"code": reports.code_of("valid")})
    assert typed.headers["location"] == f"/tanu/c/{reports.code_of('valid')}"
    assert client.get("/c", params={"code": f"https://edu.example/c/{reports.code_of('valid')}"}).status_code == 422


def test_the_official_address_is_printed_without_what_goes_without_saying() -> None:
    assert Site("https://tanu.example").printed == "tanu.example"
    assert Site("http://127.0.0.1:8000").printed == "http://127.0.0.1:8000"
