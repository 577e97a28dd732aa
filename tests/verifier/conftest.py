"""No test of the verifier reaches another host: what opens a socket here fails (docs/attacks.md A9, D1)."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_sockets(sockets: list[Any]) -> Iterator[None]:
    yield
    assert sockets == []
