"""One world behind all doors, watched."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract import Contract, Service
from tests.world import World


@pytest.fixture(scope="module")
def service(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole service over the module's world."""
    with Service.over(world, tmp_path_factory.mktemp("handed-in")).standing_still() as made:
        yield made
        made.workers.close()


@pytest.fixture
def contract(service: Service, sockets: list[Any], caplog: pytest.LogCaptureFixture) -> Iterator[Contract]:
    """The doors of the module's world, with everything watched."""
    caplog.set_level(logging.INFO)
    yield Contract(service, sockets, lambda: caplog.records)
    assert sockets == []
