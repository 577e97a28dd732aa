"""A mail server on this machine, for one test: it takes messages, or does what a bad one does.

with Mailbox() as mailbox:
    mailbox.post(folder)      # what an office would post by
    mailbox.letters           # what has arrived: envelope and message
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from issuer.mail import Folder, Mail, Server

SENDER = "register@university.example"


@dataclass(frozen=True)
class Arrived:
    """A message with the envelope that it came in."""

    sender: str
    recipients: list[str]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=SMTP)

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class Mailbox:
    """`refuses` is a recipient that it does not know; `when` is called for each message before it is taken."""

    refuses: str = ""
    silent: bool = False
    """Takes the connection and says nothing."""
    when: Callable[[], object] = lambda: None
    letters: list[Arrived] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._door.close()

    def post(self, folder: Path, patience: float = 5, **server: Any) -> Mail:
        """The way to this server."""
        at = {"host": "127.0.0.1", "port": self._door.getsockname()[1], "tls": "none"} | server
        return Mail(Server(**at), SENDER, Folder(folder / "notices", SENDER), patience)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._door.accept()
                with connection, suppress(OSError, ValueError):
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        if self.silent:
            connection.recv(1)
            return
        lines = _lines(connection)
        connection.sendall(b"220 mailbox\r\n")
        sender, recipients = "", list[str]()
        for line in lines:
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO", b"RSET", b"NOOP"):
                connection.sendall(b"250 ok\r\n")
            elif verb == b"MAIL":
                sender, recipients = _address(line), []
                connection.sendall(b"250 ok\r\n")
            elif verb == b"RCPT" and self.refuses and self.refuses in _address(line):
                connection.sendall(b"550 no such person\r\n")
            elif verb == b"RCPT":
                recipients.append(_address(line))
                connection.sendall(b"250 ok\r\n")
            elif verb == b"DATA":
                connection.sendall(b"354 go on\r\n")
                data = b"".join(_until_dot(lines))
                self.when()
                self.letters.append(Arrived(sender, recipients, data))
                connection.sendall(b"250 taken\r\n")
            elif verb == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            else:
                connection.sendall(b"502 what?\r\n")


def _lines(connection: socket.socket) -> Iterator[bytes]:
    with connection.makefile("rb") as reading:
        yield from reading


def _until_dot(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line == b".\r\n":
            return
        yield line.removeprefix(b".")


def _address(line: bytes) -> str:
    return line.decode().partition("<")[2].partition(">")[0]


@contextmanager
def nobody() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield int(probe.getsockname()[1])
