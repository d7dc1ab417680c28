"""What an owner does with a device, with and without JavaScript."""
import re

import pytest
from harness.stack import settle


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def mia(request, visit, web, home):
    visitor = visit(web, javascript=request.param)
    home.enter(visitor, "mia", "/add")
    return visitor


def test_rename(mia, headscale, fresh):
    node, name = headscale.add_node(fresh("old"), online=True), fresh("new")
    mia.rename(node["id"], name)
    assert mia.note() == "Renamed." and mia.heading() == name
    assert headscale.node(node["id"])["given_name"] == name
    assert name in (mia.open("/") and mia.rows("mine"))


def test_rename_to_a_taken_name(mia, headscale, fresh):
    node = headscale.add_node(fresh("mine"), online=True)
    mia.rename(node["id"], "jims-iphone")
    assert mia.name_error() == "jims-iphone is taken by another device."
    box = mia.page.get_by_role("textbox", name="Name")
    assert box.get_attribute("aria-invalid") == "true" and box.input_value() == "jims-iphone"
    assert mia.page.title().startswith("Error: ")
    assert headscale.node(node["id"])["given_name"] == node["given_name"]
    assert headscale.writes() == []


def test_rename_to_something_that_is_no_name(mia, headscale, fresh):
    node = headscale.add_node(fresh("mine"), online=True)
    for bad in ("-x", "x_y", "café", "two words", "../5/expire", "--output=json"):
        mia.rename(node["id"], bad)
        assert "Use letters a–z" in mia.name_error(), bad
        assert mia.page.get_by_role("textbox", name="Name").input_value() == bad
    assert headscale.node(node["id"])["given_name"] == node["given_name"]
    assert headscale.writes() == []


def test_the_servers_own_refusal_stands_beside_the_field(mia, headscale, fresh):
    """another takes the name after our check: the server says so"""
    node = headscale.add_node(fresh("mine"), online=True)
    name = fresh("raced")
    mia.open_node(node["id"])
    headscale.add_node("other", "jim", given_name=name)
    mia.page.get_by_role("textbox", name="Name").fill(name)
    mia.press("Rename")
    assert mia.name_error() != ""
    assert headscale.node(node["id"])["given_name"] == node["given_name"]


def test_name_is_checked_while_it_is_typed(visit, web, headscale, fresh, home):
    node = headscale.add_node(fresh("mine"), online=True)
    v = visit(web)
    home.enter(v, "mia", "/nodes/%d" % node["id"])
    box = v.page.get_by_role("textbox", name="Name")
    for typed, words in (("jims-iphone", "is taken"), ("x_y", "Use letters"), (fresh("free"), "is free")):
        box.fill("")
        box.press_sequentially(typed)
        v.page.wait_for_selector("#name-error:has-text('%s')" % words)
    assert headscale.writes() == []


def test_exit_node_is_one_switch_for_both_families(mia, headscale, fresh):
    node = headscale.add_node(fresh("exit"), online=True, routes=["0.0.0.0/0", "::/0"])
    mia.exit_node(node["id"], True)
    assert mia.note() == "Exit node is on."
    assert sorted(headscale.node(node["id"])["routes"]["approved"]) == ["0.0.0.0/0", "::/0"]
    mia.exit_node(node["id"], False)
    assert mia.noted_withdrawal(headscale, "Exit node is off.")
    assert headscale.node(node["id"])["routes"]["approved"] == []


def test_exit_node_leaves_other_approvals_alone(mia, headscale, fresh):
    node = headscale.add_node(fresh("both"), online=True, routes=["10.77.0.0/24", "0.0.0.0/0", "::/0"],
                              approved=["10.77.0.0/24"])
    mia.exit_node(node["id"], True)
    assert sorted(headscale.node(node["id"])["routes"]["approved"]) == ["0.0.0.0/0", "10.77.0.0/24", "::/0"]
    mia.exit_node(node["id"], False)
    assert headscale.node(node["id"])["routes"]["approved"] == ["10.77.0.0/24"]


def test_routes_approve_and_withdraw(mia, headscale, fresh):
    wanted, other = "10.81.0.0/24", "10.82.0.0/24"
    node = headscale.add_node(fresh("router"), online=True, routes=[wanted, other])
    mia.open_node(node["id"])
    assert "%s offers %s. Nobody uses it until you approve it." % (node["given_name"], wanted) in mia.text()
    mia.route(node["id"], "Approve", wanted)
    assert mia.note() == "Route approved."
    assert headscale.node(node["id"])["routes"]["approved"] == [wanted]
    assert "Traffic for %s goes through %s now." % (wanted, node["given_name"]) in mia.text()
    mia.route(node["id"], "Withdraw", wanted)
    assert mia.noted_withdrawal(headscale, "Approval withdrawn.")
    assert headscale.node(node["id"])["routes"]["approved"] == []


def test_routes_from_the_routes_page(mia, headscale, fresh):
    prefix = "10.83.0.0/24"
    node = headscale.add_node(fresh("router"), online=True, routes=[prefix])
    mia.open("/routes")
    assert "office-router" in mia.rows("theirs") and node["given_name"] in mia.rows("mine")
    assert mia.page.locator("#theirs button").count() == 0
    mia.press("Approve %s on %s" % (prefix, node["given_name"]))
    assert mia.path() == "/ouroboros/routes"
    assert headscale.node(node["id"])["routes"]["approved"] == [prefix]


def test_route_that_is_not_offered_any_more(mia, headscale, fresh):
    """up to 0.25 a row to forget is left; later an approval to withdraw"""
    prefix = "10.84.0.0/24"
    node = headscale.add_node(fresh("router"), online=True, routes=[prefix], approved=[prefix])
    headscale.change(node["id"], routes=[])
    settle()
    mia.open_node(node["id"])
    assert prefix in mia.text()
    word = "Forget" if headscale.can_forget else "Withdraw"
    mia.route(node["id"], word, prefix)
    if headscale.can_forget:
        assert mia.note() == "Route forgotten."
    else:
        assert mia.noted_withdrawal(headscale, "Approval withdrawn.")
    mia.open_node(node["id"])
    assert prefix not in mia.text()
    assert headscale.node(node["id"])["routes"]["approved"] == []


def test_log_out(mia, headscale, fresh):
    node = headscale.add_node(fresh("tablet"), online=True)
    mia.log_out_node(node["id"], node["given_name"])
    assert mia.note() == "Logged out. The device must log in again."
    assert headscale.node(node["id"])["expired"]
    assert "logged out" in mia.text() and "tailscale login --login-server=" in mia.text()
    assert mia.page.get_by_role("link", name="Log out…").count() == 0


def test_remove_wants_the_name_of_a_device_in_use(mia, headscale, fresh):
    node = headscale.add_node(fresh("used"), online=True)
    mia.remove_node(node["id"], node["given_name"], typed="something-else")
    assert "That is not its name" in mia.text()
    assert headscale.node(node["id"]) and headscale.writes() == []
    mia.remove_node(node["id"], node["given_name"])
    assert mia.note() == "The device was removed."
    assert headscale.node(node["id"]) is None
    assert mia.open_node(node["id"]).status == 404
    assert mia.heading() == "There is nothing here"


def test_remove_of_a_device_that_is_off(mia, headscale, fresh):
    node = headscale.add_node(fresh("unused"), online=False)
    mia.open_node(node["id"])
    mia.follow("Remove…")
    assert mia.page.get_by_role("textbox", name=re.compile("^Type its name")).count() == 0
    mia.press("Remove " + node["given_name"])
    assert headscale.node(node["id"]) is None


def test_changed_meanwhile(mia, headscale, fresh):
    """somebody renamed it after the page was opened: nothing is done, the page shows how it is now"""
    node, newer = headscale.add_node(fresh("before"), online=False), fresh("after")
    mia.open("/nodes/%d/remove" % node["id"])
    headscale.change(node["id"], given_name=newer)
    mia.press("Remove " + node["given_name"])
    assert "changed since you opened this page" in mia.text() and "Nothing was done" in mia.text()
    assert newer in mia.text()
    assert headscale.node(node["id"]) is not None and headscale.writes() == []
