"""Servers and browsers of the end-to-end tests."""
import itertools

import pytest
from harness import stack
from harness.session import *  # noqa: F403

GENERATIONS = ("0.23", "0.29")
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def headscales(session_workspace):
    """one simulated server a generation for the whole run, started when first asked for"""
    made = {}

    def get(generation):
        if generation not in made:
            # one over the socket, one over TCP with a key: both ways are used throughout
            made[generation] = stack.Headscale(session_workspace, generation, unix_socket=generation == "0.29")
        return made[generation]
    return get


@pytest.fixture(params=GENERATIONS)
def generation(request):
    return request.param


@pytest.fixture
def headscale(headscales, generation):
    """the server of this generation, calm before and after, without the nodes that the test made"""
    server = headscales(generation)
    server.calm()
    before = {n["id"] for n in server.nodes()}
    server.reset_calls()
    yield server
    server.calm()
    for n in server.nodes():
        if n["id"] not in before:
            server.remove(n["id"])


@pytest.fixture
def web(workspace, headscale, github, home):
    """an ouroboros-web of this test alone"""
    return home.web(workspace, headscale, github)


@pytest.fixture
def fresh():
    """a device name that no other test has"""
    return lambda stem="box": "%s-%d" % (stem, next(numbers))


@pytest.fixture
def mia(visit, web, home):
    """signed in as the owner of sink's devices; on a page that needs no list, so that a device which the test makes now is
    in the first list that is read"""
    visitor = visit(web)
    home.enter(visitor, "mia", "/add")
    return visitor
