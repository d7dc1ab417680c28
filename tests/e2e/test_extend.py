"""The end of a device's key, and the devices that one keeps for others."""
import datetime
import json

import pytest
from harness.stack import settle

RULES = {"extend_expiry": {"longest": "90d", "never": True},
         "keepers": {"tag:backup": ["sink"], "tag:web": {"users": ["sink", "ana"], "remove": True}}}


@pytest.fixture
def web(workspace, headscale, github, home):
    return home.web(workspace, headscale, github, RULES=json.dumps(RULES))


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def mia(request, visit, web, home):
    visitor = visit(web, javascript=request.param)
    home.enter(visitor, "mia", "/add")
    return visitor


def days_left(node):
    end = datetime.datetime.fromisoformat(node["expiry"].replace("Z", "")[:26])
    return round((end - datetime.datetime.utcnow()).total_seconds() / 86400)


def box(visitor):
    return visitor.page.get_by_label("From now on it stays logged in for")


@pytest.mark.parametrize("generation", ("0.29",), indirect=True)
def test_put_the_end_off_and_lift_it(mia, headscale, fresh):
    node = headscale.add_node(fresh("box"), online=True, expiry=5.5 * 86400)
    mia.open_node(node["id"])
    assert mia.page.locator("#h-stay").inner_text().startswith("Key expires in 5 days")
    assert box(mia).locator("option").all_inner_texts()[-1] == "without an end"
    box(mia).select_option("90 days")
    mia.press("Set")
    assert mia.note() == "The end of the key was changed."
    assert days_left(headscale.node(node["id"])) == 90
    assert "restarted" not in mia.text()
    box(mia).select_option("without an end")
    mia.press("Set")
    assert headscale.node(node["id"])["expiry"] is None
    assert mia.page.locator("#h-stay").inner_text() == "Key never expires"
    # and back
    box(mia).select_option("7 days")
    mia.press("Set")
    assert days_left(headscale.node(node["id"])) == 7


@pytest.mark.parametrize("generation", ("0.28",), indirect=True)
def test_a_version_that_forgets_it(mia, headscale, fresh):
    node = headscale.add_node(fresh("box"), online=True, expiry=5.5 * 86400)
    mia.open_node(node["id"])
    assert "This version of Headscale forgets that when it is restarted" in mia.text()
    assert "without an end" not in box(mia).locator("option").all_inner_texts()
    box(mia).select_option("30 days")
    mia.press("Set")
    assert mia.note().startswith("The end of the key was changed. This version of Headscale forgets that")
    assert days_left(headscale.node(node["id"])) == 30


@pytest.mark.parametrize("generation", ("0.23",), indirect=True)
def test_a_version_that_cannot(mia, headscale, fresh):
    node = headscale.add_node(fresh("box"), online=True, expiry=5.5 * 86400)
    mia.open_node(node["id"])
    assert "expires in 5 days" in mia.text() and mia.button("Set").count() == 0


@pytest.mark.parametrize("generation", ("0.29",), indirect=True)
def test_only_where_it_makes_sense(visit, web, headscale, home, fresh):
    v = visit(web)
    home.enter(v, "mia", "/add")
    v.open_node(headscale.named("old-thinkpad")["id"])
    assert v.button("Set").count() == 0, "what is logged out logs in again"
    v.open_node(headscale.named("jims-iphone")["id"])
    assert v.button("Set").count() == 0, "another's"
    web.restart(RULES='{"extend_expiry": "30d"}')
    node = headscale.add_node(fresh("box"), online=True, expiry=5.5 * 86400)
    v.open_node(node["id"])
    assert box(v).locator("option").all_inner_texts() == ["1 day", "7 days", "30 days"]
    v.open_node(headscale.named("home-router")["id"])
    assert v.button("Set").count() == 0, "nobody takes an endless key away by chance"
    web.restart(RULES="{}")
    v.open_node(node["id"])
    assert v.button("Set").count() == 0


@pytest.mark.parametrize("generation", ("0.29",), indirect=True)
def test_longer_than_allowed_is_refused_by_the_library_too(visit, web, headscale, home, fresh):
    node = headscale.add_node(fresh("box"), online=True, expiry=5.5 * 86400)
    web.restart(RULES='{"extend_expiry": "30d"}')
    v = visit(web)
    home.enter(v, "mia", "/nodes/%d" % node["id"])
    for wish in ("31536000", "never"):
        v.page.evaluate("wish => { const o = document.querySelector('#lifetime option'); o.value = wish;"
                        "o.parentNode.value = wish; }", wish)
        v.press("Set")
        assert "The rules of this network do not allow that. Nothing was done." in v.note(), wish
    assert days_left(headscale.node(node["id"])) in (5, 6) and headscale.writes() == []


@pytest.mark.parametrize("generation", ("0.23", "0.29"), indirect=True)
def test_kept_devices(mia, headscale, fresh):
    kept, removable = headscale.named("backup-1"), headscale.named("web-frontend")
    mia.open("/")
    assert "tag:backup" in mia.rows("mine")["backup-1"] and "you keep this device" in mia.rows("mine")["backup-1"]
    mia.open_node(kept["id"])
    assert "you keep this device" in mia.page.locator("#facts").inner_text()
    assert mia.page.get_by_role("link", name="Remove…").count() == 0
    assert mia.page.get_by_role("link", name="Log out…").count() == 1
    answer = mia.open("/nodes/%d/remove" % kept["id"])
    assert answer.status == 403 and mia.button("Remove backup-1").count() == 0
    mia.open_node(removable["id"])
    assert mia.page.get_by_role("link", name="Remove…").count() == 1
    name = fresh("kept")
    mia.rename(kept["id"], name)
    assert mia.note() == "Renamed." and headscale.node(kept["id"])["given_name"] == name
    mia.rename(kept["id"], "backup-1")


@pytest.mark.parametrize("generation", ("0.29",), indirect=True)
def test_kept_no_longer(visit, web, headscale, home):
    """the rule is gone: the very next look"""
    v = visit(web)
    home.enter(v, "mia", "/")
    assert "backup-1" in v.rows("mine")
    web.restart(RULES="{}")
    settle()
    v.open("/")
    assert "backup-1" not in v.rows("mine")
    v.open_node(headscale.named("backup-1")["id"])
    assert "only the administrator can change it" in v.text()
    assert v.button("Rename").count() == 0
