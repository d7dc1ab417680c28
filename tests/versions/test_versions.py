"""Every operation on every version by every way in; the server's own state is looked at after each."""
import re

from harness.process import wait_until


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
