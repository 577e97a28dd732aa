"""A key lies in a file that only its owner opens."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from keys import signer as signing
from keys.ring import KeyRing
from keys.signer import FileSigner, HashedDocument, WrongPassphrase
from schemas.errors import Refused

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


def test_B18_a_signer_signs_hashed_documents_only() -> None:
    assert [name for name in vars(signing.Signer) if "sign" in name] == ["sign"]
    assert list(signing.Signer.sign.__annotations__) == ["message", "return"]
