"""One simulated server a generation, and persons in front of it."""
import contextlib

import pytest
from harness import access, stack
from harness.library import JIM, MIA, ouroboros, tailnet
from harness.process import Workspace

WAYS = {"0.23": "grpc", "0.30": "http"}


@pytest.fixture(scope="module")
def place():
    with Workspace() as workspace:
        yield workspace


@pytest.fixture(scope="module", params=WAYS)
def headscale(request, place):
    return stack.Headscale(place, request.param, ways=(WAYS[request.param],))


class Door:
    """a portal on a server with its store and its audit record, and the persons in front of it"""

    def __init__(self, exit_stack, headscale, directory, user_map, rules):
        enter = exit_stack.enter_context
        self.headscale, self.audit = headscale, []
        self.tailnet = enter(tailnet(headscale))
        self.directory = enter(ouroboros.Directory(user_map, rules))
        self.store = enter(ouroboros.Store(directory))
        self.portal = enter(ouroboros.Portal(self.tailnet, self.directory, store=self.store, audit=self.audit.append))
        self.mia, self.jim = (enter(self.portal.person(who)) for who in (MIA, JIM))
        self.holder = enter(self.portal.holder())


@pytest.fixture(scope="module")
def door(headscale, tmp_path_factory):
    with contextlib.ExitStack() as exit_stack:
        yield Door(exit_stack, headscale, tmp_path_factory.mktemp("store"), access.USER_MAP, access.RULES)


@pytest.fixture
def node(headscale):
    """a new one of Mia's"""
    made = headscale.add_node("new", online=True, routes=["10.81.0.0/24", "10.82.0.0/24", "0.0.0.0/0", "::/0"])
    yield made
    headscale.remove(made["id"])
