"""One simulated server a version, one ouroboros-web a way in; the devices are there before anybody looks."""
import json

import pytest
from harness import stack
from harness.client import Client
from harness.process import Workspace

VERSIONS = ("0.23", "0.24", "0.25", "0.26", "0.27", "0.28", "0.29", "0.30")
WAYS = {"grpc": "gRPC", "http": "HTTP", "socket": "unix socket"}


def has(version, way):
    return way != "grpc" or version != "0.30"


# Devices by the name that a test uses: there before ouroboros-web starts, so that no test waits for a list to be read again.
DEVICES = {
    "old": {}, "out": {"online": True}, "gone": {}, "kept": {},
    "exit": {"online": True, "routes": ["0.0.0.0/0", "::/0", "10.77.0.0/24"], "approved": ["10.77.0.0/24"]},
    "router": {"online": True, "routes": ["10.81.0.0/24", "10.82.0.0/24"]},
    "ends": {"online": True, "expiry": 5.5 * 86400},
    "moved": {"online": True, "routes": ["10.84.0.0/24"], "approved": ["10.84.0.0/24"]},
}
RULES = {"keys": {"longest": "7d", "alive": 10}, "extend_expiry": {"longest": "90d", "never": True}}
COMBINATIONS = [(v, w) for v in VERSIONS for w in WAYS if has(v, w)]


class Person:
    """somebody signed in, without a browser"""

    def __init__(self, place, account):
        self.place, self.client = place, Client()
        self.client.sign_in(place.web.base, account)

    def look(self, path="/"):
        return self.client.get(self.place.web.url(path))

    def device(self, node):
        return self.look("/nodes/%d" % node["id"])

    @property
    def text(self):
        return self.client.text


class Place:
    """a version by one way in"""

    def __init__(self, workspace, headscale, github, version, way):
        self.headscale, self.version, self.way = headscale, version, way
        self.devices = {name: headscale.add_node(name + "-device", **values) for name, values in DEVICES.items()}
        headscale.change(self.devices["moved"]["id"], routes=[])
        self.web = stack.Web(workspace, headscale.by(way), github, RULES=json.dumps(RULES))
        self.mia = Person(self, "mia")

    def now(self, node):
        return self.headscale.node(node["id"])


@pytest.fixture(scope="module")
def github_here():
    with Workspace() as workspace:
        yield stack.GitHub(workspace)


@pytest.fixture(scope="module", params=COMBINATIONS, ids=lambda c: "-".join(c))
def place(request, github_here):
    version, way = request.param
    with Workspace() as workspace:
        headscale = stack.Headscale(workspace, version, ways=(way,))
        yield Place(workspace, headscale, github_here, version, way)


class Here:
    """a version for a test alone; whatever the test makes there is there before start()"""

    def __init__(self, workspace, github, version, way):
        self.workspace, self.github, self.way = workspace, github, way
        self.headscale = stack.Headscale(workspace, version, ways=(way,))

    def start(self, **environment):
        """ouroboros-web in front, and somebody signed in"""
        self.web = stack.Web(self.workspace, self.headscale.by(self.way), self.github, **environment)
        self.mia = Person(self, "mia")
        return self.mia


@pytest.fixture
def here(github_here):
    with Workspace() as workspace:
        yield lambda version, way="http": Here(workspace, github_here, version, way)


@pytest.fixture
def shown(place, record_property):
    """what a test proves, for the table in the README: shown("Rename"), or shown("Forget a route", has=False)"""
    def note(operation, has=True):
        record_property("version", place.version)
        record_property("way", place.way)
        record_property("operation", operation)
        record_property("has", "yes" if has else "no")
    return note
