"""A key lies in a file that only its owner opens, and signs nothing but messages of known types."""

import json
import os
import re
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, get_args

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import signer as signing
from keys.multibase import base64url_decode
from keys.ring import KeyRing
from keys.signer import (
    FileSigner,
    HashedDocument,
    JwsInput,
    Message,
    SelectiveDocument,
    SelectiveStatement,
    SigStructure,
    WrongPassphrase,
)
from schemas.errors import Malformed, Refused

PASSPHRASE = "Құпия сөз 7"
HASHED = HashedDocument(b"\0" * 32, b"\1" * 32)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at a cost fit for tests."""
    monkeypatch.setattr(signing, "MEMORY_KIB", 64)
    monkeypatch.setattr(signing, "ITERATIONS", 1)


def test_a_new_key_costs_what_rfc_9106_recommends(tmp_path: Path) -> None:
    key = FileSigner.generate()
    key.save(tmp_path / "key.json", PASSPHRASE)
    kdf = json.loads((tmp_path / "key.json").read_bytes())["kdf"]
    assert (kdf["name"], kdf["memoryKiB"], kdf["iterations"], kdf["lanes"]) == ("argon2id", 65536, 3, 4)
    assert FileSigner.load(tmp_path / "key.json", PASSPHRASE).sign(HASHED) == key.sign(HASHED)


@pytest.mark.usefixtures("cheap")
class TestFile:
    @pytest.fixture
    def key(self) -> FileSigner:
        return FileSigner.generate()

    @pytest.fixture
    def path(self, key: FileSigner, tmp_path: Path) -> Path:
        key.save(tmp_path / "key.json", PASSPHRASE)
        return tmp_path / "key.json"

    def test_only_its_owner_reads_it(self, path: Path) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_only_its_owner_reads_it_whatever_the_umask(self, tmp_path: Path, key: FileSigner) -> None:
        before = os.umask(0)
        try:
            key.save(tmp_path / "other.json", PASSPHRASE)
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "other.json").stat().st_mode) == 0o600

    def test_the_key_is_not_in_it(self, path: Path, key: FileSigner) -> None:
        content = path.read_bytes()
        seed = key._secret()
        assert seed not in content
        assert seed.hex().encode() not in content
        assert PASSPHRASE.encode() not in content

    def test_it_is_never_written_over(self, path: Path) -> None:
        before = path.read_bytes()
        with pytest.raises(FileExistsError):
            FileSigner.generate().save(path, PASSPHRASE)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("passphrase", ["", "құпия сөз 7", PASSPHRASE + " ", PASSPHRASE + "\n"])
    def test_a_wrong_passphrase_does_not_open_it(self, path: Path, passphrase: str) -> None:
        with pytest.raises(WrongPassphrase) as refusal:
            FileSigner.load(path, passphrase)
        assert PASSPHRASE not in str(refusal.value)

    def test_the_same_key_is_sealed_differently_each_time(self, path: Path, key: FileSigner, tmp_path: Path) -> None:
        key.save(tmp_path / "again.json", PASSPHRASE)
        one, two = (json.loads((tmp_path / name).read_bytes()) for name in ("key.json", "again.json"))
        assert one["sealed"] != two["sealed"]
        assert one["kdf"]["salt"] != two["kdf"]["salt"]
        assert one["cipher"]["nonce"] != two["cipher"]["nonce"]

    def test_the_public_key_beside_it_cannot_be_swapped(self, path: Path) -> None:
        content = json.loads(path.read_bytes())
        path.write_text(json.dumps(content | {"publicKeyMultibase": FileSigner.generate().multibase}))
        with pytest.raises(Refused):
            FileSigner.load(path, PASSPHRASE)

    def test_a_changed_byte_of_the_sealed_key_is_noticed(self, path: Path) -> None:
        content = json.loads(path.read_bytes())
        for place in (0, 20, -3):
            sealed = bytearray(signing._unb64(content["sealed"]))
            sealed[place] ^= 1
            path.write_text(json.dumps(content | {"sealed": signing._b64(bytes(sealed))}))
            with pytest.raises(Refused):
                FileSigner.load(path, PASSPHRASE)

    @pytest.mark.parametrize(
        "change",
        [
            {"kdf": None},
            {"kdf": {}},
            {"kdf": {"salt": "AA==", "memoryKiB": 64, "iterations": 1, "lanes": 4}},
            {"kdf": {"salt": "AAAAAAAAAAAAAAAAAAAAAA==", "memoryKiB": "64", "iterations": 1, "lanes": 4}},
            {"kdf": {"salt": "AAAAAAAAAAAAAAAAAAAAAA==", "memoryKiB": 2**40, "iterations": 1, "lanes": 4}},
            {"kdf": {"salt": "AAAAAAAAAAAAAAAAAAAAAA==", "memoryKiB": 64, "iterations": 0, "lanes": 4}},
            {"cipher": {"nonce": "AA=="}},
            {"cipher": {}},
            {"sealed": "not base64"},
            {"sealed": ""},
            {"sealed": 5},
            {"publicKeyMultibase": None},
        ],
    )
    def test_a_damaged_file_is_refused_with_a_sentence(self, path: Path, change: dict[str, Any]) -> None:
        path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
        with pytest.raises(Refused):
            FileSigner.load(path, PASSPHRASE)

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"{}"])
    def test_what_is_no_key_file_is_refused_with_a_sentence(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        with pytest.raises(Refused) as refusal:
            FileSigner.load(path, PASSPHRASE)
        assert "key.json" in refusal.value.because.kk

    def test_a_missing_file_is_refused_with_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(Refused):
            FileSigner.load(tmp_path / "none.json", PASSPHRASE)

    def test_a_ring_finds_its_keys_by_their_public_half(self, tmp_path: Path) -> None:
        multibase = KeyRing(tmp_path, PASSPHRASE).new_key()
        again = KeyRing(tmp_path, PASSPHRASE)
        assert again.signer(multibase).multibase == multibase
        assert PASSPHRASE not in repr(again)
        with pytest.raises(Refused):
            again.signer(FileSigner.generate().multibase)
        with pytest.raises(WrongPassphrase):
            KeyRing(tmp_path, "other").signer(multibase)


def test_B18_a_signer_has_one_method_that_signs() -> None:
    assert [name for name in vars(signing.Signer) if "sign" in name] == ["sign"]
    assert list(signing.Signer.sign.__annotations__) == ["message", "return"]


DIGEST, LONGER = b"\1" * 32, b"\2" * 48
STATEMENTS_KEY = FileSigner.from_seed(b"\3" * 32, "P-256")
MULTIKEY = STATEMENTS_KEY.public.type.multicodec + STATEMENTS_KEY.public.point
NO_MESSAGES: list[Callable[[], object]] = [
    *(partial(HashedDocument, bytes(size), DIGEST) for size in (0, 3, 31, 33, 48, 64)),
    *(partial(HashedDocument, bytes(size), bytes(size)) for size in (0, 3, 20, 31, 33, 64)),
    partial(SelectiveDocument, LONGER, MULTIKEY, LONGER),
    partial(SelectiveDocument, DIGEST, b"", DIGEST),
    partial(SelectiveDocument, DIGEST, MULTIKEY[:-1], DIGEST),
    partial(SelectiveDocument, DIGEST, MULTIKEY + b"\0", DIGEST),
    partial(SelectiveDocument, DIGEST, b"\xed\x01" + MULTIKEY[2:], DIGEST),
    partial(SelectiveStatement, ""),
    partial(SelectiveStatement, "pay the bearer"),
    partial(SelectiveStatement, "_:a <urn:p> <urn:o>"),
    partial(SelectiveStatement, "eyJ <urn:p> <urn:o> .\n"),
    *(
        partial(JwsInput, header, b"{}")
        for header in (b"", b"{}", b"[]", b'{"', b' {"alg":"EdDSA"}', b'{"1":1}', b"GET / HTTP/1.1")
    ),
]


@pytest.mark.parametrize("made", NO_MESSAGES)
def test_B18_what_a_message_consists_of_is_of_its_form(made: Callable[[], object]) -> None:
    with pytest.raises((ValueError, Malformed)):
        made()


MESSAGES: list[Message] = [
    HashedDocument(DIGEST, DIGEST),
    HashedDocument(LONGER, LONGER),
    SelectiveDocument(DIGEST, MULTIKEY, DIGEST),
    SelectiveStatement("_:a <urn:p> <urn:o> .\n"),
    JwsInput(b'{"alg":"EdDSA"}', b""),
    SigStructure(b"", b""),
]


def test_B18_messages_of_one_type_are_never_messages_of_another() -> None:
    """By how they begin, or by how long they are: whatever parts somebody chooses."""
    assert {type(message) for message in MESSAGES} == set(get_args(Message))
    two, three, selective, statement, jws, cose = (message.message for message in MESSAGES)
    assert (len(two), len(three), len(selective)) == (64, 96, 99)
    assert (jws[:3], cose[:12], statement[:2]) == (b"eyJ", b"\x84\x6aSignature1", b"_:")


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_B18_chosen_bytes_stay_inside_their_frame(one: bytes, other: bytes) -> None:
    """A header and a payload that somebody chose make no message but that header and that payload."""
    assert cbor2.loads(SigStructure(one, other).message) == ["Signature1", one, b"", other]
    signed = JwsInput(b'{"a' + one, other).message
    assert re.fullmatch(rb"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", signed)
    assert [base64url_decode(text) for text in signed.decode().split(".")] == [b'{"a' + one, other]


def test_B18_a_signer_takes_no_bytes_and_nothing_that_only_looks_like_a_message() -> None:
    signer = FileSigner.from_seed(b"\3" * 32)
    alike: Any = type("HashedDocument", (), {"message": b"pay the bearer"})()
    chosen: list[Any] = [b"pay the bearer", "pay the bearer", None, alike, HashedDocument]
    for each in chosen:
        with pytest.raises(TypeError):
            signer.sign(each)
    for message in MESSAGES:
        assert signer.public.holds(signer.sign(message), message.message)
