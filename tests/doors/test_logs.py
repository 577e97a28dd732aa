"""What the operator reads when something went wrong that nobody foresaw: one line, whatever the input was."""

import logging

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tanu import problems
from tests.contract import is_plain

FORGED = "x\r\nERROR tanu: everything is fine\x1b[2J\u202e"


@pytest.fixture
def client() -> TestClient:
    """An app whose one door fails, and says what was handed in."""
    app = FastAPI()
    problems.install(app, "http://127.0.0.1:8000")

    @app.get("/fails/{what}")
    def fails(what: str) -> None:
        raise RuntimeError(f"cannot do {what}")

    return TestClient(app, raise_server_exceptions=False)


def test_an_unforeseen_fault_is_one_line_in_the_log_and_says_nothing_to_the_asker(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get(f"/fails/{''.join(f'%{byte:02X}' for byte in FORGED.encode())}")
    assert answer.status_code == 503
    assert "cannot do" not in answer.text
    assert "RuntimeError" not in answer.text
    (record,) = (record for record in caplog.records if record.name == "tanu")
    assert is_plain(record)
    text = record.getMessage()
    assert "RuntimeError" in text
    assert "test_logs.py" in text, "where it happened"


def test_neither_is_what_the_server_itself_says_of_it(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.error")
    log.addFilter(problems.in_one_line)
    try:
        raise RuntimeError(FORGED)
    except RuntimeError as error:
        log.error("Exception in ASGI application\n", exc_info=error)
    log.removeFilter(problems.in_one_line)
    (record,) = caplog.records
    assert is_plain(record)
    assert record.getMessage().startswith("Exception in ASGI application: RuntimeError")
