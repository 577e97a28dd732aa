"""How the notices of a home leave it, by its settings: a mail server, or the folder `notices/`."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from issuer.mail import Folder, Mail, Post, Server, read_server
from schemas.errors import Refused
from schemas.reading import shown
from tanu.settings import Settings

APPEAL_DAYS = 30
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mailing:
    """What the settings say of mail."""

    server: Server | None = None
    sender: str | None = None
    appeal_days: int = APPEAL_DAYS

    def post(self, folder: Path, public_url: str) -> Post:
        """The way out of a home; letters come from an address that nobody answers at, unless one is set."""
        sender = self.sender or f"noreply@{_domain(public_url)}"
        letters = Folder(folder / "notices", sender)
        return Mail(self.server, sender, letters) if self.server else letters


def _domain(public_url: str) -> str:
    host = urlsplit(public_url).hostname or "localhost"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return "localhost"


def read_mailing(settings: Settings) -> Mailing:
    """Raises `Refused` for a setting that cannot be."""
    if settings.mail_from is not None and not _ADDRESS.fullmatch(settings.mail_from):
        raise Refused.saying("mail.bad_sender", address=shown(settings.mail_from))
    if settings.smtp and not settings.mail_from:
        raise Refused.saying("mail.no_sender")
    server = read_server(settings.smtp, _password(settings)) if settings.smtp else None
    return Mailing(server, settings.mail_from, _appeal_days(settings.appeal_days))


def _password(settings: Settings) -> str | None:
    if settings.smtp_password_file is None:
        return settings.smtp_password
    try:
        return settings.smtp_password_file.read_text().rstrip("\r\n")
    except OSError:
        raise Refused.saying("mail.password_file", path=settings.smtp_password_file) from None


def _appeal_days(asked: str | None) -> int:
    if asked is None:
        return APPEAL_DAYS
    if not re.fullmatch("[1-9][0-9]{0,3}", asked, re.ASCII):
        raise Refused.saying("mail.appeal_days", asked=shown(asked))
    return int(asked)
