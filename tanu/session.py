"""What a command works with: settings, home, passphrase, and the person in front of it."""

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

import typer

from issuer.office import Office
from schemas.errors import Refused
from schemas.languages import LANGUAGES, Language
from tanu.home import Home, open_home
from tanu.settings import Settings

HomeOption = Annotated[Path | None, typer.Option("--home", help="The installation's folder (else TANU_HOME).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


@dataclass(frozen=True)
class Session:
    """One run of a command."""

    settings: Settings
    language: Language
    as_json: bool = False

    @classmethod
    def begun(cls, home: Path | None, as_json: bool = False) -> Self:
        """By the environment, and the home that the command line names."""
        return cls(Settings.read(os.environ, home), language_of(os.environ), as_json)

    @cached_property
    def home(self) -> Home:
        """The home; raises `Refused` when there is none."""
        return open_home(self.settings)

    @cached_property
    def office(self) -> Office:
        """The office of the home, under the passphrase that the environment, a file or a prompt gives."""
        office = self.home.office(passphrase(self.settings, self.home.folder), operator())
        office.check_passphrase()
        return office

    @cached_property
    def desk(self) -> Office:
        """The office for acts that use no key: it asks for no passphrase."""
        return self.home.office("", operator())


def passphrase(settings: Settings, folder: Path) -> str:
    """From `TANU_PASSPHRASE`, `TANU_PASSPHRASE_FILE`, the demo's file, or the terminal; in that order."""
    if settings.passphrase is not None:
        return settings.passphrase
    if path := settings.passphrase_file:
        try:
            return path.read_text().rstrip("\r\n")
        except OSError:
            raise Refused.saying("home.passphrase_file", path=path) from None
    if (folder / "passphrase").exists():
        return (folder / "passphrase").read_text().rstrip("\r\n")
    if sys.stdin.isatty():
        return getpass.getpass("Passphrase · Құпиясөз · Парольная фраза: ")
    raise Refused.saying("home.no_passphrase")


def operator() -> str:
    """Who stands in the audit: the account that runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def language_of(environment: Mapping[str, str]) -> Language:
    """`TANU_LANG`, else the locale's language, else English."""
    wanted = (environment.get("TANU_LANG") or environment.get("LC_ALL") or environment.get("LANG") or "")[:2].lower()
    return next((language for language in LANGUAGES if language == wanted), "en")
