"""One simulated server with every way in and one simulated GitHub a worker; a world, and an ouroboros-web, a test."""
import json
import time

import pytest
from harness import stack
from harness.client import Client
from harness.session import *  # noqa: F403

ACCOUNTS = {"mia": (19270622, "sink"), "jim": (2147483649, "jim"), "zoe": (77001234, "ana")}
# how many devices of a kind, and what they are; those of mia and jim in turn
KINDS = {"named": (14, {"online": True}), "left": (20, {}),
         "exit": (10, {"online": True, "routes": ["0.0.0.0/0", "::/0", "10.77.%d.0/24"], "approved": ["10.77.%d.0/24"]})}
WAITING = 12


class Place:
    """Headscale, ouroboros-web in front of it by one way, devices and people's cookies"""

    def __init__(self, headscale, version):
        self.headscale = headscale
        self.order("/reset", {"world": "demo", "generation": version})
        self.devices = {kind: [self._device(kind, i) for i in range(KINDS[kind][0])] for kind in KINDS}
        self.waiting = [{"hostname": name, **headscale.announce(name, online_after=0.2)}
                        for name in ("new-%d" % i for i in range(WAITING))]
        nodes = headscale.nodes()
        self.mine = {a: {n["id"] for n in nodes if n["user"] == user} for a, (_, user) in ACCOUNTS.items()}
        self.routes = {r["id"]: r["node_id"] for r in self.state()["routes"]}
        self.cookies, self.web = {}, None

    def _device(self, kind, i):
        account = ("mia", "jim")[i % 2]
        values = {k: [p % i if "%d" in p else p for p in v] if isinstance(v, list) else v for k, v in KINDS[kind][1].items()}
        device = self.headscale.add_node("%s-%d" % (kind, i), user=ACCOUNTS[account][1], **values)
        return {"id": device["id"], "account": account}

    def order(self, what, body):
        return stack.ask(self.headscale.control + what, body)

    def state(self):
        return stack.ask(self.headscale.control + "/state")

    def books(self):
        """the server's log of calls and of changes"""
        return stack.ask(self.headscale.control + "/calls")


@pytest.fixture(scope="session")
def headscale(session_workspace):
    return stack.Headscale(session_workspace, "0.29", ways=("grpc", "http", "socket", "port"))


@pytest.fixture(scope="session")
def cookies(home):
    """cookies(account, web): the Cookie header of somebody who is signed in, by one real sign-in for many tests"""
    kept = {}

    def get(account, web):
        header, since = kept.get(account, (None, 0))
        if header is None or time.monotonic() - since > 240:
            client = Client()
            client.sign_in(web.base, account)
            header = "; ".join("%s=%s" % (c.name, c.value) for c in client.jar if c.name.endswith("ouroboros"))
            kept[account] = header, time.monotonic()
        return kept[account][0]
    return get


@pytest.fixture
def place_of(workspace, headscale, github, home, cookies):
    """place_of(version, way): everything ready for people to come"""
    def make(version, way):
        place = Place(headscale, version)
        # who speaks gRPC at an address knows the clients' URL, too: there 0.30 is found
        login = {"HS_LOGIN_URL": headscale.http} if way == "grpc" else {}
        users = {str(number): user for number, user in ACCOUNTS.values()}
        place.web = stack.Web(workspace, headscale.by(way), github, port=home.port.number, SESSION_KEY=home.session_key,
                              USER_MAP=json.dumps(users), **login)
        place.cookies = {a: cookies(a, place.web) for a in ACCOUNTS}
        return place
    return make
