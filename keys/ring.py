"""KeyRing: the private keys of a home, opened when first used."""

from dataclasses import dataclass, field
from pathlib import Path

from keys.signer import FileSigner, Signer
from schemas.errors import Refused


@dataclass
class KeyRing:
    """The key files of one folder under one passphrase; a file is named by its public key."""

    folder: Path
    passphrase: str = field(repr=False)
    _opened: dict[str, Signer] = field(default_factory=dict, repr=False)

    def new_key(self) -> str:
        """Makes and saves a key; its `publicKeyMultibase`."""
        signer = FileSigner.generate()
        signer.save(self._path(signer.multibase), self.passphrase)
        self._opened[signer.multibase] = signer
        return signer.multibase

    def signer(self, multibase: str) -> Signer:
        """The signer of a public key; raises `WrongPassphrase`, or `Refused` when its file is not there."""
        if multibase not in self._opened:
            if not self._path(multibase).exists():
                raise Refused.saying("keys.file_unreadable", path=self._path(multibase))
            self._opened[multibase] = FileSigner.load(self._path(multibase), self.passphrase)
        return self._opened[multibase]

    def _path(self, multibase: str) -> Path:
        return self.folder / f"{multibase}.json"
