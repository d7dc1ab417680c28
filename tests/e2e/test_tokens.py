"""Personal tokens: made, shown once, used, revoked; a form that is sent twice; no place to keep them."""
import json
import urllib.error
import urllib.request

import pytest

TOKEN = "ouro_pat_"


@pytest.fixture
def generation():
    return "0.29"


@pytest.fixture
def web(workspace, headscale, github, home):
    return home.web(workspace, headscale, github, STATE_DIR=str(workspace.path))


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def mia(request, visit, web, home):
    visitor = visit(web, javascript=request.param)
    home.enter(visitor, "mia", "/tokens")
    return visitor


def make(visitor, name, *scopes):
    visitor.page.get_by_label("What is it for?").fill(name)
    for scope in scopes:
        visitor.page.get_by_label(scope).check()
    visitor.press("Make a token")
    return secret(visitor)


def secret(visitor):
    return visitor.page.locator(".made code").first.inner_text()


def rows(visitor):
    return [" ".join(row.split()) for row in visitor.page.locator("#tokens tr").all_text_contents()]


def api(web, token, path="/node"):
    request = urllib.request.Request(web.base + "/api/v1" + path, headers={"Authorization": "Bearer " + token})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as e:
        return e.code, e.read()


def test_make_use_and_revoke(mia, web):
    assert "None yet." in mia.text()
    token = make(mia, "backup <script>", "Change routes and exit nodes")
    assert token.startswith(TOKEN) and len(token) > 60
    assert [c.removeprefix(p) for c, p in zip(mia.page.locator(".made code").all_inner_texts(), (
        "", "export OUROBOROS_TOKEN=", "Authorization: Bearer "))] == [token] * 3
    row, = rows(mia)
    assert "backup <script>" in row and "look, change routes and exit nodes" in row and "not used yet" in row
    assert "in 89 days" in row or "in 90 days" in row
    status, answer = api(web, token)
    assert status == 200 and "mia-laptop" in [n["givenName"] for n in answer["nodes"]]
    mia.open("/tokens")
    assert token not in mia.page.content()
    row, = rows(mia)
    assert "just now" in row
    mia.follow("Revoke…")
    assert mia.heading() == "Revoke backup <script>?"
    mia.press("Revoke backup <script>")
    assert mia.note() == "The token was revoked." and "None yet." in mia.text()
    assert api(web, token)[0] == 401
    assert token not in web.process.log() and all(token not in json.dumps(r) for r in web.audit())


def test_sent_again_it_makes_nothing(mia):
    token = make(mia, "once")
    mia.page.reload()
    assert "No further token was made." in mia.note()
    assert len(rows(mia)) == 1 and token not in mia.page.content()
    again = make(mia, "twice")
    assert again != token and len(rows(mia)) == 2


def test_a_second_click_makes_nothing(visit, web, home):
    v = visit(web)
    home.enter(v, "mia", "/tokens")
    v.page.get_by_label("What is it for?").fill("once")
    v.page.get_by_role("button", name="Make a token").dblclick()
    v.page.wait_for_selector(".made")
    assert len(rows(v)) == 1


def test_a_name_is_wanted(mia):
    mia.page.get_by_label("What is it for?").fill("   ")
    mia.page.get_by_label("Make and revoke keys").check()
    mia.press("Make a token")
    assert mia.name_error().startswith("Give it a name")
    assert mia.page.get_by_label("Make and revoke keys").is_checked()
    assert "None yet." in mia.text()


def test_anothers_token_is_no_token(visit, web, home):
    jim, mia = visit(web), visit(web)
    home.enter(jim, "jim", "/tokens")
    make(jim, "jims own")
    address = jim.page.get_by_role("link", name="Revoke… jims own").get_attribute("href").removeprefix("/ouroboros")
    home.enter(mia, "mia", "/tokens")
    assert rows(mia) == []
    assert mia.open(address).status == 404 and mia.open("/tokens/0123456789ab/revoke").status == 404
    jim.open("/tokens")
    assert len(rows(jim)) == 1


def test_no_place_to_keep_them(visit, workspace, headscale, github, home):
    web = home.web(workspace, headscale, github)
    v = visit(web)
    home.enter(v, "mia", "/")
    assert "Tokens" not in v.page.get_by_role("navigation", name="Pages").inner_text()
    assert v.open("/tokens").status == 200
    assert "Ouroboros has no place here to keep tokens" in v.text()
    v.open("/cli")
    assert "Ouroboros has no place here to keep tokens" in v.text()


def test_rule_off(visit, web, home):
    web.restart(RULES='{"tokens": "off"}')
    v = visit(web)
    home.enter(v, "mia", "/")
    assert "Tokens" not in v.page.get_by_role("navigation", name="Pages").inner_text()
    v.open("/tokens")
    assert "The rules of this network do not allow personal tokens." in v.text()


def test_as_long_as_the_rules_allow(visit, web, home):
    web.restart(RULES='{"tokens": "45d"}')
    v = visit(web)
    home.enter(v, "mia", "/tokens")
    assert v.page.locator("#lifetime option").all_inner_texts() == ["1 day", "7 days", "30 days", "45 days"]
    make(v, "short")
    assert "in 44 days" in rows(v)[0] or "in 45 days" in rows(v)[0]
