"""What the bench fills a register with are the rows that publishing writes."""

from bench.filled import Filling, fill
from registry.figures import counted
from schemas.credential import read_credential, stored_credential
from schemas.numbers import read_code, read_number
from tests.world import World

COUNT = 250


def test_filled_entries_are_as_published_ones(w: World) -> None:
    issued = w.issue()
    published = w.registry.entry(issued.code)
    assert published is not None
    codes = fill(w.home.engine, Filling(stored_credential(issued.document), published), COUNT)
    assert len(set(codes)) == COUNT
    for code in codes[:: COUNT // 5]:
        entry, document = w.registry.entry(read_code(code)), w.registry.document(code)
        assert entry is not None
        assert document is not None
        credential = read_credential(document)
        assert (credential.code, credential.number) == (code, read_number(entry.number))
        assert (entry.kind, entry.issuer, len(entry.slots)) == (published.kind, published.issuer, 1)
        assert w.registry.document_numbered(entry.number) == document
    assert w.rows_of("SELECT count(*) FROM entry_slots") == [(COUNT + 1,)]
    ended = [code for code in codes if w.registry.history(code)]
    assert len(ended) == len(codes[::100])
    columns = "SELECT count(*) FROM entries WHERE typeof(document) = 'blob' AND typeof(registered_at) = 'text'"
    assert w.rows_of(columns) == [(COUNT + 1,)]


def test_after_filling_all_is_as_before(w: World) -> None:
    issued = w.issue()
    entry = w.registry.entry(issued.code)
    assert entry is not None
    fill(w.home.engine, Filling(stored_credential(issued.document), entry), COUNT)
    assert w.rows_of("PRAGMA journal_mode") == [("wal",)]
    assert w.look_up(issued.code).verdict == "valid"
    another = w.issue()
    assert w.look_up(another.code).verdict == "valid"
    (kinds, *_) = counted(w.home.engine, w.clock.now).tables
    assert kinds.total == COUNT + 2
