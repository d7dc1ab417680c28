"""Every operation on every version by every way in; the server's own state is looked at after each."""
import datetime
import re

from harness.process import wait_until


def days_left(node):
    end = datetime.datetime.fromisoformat(node["expiry"].replace("Z", "")[:26])
    return round((end - datetime.datetime.utcnow()).total_seconds() / 86400)


def test_list(place, shown):
    shown("See devices")
    page = place.mia.look()
    assert page.status == 200
    for node in place.headscale.nodes():
        assert node["given_name"] in page.text
    # over gRPC alone 0.25 looks like 0.24
    either = place.version == "0.25" and place.way != "http"
    assert ("Headscale %s" % ("0.24 or 0.25" if either else place.version)) in page.text


def test_rename(place, shown):
    shown("Rename")
    node, taken = place.devices["old"], place.headscale.named("jims-iphone")
    page = place.mia.device(node)
    page.press("Rename", name="new-of-%d" % node["id"])
    assert page.status == 200 and "Renamed." in page.text
    assert place.now(node)["given_name"] == "new-of-%d" % node["id"]
    page.press("Rename", name=taken["given_name"])
    assert "is taken by another device" in page.text
    page.press("Rename", name="not a name")
    assert place.now(node)["given_name"] == "new-of-%d" % node["id"]


def test_log_out(place, shown):
    shown("Log out")
    node = place.devices["out"]
    place.mia.look("/nodes/%d/logout" % node["id"]).press("Log %s out" % node["given_name"])
    assert "Logged out. The device must log in again." in place.mia.text
    wait_until(lambda: place.now(node)["expired"], 3, "the server has logged it out")


def test_remove(place, shown):
    shown("Remove")
    node, kept = place.devices["gone"], place.devices["kept"]
    place.mia.look("/nodes/%d/remove" % node["id"]).press("Remove %s" % node["given_name"])
    assert "The device was removed." in place.mia.text
    assert place.now(node) is None and place.now(kept) is not None


def test_exit_node(place, shown):
    shown("Exit node on and off")
    subnet, node = "10.77.0.0/24", place.devices["exit"]
    page = place.mia.device(node)
    page.press("Switch on")
    assert "Exit node is on." in page.text
    assert sorted(place.now(node)["routes"]["approved"]) == ["0.0.0.0/0", subnet, "::/0"]
    place.mia.device(node).press("Switch off")
    assert place.now(node)["routes"]["approved"] == [subnet]


def test_routes(place, shown):
    shown("Approve and withdraw routes")
    wanted, node = "10.81.0.0/24", place.devices["router"]
    place.mia.device(node).press("Approve %s on" % wanted)
    assert "Route approved." in place.mia.text
    assert place.now(node)["routes"]["approved"] == [wanted]
    place.mia.device(node).press("Withdraw %s on" % wanted)
    assert "Approval withdrawn." in place.mia.text
    assert place.now(node)["routes"]["approved"] == []


def test_forget(place, shown):
    forgets = place.version in ("0.23", "0.24", "0.25")
    shown("Forget a route that is not offered any more", has=forgets)
    prefix, node = "10.84.0.0/24", place.devices["moved"]
    page = place.mia.device(node)
    words = [text.split()[0] for _, _, _, text in page.buttons() if prefix in text]
    assert words == (["Forget"] if forgets else ["Withdraw"])
    page.press("%s %s on" % (words[0], prefix))
    assert prefix not in place.mia.device(node).text
    assert place.now(node)["routes"]["approved"] == []


def test_register(place, shown):
    shown("Add a device")
    device = place.headscale.announce("new-%s-%s" % (place.version.replace(".", "-"), place.way))
    page = place.mia.look(device["path"])
    assert "Add this device to the network as sink?" in page.text
    page.press("Add device")
    assert page.status == 200
    wait_until(lambda: place.headscale.device(device)["state"] == "in", 10, "the device is in")
    made = place.headscale.node(place.headscale.device(device)["node_id"])
    assert made["user"] == "sink"
    place.mia.look(device["path"]).press("Add device")
    assert "This link no longer works" in place.mia.text


def test_keys(place, shown):
    shown("Make and revoke a key that lets a device in")
    before = {k["id"] for k in place.headscale.keys()}
    page = place.mia.look("/keys").press("Make a key", lifetime=str(7 * 86400))
    made, = (k for k in place.headscale.keys() if k["id"] not in before)
    assert page.status == 200 and "--auth-key=" + made["key"] in page.text
    place.mia.look("/keys/%d/revoke" % made["id"]).press("Revoke the key")
    assert made["id"] not in {k["id"] for k in place.headscale.keys()}


def test_put_the_end_off(place, shown):
    # over gRPC alone 0.27.1 looks like 0.27.0, which would log the device out
    can = place.version >= "0.28" or (place.version == "0.27" and place.way == "http")
    shown("Put the end of a device's key off", has=can)
    node, forms = place.devices["ends"], place.mia.device(place.devices["ends"]).buttons()
    if can:
        place.mia.client.press("Set", lifetime=str(30 * 86400))
        assert "The end of the key was changed." in place.mia.text
        assert days_left(place.now(node)) == 30
    else:
        assert "Set" not in [text for _, _, _, text in forms]
        assert days_left(place.now(node)) in (5, 6)


def test_lift_the_end(place, shown):
    can = place.version >= "0.29"
    shown("… or lift it", has=can)
    node = place.devices["ends"]
    assert ("without an end" in place.mia.device(node).text) == can
    if can:
        place.mia.client.press("Set", lifetime="never")
        assert place.now(node)["expiry"] is None


def test_others_devices_are_not_touched(place, shown):
    shown("Others' devices: look, not touch")
    node = place.headscale.named("jims-iphone")
    page = place.mia.device(node)
    assert page.status == 200 and "You can look, but not change anything." in page.text
    token = re.search(r'name="token" value="([^"]+)"', place.mia.look("/add").text).group(1)
    for action, fields in (("rename", {"name": "stolen"}), ("logout", {}), ("remove", {"typed": node["given_name"]}),
                           ("exit-node", {"on": "1"}), ("routes/approve", {"prefix": "10.0.0.0/24"})):
        answer = place.mia.client.post(place.web.url("/nodes/%d/%s" % (node["id"], action)), token=token, seen="0", **fields)
        assert answer.status == 404, action
    assert place.now(node) == node
