"""The disk is full, fails, or cannot be written; the file of the database goes; errors come in pairs. Each is refused
with one sentence, and nothing is lost: the same act again gives what it would have given."""

import random
import resource
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from issuer import issue as issuing
from issuer import outbox, status
from issuer.holder import Links
from issuer.issue import Approval, Issued, prepare
from issuer.signing import resume
from schemas.languages import LANGUAGES
from tanu import asgi
from tanu.cli import UNAVAILABLE, run
from tanu.database import DiskFails, Unrecorded, unrecorded
from tests.torture.judge import Told, findings
from tests.world import SECOND, World

# ---------------------------------------------------------------- a database of which any call may fail


@dataclass
class Flaky:
    """Fails at the calls that it is told, before they are done, or after: then it is done, and nobody hears of it."""

    engine: sa.engine.Engine
    at: dict[int, str] = field(default_factory=dict)
    """Count of the call → before or after."""
    calls: int = 0
    error: sqlite3.Error = field(default_factory=lambda: said_by_sqlite(sqlite3.SQLITE_FULL, "SQLITE_FULL"))

    def __post_init__(self) -> None:
        self.done: Callable[[Any], None] = self.engine.dialect.do_commit
        self.undone: Callable[[Any], None] = self.engine.dialect.do_rollback
        sa.event.listen(self.engine, "do_execute", self._execute)
        for name, call in (("do_commit", self._commit), ("do_rollback", self._rollback)):
            setattr(self.engine.dialect, name, call)

    def fail(self, *at: tuple[int, str]) -> None:
        self.calls, self.at = 0, dict(at)

    def _execute(self, cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
        self._call(lambda: cursor.execute(statement, parameters))
        return True

    def _commit(self, connection: Any) -> None:
        self._call(lambda: self.done(connection))

    def _rollback(self, connection: Any) -> None:
        self._call(lambda: self.undone(connection))

    def _call(self, act: Callable[[], object]) -> None:
        self.calls += 1
        when = self.at.get(self.calls)
        if when != "before":
            act()
        if when is not None:
            raise self.error


def said_by_sqlite(code: int, name: str) -> sqlite3.OperationalError:
    """An error with SQLite's code for it."""
    error = sqlite3.OperationalError(name)
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


def issue(w: World, approval: Approval) -> Issued:
    (issued,) = issuing.issue(w.office, [approval], outbox.deliver)
    assert isinstance(issued, Issued)
    return issued


def nothing_lost(w: World, issued: Sequence[Issued]) -> None:
    """Numbers without a gap, each acknowledged document there; the judge of `make torture` finds nothing."""
    resume(w.office)
    w.deliver()
    w.home.engine.dispose()
    assert findings(w.home.folder / "tanu.db", Told({each.code: each.number for each in issued})) == []
    serials = [
        int(number.split("-")[3]) for (number,) in w.rows_of("SELECT number FROM issuer_intents ORDER BY number")
    ]
    assert serials == list(range(1, len(serials) + 1))
    assert all(w.look_up(each.code).verdict not in ("not_found", "indeterminate") for each in issued)


def calls_of(w: World, flaky: Flaky) -> int:
    """How many calls issuing takes."""
    flaky.fail()
    issue(w, w.approve())
    return flaky.calls


@pytest.mark.parametrize("when", ["before", "after"])
def test_C17_a_fault_at_any_call_is_refused_and_the_same_case_again_gives_its_document(when: str, w: World) -> None:
    flaky = Flaky(w.home.engine)
    issued = [w.issue()]
    refusals: Counter[str] = Counter()
    for call in range(1, calls_of(w, flaky) + 1):
        approval = w.approve()
        flaky.fail((call, when))
        try:
            issue(w, approval)
        except Unrecorded as refusal:
            refusals[refusal.cause.en] += 1
        flaky.fail()
        issued.append(issue(w, approval))
    assert refusals.total() > 50
    assert all("disk is full" in sentence for sentence in refusals)
    nothing_lost(w, issued)


def test_C18_two_faults_in_a_row_lose_nothing(w: World) -> None:
    """The second hits the attempt to make the first good: a rollback, a resumption, or the same case again."""
    flaky, chance = Flaky(w.home.engine), random.Random(18)
    calls = calls_of(w, flaky)
    issued = [w.issue()]
    for _ in range(60):
        approval = w.approve()
        first, second = chance.randint(1, calls), chance.randint(1, 20)
        flaky.fail((first, chance.choice(("before", "after"))), (first + second, chance.choice(("before", "after"))))
        for _attempt in range(2):
            with expected_fault():
                issue(w, approval)
        flaky.fail()
        issued.append(issue(w, approval))
    nothing_lost(w, issued)


@contextmanager
def expected_fault() -> Iterator[None]:
    """A fault of the record, also one that hit while another was handled; or none at all."""
    try:
        yield
    except (Unrecorded, sa.exc.DBAPIError) as error:
        found = unrecorded(error)
        if found is None:
            raise
        told_in_every_language(found)


def told_in_every_language(found: Unrecorded) -> None:
    assert all(found.because[language] and found.cause[language] for language in LANGUAGES)


@pytest.mark.parametrize("when", ["before", "after"])
def test_C17_a_fault_while_a_document_is_ended(when: str, w: World) -> None:
    flaky = Flaky(w.home.engine)
    documents = w.issue_many(30)
    w.revoke(documents[0])
    for each, call in zip(documents[1:], range(1, 88, 3), strict=True):
        event = status.propose(w.office, each.number, w.order("revoked")).event
        flaky.fail((call, when))
        with expected_fault():
            status.confirm(w.office, event, SECOND)
            w.deliver()
        flaky.fail()
        if not w.office.store.history(each.code):
            status.confirm(w.office, event, SECOND)
        w.deliver()
    assert {w.look_up(each.code).verdict for each in documents} == {"revoked"}
    nothing_lost(w, documents)


# ---------------------------------------------------------------- real faults


def on_connect(w: World, *pragmas: str) -> Callable[[], None]:
    """Sets something for each new connection; what is returned takes it back."""

    def pragma(connection: Any, _record: Any) -> None:
        for each in pragmas:
            connection.execute(f"PRAGMA {each}")

    w.home.engine.dispose()
    sa.event.listen(w.home.engine, "connect", pragma)

    def undo() -> None:
        sa.event.remove(w.home.engine, "connect", pragma)
        w.home.engine.dispose()

    return undo


@contextmanager
def no_room(w: World, pages: int) -> Iterator[None]:
    """The database may grow by so many pages."""
    (now,) = w.rows_of("PRAGMA page_count")[0]
    undo = on_connect(w, f"max_page_count = {now + pages}")
    yield
    undo()


@contextmanager
def short_files(w: World, room: int) -> Iterator[None]:
    """No file may grow beyond what the write-ahead log has, and so many bytes more: the kernel refuses the write."""
    size = (w.home.folder / "tanu.db-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refused(w: World, approval: Approval, named: str) -> bool:
    """Is it refused, with that sentence?"""
    try:
        issue(w, approval)
    except Unrecorded as refusal:
        return told(refusal, named)
    return False


def told(refusal: Unrecorded, named: str) -> bool:
    assert named in refusal.cause.en
    return True


def test_C17_the_disk_is_full(w: World) -> None:
    issued, refusals = w.issue_many(3), 0
    for pages in (0, 1, 2, 3, 5, 8):
        approval = w.approve()
        with no_room(w, pages):
            refusals += refused(w, approval, "disk is full")
        issued.append(issue(w, approval))
    assert refusals > 0
    nothing_lost(w, issued)


def test_C17_the_kernel_refuses_to_write(w: World) -> None:
    issued, refusals = w.issue_many(3), 0
    for pages in (0, 1, 2, 4, 8, 12, 16, 24):
        approval = w.approve()
        with short_files(w, 4096 * pages + 100):
            refusals += refused(w, approval, "disk answers with an error")
        issued.append(issue(w, approval))
    assert refusals > 4
    nothing_lost(w, issued)


def test_C17_the_database_cannot_be_written(w: World) -> None:
    issued, approval = w.issue_many(2), w.approve()
    undo = on_connect(w, "query_only = ON")
    assert refused(w, approval, "cannot be written")
    assert w.look_up(issued[0].code).verdict == "valid"
    undo()
    nothing_lost(w, [*issued, issue(w, approval)])


def test_C17_another_process_holds_the_database(w: World) -> None:
    issued, approval = w.issue_many(2), w.approve()
    undo = on_connect(w, "busy_timeout = 20")
    other = sqlite3.connect(w.home.folder / "tanu.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert refused(w, approval, "busy")
    other.execute("ROLLBACK")
    other.close()
    undo()
    nothing_lost(w, [*issued, issue(w, approval)])


def test_C17_the_file_of_the_database_goes_in_the_midst_of_it(w: World) -> None:
    """Its old connections would go on writing into a file that nobody finds again."""
    issued, approval = w.issue_many(2), w.approve()
    prepare(w.office, [approval])
    path, away = w.home.folder / "tanu.db", w.home.folder / "away.db"
    path.rename(away)
    assert refused(w, approval, "gone or was replaced")
    assert not path.exists(), "no new one is made in its place"
    assert w.look_up(issued[0].code).verdict == "indeterminate"
    away.rename(path)
    nothing_lost(w, [*issued, issue(w, approval)])


def test_C17_the_file_of_the_database_is_replaced_by_an_older_copy(w: World) -> None:
    issued = w.issue_many(2)
    path, copy = w.home.folder / "tanu.db", w.home.folder / "copy.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")
    approval = w.approve()
    path.rename(w.home.folder / "newer.db")
    copy.rename(path)
    assert refused(w, approval, "gone or was replaced")
    (w.home.folder / "newer.db").rename(path)
    nothing_lost(w, [*issued, issue(w, approval)])


def test_C17_a_damaged_page_is_told_with_a_sentence(w: World) -> None:
    w.issue_many(3)
    with w.home.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    w.home.engine.dispose()
    path = w.home.folder / "tanu.db"
    data = bytearray(path.read_bytes())
    data[4096 * 2 :] = b"\\xff" * len(data[4096 * 2 :])
    path.write_bytes(data)
    with pytest.raises(Unrecorded, match="damaged"):
        w.issue()


# ---------------------------------------------------------------- at the doors and at the command


@pytest.fixture
def client(w: World) -> TestClient:
    app, headers = asgi.everything(w.office), {"accept-language": "en"}
    return TestClient(app, base_url=w.public_url, headers=headers, raise_server_exceptions=False)


def test_C17_a_door_answers_503_with_a_sentence_and_then_as_before(w: World, client: TestClient) -> None:
    issued = w.issue()
    path = Links(w.office).renew(issued.code).removeprefix(w.public_url)
    with short_files(w, 100):
        answer = client.post(f"{path}/share", follow_redirects=False)
        looked_up = client.get(f"/c/{issued.code}")
    assert (answer.status_code, looked_up.status_code) == (503, 200)
    assert "Try again later" in client_sentence(answer)
    assert client.post(f"{path}/share", follow_redirects=False).status_code == 303


def client_sentence(answer: Any) -> str:
    text = str(answer.text)
    assert not any(word in text for word in ("Traceback", "sqlite", "tanu.db", "/home"))
    return text


def test_C17_a_look_up_while_the_database_is_gone_is_503_and_the_service_lives(w: World, client: TestClient) -> None:
    issued = w.issue()
    path = w.home.folder / "tanu.db"
    path.rename(w.home.folder / "away.db")
    assert "We could not check" in client_sentence(client.get(f"/c/{issued.code}"))
    answer = client.get(f"/api/entries/{issued.code}")
    assert answer.status_code == 503
    assert "Try again later" in client_sentence(answer)
    assert client.get("/healthz").status_code == 200
    (w.home.folder / "away.db").rename(path)
    assert client.get(f"/c/{issued.code}").status_code == 200


def test_C17_a_service_ends_when_its_disk_confirms_nothing(w: World, client: TestClient) -> None:
    """What memory holds of a file is worth nothing after that: whoever watches the service starts it again."""
    ended: list[int] = []
    path = Links(w.office).renew(w.issue().code).removeprefix(w.public_url)
    before = signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    flaky = Flaky(w.home.engine)
    try:
        flaky.error = said_by_sqlite(1034, "SQLITE_IOERR_FSYNC")
        flaky.fail(*((call, "before") for call in range(1, 99)))
        assert client.post(f"{path}/share").status_code == 503
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended == [signal.SIGTERM]
    assert issubclass(DiskFails, Unrecorded)


def test_C17_a_command_says_what_is_wrong_in_one_sentence(w: World, capsys: pytest.CaptureFixture[str]) -> None:
    w.issue()
    command = ["clock", "--accept", "a try", "--home", str(w.home.folder)]
    with short_files(w, 100):
        code = run(command)
    told = capsys.readouterr()
    assert code == UNAVAILABLE
    assert "The disk answers with an error" in told.err
    assert "Traceback" not in told.err + told.out
    assert run(command) == 0
