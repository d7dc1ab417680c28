"""The deployment of 0.3.1 as it stands: its Caddy site and its environment variables, in front of Headscale 0.23.

One port for everything, over TLS: gRPC for Ouroboros, two path rules for people, the rest for devices.
"""
import json
import re
import ssl
import urllib.request

import pytest
from harness import stack
from harness.caddy import Caddy, find
from harness.certs import Authority
from harness.process import Workspace, free_port, plain_environment, wait_until

HOST = "localhost"


class Site:
    """what Visitor needs to know of a site"""

    def __init__(self, origin):
        self.origin, self.base = origin, origin + "/ouroboros"

    def url(self, path="/"):
        return (self.origin if path.startswith("/register/") else self.base) + path


@pytest.fixture(scope="module")
def seed(github):
    assert find(), "caddy is missing; ./x installs it"
    with Workspace() as workspace:
        authority = Authority(workspace)
        port, web_port = free_port(), free_port()
        origin = "https://%s:%d" % (HOST, port)
        headscale = stack.Headscale(workspace, "0.23", login_url=origin, http=True)
        caddy = Caddy(workspace, authority, HOST, headscale.grpc, "127.0.0.1:%d" % web_port,
                      headscale.http.partition("//")[2], port)
        # the seed's own seven settings
        settings = {"HS_IS_REMOTE": "true", "HS_ADDRESS": "%s:%d" % (HOST, port), "HS_API_KEY": headscale.api_key,
                    "HS_LOGIN_URL": "%s:%d" % (HOST, port), "GH_CLIENT_ID": stack.CLIENT_ID,
                    "GH_CLIENT_SECRET": stack.CLIENT_SECRET,
                    "USER_MAP": '{ "19270622": "sink", "2147483649": "jim" }'}
        # what a test needs besides: its own authority and GitHub, and the port that a container image would set
        settings.update(HS_CA_FILE=authority.ca_file, LISTEN="127.0.0.1:%d" % web_port, **github.environment())
        web = workspace.start("ouroboros-web", [stack.web_binary()], clean=(0,), environment=plain_environment(**settings))
        web.wait_log(stack.LISTENING, 15)
        site = Site(origin)
        site.headscale, site.process, site.caddy, site.ca_file = headscale, web, caddy, authority.ca_file
        yield site


@pytest.fixture
def mia(visit, seed):
    v = visit(seed, ignore_https_errors=True)
    v.sign_in("mia")
    return v


@pytest.fixture
def box(seed):
    """a device of mia's that the pages know"""
    node = seed.headscale.add_node("seed-box", online=True, routes=["0.0.0.0/0", "::/0"])
    stack.settle()
    yield node
    seed.headscale.remove(node["id"])


def test_sign_in(mia, seed):
    assert mia.page.url == seed.base + "/"
    assert "mia-laptop" in mia.rows("mine") and "jims-iphone" in mia.rows("theirs")
    cookie, = mia.context.cookies()
    assert cookie["name"].startswith("__Host-") and cookie["secure"] and cookie["httpOnly"]
    assert "Headscale 0.23" in mia.text()


def test_rename(box, mia, seed):
    mia.rename(box["id"], "seed-renamed")
    assert mia.note() == "Renamed."
    assert seed.headscale.node(box["id"])["given_name"] == "seed-renamed"


def test_exit_node(box, mia, seed):
    mia.exit_node(box["id"], True)
    assert sorted(seed.headscale.node(box["id"])["routes"]["approved"]) == ["0.0.0.0/0", "::/0"]
    mia.exit_node(box["id"], False)
    assert seed.headscale.node(box["id"])["routes"]["approved"] == []


@pytest.mark.parametrize("javascript", (True, False), ids=("js", "nojs"))
def test_register(visit, seed, javascript):
    device = seed.headscale.announce("seed-laptop-%d" % javascript)
    assert device["url"].startswith(seed.origin + "/register/mkey:")
    v = visit(seed, ignore_https_errors=True, javascript=javascript)
    v.page.goto(device["url"])
    assert v.heading() == "Sign in to add this device"
    v.sign_in("mia", path=None)
    assert v.page.url.endswith(device["path"])
    v.add_device()
    v.page.wait_for_url(re.compile(re.escape(seed.base) + r"/nodes/\d+(\?|$)"), timeout=30000)
    assert "It’s in. Give it a name?" in v.text()
    assert seed.headscale.node(seed.headscale.device(device)["node_id"])["user"] == "sink"


def test_sign_out(mia, seed):
    kept = mia.context.cookies()
    mia.sign_out()
    assert mia.heading() == "You are signed out"
    mia.context.add_cookies(kept)
    mia.open("/")
    assert mia.heading() == "Your session is over"


def test_everything_else_is_still_headscales(seed):
    """/health and /api/v1 on the same host and port reach Headscale, not us"""
    context = ssl.create_default_context(cafile=seed.ca_file)
    with urllib.request.urlopen(seed.origin + "/health", timeout=10, context=context) as answer:
        assert json.load(answer)["status"] == "pass"
    request = urllib.request.Request(seed.origin + "/api/v1/node",
                                     headers={"Authorization": "Bearer " + seed.headscale.api_key})
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        assert json.load(answer)["nodes"]


def test_caddy_restarts(mia, seed):
    """the one door closes and opens again: the list comes back by itself"""
    seed.caddy.restart()

    def fresh():
        mia.open("/")
        return "mia-laptop" in mia.rows("mine") and "has not answered" not in mia.text()
    wait_until(fresh, 40, "the list is fresh again")
