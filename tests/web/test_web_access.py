"""Who may do what, over the pages: the table that library, API and command line are held to as well. Forms are posted as a page
would post them, whether it offers them or not."""
import json
import re

import pytest
from harness import access, stack
from harness.client import Client
from harness.process import Workspace

pytestmark = pytest.mark.breadth

# The pages change one route at a time; who is signed in comes with everything.
CASES = tuple(c for c in access.of(credentials="all") if c.action != "set-routes")
OUTCOMES = {200: "ok", 403: "denied", 404: "not-found", 501: "unsupported"}


class PageWay:
    """Mia, signed in"""

    def __init__(self, web, headscale):
        self.web, self.headscale, self.client, self._flips = web, headscale, Client(), 0
        self.client.sign_in(web.base, "mia")
        self.token = re.search(r'name="token" value="([^"]+)"', self.client.get(web.url("/add")).text).group(1)
        self.helper = headscale.add_node("helper")["id"]

    def post(self, path, **fields):
        return self.client.post(self.web.url(path), token=self.token, **fields)

    def look_anew(self):
        """a change by her, after which the next list is a fresh one"""
        self._flips += 1
        assert self.post("/nodes/%d/rename" % self.helper, name="helper-%d" % self._flips).status == 200
        self.headscale.reset_calls()

    def attempt(self, action, target, scopes):
        self.look_anew()
        answer = getattr(self, action.replace("-", "_"))(target)
        assert answer.status in OUTCOMES, (answer.status, answer.text)
        return OUTCOMES[answer.status]

    def on(self, target, what, **fields):
        return self.post("/nodes/%d/%s" % (target.id, what), **fields)

    def see(self, target):
        return self.client.get(self.web.url("/nodes/%d" % target.id))

    def rename(self, target):
        return self.on(target, "rename", name=target.new_name)

    def expire(self, target):
        return self.on(target, "logout")

    def extend(self, target):
        return self.on(target, "extend", lifetime="2592000")

    def delete(self, target):
        return self.on(target, "remove", typed=target.name)

    def exit_on(self, target):
        return self.on(target, "exit-node", on="1")

    def exit_off(self, target):
        return self.on(target, "exit-node", on="0")

    def approve(self, target):
        return self.on(target, "routes/approve", prefix=target.prefix)

    def withdraw(self, target):
        return self.on(target, "routes/withdraw", prefix=target.prefix)

    def forget(self, target):
        return self.on(target, "routes/forget", prefix=target.prefix)

    def register(self, target):
        return self.client.get(self.web.url(target.link)).press("Add device")

    def list_keys(self, target):
        return self.client.get(self.web.url("/keys"))

    def create_key(self, target):
        return self.client.get(self.web.url("/keys")).press("Make a key", lifetime="86400")

    def revoke_key(self, target):
        return self.post("/keys/%d/revoke" % target.id)


@pytest.fixture(scope="module", params=("0.23", "0.30"))
def world(request):
    with Workspace() as workspace:
        headscale = stack.Headscale(workspace, request.param, ways=("grpc" if request.param == "0.23" else "http",))
        access_world = access.World(headscale)
        web = stack.Web(workspace, headscale.by("grpc" if request.param == "0.23" else "http"), stack.GitHub(workspace),
                        RULES=json.dumps(access.RULES))
        access_world.way = PageWay(web, headscale)
        yield access_world


@pytest.mark.parametrize("case", CASES, ids=str)
def test_access(world, case):
    access.check(world, case, world.way)
