"""Servers and browsers of the end-to-end tests."""
import itertools
import os

import pytest
from harness import stack
from harness.session import *  # noqa: F403

VERSIONS = ("0.23", "0.24", "0.25", "0.26", "0.27", "0.28", "0.29", "0.30")
WAYS = ("grpc", "http", "socket")
# The oldest over TCP and one of the newer over the socket. What differs between versions, tests/versions proves on all of them
# without a browser; `./x test --every-version` takes the browser there too.
USUAL = (("0.23", "grpc"), ("0.29", "socket"))
EVERY = [(version, way) for version in VERSIONS for way in WAYS if (version, way) != ("0.30", "grpc")]
numbers = itertools.count(1)


class Generation(str):
    """a version, with the way in that a test takes to it"""

    def __new__(cls, version, way=None):
        made = super().__new__(cls, version)
        made.way = way or dict(USUAL).get(version, "http")
        return made

    @property
    def number(self):
        return tuple(map(int, self.split(".")))


@pytest.fixture(scope="session")
def headscales(session_workspace):
    """one simulated server a generation for the whole run, started when first asked for"""
    made = {}

    def get(generation):
        way = Generation(generation, getattr(generation, "way", None)).way
        if (generation, way) not in made:
            made[generation, way] = stack.Headscale(session_workspace, generation, ways=(way,))
        return made[generation, way]
    return get


@pytest.fixture(params=EVERY if os.environ.get("OURO_EVERY_VERSION") else USUAL, ids="-".join)
def generation(request):
    # a test may name versions itself, as plain texts, and gets the usual way there
    return Generation(request.param) if isinstance(request.param, str) else Generation(*request.param)


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
