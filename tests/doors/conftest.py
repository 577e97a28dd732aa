"""One world behind all doors, watched."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract import Contract, Service
from tests.world import World


@pytest.fixture(scope="module")
def service(world: World, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The whole service over the module's world."""
    return Service.over(world, tmp_path_factory.mktemp("handed-in"))


@pytest.fixture
def contract(
    service: Service, sockets: list[Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Contract]:
    """The doors of the module's world, with everything watched; the command's clock is the world's too."""
    monkeypatch.setattr("tanu.telling.system_clock", service.world.clock)
    caplog.set_level(logging.INFO)
    yield Contract(service, sockets, lambda: caplog.records)
    assert sockets == []
