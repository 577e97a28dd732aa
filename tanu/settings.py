"""Settings: one frozen object, read from the environment once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOME = Path("tanu-home")
DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says; every variable is documented in `docs/operating.md`."""

    home: Path
    public_url: str | None
    """None: the one that the home has, or the demo's for a new home."""
    passphrase: str | None
    passphrase_file: Path | None
    trusted_hosts: frozenset[str]
    conformance: bool = False
    """Has `tanu serve` the standard doors too?"""
    list_slots: str | None = None
    """How many slots a new status list has."""
    trusted_proxies: tuple[str, ...] = ()
    """Whose word on where a request comes from is believed."""
    smtp: str | None = None
    """The mail server that takes notices to holders."""
    smtp_password: str | None = None
    smtp_password_file: Path | None = None
    mail_from: str | None = None
    appeal_days: str | None = None
    trust_roots: frozenset[str] = frozenset()
    """The did:keys that say who may accredit."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ, home: Path | None = None) -> "Settings":
        """From `TANU_HOME`, `TANU_PUBLIC_URL`, `TANU_PASSPHRASE`, `TANU_PASSPHRASE_FILE`, `TANU_TRUSTED_HOSTS`,
        `TANU_CONFORMANCE`, `TANU_LIST_SLOTS`, `TANU_TRUSTED_PROXIES`, `TANU_SMTP`, `TANU_SMTP_PASSWORD`,
        `TANU_SMTP_PASSWORD_FILE`, `TANU_MAIL_FROM`, `TANU_APPEAL_DAYS`, `TANU_TRUST_ROOTS`."""
        passphrase_file = environment.get("TANU_PASSPHRASE_FILE")
        smtp_password_file = environment.get("TANU_SMTP_PASSWORD_FILE")
        return cls(
            home=home or Path(environment.get("TANU_HOME") or DEFAULT_HOME),
            public_url=(environment.get("TANU_PUBLIC_URL") or "").rstrip("/") or None,
            passphrase=environment.get("TANU_PASSPHRASE"),
            passphrase_file=Path(passphrase_file) if passphrase_file else None,
            trusted_hosts=frozenset(environment.get("TANU_TRUSTED_HOSTS", "").lower().replace(",", " ").split()),
            conformance=environment.get("TANU_CONFORMANCE") == "1",
            list_slots=environment.get("TANU_LIST_SLOTS") or None,
            trusted_proxies=tuple(environment.get("TANU_TRUSTED_PROXIES", "").replace(",", " ").split()),
            smtp=environment.get("TANU_SMTP") or None,
            smtp_password=environment.get("TANU_SMTP_PASSWORD"),
            smtp_password_file=Path(smtp_password_file) if smtp_password_file else None,
            mail_from=environment.get("TANU_MAIL_FROM") or None,
            appeal_days=environment.get("TANU_APPEAL_DAYS") or None,
            trust_roots=frozenset(environment.get("TANU_TRUST_ROOTS", "").replace(",", " ").split()),
        )
