"""One world behind all doors, watched; and the same with hosts that policy `open` may ask."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests import school
from tests.contract import Contract, Service
from tests.world import World


@pytest.fixture(scope="module")
def service(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole service over the module's world."""
    with Service.over(world, tmp_path_factory.mktemp("handed-in")).standing_still() as made:
        yield made
        made.workers.close()


@pytest.fixture(scope="module")
def hosts() -> school.Hosts:
    """The school's host; a test puts its pages there."""
    return school.Hosts({})


@pytest.fixture(scope="module")
def fetching(world: World, hosts: school.Hosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, which may fetch from the school's host."""
    found = Service.over(world, tmp_path_factory.mktemp("handed-in"), hosts.fetcher(school.HOST))
    with found.standing_still() as made:
        yield made
        made.workers.close()


@pytest.fixture
def contract(service: Service, sockets: list[Any], caplog: pytest.LogCaptureFixture) -> Iterator[Contract]:
    """The doors of the module's world, with everything watched."""
    caplog.set_level(logging.INFO)
    yield Contract(service, sockets, lambda: caplog.records)
    assert sockets == []
