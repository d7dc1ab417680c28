"""The journey with real clients behind the devices: what it looks like to them, and what only connected clients have."""
import re

from harness import stack
from harness.process import wait_until

SUBNETS = ("10.81.0.0/24", "10.82.0.0/24")


def let_in(mia, client, name, *options):
    """a device that asks, let in through the pages; the client, and the server's record of it"""
    device = client(name)
    mia.open(device.up(*options))
    assert mia.heading() == "Add this device to the network as sink?"
    mia.add_device()
    mia.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=40000)
    assert "It’s in." in mia.text()
    device.wait_in()
    node = device.node()
    assert node["user"] == "sink" and node["online"]
    return device, node


def test_join_rename_log_out_and_come_back(mia, real, client, fresh):
    name = fresh("client")
    device, node = let_in(mia, client, name)
    other = fresh("renamed")
    mia.rename(node["id"], other)
    wait_until(lambda: (device.status() or {}).get("Self", {}).get("DNSName", "").startswith(other + "."), 30,
               "the client knows its new name")
    mia.log_out_node(node["id"], other)
    wait_until(lambda: device.state() == "NeedsLogin", 30, "the client is logged out")
    stack.settle()
    mia.open_node(node["id"])
    assert "logged out" in mia.text()
    # it asks again: the same device comes back under the same id
    mia.open(device.up())
    mia.add_device()
    mia.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=40000)
    device.wait_in()
    back = device.node()
    assert back["id"] == node["id"] and not back["expired"]


def test_an_older_link(mia, real, client, fresh):
    if real.generation in ("0.23", "0.24"):
        return  # they give a machine the same link every time
    device = client(fresh("twice"))
    older = device.up()
    device.asking.stop()
    newer = device.up("--force-reauth")
    assert older != newer
    mia.open(older)
    mia.add_device()
    mia.page.wait_for_selector("h1:has-text('is registered, but it has not come back')", timeout=45000)
    mia.open(newer)
    mia.add_device()
    mia.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=40000)
    device.wait_in()


def test_routes_of_a_router(mia, real, client, fresh):
    device, node = let_in(mia, client, fresh("router"), "--advertise-routes=" + ",".join(SUBNETS))
    wait_until(lambda: sorted(device.node()["available"]) == sorted(SUBNETS), 30, "the server knows the offers")
    stack.settle()
    first, second = SUBNETS
    mia.route(node["id"], "Approve", first)
    assert mia.note() == "Route approved."
    assert device.node()["approved"] == [first]
    wait_until(lambda: device.node()["serving"] == [first], 20, "the router serves")
    mia.route(node["id"], "Approve", second)
    assert sorted(device.node()["approved"]) == sorted(SUBNETS)
    mia.route(node["id"], "Withdraw", first)
    assert mia.note() == "Approval withdrawn." and device.node()["approved"] == [second]
    # no longer offered: versions with route objects keep it until it is forgotten
    device.run("set", "--advertise-routes=")
    wait_until(lambda: device.node()["available"] == [], 30, "the server knows that nothing is offered")
    stack.settle()
    if real.has_route_objects:
        mia.route(node["id"], "Forget", first)
        assert first not in [r["prefix"] for r in real.listed("routes", "list")]
    else:
        mia.route(node["id"], "Withdraw", second)
        assert device.node()["approved"] == []


def test_exit_node_on_and_off(mia, real, client, fresh):
    both = ["0.0.0.0/0", "::/0"]
    device, node = let_in(mia, client, fresh("exit"), "--advertise-exit-node")
    wait_until(lambda: sorted(device.node()["available"]) == both, 30, "the server knows the offer")
    stack.settle()
    mia.exit_node(node["id"], True)
    assert mia.note() == "Exit node is on." and sorted(device.node()["approved"]) == both
    mia.exit_node(node["id"], False)
    assert mia.noted_withdrawal(real, "Exit node is off.") and device.node()["approved"] == []


def test_removed_under_its_feet(mia, real, client, fresh):
    device, node = let_in(mia, client, fresh("gone"))
    # online devices want their name typed
    mia.remove_node(node["id"], node["given_name"])
    assert mia.note() == "The device was removed." and real.node(node["id"]) is None
    mia.open(device.up("--force-reauth"))
    mia.add_device()
    mia.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+(\?|$)"), timeout=40000)
    device.wait_in()
    assert device.node()["id"] != node["id"]
