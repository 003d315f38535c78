"""The pytest plugin: engines before settings are read, then the fixtures every app's tests share.

Imports of the product stand inside the fixtures: this module loads before the settings may be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from project.testing.engines import TestEngines

engines = TestEngines()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Iterator[None]:
    """A wrapper runs before pytest-django loads the settings."""
    if not {"--help", "-h", "--version", "-V", "--markers", "--fixtures"} & set(args):
        engines.start()
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    engines.stop()


@pytest.fixture(autouse=True)
def _clean_stores(request: pytest.FixtureRequest) -> None:
    """Graph and Redis are wiped before each test that touches the database or asks for them; PostgreSQL rolls back."""
    names = set(request.fixturenames)
    if names & {"db", "transactional_db", "graph", "redis"} or request.node.get_closest_marker("django_db"):
        from graph import driver
        from project.kernel.redis import get_redis

        # An outage that the test before has played is over.
        driver.forget_failures()
        driver.write("MATCH (n) DETACH DELETE n")
        get_redis().flushdb()


@pytest.fixture(scope="session")
def _graph_schema() -> None:
    from graph.nodes import install_schema

    install_schema()


@pytest.fixture
def graph(_graph_schema: None, _clean_stores: None) -> None:
    """An empty graph with its constraints and indexes."""


@pytest.fixture
def drain_outbox() -> Callable[[], int]:
    """Deliver everything that is due, as the relay would; returns how many rows. Fails on a failing projection."""
    from project.outbox.relay import drain

    def run() -> int:
        drained = drain()
        assert drained.failed == 0, "a projection failed; see the log"
        return drained.done

    return run


@pytest.fixture
def cast(db: None, graph: None) -> Any:
    """ada, bob, cyd and dan: registered, public, strangers to each other, each with a signed-in client."""
    from project.testing.cast import make_cast

    return make_cast()


@pytest.fixture
def anonymous(db: None, graph: None) -> Any:
    """A client that is not signed in."""
    from project.testing.client import ApiClient

    return ApiClient()


@pytest.fixture
def staff(db: None, graph: None) -> Any:
    """A member of staff, signed in."""
    from project.testing.cast import make_member

    return make_member("sam", "Sam Staff", is_staff=True)


@pytest.fixture
def threaded_cast(transactional_db: None, graph: None) -> Any:
    """The cast in committed rows, for tests with threads of their own."""
    from project.testing.cast import make_cast

    return make_cast()
