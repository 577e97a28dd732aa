"""How a notice reaches its holder: by e-mail, or as a letter in a folder, which the office prints and posts.

The only file that speaks SMTP (RFC 5321) and writes messages (RFC 5322). A name, an address or a text that would be a
header of its own is refused by the library or made visible (docs/attacks.md F24).
"""

import email.errors
import ipaddress
import os
import smtplib
import socket
import ssl
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from threading import Timer
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

from schemas.errors import Refused
from schemas.reading import shown

Way = Literal["mail", "letter"]
_WIDTH = 78
_SEVEN_BITS = SMTP.clone(cte_type="7bit")
"""Any server takes it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is stored and sent; `address` only where it can go by e-mail."""

    name: str
    """Of its file, and in its Message-ID."""
    address: str | None
    message: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter: how it went, or why it did not; `for_good`: it never will go that way."""

    way: Way | None
    problem: str = ""
    for_good: bool = False


class Post(Protocol):
    """Takes letters away; never raises for what a server or a disk does."""

    @property
    def sender(self) -> str:
        """The address that messages come from."""

    def take(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """One outcome for each, in order."""

    def lay_down(self, letter: Letter) -> Outcome:
        """As a letter to be posted, whatever its address."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Letters as files, for their owner only: one `.eml` each, written whole or not at all, twice the same once."""

    path: Path
    sender: str

    def take(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        return [self.lay_down(letter) for letter in letters]

    def lay_down(self, letter: Letter) -> Outcome:
        file = self.path / f"{letter.name}.eml"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            scratch = file.with_suffix(".new")
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as open_file:
                open_file.write(letter.message)
                open_file.flush()
                os.fsync(open_file.fileno())
            scratch.rename(file)
        except OSError as error:
            return Outcome(None, f"{file.name}: {error.strerror}")
        return Outcome("letter")


Tls = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. Without TLS only on this machine: a notice is about a person."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def read_server(address: str, password: str | None) -> Server:
    """`smtps://USER@HOST:PORT`, or `smtp://…` with STARTTLS, which on this machine may do without; raises `Refused`."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = -1
    rest = parts.path.strip("/") or parts.query or parts.fragment or parts.password
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or rest or port == -1:
        raise Refused.saying("mail.bad_server", address=shown(address.rpartition("@")[2]))
    tls: Tls = "tls" if parts.scheme == "smtps" else "none" if _is_here(parts.hostname) else "starttls"
    usual = {"tls": 465, "starttls": 587, "none": 25}[tls]
    return Server(parts.hostname, port or usual, tls, unquote(parts.username) if parts.username else None, password)


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


@dataclass(frozen=True, slots=True)
class Mail:
    """By a mail server where the holder has an address, else as a letter. A server that does not answer, or drips, is
    given up after `patience` seconds, with everything that is left for another time."""

    server: Server
    sender: str
    letters: Folder
    patience: float = 20

    def lay_down(self, letter: Letter) -> Outcome:
        return self.letters.lay_down(letter)

    def take(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        mailed = iter(self._mail([letter for letter in letters if letter.address]))
        return [next(mailed) if letter.address else self.lay_down(letter) for letter in letters]

    def _mail(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        done: list[Outcome] = []
        try:
            if letters:
                with self._connected() as connection:
                    for letter in letters:
                        done += [_send(connection, self.sender, letter)]
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            problem = shown(f"{self.server.host}: {_told(error)}", 200)
            done += [Outcome(None, problem)] * (len(letters) - len(done))
        return done

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server, safe = self.server, ssl.create_default_context()
        if server.tls == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(timeout=self.patience, context=safe)
        else:
            connection = smtplib.SMTP(timeout=self.patience)
        late = Timer(self.patience, _hang_up, [connection])
        late.daemon = True
        late.start()
        try:
            connection._host = server.host  # type: ignore[attr-defined]  # what TLS compares the certificate with
            connection.connect(server.host, server.port)
            if server.tls == "starttls":
                connection.starttls(context=safe)
            if server.user:
                connection.login(server.user, server.password or "")
            yield connection
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
        finally:
            late.cancel()
            connection.close()


def _hang_up(connection: smtplib.SMTP) -> None:
    if sock := connection.sock:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _send(connection: smtplib.SMTP, sender: str, letter: Letter) -> Outcome:
    """A refusal of the recipient for good is an outcome; what ends the connection is raised."""
    message = email.message_from_bytes(letter.message, policy=SMTP).as_bytes(policy=_SEVEN_BITS)
    try:
        connection.sendmail(sender, [letter.address or ""], message)
    except smtplib.SMTPRecipientsRefused as refused:
        code = max(code for code, _ in refused.recipients.values())
        return Outcome(None, _told(refused), for_good=code >= 500)
    except smtplib.SMTPNotSupportedError as error:
        return Outcome(None, _told(error), for_good=True)
    return Outcome("mail")


def _told(error: Exception) -> str:
    """What went wrong, in the server's words but without the holder's address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} recipient refused" for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {type(error).__name__}"
    because = f" {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return type(error).__name__ + because


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands in a message."""

    sender: str
    from_name: str
    to_name: str
    address: str | None
    subject: str
    text: str
    language: str


def written(name: str, sheet: Sheet, at: datetime) -> Letter:
    """The message as a file and a server take it; an address that is none makes it a letter."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(shown(sheet.from_name, 120), addr_spec=sheet.sender)
    address = _address(sheet)
    if address:
        message["To"] = address
    message["Subject"] = shown(sheet.subject, 150)
    message["Date"] = at
    message["Message-ID"] = f"<{name}@{sheet.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_wrapped(sheet.text), cte="8bit")
    message["Content-Language"] = sheet.language
    return Letter(name, sheet.address if address else None, message.as_bytes())


def _address(sheet: Sheet) -> Address | None:
    try:
        return Address(shown(sheet.to_name, 120), addr_spec=sheet.address) if sheet.address else None
    except (ValueError, IndexError, email.errors.MessageError):
        return None


def _wrapped(text: str) -> str:
    """No line longer than a message may have."""
    lines = (textwrap.wrap(line, _WIDTH) or [""] for line in text.splitlines())
    return "\n".join(line for wrapped in lines for line in wrapped) + "\n"
