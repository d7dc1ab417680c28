"""Whatever is there instead of a Headscale that is known, or with a key that it does not take: operators are told what answered where
and what to change, in /readyz and once in the log; people are told what it means for them, and nothing of the inside."""
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from harness import stack
from harness.client import Client
from harness.process import Workspace, free_port, wait_until

SECRETS = ("s3cret", "inside-word", "hskey-")
DOWN, STRANGE = "Headscale does not answer", "Something answers in its place"
LOCKED_OUT, UNKNOWN = "Ouroboros is not let in by Headscale", "Ouroboros does not know this Headscale"


def web_server(status, body, kind="text/html", **fields):
    """a server that has one answer to everything; its port"""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **fields}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def other_server(greeting):
    """a server that greets; its port"""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            one = listener.accept()[0]
            try:
                one.sendall(greeting)
                one.recv(4096)
            except OSError:
                pass
            one.close()
    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


PAGE = "<html><title>Welcome</title>inside-word</html>"


class Servers:
    """what there is to be found, by name: (port, key)"""

    def __init__(self, workspace):
        self.old = stack.Headscale(workspace, "0.29", ways=("grpc", "http"))
        self.new = stack.Headscale(workspace, "0.30", ways=("http",))

    def key(self, which, expiration):
        headscale = getattr(self, which)
        if expiration is None:
            return headscale.api_key
        return stack.ask(headscale.control + "/api_keys", {"expiration": expiration})["key"]

    def port(self, which, way):
        return int(getattr(getattr(self, which), way).rpartition(":")[2])


@pytest.fixture(scope="module")
def servers():
    with Workspace() as workspace:
        yield Servers(workspace)


# name: (settings from the servers, heading, more on the page, words of /readyz and the log)
WRONG_KEY = "hskey-api-000000000000-wrong-key-that-nobody-made"
REFUSED = "the API key is not, or no longer, one of this server's: check hs_api_key"
ONLY = "hs_transport allows this way only, auto tries others"
NOT_OURS = "is the address right, and are /version and /api/v1 passed on?"
CASES = {
    "another-site": (lambda s: (web_server(200, PAGE),), DOWN, STRANGE,
                     "it answers HTTP 200 with a page that is not Headscale's: " + NOT_OURS),
    "another-api": (lambda s: (web_server(200, '{"inside-word":1}', "application/json"),), DOWN, STRANGE, NOT_OURS),
    "not-found": (lambda s: (web_server(404, PAGE),), DOWN, STRANGE, "a web server answers HTTP 404 to all that"),
    "proxy-page": (lambda s: (web_server(502, PAGE),), DOWN, "", "the proxy in front answers HTTP 502: the Headscale behind it is down"),
    "proxy-fails": (lambda s: (web_server(500, PAGE),), DOWN, STRANGE, "the server fails with HTTP 500 when asked for its version"),
    "portal": (lambda s: (web_server(302, "", Location="https://sso.example.org/in?rd=s3cret"),), DOWN, STRANGE,
               "it redirects with HTTP 302, like a login portal or a site that has moved: give an address that leads to Headscale"),
    "portal-401": (lambda s: (web_server(401, PAGE),), DOWN, STRANGE,
                   "something in front wants a sign-in of its own and answers HTTP 401: let Ouroboros through"),
    "another-program": (lambda s: (other_server(b"SSH-2.0-OpenSSH_9.2\r\n"),), DOWN, STRANGE,
                        "does not speak HTTP/2, nor HTTP/1: is the address right?"),
    "http-on-the-grpc-port": (lambda s: (s.port("old", "http"), s.key("old", None), "grpc"), DOWN, STRANGE,
                              "the port answers HTTP/1, it is not a gRPC port (Headscale: grpc_listen_addr); " + ONLY),
    "grpc-on-the-http-port": (lambda s: (s.port("old", "grpc"), s.key("old", None), "http"), DOWN, STRANGE,
                              "the port speaks gRPC, not HTTP: give Headscale's HTTP address (listen_addr), or choose gRPC; " + ONLY),
    "nobody": (lambda s: (free_port(),), DOWN, "", "Connection refused"),
    "wrong-key-grpc": (lambda s: (s.port("old", "grpc"), WRONG_KEY), LOCKED_OUT, "hs_api_key", REFUSED),
    "wrong-key-http": (lambda s: (s.port("new", "http"), WRONG_KEY), LOCKED_OUT, "hs_api_key", REFUSED),
    "expired-key-grpc": (lambda s: (s.port("old", "grpc"), s.key("old", -3600)), LOCKED_OUT, "hs_api_key",
                         "the API key has expired: make a new one (headscale apikeys create) and set hs_api_key"),
    # over HTTP it is answered like a wrong one
    "expired-key-http": (lambda s: (s.port("new", "http"), s.key("new", -3600)), LOCKED_OUT, "hs_api_key", REFUSED),
}


def start(workspace, github, there, key="x.canary-key-s3cret", transport="auto", **options):
    return stack.Web(workspace, stack.Settings({
        "HS_IS_REMOTE": "true", "HS_ADDRESS": "127.0.0.1:%d" % there, "HS_API_KEY": key, "HS_PLAINTEXT": "true",
        "HS_TRANSPORT": transport, "HS_LOGIN_URL": "https://vpn.example.org"}), github, **options)


def check(web, heading, more, words):
    """several people look, twice; then an operator"""
    person = Client()
    person.sign_in(web.base, "mia")
    for path in ("/", "/routes", "/", "/"):
        person.get(web.url(path))
        main = person.text.partition("<main")[2]
        assert person.status in (501, 502, 503) and person.text.partition("<h1>")[2].startswith(heading), person.text
        assert more in main and (more == STRANGE) == (STRANGE in main)
        assert "127.0.0.1" not in main and ":%d" % int(web.settings["HS_ADDRESS"].rpartition(":")[2]) not in main
        assert not re.search(r"HTTP \d|gRPC", main), "the inside is not for people"
    ready = Client().get(web.origin + "/readyz")
    assert ready.status == 503 and ready.text.startswith("not ready: Headscale at " + web.settings["HS_ADDRESS"])
    assert words in ready.text
    log = web.process.log()
    assert log.count(words) == 1 and log.count(" warning: Headscale at ") == 1, log
    for secret in (*SECRETS, web.settings["HS_API_KEY"]):
        assert secret not in ready.text + log + person.text


@pytest.mark.parametrize("name", CASES)
def test_bad_input(servers, github_here, name):
    place, heading, more, words = CASES[name]
    with Workspace() as workspace:
        check(start(workspace, github_here, *place(servers)), heading, more, words)


# ---- what speaks like Headscale, and is ouroboros-web


def start_alone(workspace, github, there=None, path="", **options):
    """ouroboros-web whose login URL is its own, and without another one there its address, too"""
    port = free_port()
    base = "http://127.0.0.1:%d%s" % (port, path)
    web = start(workspace, github, there or port, port=port, HS_LOGIN_URL=base, BASE_URL=base, LOG_LEVEL="debug",
                STATE_DIR=str(workspace.path), **options)
    web.base = base
    return web


def no_key_was_sent(web):
    """to itself: nothing of its API was asked for, and pages are asked for without a key"""
    return "/version 200" in web.process.log() and "/api/v1/" not in web.process.log()


@pytest.mark.parametrize("path", ("/ouroboros", ""))
@pytest.mark.parametrize("which,transport", (("old", "auto"), ("new", "auto"), ("new", "http")))
def test_the_login_url_is_its_own(servers, github_here, which, transport, path):
    """Headscale is down, and nothing else is taken for it; then it comes"""
    headscale, way = getattr(servers, which), {"old": "grpc", "new": "http"}[which]
    with Workspace() as workspace:
        headscale.stop_api()
        try:
            web = start_alone(workspace, github_here, servers.port(which, way), path, key=headscale.api_key, transport=transport)
            check(web, DOWN, "", "; what answers at %s is ouroboros-web, not Headscale: check hs_login_url" % web.base)
        finally:
            headscale.calm()
        wait_until(lambda: Client().get(web.origin + "/readyz").text.startswith("ready: Headscale " + headscale.generation), 20,
                   "ready")
        assert no_key_was_sent(web)


def test_the_address_is_its_own(github_here):
    with Workspace() as workspace:
        web = start_alone(workspace, github_here)
        check(web, DOWN, STRANGE, "what answers at 127.0.0.1:%d is ouroboros-web, not Headscale: set hs_address" % web.port)
        assert no_key_was_sent(web)


def test_a_proxy_changes_its_mind(servers, github_here):
    """another trouble is news, the same one again is not"""
    with Workspace() as workspace:
        web = start(workspace, github_here, servers.port("new", "http"), servers.new.api_key)
        person = Client()
        person.sign_in(web.base, "mia")
        assert person.get(web.url()).status == 200
        for words, faults in (("the proxy in front answers HTTP 502", [{"mode": "html", "method": "*"}]),
                              (REFUSED, [{"mode": "unauthenticated"}])):
            stack.ask(servers.new.control + "/faults", faults)
            for _ in range(2):
                stack.settle()
                assert words in Client().get(web.origin + "/readyz").text
            assert web.process.log().count(words) == 1
        servers.new.calm()
        stack.settle()
        assert Client().get(web.origin + "/readyz").text.startswith("ready: Headscale 0.30")


# ---- versions that say nothing

BUILDS = ("dev", "v0.0.0-20261123073715-f20f1f12abcd+dirty", "v0.31.0-beta.1", "")


@pytest.mark.parametrize("version", ("0.27", "0.30"))
@pytest.mark.parametrize("text", BUILDS)
def test_builds_are_known_by_what_they_can(here, version, text):
    place = here(version)
    stack.ask(place.headscale.control + "/settings", {"version_text": text})
    mia = place.start()
    assert mia.look().status == 200
    said = Client().get(place.web.origin + "/readyz").text
    log = place.web.process.log()
    shown = {"0.27": "0.27.1"}.get(version, version)
    assert said.startswith("ready: Headscale %s at " % shown)
    assert log.count("is version %s%s, spoken to over HTTP" % (shown, " (%s)" % text if text else "")) == 1


@pytest.mark.parametrize("text", BUILDS[:2])
def test_builds_of_which_nothing_is_known(here, text):
    """the proxy lets /version through, and not what would tell more"""
    place = here("0.29")
    stack.ask(place.headscale.control + "/settings", {"version_text": text})
    stack.ask(place.headscale.control + "/faults", [{"mode": "unauthenticated", "method": "GET " + page}
                                                    for page in ("/swagger/v1/openapiv2.json", "/api/v1/openapi.json")])
    mia = place.start()
    check(place.web, UNKNOWN, "/readyz", 'its /version says "%s", which names no release' % text)
    place.web.restart(HS_ASSUME="0.29")
    assert mia.look().status == 200
    assert Client().get(place.web.origin + "/readyz").text.startswith("ready: Headscale 0.29 ")
