"""Who gets in: accounts, refusals at GitHub, signing out, sessions that end."""
import json
import re

import pytest
from harness import stack
from harness.process import wait_until


@pytest.fixture
def generation():
    return "0.29"


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def javascript(request):
    return request.param


def test_the_first_page_asks_before_it_goes_to_github(visit, web, github, javascript):
    asked = github.requests()["counts"]["authorize"]
    v = visit(web, javascript=javascript)
    v.open("/")
    assert v.button("Sign in with GitHub").is_visible()
    assert v.page.locator("html").get_attribute("lang") == "en"
    assert v.page.title() == "Sign in · Ouroboros"
    assert github.requests()["counts"]["authorize"] == asked
    assert v.context.cookies() == []


def test_mapped_accounts_come_to_their_devices(visit, web, github, javascript):
    for account, user, device in (("mia", "sink", "mia-laptop"), ("jim", "jim", "jims-iphone")):
        v = visit(web, javascript=javascript)
        v.sign_in(account)
        assert v.path() == "/ouroboros/"
        assert v.heading().startswith("Your devices")
        assert device in v.rows("mine")
        assert "%s (%s)" % (account, user) in v.page.locator("header").inner_text()
    last = github.requests()["last"]["authorize"]["query"]
    assert last.get("scope", "") == ""
    assert last["code_challenge_method"] == "S256" and len(last["state"]) >= 43
    # no token is kept: each was given back
    wait_until(lambda: github.requests()["tokens"] == 0, 5, "GitHub's tokens are given back")


def test_cookies_are_closed_to_scripts(visit, web):
    v = visit(web)
    v.sign_in("mia")
    cookies = v.context.cookies()
    assert len(cookies) == 1, "the sign-in state is gone after use"
    assert cookies[0]["httpOnly"] and cookies[0]["sameSite"] == "Lax" and cookies[0]["path"] == "/"
    assert "mia" not in cookies[0]["value"] and "sink" not in cookies[0]["value"]


def test_account_that_nobody_mapped_reads_its_number(visit, web, headscale, javascript):
    v = visit(web, javascript=javascript)
    v.sign_in("zoe")
    assert v.heading() == "Nobody has given this account devices yet"
    assert ("You are signed in as zoe (GitHub 77001234), but nobody has given this account devices yet. "
            "Send this number to your administrator: 77001234.") in v.text()
    headscale.reset_calls()
    for path in ("/", "/routes", "/nodes/1", "/add"):
        v.open(path)
        assert "77001234" in v.text() and "mia-laptop" not in v.text()
    assert headscale.writes() == []
    v.sign_out()
    assert v.heading() == "You are signed out"


def test_denied_at_github(visit, web, javascript):
    v = visit(web, javascript=javascript)
    v.open("/")
    v.press("Sign in with GitHub")
    v.press("Deny")
    v.page.wait_for_url(re.compile(re.escape(web.base)))
    assert v.heading() == "GitHub did not let you in"
    assert v.button("Sign in with GitHub").is_visible()
    v.sign_in("mia", path=None)
    assert v.heading().startswith("Your devices")


@pytest.mark.parametrize("endpoint,mode", [("token", "error"), ("token", "500"), ("token", "html"), ("user", "error"),
                                           ("user", "dup_keys"), ("user", "down")])
def test_github_fails(visit, web, github, endpoint, mode):
    github.fault(endpoint, mode)
    v = visit(web)
    try:
        v.open("/")
        v.press("Sign in with GitHub")
        v.page.get_by_role("button", name=re.compile("^Continue as mia")).click()
        v.page.wait_for_url(re.compile(re.escape(web.base)))
        assert v.heading() == "GitHub does not answer"
        v.open("/")
        assert v.button("Sign in with GitHub").is_visible(), "nobody is signed in"
    finally:
        github.fault(endpoint, "none")
    v.sign_in("mia")
    assert v.heading().startswith("Your devices")


def test_answer_of_another_browser_signs_nobody_in(visit, web, github):
    """the attacker's own code and state, opened by the victim"""
    attacker, victim = visit(web), visit(web)
    attacker.open("/")
    attacker.press("Sign in with GitHub")
    with attacker.page.expect_request(re.compile("/auth/callback")) as caught:
        attacker.page.route(re.compile("/auth/callback"), lambda route: route.abort())
        attacker.page.get_by_role("button", name=re.compile("^Continue as jim")).click()
    attacker.complaints.clear()
    exchanged = github.requests()["counts"]["token"]
    victim.page.goto(caught.value.url)
    assert victim.heading() == "That sign-in was not started here"
    assert github.requests()["counts"]["token"] == exchanged, "the code is not even tried"
    victim.open("/")
    assert victim.button("Sign in with GitHub").is_visible()


def test_callback_cannot_be_used_twice(visit, web):
    v = visit(web)
    urls = []
    v.page.on("request", lambda r: urls.append(r.url) if "/auth/callback" in r.url else None)
    v.sign_in("mia")
    v.page.goto(urls[0])
    assert v.heading() == "That sign-in was not started here"


def test_sign_out_ends_the_session_on_the_server_too(visit, web, javascript):
    v = visit(web, javascript=javascript)
    v.sign_in("mia")
    kept = v.context.cookies()
    v.sign_out()
    assert v.heading() == "You are signed out"
    assert v.context.cookies() == []
    v.context.add_cookies(kept)
    v.open("/")
    assert v.heading() == "Your session is over"
    assert "mia-laptop" not in v.page.content()


def test_back_to_where_one_wanted_to_go(visit, web, headscale, javascript):
    node = headscale.named("home-router")
    for path in ("/routes", "/add", "/nodes/%d" % node["id"]):
        v = visit(web, javascript=javascript)
        v.sign_in("mia", path)
        assert v.path() == "/ouroboros" + path
        v.close()


def test_foreign_return_targets_are_not_followed(visit, web):
    for bad in ("https://example.com/", "//example.com", "/\\example.com", "node:0", "node:5/../..", "register:../x"):
        v = visit(web)
        v.open("/")
        v.page.locator("input[name=then]").evaluate("(e, v) => { e.value = v }", bad)
        v.sign_in("mia", path=None)
        assert v.page.url.startswith(web.base), bad
        v.close()


@pytest.mark.parametrize("how", ("cookie-gone", "key-changed"))
def test_session_over_in_the_middle_of_a_form(visit, web, headscale, fresh, javascript, how):
    """sign in again, come back to the page, nothing was replayed"""
    node = headscale.add_node(fresh("mid"), online=True)
    v = visit(web, javascript=javascript)
    v.sign_in("mia", "/nodes/%d" % node["id"])
    v.page.get_by_role("textbox", name="Name").fill("not-replayed")
    if how == "cookie-gone":
        v.context.clear_cookies()
    else:
        web.restart(SESSION_KEY=stack.new_session_key())
    headscale.reset_calls()
    v.press("Rename")
    assert v.heading() == "Your session is over"
    assert "nothing was done: press it again" in v.text()
    v.sign_in("mia", path=None)
    assert v.path() == "/ouroboros/nodes/%d" % node["id"]
    assert headscale.node(node["id"])["given_name"] == node["given_name"]
    assert headscale.writes() == []


def test_session_key_kept_over_a_restart(visit, web):
    v = visit(web)
    v.sign_in("mia")
    web.restart()
    v.open("/")
    assert "mia-laptop" in v.rows("mine")


def test_person_taken_out_of_the_map(visit, workspace, headscale, github, fresh):
    settings = {"hs_login_url": "http://127.0.0.1", "gh_client_id": stack.CLIENT_ID,
                "gh_client_secret": stack.CLIENT_SECRET, "user_map": dict(stack.USER_MAP)}
    path = workspace.file("cfg.json", json.dumps(settings))
    web = stack.Web(workspace, headscale, github, USER_MAP=None, HS_LOGIN_URL=None, GH_CLIENT_ID=None,
                    GH_CLIENT_SECRET=None)
    web.process.stop()
    web.arguments = ["--config", path]
    web.start()
    node = headscale.add_node(fresh("map"), online=True)
    v = visit(web)
    v.sign_in("mia", "/nodes/%d" % node["id"])
    v.page.get_by_role("textbox", name="Name").fill("too-late")

    # a broken file keeps the old map, and says so
    workspace.file("cfg.json", '{"user_map": {"19270622": ')
    web.reload()
    web.process.wait_log(re.compile(r"cfg\.json"), 10)
    other = visit(web)
    other.sign_in("jim")
    assert "jims-iphone" in other.rows("mine")

    del settings["user_map"]["19270622"]
    workspace.file("cfg.json", json.dumps(settings))
    mark = len(web.process.log())
    web.reload()
    wait_until(lambda: len(web.process.log()) > mark, 5, "the reload is logged")
    headscale.reset_calls()
    v.press("Rename")
    assert v.heading() == "Nobody has given this account devices yet"
    assert headscale.node(node["id"])["given_name"] == node["given_name"]
    assert headscale.writes() == []
    other.open("/")
    assert "jims-iphone" in other.rows("mine"), "the others stay signed in"
