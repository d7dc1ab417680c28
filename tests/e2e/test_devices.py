"""The list: whose devices, their states in words, search, filter, sort; what stands in it is only text."""
import pytest
from harness import stack


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def javascript(request):
    return request.param


def test_mine_first_others_below(visit, web, headscale, javascript, home):
    v = visit(web, javascript=javascript)
    home.enter(v, "mia", "/")
    mine = {n["given_name"] for n in headscale.nodes() if n["user"] == "sink"}
    theirs = {n["given_name"] for n in headscale.nodes() if n["user"] != "sink"}
    assert set(v.rows("mine")) == mine and set(v.rows("theirs")) == theirs
    assert v.heading() == "Your devices %d" % len(mine)
    assert not v.page.locator("#theirs").is_visible()
    v.page.locator("summary", has_text="Others").click()
    assert v.page.locator("#theirs").is_visible()
    assert "Headscale %s" % headscale.shown in v.page.locator("#asof").inner_text()


def test_states_in_words(mia, headscale):
    mia.open("/")
    rows = mia.rows("mine")
    laptop, old = rows["mia-laptop"], rows["old-thinkpad"]
    assert "online now" in laptop and "100.64." in laptop and "fd7a:" in laptop and "key expires in" in laptop
    assert "logged out" in old and "online now" not in old and "Log in again" in old and "expired" in old
    assert "seen" in rows["pixel-9"] and "ago" in rows["pixel-9"]
    router = rows["home-router"]
    assert "192.168.1.0/24 serving" in router and "192.168.2.0/24 waiting for approval" in router
    assert "never expires" in router
    assert "exit node" in rows["exit-berlin"]
    # expired wins over online
    theirs = mia.rows("theirs")
    assert "logged out" in theirs["expired-desktop"] and "online now" not in theirs["expired-desktop"]
    assert "ephemeral" in theirs["ci-runner-7f3a"] and "tag:backup" in theirs["backup-1"]
    for time in mia.page.locator("#mine time").all():
        assert time.get_attribute("datetime") and time.get_attribute("title")


def test_search_filter_and_sort_live_in_the_address(visit, web, headscale, javascript, home):
    v = visit(web, javascript=javascript)
    home.enter(v, "mia", "/")
    box = v.page.get_by_role("searchbox", name="Search devices")
    box.fill("EXIT-")
    box.press("Enter")
    v.page.wait_for_url("**q=EXIT-**")
    assert set(v.rows("mine")) == {"exit-berlin"}
    assert {"exit-oslo"} <= set(v.rows("theirs"))
    v.follow("Show all devices")
    assert len(v.rows("mine")) > 1
    v.page.locator("summary", has_text="Filter").click()
    v.page.get_by_label("Status").select_option(label="Logged out")
    v.page.get_by_label("Sort by").select_option(label="Last seen")
    v.press("Show")
    assert set(v.rows("mine")) == {n["given_name"] for n in headscale.nodes() if n["user"] == "sink" and n["expired"]}
    assert "status=" in v.page.url and "sort=" in v.page.url
    v.open("/?q=no-such-thing-at-all")
    assert "None of your devices matches." in v.text()


def test_old_bookmarks_and_the_clients_own_menu(mia):
    for path in ("/dashboard", "/admin"):
        assert mia.open(path).ok
        assert mia.heading().startswith("Your devices")


def test_rule_that_hides_others(visit, workspace, headscale, github):
    web = stack.Web(workspace, headscale, github, RULES='{"see_others": "none"}')
    v = visit(web)
    v.sign_in("mia")
    assert "mia-laptop" in v.rows("mine")
    assert "jims-iphone" not in v.page.content() and v.rows("theirs") == {}
    assert v.open_node(headscale.named("jims-iphone")["id"]).status == 404


@pytest.mark.long
def test_list_refreshes_by_itself(mia, headscale, fresh):
    """only with JavaScript, and by conditional requests"""
    mia.open("/")
    node = headscale.add_node(fresh("late"), online=False)
    mia.page.wait_for_selector("#mine >> text=%s" % node["given_name"], timeout=40000)
    headscale.change(node["id"], online=True)
    mia.page.wait_for_selector("#mine tr:has-text('%s') >> text=online now" % node["given_name"], timeout=40000)


CORPUS = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "'><svg onload=alert(3)>", "</title><script>alert(4)</script>",
    "{{token}}", "{{{base}}}", "javascript:alert(5)", "<a href=\"javascript:alert(6)\">x</a>", "&lt;b&gt;", "a\u202eb",
    "--><script>alert(7)</script>", "x' autofocus onfocus='alert(8)", "\u2028alert(9)",
)


@pytest.mark.parametrize("others", (False, True), ids=("own", "others"))
def test_names_from_the_network_are_only_text(visit, web, headscale, others, home):
    made = [headscale.add_node(name, "jim" if others else "sink", given_name=name, online=True) for name in CORPUS]
    v = visit(web)
    home.enter(v, "mia", "/")
    ids = [n["id"] for n in made]
    shown = v.page.locator("#%s" % ("theirs" if others else "mine")).text_content()
    for name in CORPUS:
        if "\u202e" not in name and "\u2028" not in name:
            assert name in shown, "the name is shown as it is"
    assert "\u202e" not in shown
    for path in ["/"] + ["/nodes/%d%s" % (i, p) for i in ids for p in ("", *(() if others else ("/remove", "/logout")))]:
        v.open(path)
        content = v.page.locator("main").evaluate(
            "m => [...m.querySelectorAll('script, img, iframe, object, [onerror], [onload], [onfocus], a[href^=\"javascript\"]')].length")
        assert content == 0, path
    # dialogs and refused scripts are complaints, and complaints fail every test that uses visit()
    assert v.complaints == []
