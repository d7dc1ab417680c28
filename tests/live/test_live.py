"""The journey against a real Headscale: after each action the server's own command line is asked what it has.

Devices come from the server's debugging command: they are real nodes without a client behind them. So they never come
online, and up to 0.25, where routes belong to connected clients, they have no routes.
"""
import re

import pytest
from harness import stack
from harness.process import wait_until


def registered(visitor, real, name):
    """a device, registered through the pages; the server's record of it"""
    path = real.pending(name, "sink")
    visitor.open(path)
    assert visitor.heading() == "Add this device to the network as sink?"
    assert not [n for n in real.nodes() if n["name"] == name], "looking adds nothing"
    visitor.add_device()
    node, = [n for n in real.nodes() if n["name"] == name]
    assert node["user"] == "sink"
    return node


def test_generation_is_detected(mia, real):
    mia.open("/")
    either = (real.generation, "0.24 or 0.25") if real.generation in ("0.24", "0.25") else (real.generation,)
    assert any("Headscale " + version in mia.text() for version in either)


def test_register_and_wait(mia, real, fresh):
    name = fresh("reg")
    node = registered(mia, real, name)
    assert mia.heading().startswith("Waiting for")
    # there is no client: the page gives up and says what to look for
    mia.page.wait_for_selector("h1:has-text('is registered, but it has not come back')", timeout=45000)
    mia.open("/")
    assert node["given_name"] in mia.rows("mine")


def test_register_refused(mia, real, fresh):
    path = real.pending(fresh("once"), "sink")
    mia.open(path)
    mia.add_device()
    before = real.nodes()
    mia.open(path)
    mia.add_device()
    assert mia.heading() == "This link no longer works"
    mia.open("/register/" + real.key())
    mia.add_device()
    assert mia.heading() == "This link no longer works"
    assert [n["id"] for n in real.nodes()] == [n["id"] for n in before]


def test_rename(mia, real, fresh):
    node, name = registered(mia, real, fresh("old")), fresh("new")
    mia.rename(node["id"], name)
    assert mia.note() == "Renamed." and real.node(node["id"])["given_name"] == name
    other = registered(mia, real, fresh("other"))
    mia.rename(other["id"], name)
    assert mia.name_error() == name + " is taken by another device."
    for bad in ("x_y", "café"):
        mia.rename(other["id"], bad)
        assert "Use letters" in mia.name_error()
    assert real.node(other["id"])["given_name"] == other["given_name"]


def test_log_out(mia, real, fresh):
    node = registered(mia, real, fresh("out"))
    assert not node["expired"]
    mia.log_out_node(node["id"], node["given_name"])
    assert mia.note() == "Logged out. The device must log in again."
    assert real.node(node["id"])["expired"]
    assert "logged out" in mia.text()


def test_remove(mia, real, fresh):
    node, kept = registered(mia, real, fresh("gone")), registered(mia, real, fresh("kept"))
    mia.remove_node(node["id"], node["given_name"])
    assert mia.note() == "The device was removed."
    assert real.node(node["id"]) is None and real.node(kept["id"]) == kept
    assert mia.open_node(node["id"]).status == 404


def approved_by_administrator(real, node, *prefixes):
    """allow prefixes that nobody offers, as an administrator can from 0.26 on"""
    real.cli("nodes", "approve-routes", "-i", str(node["id"]), "-r", ",".join(prefixes))
    assert set(real.node(node["id"])["approved"]) == set(prefixes)
    stack.settle()


def test_withdraw_a_route(mia, real, fresh):
    if real.has_route_objects:
        pytest.skip("routes of this version exist only while a client is connected")
    first, second = "10.91.0.0/24", "10.92.0.0/24"
    node = registered(mia, real, fresh("router"))
    approved_by_administrator(real, node, first, second)
    mia.route(node["id"], "Withdraw", first)
    assert mia.note() == "Approval withdrawn." and real.node(node["id"])["approved"] == [second]
    mia.route(node["id"], "Withdraw", second)
    assert real.node(node["id"])["approved"] == []


def test_switch_an_exit_node_off(mia, real, fresh):
    """both families at once, and nothing but them"""
    if real.has_route_objects:
        pytest.skip("routes of this version exist only while a client is connected")
    subnet = "10.93.0.0/24"
    node = registered(mia, real, fresh("exit"))
    approved_by_administrator(real, node, subnet, "0.0.0.0/0", "::/0")
    mia.exit_node(node["id"], False)
    assert mia.note() == "Exit node is off." and real.node(node["id"])["approved"] == [subnet]


def test_others_devices(mia, visit, web, real, fresh):
    node = registered(mia, real, fresh("hers"))
    jim = visit(web)
    jim.sign_in("jim")
    jim.open_node(node["id"])
    assert "This device belongs to sink. You can look, but not change anything." in jim.text()
    assert jim.page.locator("main form").count() == 0
    token = jim.page.locator("header input[name=token]").get_attribute("value")
    before = real.nodes()
    for action in ("rename", "expire", "remove", "exit-node", "routes/approve"):
        answer = jim.context.request.post(
            web.url("/nodes/%d/%s" % (node["id"], action)), max_redirects=0, form={
                "token": token, "name": "stolen", "on": "1", "prefix": "10.0.0.0/24", "typed": node["given_name"],
                "seen": "0"}, headers={"Origin": web.origin, "Sec-Fetch-Site": "same-origin"})
        assert answer.status == 404
    assert real.nodes() == before


def test_server_restarts(mia, real, fresh):
    node = registered(mia, real, fresh("stays"))
    real.process.stop()
    mia.open("/")
    wait_until(lambda: mia.open("/") and "Headscale has not answered" in mia.text(), 10, "the list says that it is old")
    assert node["given_name"] in mia.rows("mine")
    mia.open_node(node["id"])
    mia.page.get_by_role("textbox", name="Name").fill(fresh("never"))
    mia.press("Rename")
    assert re.search("nothing was (changed|done)", mia.text(), re.IGNORECASE)
    real.start()
    assert real.node(node["id"])["given_name"] == node["given_name"]
    wait_until(lambda: mia.open("/") and "Headscale has not answered" not in mia.text(), 40, "the list is fresh again")


def test_wrong_key(visit, workspace, real, github):
    from harness import stack
    way = real.over_grpc() if real.has_grpc else real.over_http()
    way.settings["HS_API_KEY"] = real.api_key[:-4] + ("aaaa" if real.api_key[-4:] != "aaaa" else "bbbb")
    web = stack.Web(workspace, way, github, port=real.web_port)
    v = visit(web)
    v.sign_in("mia")
    assert v.heading() == "Ouroboros is not let in by Headscale"
