"""What people are told where versions differ: only-read servers, devices without a name, withdrawals that do not last, rules of
names, bare keys."""
import re
import socket
import threading
import time

import pytest
from harness import stack
from harness.client import Client
from harness.process import SLOWER, free_port, wait_until

LOOK_ONLY = "This Headscale is newer than Ouroboros knows: you can look, but not change anything."
LOST = "forgets"
CUTS_OFF = "With this version of Headscale such a device cuts off all devices of the network, until it has one."


def words(page):
    return [text for _, _, _, text in page.buttons()]


def readyz(place):
    return place.mia.client.get(place.web.origin + "/readyz").text


# ---- newer than known

def newer(here):
    place = here("0.30")
    stack.ask(place.headscale.control + "/settings", {"version_text": "v0.31.0"})
    place.node = place.headscale.add_node("lookout", online=True, routes=["0.0.0.0/0", "::/0", "10.9.0.0/24"])
    place.old = place.headscale.add_node("ancient", expiry=-60)
    return place


def test_newer_is_only_shown(here):
    place = newer(here)
    mia = place.start()
    for path in ("/", "/nodes/%d" % place.node["id"], "/nodes/%d" % place.old["id"], "/routes", "/add"):
        page = mia.look(path)
        assert page.status == 200 and LOOK_ONLY in page.text, path
        assert words(page) in (["Sign out"], ["Sign out", "Show"]), path
    assert "lookout" in mia.look().text and "/add\">+ Add" not in mia.text and "#again" not in mia.text
    assert "Headscale newer than 0.30" in mia.text
    for question in ("logout", "remove"):
        page = mia.look("/nodes/%d/%s" % (place.node["id"], question))
        assert page.url.endswith("/nodes/%d" % place.node["id"]) and LOOK_ONLY in page.text
    said = readyz(place)
    assert "0.31.0" in said and "hs_assume" in said
    assert place.web.process.log().count("hs_assume") == 1


def test_newer_is_not_changed(here):
    """forms that were sent all the same"""
    place = newer(here)
    mia = place.start()
    device = place.headscale.announce("hopeful")
    page = mia.look(device["path"])
    assert LOOK_ONLY in page.text and "Add device" not in words(page)
    token = {"token": next(f["fields"]["token"] for f, *_ in page.buttons() if "token" in f["fields"])}
    place.headscale.reset_calls()
    url = place.web.url("/nodes/%d" % place.node["id"])
    for path, fields in (("/rename", {"name": "other"}), ("/expire", {}), ("/remove", {"typed": "lookout"}),
                         ("/exit-node", {"on": "1"}), ("/routes/approve", {"prefix": "10.9.0.0/24"})):
        page = mia.client.post(url + path, **token, **fields)
        assert page.status == 501 and LOOK_ONLY in page.text, path
    page = mia.client.post(place.web.url(device["path"]), **token)
    assert page.status == 501 and LOOK_ONLY in page.text
    assert place.headscale.writes() == []
    assert place.headscale.device(device)["state"] == "waiting"


def test_newer_is_changed_once_it_is_said_what_it_is_like(here):
    place = newer(here)
    mia = place.start(HS_ASSUME="0.30")
    page = mia.device(place.node)
    assert LOOK_ONLY not in page.text
    page.press("Rename", name="assumed")
    assert "Renamed." in page.text and place.headscale.node(place.node["id"])["given_name"] == "assumed"


# ---- no name

@pytest.mark.parametrize("version,way,cuts_off", (
    ("0.23", "grpc", False), ("0.24", "http", False), ("0.25", "http", True), ("0.25", "socket", True),
    ("0.26", "http", False), ("0.30", "http", False)))
def test_device_without_a_name(here, version, way, cuts_off):
    place = here(version, way)
    node = place.headscale.add_node("Mia's Old PC", given_name="")
    foreign = place.headscale.add_node("jims-lost", "jim", given_name="")
    mia = place.start()
    page = mia.look()
    assert "Mia&#39;s Old PC</a>" in page.text and page.text.count(">no name<") == 2
    assert (CUTS_OFF in page.text) == cuts_off
    assert ("Give it a name now" in page.text) == cuts_off
    page = mia.device(foreign)
    assert "This device has no name; it calls itself jims-lost." in page.text and (CUTS_OFF in page.text) == cuts_off
    assert "Only its owner or the administrator can give it one." in page.text and "Rename" not in words(page)
    page = mia.device(node)
    assert "This device has no name; it calls itself Mia&#39;s Old PC." in page.text and (CUTS_OFF in page.text) == cuts_off
    assert 'value="mia-s-old-pc"' in page.text, "a name that it could have"
    form = next(form for form, _, _, text in page.buttons() if text == "Rename")
    page.press("Rename", name=form["fields"]["name"])
    assert "Renamed." in page.text and "has no name" not in page.text
    assert place.headscale.node(node["id"])["given_name"] == "mia-s-old-pc"
    page = mia.look()
    assert ("jims-lost</a> has no name." in page.text) == cuts_off
    assert ("Tell its owner or the administrator." in page.text) == cuts_off


# ---- withdrawals that do not last

@pytest.mark.parametrize("version,lost", (("0.25", False), ("0.26", False), ("0.27.0", False), ("0.27", True), ("0.28", True),
                                          ("0.29", False)))
def test_last_withdrawal(here, version, lost):
    # over gRPC 0.27.1 looks like 0.27.0: the warning is there all the same
    place = here(version, "grpc" if version == "0.27" else "http")
    add = place.headscale.add_node
    two = add("two-routes", online=True, routes=["10.1.0.0/24", "10.2.0.0/24"], approved=["10.1.0.0/24", "10.2.0.0/24"])
    exits = add("exits", online=True, routes=["0.0.0.0/0", "::/0", "10.3.0.0/24"], approved=["0.0.0.0/0", "::/0", "10.3.0.0/24"])
    only = add("only-exit", online=True, routes=["0.0.0.0/0", "::/0"], approved=["0.0.0.0/0", "::/0"])
    mia = place.start()
    page = mia.device(two)
    page.press("Withdraw 10.1.0.0/24 on")
    assert "Approval withdrawn." in page.text and LOST not in page.text
    page.press("Withdraw 10.2.0.0/24 on")
    assert "Approval withdrawn." in page.text and (LOST in page.text) == lost
    page = mia.device(exits)
    page.press("Switch off")
    assert "Exit node is off." in page.text and LOST not in page.text
    page = mia.device(only)
    page.press("Switch off")
    assert "Exit node is off." in page.text and (LOST in page.text) == lost
    if lost:
        stack.ask(place.headscale.control + "/restart", {})
        assert place.headscale.node(only["id"])["routes"]["approved"], "so it is"


# ---- what is there instead of a known Headscale

def told(here, before, **environment):
    """(heading, page, /readyz) of a first look"""
    place = here("0.30")
    before(place.headscale)
    page = place.start(**environment).look()
    assert place.web.settings["HS_ADDRESS"] not in page.text and "127.0.0.1" not in page.text.partition("<main")[2]
    return page.text.partition("<h1>")[2].partition("<")[0], page.text, readyz(place)


def text_is(version):
    return lambda headscale: stack.ask(headscale.control + "/settings", {"version_text": version})


def test_people_are_told_without_the_inside(here, github_here):
    heading, page, ready = told(here, lambda headscale: None, HS_ADDRESS=github_here.url.partition("//")[2])
    assert heading == "Headscale does not answer" and "Something answers in its place" in page
    assert "not ready" in ready and "is the address right" in ready
    heading, page, ready = told(here, text_is("v0.22.3"))
    assert heading == "Ouroboros does not know this Headscale" and "/readyz" in page
    assert "this is Headscale 0.22.3, which is not served" in ready.replace("v0", "0")
    heading, page, ready = told(here, lambda headscale: headscale.stop_api(),
                                HS_LOGIN_URL="http://127.0.0.1:%d" % free_port())
    assert heading == "Headscale does not answer" and "Something answers" not in page and "not ready" in ready
    heading, page, ready = told(here, lambda headscale: None, HS_API_KEY="wrong.key-that-nobody-made")
    assert heading == "Ouroboros is not let in by Headscale" and "hs_api_key" in page
    assert "the API key is not, or no longer, one of this server" in ready


class Relay(threading.Thread):
    """passes connections on, and keeps what was asked for"""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.to, self.asked = port, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            here, there = self.listener.accept()[0], socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=self.pass_on, args=(here, there, True), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(there, here, False), daemon=True).start()

    def pass_on(self, one, other, keep):
        try:
            while data := one.recv(65536):
                self.asked += data if keep else b""
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            other.close()


def test_login_url_that_leads_back_here(here):
    """While Headscale is down ouroboros-web looks for it at the login URL, that is, asks itself - with all threads taken by people
    who wait for the result. It ends there: a few public pages an attempt, no key, and everybody is answered."""
    place, port, looks = here("0.30"), free_port(), []
    relay = Relay(port)
    mia = place.start(port=port, WEB_THREADS=4, HS_LOGIN_URL="http://127.0.0.1:%d" % relay.port)
    place.headscale.stop_api()
    relay.asked = b""
    end = time.monotonic() + 5

    def look():
        client = Client(mia.client.jar)
        while time.monotonic() < end:
            began = time.monotonic()
            looks.append((client.get(place.web.url()).status, time.monotonic() - began))
    people = [threading.Thread(target=look) for _ in range(12)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert {status for status, _ in looks} == {200} and max(took for _, took in looks) < 5 * SLOWER
    asked = re.findall(rb"^[A-Z]+ (\S+) HTTP/1.1\r$", relay.asked, re.M)
    assert asked and set(asked) <= {b"/version", b"/swagger/v1/openapiv2.json", b"/api/v1/openapi.json"}
    assert len(asked) < 60 and b"authorization" not in relay.asked.lower()
    place.headscale.start_api()
    wait_until(lambda: readyz(place).startswith("ready: Headscale 0.30"), 5 * SLOWER, "Headscale is found again")


# ---- names

CAPITALS, DOTS = "no capitals", "and dots"


@pytest.mark.parametrize("version,least,label", (("0.23", 1, False), ("0.24", 1, False), ("0.25", 2, False), ("0.26", 2, False),
                                                 ("0.27", 2, False), ("0.28", 2, False), ("0.29", 1, True), ("0.30", 1, True)))
def test_rule_of_names(here, version, least, label):
    place = here(version, "grpc" if version == "0.23" else "http")
    node = place.headscale.add_node("plain")
    mia = place.start()
    page = mia.device(node)
    hint = page.text.partition('id="name-help">')[2].partition("<")[0]
    assert hint.startswith("This is what others type to reach the device. Use letters a–z")
    assert (CAPITALS in hint) == (not label) and (DOTS in hint) == (not label) and ("2 to 63" in hint) == (least == 2)
    for name, fits in (("x", least == 1), ("xy", True), ("Capital", label), ("a.b", not label), ("-a", False), ("a-", False),
                       ("a_b", False), ("a" * 63, True), ("a" * 64, False), ("", False)):
        page = mia.look("/nodes/%d/name?name=%s" % (node["id"], name))
        assert page.status == (200 if fits else 422), name
        assert fits or page.text.strip() == hint.partition(". ")[2], name
        if name:
            before = place.headscale.node(node["id"])["given_name"]
            page = mia.device(node)
            page.press("Rename", name=name)
            assert place.headscale.node(node["id"])["given_name"] == (name if fits else before), name
            assert ("Renamed." in page.text) == fits and ('id="name-error" aria-live="polite">Use letters' in page.text) != fits


# ---- keys

def test_bare_key_of_the_form_that_ssh_logins_have(here):
    """0.29 ends when the id of an SSH login that waits is registered; the paste box must not lead there"""
    place = here("0.29")
    mia = place.start()
    check = stack.ask(place.headscale.control + "/ssh_checks", {})
    device = place.headscale.announce("pasted")
    for text, said in ((check["key"], "Paste the whole link"), (device["key"], "Paste the whole link"),
                       ("  %s\n" % check["key"], "Paste the whole link"),
                       (check["url"], "This link belongs to an SSH login"), ("hskey-authreq-short", "neither a link nor a key")):
        page = mia.look("/add")
        page.press("Go on", link=text)
        assert page.status == 422 and said in page.text and page.url.endswith("/add"), text
    page = mia.look("/add")
    page.press("Go on", link=device["url"])
    assert page.url.endswith(device["path"])
    page = mia.look(device["path"])
    page.press("Add device")
    wait_until(lambda: place.headscale.device(device)["state"] == "in", 10, "the link itself works")
    assert stack.ask(place.headscale.control + "/state")["crashes"] == 0
