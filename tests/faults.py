"""A registry behind a proxy that fails: real sockets on loopback, and the ways in which a source can fall silent."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Fault = Callable[["Proxy", socket.socket, bytes], None]
"""(the proxy, the connection, what the source would have answered)"""


@dataclass
class Proxy:
    """Answers on a port of its own; where `fails` says so, by a fault instead."""

    answer: Callable[[str], bytes]
    """Path → the whole HTTP answer."""
    fails: Callable[[str], bool]
    fault: Fault
    port: int = 0
    sent: int = 0
    """Bytes of faulty answers."""
    asked: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def serve(self, connection: socket.socket) -> None:
        """One connection, one request."""
        with connection, suppress(OSError):
            connection.settimeout(5)
            request = b""
            while b"\r\n\r\n" not in request and (piece := connection.recv(65536)):
                request += piece
            if not request.startswith(b"GET "):  # such as the greeting of TLS, whose random bytes may look like a path
                return
            path = request.split(b" ", 2)[1].decode("utf-8", "replace")
            self.asked.append(path)
            if self.fails(path):
                self.fault(self, connection, self.answer(path))
            else:
                connection.sendall(self.answer(path))

    def say(self, connection: socket.socket, data: bytes) -> None:
        connection.sendall(data)
        self.sent += len(data)


@contextmanager
def proxy(
    answer: Callable[[str], bytes], fault: Fault, fails: Callable[[str], bool] = lambda _: True
) -> Iterator[Proxy]:
    """Runs for as long as the block lasts."""
    made = Proxy(answer, fails, fault)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)
        made.port = listener.getsockname()[1]
        thread = threading.Thread(target=_listen, args=(listener, made), daemon=True)
        thread.start()
        yield made
        made.stop.set()
        thread.join(5)


def _listen(listener: socket.socket, made: Proxy) -> None:
    while not made.stop.is_set():
        with suppress(OSError):
            connection, _ = listener.accept()
            threading.Thread(target=made.serve, args=(connection,), daemon=True).start()


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def saying(data: bytes) -> Fault:
    """Another answer."""
    return lambda made, connection, _: made.say(connection, data)


def closes(_made: Proxy, _connection: socket.socket, _answer: bytes) -> None:
    """Without a word."""


def resets(_made: Proxy, connection: socket.socket, _answer: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def is_silent(made: Proxy, _connection: socket.socket, _answer: bytes) -> None:
    """Until nobody waits any more."""
    made.stop.wait(5)


def halves(made: Proxy, connection: socket.socket, answer: bytes) -> None:
    made.say(connection, answer[: len(answer) // 2])


def drips(made: Proxy, connection: socket.socket, answer: bytes, *, begin: int = 0) -> None:
    """A byte now and then: the connection is never silent for long, and never done."""
    made.say(connection, answer[:begin])
    for byte in answer[begin:]:
        if made.stop.is_set():
            return
        made.say(connection, bytes([byte]))
        time.sleep(0.02)


def drips_its_body(made: Proxy, connection: socket.socket, answer: bytes) -> None:
    drips(made, connection, answer, begin=answer.index(b"\r\n\r\n") + 4)


def speaks_tls(made: Proxy, connection: socket.socket, answer: bytes) -> None:
    """Where plain HTTP was expected: the beginning of a handshake."""
    del answer
    made.say(connection, b"\x15\x03\x01\x00\x02\x02\x46")


FAULTS: Mapping[str, Fault] = {
    "closes": closes,
    "resets": resets,
    "says nothing": is_silent,
    "drips its headers": drips,
    "drips its body": drips_its_body,
    "half of it": halves,
    "404": saying(http(404)),
    "410": saying(http(410)),
    "429": saying(http(429)),
    "500": saying(http(500, b"Internal Server Error")),
    "503": saying(http(503, Retry_After="1")),
    "redirect inside": saying(http(302, Location="http://169.254.169.254/")),
    "redirect elsewhere": saying(http(308, Location="https://a.example/")),
    "a page": saying(http(200, b"<html>Sign in to the wireless network</html>")),
    "nothing": saying(http(200)),
    "no HTTP": saying(b"\x00\x01\x02 no HTTP at all\r\n\r\n"),
    "TLS": speaks_tls,
    "endless headers": saying(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 40_000),
    "broken compression": saying(http(200, b"no gzip", Content_Encoding="gzip")),
    "broken chunks": saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
}


@contextmanager
def untrusted_tls(answer: Callable[[str], bytes], certificate: str) -> Iterator[int]:
    """The port of a source whose certificate (a PEM file with its key) nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def handshake(made: Proxy, connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            Proxy.serve(made, secured)

    with proxy(answer, closes, lambda _: False) as made:
        made.serve = lambda connection: handshake(made, connection)  # type: ignore[method-assign]
        yield made.port
