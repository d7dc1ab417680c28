"""Bringing a device in: the link that a client prints, from the first look to the device's own page."""
import re
import time

import pytest
from harness import stack
from harness.process import wait_until


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def javascript(request):
    return request.param


def test_register_with_sign_in_first_and_on_to_the_devices_page(visit, web, headscale, fresh, javascript):
    name = fresh("laptop")
    device = headscale.announce(name)
    v = visit(web, javascript=javascript)
    v.open(device["path"])
    assert v.heading() == "Sign in to add this device"
    v.sign_in("mia", path=None)
    assert v.path().endswith(device["path"])
    assert v.heading() == "Add this device to the network as sink?"
    assert "Only go on if you started this on a device of your own, just now." in v.text()
    shown = v.page.locator("main code").first.inner_text()
    assert device["key"] not in v.text() and shown[-4:] == device["key"][-4:]
    assert not [n for n in headscale.nodes() if n["name"] == name], "looking adds nothing"
    v.add_device()
    # the waiting page looks again by itself, with or without script
    v.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=30000)
    assert "It’s in. Give it a name?" in v.text()
    node = next(n for n in headscale.nodes() if n["name"] == name)
    assert node["user"] == "sink" and node["online"]
    assert headscale.device(device)["state"] == "in"
    better = fresh("better")
    v.page.get_by_role("textbox", name="Name").fill(better)
    v.press("Rename")
    assert headscale.node(node["id"])["given_name"] == better


def test_waiting_page_in_between(visit, web, headscale, fresh):
    device = headscale.announce(fresh("slow"), online_after=3)
    v = visit(web)
    v.sign_in("mia", device["path"])
    v.add_device()
    assert v.heading().startswith("Waiting for") and v.heading().endswith("to come online…")
    assert v.page.get_by_role("status").first.is_visible()
    v.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=30000)
    assert "It’s in." in v.text()


@pytest.mark.long
def test_older_of_two_links(visit, web, headscale, fresh, generation):
    """accepted by the server, but the device stays out: say which link to open"""
    if generation.number < (0, 25):
        pytest.skip("0.23 and 0.24 give a machine the same link every time")
    name, machine = fresh("twice"), fresh("machine")
    older = headscale.announce(name, machine=machine)
    newer = headscale.announce(name, machine=machine)
    v = visit(web)
    v.sign_in("mia", older["path"])
    v.add_device()
    started = time.monotonic()
    v.page.wait_for_selector("h1:has-text('is registered, but it has not come back')", timeout=40000)
    assert 10 < time.monotonic() - started < 35
    assert "open that one: only the newest link lets it in" in v.text()
    first = [n["id"] for n in headscale.nodes() if n["name"] == name]
    v.open(newer["path"])
    v.add_device()
    v.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=30000)
    assert [n["id"] for n in headscale.nodes() if n["name"] == name] == first, "it is still the same device"


def unknown_key(generation):
    if generation.number < (0, 25):
        return "mkey:" + "ab" * 32
    return ("hskey-authreq-" if generation.number >= (0, 29) else "") + "Ab1_" * 6


def test_unknown_used_and_foreign_keys(visit, web, headscale, fresh, javascript, generation):
    v = visit(web, javascript=javascript)
    v.sign_in("mia", "/register/" + unknown_key(generation))
    v.add_device()
    assert v.heading() == "This link no longer works"
    assert "On the device, run the command again and open the new link." in v.text()
    assert "tailscale login --login-server=" in v.text()
    device = headscale.announce(fresh("once"))
    v.open(device["path"])
    v.add_device()
    wait_until(lambda: headscale.device(device)["state"] == "in", 10, "the device is in")
    v.open(device["path"])
    v.add_device()
    assert v.heading() == "This link no longer works"


def test_device_of_somebody_else(visit, web, headscale, fresh, generation):
    machine = fresh("machine")
    first = headscale.announce(fresh("jims"), machine=machine)
    jim, mia = visit(web), visit(web)
    jim.sign_in("jim", first["path"])
    jim.add_device()
    wait_until(lambda: headscale.device(first)["state"] == "in", 10, "jim's device is in")
    node = headscale.node(headscale.device(first)["node_id"])
    headscale.change(node["id"], expiry=-1)
    again = headscale.announce("hers", machine=machine)
    mia.sign_in("mia", again["path"])
    mia.add_device()
    if generation.number < (0, 25):
        assert mia.heading() == "This device belongs to somebody else"
        assert "must remove it first" in mia.text()
    else:
        mia.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=30000)
    assert headscale.node(node["id"])["user"] == "jim", "jim keeps his"


@pytest.mark.parametrize("bad", ("x", "mkey:abc", "hskey-authreq-short", "nodekey:" + "ab" * 32, "a" * 25, "hskey-auth-" + "a" * 24,
                                 "mkey:" + "zz" * 32, "a" * 200))
def test_something_that_is_no_key(visit, web, headscale, bad, home):
    v = visit(web)
    home.enter(v, "mia", "/")
    answer = v.open("/register/" + bad)
    assert answer.status in (400, 404)
    assert v.heading() in ("This is not a device’s key", "This request cannot be understood")
    assert headscale.writes() == []


def test_not_mine(visit, web, headscale, fresh, javascript):
    device = headscale.announce(fresh("theirs"))
    v = visit(web, javascript=javascript)
    v.sign_in("mia", device["path"])
    headscale.reset_calls()
    v.follow("Not mine")
    assert v.heading() == "Nothing was added"
    assert headscale.writes() == []
    assert headscale.device(device)["state"] == "waiting"


def test_pasting_a_link(visit, web, headscale, fresh, javascript, home):
    device = headscale.announce(fresh("pasted"))
    v = visit(web, javascript=javascript)
    home.enter(v, "mia", "/add")
    assert v.page.get_by_role("img", name="QR code of " + web.origin).is_visible()
    assert "--login-server=" + web.origin in v.text()
    box = v.page.get_by_label("Link or key that the device shows")
    box.fill("https://example.com/")
    v.press("Go on")
    assert "This is neither a link nor a key of a device." in v.text()
    for text in (device["key"], " " + device["url"] + " "):
        v.open("/add")
        v.page.get_by_label("Link or key that the device shows").fill(text)
        v.press("Go on")
        if text.startswith("hskey-authreq-"):
            # the same form as an SSH login's, which only a link tells apart
            assert "Paste the whole link" in v.text() and v.path().endswith("/add")
        else:
            assert v.path().endswith(device["path"])
    assert v.heading() == "Add this device to the network as sink?"


def test_link_of_the_old_servers_own_sign_in(visit, web, headscale, fresh, generation):
    if generation != "0.23":
        pytest.skip("only 0.23 prints it")
    device = headscale.announce(fresh("oidc"))
    v = visit(web)
    v.sign_in("mia", "/oidc/register/" + device["key"])
    v.add_device()
    wait_until(lambda: headscale.device(device)["state"] == "in", 10, "the device is in")


def test_registering_with_several_users(visit, workspace, headscale, github, fresh):
    web = stack.Web(workspace, headscale, github, USER_MAP='{"19270622": ["sink", "ops"]}')
    device = headscale.announce(fresh("choice"))
    v = visit(web)
    v.sign_in("mia", device["path"])
    v.page.get_by_label("Add it as").select_option("ops")
    v.add_device()
    wait_until(lambda: headscale.device(device)["state"] == "in", 10, "the device is in")
    assert headscale.node(headscale.device(device)["node_id"])["user"] == "ops"


def test_nobody_registers_without_a_form(visit, web, headscale, fresh, home):
    device = headscale.announce(fresh("forged"))
    v = visit(web)
    home.enter(v, "mia", "/")
    answer = v.context.request.post(web.url(device["path"]), max_redirects=0, data="",
                                    headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": web.origin})
    assert answer.status in (400, 403)
    assert headscale.device(device)["state"] == "waiting"
