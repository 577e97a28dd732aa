"""A guard before the network. It stands alone, so that a small test run loads nothing of the service."""

import socket
from typing import Any

import pytest


def no_sockets(patch: pytest.MonkeyPatch) -> list[Any]:
    """From now on, every attempt to reach another host or to ask for its address is noted here, and refused."""
    attempts: list[Any] = []

    def refuse(*address: Any, **_: Any) -> None:
        attempts.append(address[1:] if isinstance(address[0], socket.socket) else address)
        raise OSError("a test guards the network")

    for method in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, method, refuse)
    for function in ("getaddrinfo", "gethostbyname", "create_connection"):
        patch.setattr(socket, function, refuse)
    return attempts
