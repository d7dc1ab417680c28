"""One real server for the run, ouroboros-web in front of it by each way in."""
import itertools

import pytest
from harness import stack
from harness.process import Workspace, free_port
from harness.session import *  # noqa: F403

from .client import RealClient
from .headscale import RealHeadscale

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def real():
    with Workspace() as workspace:
        port = free_port()
        server = RealHeadscale(workspace, "http://127.0.0.1:%d" % port, ("sink", "jim"))
        server.web_port = port
        yield server


@pytest.fixture(params=("socket", "grpc", "http"))
def web(request, workspace, real, github):
    if request.param not in real.ways():
        pytest.skip("Headscale %s has no such way in" % real.generation)
    return stack.Web(workspace, real.ways()[request.param](), github, port=real.web_port)


@pytest.fixture
def fresh():
    return lambda stem="box": "%s-%d" % (stem, next(numbers))


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def mia(request, visit, web):
    visitor = visit(web, javascript=request.param)
    visitor.sign_in("mia", "/add")
    return visitor


@pytest.fixture
def client(workspace, real):
    """makes real clients; without TAILSCALED_BIN and TAILSCALE_BIN there are none"""
    RealClient.wanted_or_skip()
    return lambda hostname: RealClient(workspace, real, hostname)
