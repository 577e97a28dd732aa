"""Worlds for whole folders, and a guard before the network. The service is loaded by the first test that has one."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.sockets import no_sockets

if TYPE_CHECKING:
    from tests.world import World

settings.register_profile("tanu", deadline=None, derandomize=True, database=None)
settings.load_profile("tanu")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> "World":
    """One world for a module whose tests leave it as it is, or add to it."""
    from tests.world import World

    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def w(tmp_path_factory: pytest.TempPathFactory) -> "World":
    """A world of one's own."""
    from tests.world import World

    return World(tmp_path_factory.mktemp("w"))


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every attempt to reach another host or to ask for its address: noted here, and refused."""
    return no_sockets(monkeypatch)
