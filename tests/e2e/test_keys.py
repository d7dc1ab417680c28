"""Pre-auth keys: made, shown once, revoked; what the rules say; a form that is sent twice."""
import json
import re

import pytest
from harness import stack

KEY = re.compile(r"--auth-key=(\S+)")


def rules(**values):
    return json.dumps({"keys": {"longest": "7d", "reusable": True, "ephemeral": True, "alive": 10, **values}})


@pytest.fixture
def web(workspace, headscale, github, home):
    return home.web(workspace, headscale, github, RULES=rules())


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def mia(request, visit, web, home):
    visitor = visit(web, javascript=request.param)
    home.enter(visitor, "mia", "/keys")
    return visitor


@pytest.fixture(autouse=True)
def no_keys_before(headscale):
    """the server lives as long as the run: the keys of an earlier test are over"""
    def end():
        for key in headscale.keys():
            headscale.change_key(key["id"], expiration=-60)
    end()
    yield
    end()


def secret(visitor):
    return KEY.search(visitor.text()).group(1)


def test_make_a_key(mia, headscale, web):
    assert "None at the moment." in mia.text()
    with mia.page.expect_response(lambda r: r.request.method == "POST") as posted:
        mia.press("Make a key")
    assert posted.value.status == 200 and posted.value.headers["cache-control"] == "no-store"
    key = secret(mia)
    command = "tailscale up --login-server=%s --auth-key=%s" % (web.origin, key)
    assert mia.page.locator(".made .cmd code").all_inner_texts() == [command, key]
    made, = headscale.keys()
    assert made["key"] == key and not made["reusable"] and not made["ephemeral"]
    assert mia.path() == "/ouroboros/keys"
    row = mia.page.locator("#working tr").first.inner_text()
    assert "works" in row and "one device" in row and key not in row
    # an answer that is gone is gone: the key is on no other page
    mia.open("/keys")
    assert key not in mia.page.content() and mia.page.locator("#working tr").count() == 1
    assert all(key not in line for line in (json.dumps(r) for r in web.audit()))
    assert key not in web.process.log()


def test_a_key_as_wished(mia, headscale):
    mia.page.get_by_label("It works for").select_option("7 days")
    mia.page.get_by_label("For several devices").check()
    mia.page.get_by_label("For passing devices").check()
    mia.press("Make a key")
    made, = headscale.keys()
    assert made["reusable"] and made["ephemeral"]
    row = mia.page.locator("#working tr").first.inner_text()
    assert "several devices" in row and "removed when offline" in row and "in 6 days" in row or "in 7 days" in row


def test_sent_again_it_makes_nothing(mia, headscale):
    """a reload of the answer, as browsers do it: the same form once more"""
    mia.press("Make a key")
    key = secret(mia)
    mia.page.reload()
    assert "No further key was made." in mia.note()
    assert len(headscale.keys()) == 1 and key not in mia.page.content()
    # and from there it goes on
    mia.press("Make a key")
    assert len(headscale.keys()) == 2 and secret(mia) != key


def test_a_second_click_makes_nothing(visit, web, headscale, home):
    v = visit(web)
    home.enter(v, "mia", "/keys")
    v.page.get_by_role("button", name="Make a key").dblclick()
    v.page.wait_for_selector(".made")
    assert len(headscale.keys()) == 1


def test_revoke(mia, headscale):
    mia.press("Make a key")
    key = secret(mia)
    mia.follow("Revoke…")
    assert mia.heading() == "Revoke this key?" and key not in mia.page.content()
    mia.follow("Cancel")
    assert len(headscale.keys()) == 1
    mia.follow("Revoke…")
    mia.press("Revoke the key")
    assert mia.note() == "The key was revoked." and headscale.keys() == []
    assert "None at the moment." in mia.text()
    mia.page.locator("summary", has_text="Used and ended").click()
    assert "ended" in mia.page.locator("details tbody tr").first.inner_text()


def test_anothers_key_is_no_key(visit, web, headscale, home):
    theirs = headscale.add_key("jim")
    v = visit(web)
    home.enter(v, "mia", "/keys")
    assert v.page.locator("#working tr").count() == 0
    answer = v.open("/keys/%d/revoke" % theirs["id"])
    missing = v.open("/keys/99999/revoke")
    assert answer.status == missing.status == 404
    assert headscale.writes() == []


def test_as_many_as_the_rules_allow(visit, web, headscale, home):
    web.restart(RULES=rules(alive=2, reusable=False, ephemeral=False, longest="36h"))
    v = visit(web)
    home.enter(v, "mia", "/keys")
    assert v.page.locator("input[type=checkbox]").count() == 0
    assert v.page.locator("#lifetime option").all_inner_texts() == ["1 hour", "12 hours", "1 day", "36 hours"]
    v.press("Make a key")
    v.press("Make a key")
    assert "You have 2 keys that work, as many as the rules of this network allow." in v.text()
    assert v.button("Make a key").count() == 0


def test_rule_off(visit, web, headscale, home):
    web.restart(RULES="{}")
    v = visit(web)
    home.enter(v, "mia", "/")
    assert v.page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts() == ["Devices", "Routes"]
    assert v.open("/keys").status == 200
    assert v.text().startswith("Keys The rules of this network do not let you make keys by yourself.")
    assert headscale.calls().get("ListPreAuthKeys", 0) == 0


def test_several_users(visit, workspace, headscale, github, home):
    web = home.web(workspace, headscale, github, RULES=rules(), USER_MAP='{"19270622": ["sink", "ana"]}')
    v = visit(web)
    home.enter(v, "mia", "/keys")
    v.page.get_by_label("Devices join as").select_option("ana")
    v.press("Make a key")
    assert headscale.keys() == [] and len(headscale.keys("ana")) == 1
    assert "as ana" in v.page.locator("#working tr").first.inner_text()
    v.follow("Revoke…")
    v.press("Revoke the key")
    assert headscale.keys("ana") == []


def test_copy_does_not_read_the_secret_out(visit, web, headscale, home):
    v = visit(web)
    v.context.grant_permissions(["clipboard-read", "clipboard-write"])
    home.enter(v, "mia", "/keys")
    v.press("Make a key")
    v.button("Copy the key").click()
    assert v.page.evaluate("() => navigator.clipboard.readText()") == secret(v)
    v.page.wait_for_selector("[role=status]:has-text('Copied the key')", state="attached")


def test_headscale_away(visit, web, headscale, home):
    v = visit(web)
    home.enter(v, "mia", "/keys")
    headscale.stop_api()
    v.press("Make a key")
    assert v.heading() == "Headscale does not answer"
    headscale.start_api()
    stack.settle()
    v.open("/keys")
    assert headscale.keys() == []


def test_headscale_goes_away_in_the_middle(visit, web, headscale, home):
    v = visit(web)
    home.enter(v, "mia", "/keys")
    headscale.fault("drop_after", method="CreatePreAuthKey")
    v.press("Make a key")
    assert v.heading() == "It is not known what happened"
    headscale.calm()
    v.follow("Go to your keys")
    assert len(headscale.keys()) == 1 and v.page.locator("#working tr").count() == 1
