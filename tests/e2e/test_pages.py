"""Every page in both themes, on a phone and on a laptop: accessible, not too wide, light, and clean in the console."""
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness import stack
from harness.program import Program

pytestmark = pytest.mark.breadth

AXE = Axe().axe_script
WEIGHT, REQUESTS = 30 * 1024, 4
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
         "resultTypes": ["violations"]}


EVERYTHING = {"keys": {"longest": "90d", "reusable": True, "ephemeral": True}, "extend_expiry": {"longest": "90d", "never": True},
              "keepers": {"tag:backup": ["sink"]}}


@pytest.fixture
def generation():
    return "0.29"


@pytest.fixture
def web(workspace, headscale, github, home):
    """with all that can be switched on: the fullest menu and the fullest pages"""
    return home.web(workspace, headscale, github, RULES=json.dumps(EVERYTHING), STATE_DIR=str(workspace.path))


def check_axe(visitor, where):
    # only what it found comes back: what it did not find is many times as much
    visitor.page.evaluate(AXE)
    found = visitor.page.evaluate("rules => axe.run(document, rules).then(answer => answer.violations)", RULES)
    assert not found, where + ": " + "; ".join(
        "%s %s" % (v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found)


def check_width(visitor, where):
    wide = visitor.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "%s: %d pixels too wide" % (where, wide)


def check(visitor, where):
    visitor.page.wait_for_load_state()
    check_axe(visitor, where)
    check_width(visitor, where)
    assert visitor.page.locator("h1").count() == 1, where
    assert visitor.page.title().endswith(" · Ouroboros"), where


@pytest.mark.long
@pytest.mark.parametrize("dark", (False, True), ids=("light", "dark"))
@pytest.mark.parametrize("width", (320, 1280))
def test_every_page(visit, web, headscale, fresh, width, dark):
    v = visit(web, width=width, dark=dark)
    v.open("/")
    check(v, "sign-in")
    v.sign_in("zoe", path=None)
    check(v, "not in the map")
    v.sign_out()
    check(v, "signed out")
    v.sign_in("mia", path=None)
    check(v, "devices")
    v.page.locator("summary", has_text="Others").click()
    v.page.locator("summary", has_text="Filter").click()
    check(v, "devices, all open")
    v.open("/?q=nothing-like-that")
    check(v, "devices, nothing found")
    # names and prefixes as long as they get
    node = headscale.add_node("L" * 63, given_name="l" * 63, online=True,
                              routes=["2001:db8:1234:5678:9abc:def0:1234:5678/128", "10.9.0.0/24", "0.0.0.0/0", "::/0"],
                              approved=["10.9.0.0/24"])
    for path in ("/", "/routes", "/add", "/admin", "/nodes/%d" % node["id"], "/nodes/%d/logout" % node["id"],
                 "/nodes/%d/remove" % node["id"], "/nodes/%d" % headscale.named("old-thinkpad")["id"],
                 "/nodes/%d" % headscale.named("home-router")["id"], "/nodes/%d" % headscale.named("exit-berlin")["id"],
                 "/nodes/%d" % headscale.named("backup-1")["id"], "/nodes/%d" % headscale.named("jims-iphone")["id"],
                 "/nodes/999999", "/no-such-page", "/register/no-key", "/register/hskey-authreq-" + "Ab1_" * 6):
        v.open(path)
        check(v, path)
    v.add_device()
    check(v, "link no longer works")
    v.rename(node["id"], "no_name")
    check(v, "refused name")
    v.rename(node["id"], fresh("fine"))
    check(v, "renamed")
    v.remove_node(node["id"], v.heading(), typed="x")
    check(v, "wrong name typed")
    device = headscale.announce(fresh("device"), online_after=None)
    v.open(device["path"])
    v.follow("Not mine")
    check(v, "not mine")
    v.open(device["path"])
    v.add_device()
    check(v, "waiting")
    made_pages(v, headscale, web)
    # a page that is old when Headscale is gone
    headscale.stop_api()
    stack.settle()
    v.open("/")
    assert "Headscale has not answered" in v.text()
    check(v, "stale devices")
    v.open_node(node["id"])
    check(v, "stale node")


def made_pages(v, headscale, web):
    """keys, tokens and a command line that asks: lists, forms, what is shown once, what asks again, refusals"""
    over = headscale.add_key("sink", expiration=-60)
    v.open("/keys")
    check(v, "keys, none works")
    v.press("Make a key")
    v.page.locator("summary", has_text="QR").click()
    v.page.locator("summary", has_text="Used and ended").click()
    check(v, "new key")
    v.page.reload()
    check(v, "key form sent twice")
    v.follow("Revoke…")
    check(v, "revoke a key")
    v.press("Revoke the key")
    check(v, "key revoked")
    assert over["id"] and v.open("/keys/%d/revoke" % over["id"]).status == 200
    check(v, "revoke a key that is over")
    v.open("/tokens")
    check(v, "tokens")
    v.page.get_by_label("What is it for?").fill("N" * 63)
    v.press("Make a token")
    check(v, "new token")
    v.page.reload()
    check(v, "token form sent twice")
    v.page.get_by_label("What is it for?").fill("  ")
    v.press("Make a token")
    check(v, "token without a name")
    v.follow("Revoke…")
    check(v, "revoke a token")
    v.press(re.compile("^Revoke N"))
    check(v, "token revoked")
    v.open("/cli")
    check(v, "code of a command line")
    v.page.get_by_label("Code").fill("BCDF-GHJK")
    v.press("Go on")
    check(v, "wrong code")
    v.open("/cli/" + "A" * 43)
    check(v, "nothing waits")
    with Program(web, machine="M" * 63, scopes=["read", "nodes", "routes", "keys"]) as program:
        v.open(program.path())
        check(v, "a command line asks")
        v.press("Refuse")
        check(v, "refused")
    with Program(web, listens=False) as program:
        v.open("/cli")
        v.page.get_by_label("Code").fill(program.login["code"])
        v.press("Go on")
        check(v, "a command line asks by code")
        v.press("Approve")
        check(v, "approved")


@pytest.mark.parametrize("dark", (False, True), ids=("light", "dark"))
@pytest.mark.parametrize("width", (320, 1280))
def test_pages_of_people_with_nothing_and_of_trouble(visit, workspace, headscale, github, width, dark):
    web = stack.Web(workspace, headscale, github, USER_MAP='{"19270622": "nobody-yet"}')
    v = visit(web, width=width, dark=dark)
    v.sign_in("mia")
    assert "No devices yet" in v.text()
    check(v, "no devices")
    v.open("/routes")
    check(v, "no routes")
    for path in ("/keys", "/tokens", "/cli"):
        v.open(path)
        check(v, path + ", off")
    headscale.fault("unauthenticated", method="ListUsers")
    web.restart()
    v.open("/")
    assert v.heading() == "Ouroboros is not let in by Headscale"
    check(v, "key refused")
    headscale.stop_api()
    web.restart()
    v.open("/")
    assert v.heading() == "Headscale does not answer"
    check(v, "no answer")


def test_first_load_is_light(visit, web):
    """what comes over the wire for the fullest page, nothing in the cache"""
    v = visit(web)
    v.sign_in("mia")
    cold = visit(web)
    cold.context.add_cookies(v.context.cookies())
    session = cold.context.new_cdp_session(cold.page)
    session.send("Network.enable")
    sizes = []
    session.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
    for path in ("/", "/add", "/routes", "/keys", "/tokens"):
        sizes.clear()
        session.send("Network.clearBrowserCache")
        cold.requests.clear()
        cold.open(path)
        cold.page.wait_for_load_state("networkidle")
        assert all(url.startswith(web.origin) for url in cold.requests), "nothing from other hosts"
        assert len(cold.requests) <= REQUESTS, cold.requests
        assert len(sizes) >= 2 and sum(sizes) <= WEIGHT, (path, sizes)


def test_security_headers_on_every_answer(visit, web):
    v = visit(web)
    v.sign_in("mia")
    for path in ("/", "/nodes/1", "/nodes/999999", "/no-such-page", "/healthz", "/register/x", "/keys", "/tokens", "/cli"):
        headers = v.context.request.get(web.url(path), max_redirects=0).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy, path
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin", path
        assert "no-store" in headers["cache-control"], path
    for url in v.requests:
        if re.search(r"\.(css|js|svg)", url):
            assert "immutable" in v.context.request.get(url).headers["cache-control"]


def test_everything_by_keyboard(visit, web, headscale):
    v = visit(web)
    v.sign_in("mia")
    v.page.evaluate("() => document.activeElement.blur()")
    v.page.keyboard.press("Tab")
    assert v.page.evaluate("() => document.activeElement.textContent") == "Skip to content"
    v.page.keyboard.press("Enter")
    reached = []
    for _ in range(10):
        v.page.keyboard.press("Tab")
        reached.append(v.page.evaluate("() => document.activeElement.closest('#mine') ? 'device' : document.activeElement.tagName"))
        outline = v.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", "focus is seen on " + reached[-1]
        if "device" in reached:
            break
    assert "device" in reached
    v.page.keyboard.press("Enter")
    v.page.wait_for_url(re.compile(r"/ouroboros/nodes/\d+$"))


def test_reduced_motion_and_print(visit, web):
    v = visit(web, reduced_motion="reduce")
    v.sign_in("mia")
    v.page.emulate_media(media="print")
    assert v.page.locator("#mine").is_visible() and not v.page.locator("header").is_visible()


def test_thumb_sized_on_a_phone(visit, web, headscale):
    v = visit(web, width=320)
    v.sign_in("mia")
    for path in ("/", "/nodes/%d" % headscale.named("home-router")["id"], "/add", "/keys", "/tokens", "/cli"):
        v.open(path)
        small = v.page.evaluate(
            """() => [...document.querySelectorAll('button, .button, input:not([type=hidden]):not([type=checkbox]), select, summary, '
                + '.list th a, label.tick')]
                .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
                .map(e => e.outerHTML.slice(0, 120))""")
        assert small == [], path
