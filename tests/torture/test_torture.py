"""Processes that issue and end documents, killed 500 times: nothing acknowledged is lost, nothing is there twice, no
key was used without a record, and the next start finishes what was left. And that the judge of this sees what is wrong.

`make torture` is the same with 10,000 kills (docs/reliability.md).
"""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from issuer import signing
from issuer.intents import Intent
from issuer.signing import Audited
from issuer.store import IssuerStore
from tests.torture.acts import Life
from tests.torture.judge import Told, findings
from tests.torture.run import Found, Home
from tests.world import EXTRACT, World

KILLS = 225
RESULT = "lost, twice, unrecorded, left open"


def torture(*arguments: str) -> dict[str, str]:
    """The figures of a run that has found nothing."""
    command = [sys.executable, "-W", "error", "-m", "tests.torture", "--seed", "1", "--cores", "1", *arguments]
    run = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "."})
    assert run.returncode == 0, run.stderr
    return dict(re.findall(r"^(.+?) {2,}(.+)$", run.stdout, re.MULTILINE))


def test_C10_C11_F17_killed_at_every_point_of_a_restart_an_issue_and_an_end_nothing_is_lost() -> None:
    """Before and after each statement, commit, signature and answer."""
    told = torture("--sweep")
    assert int(told["kills"].partition(",")[0]) > 200
    assert told[RESULT] == "0, 0, 0, 0"
    left = [int(number) for what, number in told.items() if what.startswith("left by a kill")]
    assert len(left) == 4
    assert min(left) > 0, "kills at every stage from the intent to the answer"


def test_C8_C9_whenever_processes_are_killed_nothing_is_lost_and_nothing_is_there_twice() -> None:
    """At any moment, also two processes of one home at a time."""
    told = torture("--kills", str(KILLS))
    assert told["kills"].startswith(f"{KILLS},")
    assert told[RESULT] == "0, 0, 0, 0"
    assert int(told["restarts that came to an end"]) > KILLS // 4


# ---------------------------------------------------------------- the judge sees


@pytest.fixture
def lived(w: World) -> tuple[World, Told]:
    """A home without a fault, and what its office was told."""
    told = Told()
    issued = [*w.issue_many(3), *w.issue_many(2, EXTRACT)]
    for each in issued:
        told.hear("issued", each.code, each.number)
    w.revoke(issued[0])
    told.hear("changed", issued[0].code, "revoked")
    told.signatures = [digest for (digest,) in w.rows_of("SELECT canonical_sha256 FROM issuer_intents")]
    return w, told


def found(lived: tuple[World, Told]) -> list[str]:
    w, told = lived
    w.home.engine.dispose()
    return findings(w.home.folder / "tanu.db", told)


def test_a_home_without_a_fault_is_found_to_be_so(lived: tuple[World, Told]) -> None:
    assert found(lived) == []


FAULTS = {
    "lost": "DELETE FROM entries WHERE number LIKE '%000001%'",
    "slot": "UPDATE issuer_slots SET slot = slot + 1",
    "gap": "UPDATE issuer_intents SET number = 'KMU-MC-2026-000009-00' WHERE number LIKE 'KMU-MC-2026-000002%'",
    "without a record": "DELETE FROM issuer_audit WHERE act = 'sign' AND subject LIKE '%000002%'",
    "open after": "UPDATE issuer_intents SET state = 'intended' WHERE number LIKE '%000002%'",
    "not delivered": "UPDATE issuer_outbox SET delivered_at = NULL",
    "audit is broken": "UPDATE issuer_audit SET actor = 'x' WHERE seq = 2",
    "not what was recorded": "UPDATE issuer_intents SET document = CAST(replace(document, 'Digital', 'X') AS BLOB)",
    "change of": "DELETE FROM changes",
    "behind the record": "UPDATE changes SET act = 'suspended'",
    "void without": "UPDATE issuer_intents SET state = 'void' WHERE number LIKE '%000002%'",
    "document of": "UPDATE entries SET document = x'7b7d' WHERE number LIKE '%000001%'",
}


@pytest.mark.parametrize("named", FAULTS)
def test_the_judge_names_what_is_wrong_in_a_home(named: str, lived: tuple[World, Told]) -> None:
    lived[0].home.engine.dispose()
    with closing(sqlite3.connect(lived[0].home.folder / "tanu.db")) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(FAULTS[named])
    assert [each for each in found(lived) if named in each], found(lived)


def test_the_judge_names_a_key_that_was_used_unseen(lived: tuple[World, Told]) -> None:
    lived[1].signatures.append(lived[1].signatures[0])
    assert any("without a record" in each for each in found(lived))


# ---------------------------------------------------------------- and finds a product that does it wrong


def signs_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit row after the signature."""
    written = signing._audited

    def late(office: Any, prepared: Any) -> list[Audited]:
        return [Audited(each.intent) for each in prepared]

    kept = signing._keep

    def keep(office: Any, audited: Any, *rest: Any) -> None:
        written(office, audited)
        kept(office, audited, *rest)

    monkeypatch.setattr(signing, "_audited", late)
    monkeypatch.setattr(signing, "_keep", keep)


def forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart does not look at what was left."""
    nothing: list[Intent] = []
    monkeypatch.setattr(IssuerStore, "unfinished", lambda _: nothing)


@pytest.mark.parametrize(
    ("wrong", "point", "named"), [(signs_first, 2, "without a record"), (forgets, 1, "are open|open after")]
)
def test_a_product_that_does_it_wrong_is_found_out(
    wrong: Callable[[pytest.MonkeyPatch], None],
    point: int,
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed before its first signature, or after it."""
    wrong(monkeypatch)
    home = Home(tmp_path / "home", 3)
    home.run([(Life(home.folder, 0, 3, acts=("issue",)), None)])
    assert home.run([(Life(home.folder, 1, 4, point, "signature", acts=("issue",)), None)]) == 1
    with pytest.raises(Found, match=named):
        home.judge()
