"""One simulated server a generation, and persons in front of it."""
import contextlib

import pytest
from harness import stack
from harness.library import JIM, MIA, ouroboros, tailnet
from harness.process import Workspace

WAYS = {"0.23": "grpc", "0.30": "http"}
RULES = {"keys": {"longest": "7d", "reusable": True}, "extend_expiry": {"longest": "90d", "never": True}}


@pytest.fixture(scope="module")
def place():
    with Workspace() as workspace:
        yield workspace


@pytest.fixture(scope="module", params=WAYS)
def headscale(request, place):
    return stack.Headscale(place, request.param, ways=(WAYS[request.param],))


class Door:
    """a portal on a server, with its audit record"""

    def __init__(self, exit_stack, headscale, user_map, rules, **options):
        enter = exit_stack.enter_context
        self.headscale, self.audit = headscale, []
        self.tailnet = enter(tailnet(headscale))
        self.directory = enter(ouroboros.Directory(user_map, rules))
        self.portal = enter(ouroboros.Portal(self.tailnet, self.directory, audit=self.audit.append, **options))
        self.mia, self.jim = (enter(self.portal.person(who)) for who in (MIA, JIM))
        self.holder = enter(self.portal.holder())


@pytest.fixture(scope="module")
def door(headscale):
    with contextlib.ExitStack() as exit_stack:
        yield Door(exit_stack, headscale, stack.USER_MAP, {})
