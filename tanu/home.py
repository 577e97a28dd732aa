"""A home: the folder that holds an installation's database, keys, secrets and output.

`home.json` fixes what must never change afterwards: the public address under which everything is published.
"""

import json
import os
import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import Engine

from issuer.office import Office
from issuer.store import IssuerStore
from keys.did import methods_of_key_did
from keys.ring import KeyRing
from registry.store import RegistryStore
from registry.trust import Roots
from schemas.errors import Refused
from schemas.reading import shown
from schemas.statuslist import MAX_SLOTS, MIN_SLOTS
from tanu.database import open_database
from tanu.mailing import Mailing, read_mailing
from tanu.settings import DEFAULT_PUBLIC_URL, Settings


@dataclass(frozen=True)
class Home:
    """An initialised home."""

    folder: Path
    public_url: str
    list_slots: int = MIN_SLOTS
    """Of a new status list."""
    mailing: Mailing = field(default_factory=Mailing)
    asked_roots: Roots = frozenset()
    """Those that the settings name."""

    @cached_property
    def engine(self) -> Engine:
        return open_database(self.folder / "tanu.db")

    @property
    def registry(self) -> RegistryStore:
        return RegistryStore(self.engine, self.roots)

    @property
    def roots(self) -> Roots:
        """The roots of accreditation: those of the settings, else the specimen roots that this home has made."""
        if self.asked_roots or not self._own_roots.exists():
            return self.asked_roots
        return read_roots(frozenset(self._own_roots.read_text().split()))

    @property
    def _own_roots(self) -> Path:
        return self.folder / "trust-roots"

    def trust(self, did: str) -> None:
        """Makes a body of this home, which accredits for tests alone, one of its roots."""
        own = self._own_roots.read_text().split() if self._own_roots.exists() else []
        if did not in own:
            _write(self._own_roots, "".join(f"{each}\n" for each in [*own, did]).encode())

    @property
    def out(self) -> Path:
        """Where the demo puts its documents."""
        return self.folder / "out"

    def office(self, passphrase: str, operator: str) -> Office:
        """The office of this home; the passphrase is tried when the first key is used."""
        ring = KeyRing(self.folder / "keys", passphrase)
        link_key = (self.folder / "link.key").read_bytes()
        store = IssuerStore(self.engine, self.list_slots)
        post, days = self.mailing.post(self.folder, self.public_url), self.mailing.appeal_days
        return Office(store, self.registry, ring, self.public_url, link_key, operator, post, appeal_days=days)


def initialise(settings: Settings) -> Home:
    """Makes a home, or opens the one that is there; raises `Refused` when the folder cannot be written or its
    public address is another than the one asked for."""
    folder = settings.home
    if (folder / "home.json").exists():
        return _same_address(open_home(settings), settings)
    public_url = settings.public_url or DEFAULT_PUBLIC_URL
    _check_address(public_url)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / "keys").mkdir(exist_ok=True, mode=0o700)
        _write_secret(folder / "link.key", secrets.token_bytes(32))
        _write(folder / "home.json", json.dumps({"public_url": public_url, "version": 1}).encode())
    except OSError as error:
        raise Refused.saying("home.unwritable", path=folder, problem=error.strerror or "") from None
    return open_home(settings)


def open_home(settings: Settings) -> Home:
    """The home at `settings.home`; raises `Refused` when there is none, or for a setting that cannot be."""
    folder, slots, mailing = settings.home, _list_slots(settings), read_mailing(settings)
    roots = read_roots(settings.trust_roots)
    try:
        content = json.loads((folder / "home.json").read_bytes())
        home = Home(folder.resolve(), str(content["public_url"]), slots, mailing, roots)
    except FileNotFoundError:
        raise Refused.saying("home.none", path=folder) from None
    except (OSError, ValueError, KeyError) as error:
        raise Refused.saying("home.unreadable", path=folder, problem=type(error).__name__) from None
    if not os.access(folder, os.W_OK):
        raise Refused.saying("home.unwritable", path=folder, problem="")
    return home


def read_roots(dids: frozenset[str]) -> Roots:
    """The same, each a did:key of Ed25519; raises `Refused` naming one that is none."""
    for did in dids:
        try:
            method = methods_of_key_did(did)[0] if did.startswith("did:key:") else None
        except Refused:
            method = None
        if method is None or method.key.name != "Ed25519":
            raise Refused.saying("home.bad_root", did=shown(did, 120))
    return dids


def _list_slots(settings: Settings) -> int:
    """Whole bytes, and no fewer than hide whose state is asked for."""
    asked = settings.list_slots
    if asked is None:
        return MIN_SLOTS
    slots = int(asked) if re.fullmatch("[0-9]{1,9}", asked) else 0
    if slots % 8 or not MIN_SLOTS <= slots <= MAX_SLOTS:
        raise Refused.saying("home.list_slots", asked=shown(asked), fewest=MIN_SLOTS, most=MAX_SLOTS)
    return slots


def _same_address(home: Home, settings: Settings) -> Home:
    """What has been published under one address cannot move to another."""
    if settings.public_url not in (None, home.public_url):
        raise Refused.saying("home.other_address", path=home.folder, url=home.public_url, other=settings.public_url)
    return home


def _check_address(public_url: str) -> None:
    address = urlsplit(public_url)
    rest = address.path or address.query or address.fragment or address.username
    if address.scheme not in ("http", "https") or not address.hostname or rest:
        raise Refused.saying("home.bad_address", url=public_url)


def demo_passphrase(home: Home) -> str:
    """The demo's own passphrase, written once to `passphrase` (0600) in its home."""
    path = home.folder / "passphrase"
    if not path.exists():
        _write_secret(path, secrets.token_urlsafe(24).encode())
    return path.read_text()


def _write_secret(path: Path, content: bytes) -> None:
    if path.exists():
        return
    scratch = path.with_suffix(".new")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)


def _write(path: Path, content: bytes) -> None:
    scratch = path.with_suffix(".new")
    scratch.write_bytes(content)
    scratch.rename(path)
