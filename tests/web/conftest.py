"""Servers for the tests of HTTP behaviour."""

import pytest

from web_process import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests of a file, which are together more than one person may do."""
    running = Server(tmp_path_factory.mktemp("web"), rate_limit_percent=1000000)
    yield running
    assert running.stop() == 0


@pytest.fixture
def make_server(tmp_path_factory):
    """Servers of a test's own, with settings of its own."""
    made = []

    def make(**changes):
        made.append(Server(tmp_path_factory.mktemp("web"), **changes))
        return made[-1]

    yield make
    assert [running.stop() for running in made] == [0] * len(made)
