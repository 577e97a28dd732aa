"""What strangers hand in is worked on in a process that can be killed; nobody else waits for it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import verifier.routes
from schemas.contexts import VC_2
from schemas.errors import Malformed, Refused, Unavailable, Unsupported
from schemas.reading import Json
from schemas.stated import Stated
from tanu import asgi, problems
from tests.schemas.test_canonical import clique_document
from tests.verifier.test_open_policy import KEY, credential, without
from tests.verifier.test_presentations import presented, report
from tests.world import World, loosely, value_of
from verifier.canonizer import Canonizer, InProcess
from verifier.worker import SHARE, Workers

SPINS = """
import verifier.worker
from verifier.canonizer import InProcess
stated = InProcess.stated
def spin(self, document):
    while "spin" in str(document):
        pass
    return stated(self, document)
InProcess.stated = spin
holds = InProcess.holds
def hang(self, document, *rest):
    while "hang" in str(document):
        pass
    return holds(self, document, *rest)
InProcess.holds = hang
verifier.worker.main()
"""
"""A child like ours, but that some documents, or their proofs, keep it busy for ever."""
SPINNING = (sys.executable, "-P", "-c", SPINS)
UNCOUNTED = (
    sys.executable,
    "-P",
    "-c",
    "import verifier.worker, schemas.canonical as c; c.MAX_CHARACTERS = 10**12; verifier.worker.main()",
)
"""A child like ours without the bound on characters."""
SPIN: dict[str, Json] = {"@context": [VC_2], "id": "urn:spin", "type": ["VerifiableCredential"]}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(children=1) as made:
        yield made


@pytest.fixture
def spinning() -> Iterator[Workers]:
    with Workers(children=1, waiting=1, seconds=0.5, command=SPINNING) as made:
        yield made


def outcome(work: Callable[[], object]) -> object:
    """What comes of it: a value, or the refusal with its sentence."""
    try:
        return work()
    except Refused as refused:
        return type(refused), refused.because


DOCUMENTS: dict[str, dict[str, Json]] = {
    "plain": credential(),
    "undefined": credential(degree="PhD"),
    "relative": credential(id="x"),
    "unknown context": credential() | {"@context": [VC_2, "https://x.example/"]},
    "no context": {"a": 1},
    "five that know one another": clique_document(5),
    "six that know one another": clique_document(6),
    "eight that know one another": clique_document(8),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_worker_says_what_this_process_would_say(name: str, workers: Workers) -> None:
    def told(canonizer: Canonizer) -> object:
        found = canonizer.stated(DOCUMENTS[name])
        return found.canonical.digest, found.properties, found.values

    assert outcome(lambda: told(workers)) == outcome(lambda: told(InProcess()))


def test_a_worker_checks_proofs_as_this_process_would(workers: Workers, world: World) -> None:
    document = world.signed_by(KEY, credential())
    other = world.signed_by(KEY, credential(name="Another"))
    unknown = document | {"proof": document["proof"] | {"cryptosuite": "x"}}
    known = InProcess().stated({name: value for name, value in document.items() if name != "proof"}).canonical
    keyed = [(proof, KEY.public) for proof in (document["proof"], other["proof"], unknown["proof"])]
    for form in (None, known):
        good, bad, refused = workers.holds(document, keyed, form)
        assert (good, bad) == (True, False)
        assert isinstance(refused, Unsupported)
        (here,) = InProcess().holds(unknown, keyed[2:])
        assert refused.because == (isinstance(here, Unsupported) and here.because)
    unproven = without(document, "proof")
    assert outcome(lambda: workers.holds(unproven, keyed)) == outcome(lambda: InProcess().holds(unproven, keyed))


def test_A11_a_worker_that_overruns_is_killed_and_the_next_document_is_answered(spinning: Workers) -> None:
    spinning.stated(credential())
    before = process(spinning)
    with pytest.raises(Malformed, match="hard to check"):
        spinning.stated(SPIN)
    assert before.poll() == -signal.SIGKILL
    assert spinning.stated(credential()).properties
    assert process(spinning) is not before


def test_A11_proofs_that_take_too_long_decide_nothing(spinning: Workers, world: World) -> None:
    document = world.signed_by(KEY, credential(name="hang"))
    found = world.verify(document, policy="open", canonizer=spinning)
    assert (found.verdict, found.document) == ("malformed", None)
    (line,) = (check for check in found.checks if check.n == 6)
    assert "hard to check" in line.because.en


@dataclass(eq=False)
class Counted(Workers):
    """Counts for how many pieces of work a child was taken."""

    taken: int = 0

    @contextmanager
    def _child(self) -> Iterator[Any]:
        self.taken += 1
        with super()._child() as child:
            yield child


def test_A11_the_documents_of_a_presentation_share_the_time_of_one_request(world: World) -> None:
    """Of ten that would take for ever, the presentation's own two pieces of work aside."""
    documents = [world.signed_by(KEY, credential(id=f"urn:spin:{n}")) for n in range(10)]
    with Counted(children=1, seconds=0.5, command=SPINNING) as counted:
        found = report(world, presented(*documents, suite="eddsa-jcs-2022"), canonizer=counted)
        assert [each.report.verdict for each in found.credentials] == ["malformed"] * 10
        assert counted.taken <= 2 + SHARE + 1
        assert world.verify(documents[0] | {"id": "urn:x"}, policy="open", canonizer=counted).verdict == "tampered"


def process(workers: Workers) -> "subprocess.Popen[bytes]":
    """The one child that is idle."""
    (child,) = workers._idle
    assert child.process is not None
    return child.process


MANY = [f"v{i}" for i in range(9000)]
GREEDY: dict[str, dict[str, Json]] = {
    "a long address nine thousand times": credential(credentialSubject={"id": "urn:" + "a" * 100_000, "course": MANY}),
    "a property with a long address": credential(credentialSubject={"id": "urn:s", "course": MANY})
    | {"@context": [VC_2, {"course": "urn:" + "a" * 100_000}]},
}


@pytest.mark.parametrize("name", GREEDY)
def test_A11_a_document_that_would_take_all_memory_is_refused(name: str) -> None:
    """By its worker's limit, if no count were there."""
    with Workers(children=1, seconds=60, command=UNCOUNTED) as uncounted:
        uncounted.stated(credential())
        before = process(uncounted)
        with pytest.raises(Malformed, match="hard to check"):
            uncounted.stated(GREEDY[name])
        assert before.poll() not in (None, -signal.SIGKILL), "it ended by itself, before its time was over"
        assert uncounted.stated(credential()).properties
    with pytest.raises(Malformed, match="hard to check"):
        InProcess().stated(GREEDY[name])


def test_a_worker_that_has_died_by_itself_is_replaced_before_the_next_document(workers: Workers) -> None:
    workers.stated(credential())
    process(workers).kill()
    process(workers).wait()
    assert workers.stated(credential()).properties


def test_C1_a_worker_that_cannot_start_is_no_answer() -> None:
    with Workers(children=1, command=(sys.executable, "-c", "")) as broken, pytest.raises(Unavailable):
        broken.stated(credential())


def test_a_worker_ends_when_its_parent_is_gone() -> None:
    program = (
        "import sys, time\n"
        "from verifier.worker import Workers\n"
        f"workers = Workers(children=1)\nworkers.stated({credential()!r})\n"
        "print(workers._idle[0].process.pid, flush=True)\ntime.sleep(60)\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    assert eventually(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Is there such a process, other than as an entry that nobody has collected yet?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    """Does it hold within some seconds?"""
    until = time.monotonic() + 20
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_a_worker_inherits_neither_secrets_nor_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TANU_PASSPHRASE", "open sesame")
    with (tmp_path / "secret").open("w") as file, Workers(children=1) as workers:
        os.set_inheritable(file.fileno(), True)
        workers.stated(credential())
        place = Path(f"/proc/{process(workers).pid}")
        names = {line.partition("=")[0] for line in (place / "environ").read_text().split("\0") if line}
        opened = {str(each.readlink()) for each in (place / "fd").iterdir()}
    assert names <= {"PYTHONPATH", "LD_LIBRARY_PATH"}
    assert all(path == "/dev/null" or path.startswith("pipe:") for path in opened), opened


# At the doors


def asked(app: FastAPI, document: bytes) -> list[Any]:
    """The answer to a document under policy `open`, put there by a thread once it has come."""
    answers: list[Any] = []
    client = TestClient(app, raise_server_exceptions=False)

    def ask() -> None:
        answers.append(client.post("/api/verify?policy=open", content=document))

    threading.Thread(target=ask, daemon=True).start()
    return answers


@pytest.fixture
def doors(world: World, spinning: Workers) -> FastAPI:
    """The verifier's doors with one child and room for one that waits."""
    app = FastAPI()
    problems.install(app, world.public_url)
    app.include_router(
        verifier.routes.router(world.registry, world.clock, world.public_url, lambda _: None, canonizer=spinning)
    )
    return app


def test_F23_others_are_answered_meanwhile_and_who_comes_on_top_is_told_to_come_back(
    doors: FastAPI, spinning: Workers, world: World
) -> None:
    spinning.seconds = 60
    spin = loosely(credential(id="urn:spin"))
    working = asked(doors, spin)
    assert eventually(lambda: not spinning._idle)
    code = world.issue().code
    client = TestClient(doors, raise_server_exceptions=False)
    assert client.get(f"/api/c/{code}").json()["verdict"] == "valid"
    waiting = asked(doors, loosely(world.signed_by(KEY, credential())))
    assert eventually(lambda: spinning._in_line == 1)
    refused = client.post("/api/verify?policy=open", content=spin)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "Too many documents" in refused.json()["because"]["en"]
    assert not working
    assert not waiting


def test_A11_the_service_works_on_strangers_documents_in_workers(world: World) -> None:
    greedy = GREEDY["a property with a long address"]
    app = asgi.everything(world.office)
    with TestClient(app) as client:
        report = client.post("/api/verify?policy=open", content=loosely(greedy)).json()
    assert report["verdict"] == "malformed"
    assert "hard to check" in report["checks"][1]["because"]["en"]


class Noting(InProcess):
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Json] = []

    def stated(self, document: Json) -> Stated:
        self.asked.append(document)
        return super().stated(document)


def test_F23_a_genuine_document_of_ours_needs_no_worker_and_a_changed_one_does(world: World) -> None:
    here, document = Noting(), value_of(world.issue().document)
    assert world.verify(document, canonizer=here).verdict == "valid"
    assert here.asked == []
    assert world.verify(document | {"degree": "PhD"}, canonizer=here).verdict == "tampered"
    assert len(here.asked) == 1
