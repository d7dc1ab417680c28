"""What nobody can do: touch others' devices, forge forms, or go past the rules; and the record of what was done."""
import urllib.parse

import pytest
from harness import stack

ALL = ("rename", "expire", "remove", "exit-node", "routes/approve", "routes/withdraw", "routes/forget")


def test_others_devices_are_read_only(mia, headscale):
    for name in ("jims-iphone", "office-router", "exit-oslo"):
        node = headscale.named(name)
        assert mia.open_node(node["id"]).ok
        assert "This device belongs to jim. You can look, but not change anything." in mia.text()
        assert mia.page.locator("main form").count() == 0
        for page in ("remove", "logout"):
            assert mia.open("/nodes/%d/%s" % (node["id"], page)).status == 404
    mia.open_node(headscale.named("web-frontend")["id"])
    assert mia.page.locator("main form").count() == 0


def form_token(visitor):
    visitor.open("/add")
    return visitor.page.locator("main input[name=token]").first.get_attribute("value")


def post(visitor, path, headers=None, **fields):
    """a form that no page offered"""
    body = urllib.parse.urlencode(fields)
    return visitor.context.request.post(
        visitor.web.url(path), data=body, max_redirects=0,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": visitor.web.origin,
                 "Sec-Fetch-Site": "same-origin", **(headers or {})})


@pytest.mark.parametrize("whose", ("jims-iphone", "web-frontend", "missing"))
def test_writes_to_what_is_not_mine_are_the_same_404(mia, headscale, whose):
    number = 999999 if whose == "missing" else headscale.named(whose)["id"]
    before = headscale.node(number)
    token = form_token(mia)
    headscale.reset_calls()
    bodies = set()
    for action in ALL:
        answer = post(mia, "/nodes/%d/%s" % (number, action), token=token, seen="0", name="stolen", on="1",
                      prefix="10.20.0.0/16", typed=whose)
        assert answer.status == 404, action
        bodies.add(answer.text())
    assert len(bodies) == 1, "the answers do not tell them apart"
    assert "There is nothing here" in bodies.pop()
    assert headscale.writes() == [] and headscale.node(number) == before


def test_forms_from_elsewhere_are_refused(mia, headscale, web, fresh):
    node = headscale.add_node(fresh("forged"), online=True)
    path, token = "/nodes/%d/expire" % node["id"], form_token(mia)
    headscale.reset_calls()
    for headers, fields in (({"Sec-Fetch-Site": "cross-site"}, {"token": token}),
                            ({"Sec-Fetch-Site": "same-site"}, {"token": token}),
                            ({"Origin": "https://evil.example", "Sec-Fetch-Site": ""}, {"token": token}),
                            ({}, {}), ({}, {"token": "x" * 43}), ({}, {"token": token[:-1]})):
        answer = post(mia, path, headers, seen="0", **fields)
        assert answer.status in (400, 403), (headers, fields)
    assert headscale.writes() == [] and not headscale.node(node["id"])["expired"]
    assert mia.open("/nodes/%d/expire" % node["id"]).status in (404, 405), "GET does nothing"
    assert headscale.writes() == []


def test_ids_that_are_no_ids(mia, headscale):
    for bad in ("0", "-1", "1x", "18446744073709551616", "01", "1e3"):
        assert mia.open("/nodes/" + bad).status == 404, bad


def test_rules_switch_actions_off(visit, workspace, headscale, github, fresh):
    web = stack.Web(workspace, headscale, github, RULES=(
        '{"rename": false, "expire": false, "delete": false, "exit_nodes": false, "routes": "none", "register": false}'))
    node = headscale.add_node(fresh("ruled"), online=True, routes=["10.85.0.0/24", "0.0.0.0/0", "::/0"])
    v = visit(web)
    v.sign_in("mia", "/nodes/%d" % node["id"])
    assert v.page.locator("main form").count() == 0
    for path in ("/", "/routes"):
        v.open(path)
        assert v.page.locator("main form[method=post]").count() == 0
    # the sign-out form carries a token of the session
    token = v.page.locator("header input[name=token]").get_attribute("value")
    headscale.reset_calls()
    for action in ALL:
        answer = post(v, "/nodes/%d/%s" % (node["id"], action), token=token, seen="0", name="x-y", on="1",
                      prefix="10.85.0.0/24", typed=node["given_name"])
        assert "The rules of this network do not allow that" in answer.text() or answer.status in (403, 303), action
    assert headscale.writes() == [] and headscale.node(node["id"])["given_name"] == node["given_name"]


def test_every_change_is_on_record(visit, web, headscale, fresh):
    node, name = headscale.add_node(fresh("noted"), online=False), fresh("renamed")
    v = visit(web)
    v.sign_in("mia", "/add")
    v.rename(node["id"], name)
    v.log_out_node(node["id"], name)
    v.remove_node(node["id"], name)
    records = web.audit()
    assert [r["action"] for r in records] == ["rename", "expire", "delete"]
    for r in records:
        assert r["node"]["id"] in (node["id"], str(node["id"])) if isinstance(r.get("node"), dict) else True
        assert "127.0.0.1" in str(r) and "19270622" in str(r) and "ok" in str(r)
    assert node["given_name"] in str(records[0]) and name in str(records[0])
