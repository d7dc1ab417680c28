"""The simulated GitHub: what a client of its web sign-in must be able to rely on, and the faults it can order."""
import base64
import hashlib
import html.parser
import time
import urllib.parse

import httpx
import pytest

from simulators import simulator

CALLBACK = "http://127.0.0.1:9/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
QUERY = {"client_id": "Iv1.test", "redirect_uri": CALLBACK, "state": "st", "code_challenge": CHALLENGE,
         "code_challenge_method": "S256", "prompt": "select_account"}
FORM = {"client_id": "Iv1.test", "client_secret": "s3cret", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}


class Form(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.hidden, self.buttons = {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "input":
            self.hidden[a["name"]] = a["value"]
        if tag == "button":
            self.buttons.append(a["value"])


@pytest.fixture
def github():
    with simulator("github", "--client-id", "Iv1.test", "--client-secret", "s3cret", "--callback", CALLBACK) as facts, \
            httpx.Client(base_url=facts["url"], timeout=5) as client:
        yield client


def choose(github, account, **change):
    asked = Form(github.get("/login/oauth/authorize", params={**QUERY, **change}).text)
    assert asked.buttons == ["mia", "jim", "zoe", ""]
    answer = github.post("/login/oauth/authorize", data={**asked.hidden, "account": account})
    assert answer.status_code == 302
    where = urllib.parse.urlsplit(answer.headers["location"])
    assert where._replace(query="").geturl() == CALLBACK
    return dict(urllib.parse.parse_qsl(where.query))


def exchange(github, code, /, **change):
    return github.post("/login/oauth/access_token", data={**FORM, "code": code, **change},
                       headers={"accept": "application/json"})


def signed_in(github, account="mia"):
    return exchange(github, choose(github, account)["code"]).json()["access_token"]


def user(github, token, **headers):
    return github.get("/user", headers={"authorization": "Bearer " + token, **headers})


@pytest.mark.parametrize("account,number", [("mia", 19270622), ("jim", 2147483649), ("zoe", 77001234)])
def test_github__sign_in(github, account, number):
    back = choose(github, account)
    assert back["state"] == "st"
    answer = exchange(github, back["code"])
    assert answer.status_code == 200 and answer.json()["token_type"] == "bearer"
    for prefix in ("", "/api/v3"):
        got = github.get(prefix + "/user", headers={"authorization": "Bearer " + answer.json()["access_token"]}).json()
        assert (got["id"], got["login"], got["type"]) == (number, account, "User")
    assert exchange(github, back["code"]).json()["error"] == "bad_verification_code"


def test_github__deny(github):
    back = choose(github, "")
    assert back["error"] == "access_denied" and back["state"] == "st" and "code" not in back


@pytest.mark.parametrize("change,error", [
    ({"client_secret": "wrong"}, "incorrect_client_credentials"), ({"client_id": "wrong"}, "incorrect_client_credentials"),
    ({"code": "wrong"}, "bad_verification_code"), ({"code_verifier": "w" * 43}, "bad_verification_code"),
    ({"code_verifier": ""}, "bad_verification_code"), ({"redirect_uri": CALLBACK + "x"}, "redirect_uri_mismatch")])
def test_github__refused_exchange_is_status_200(github, change, error):
    answer = exchange(github, choose(github, "mia")["code"], **change)
    assert answer.status_code == 200 and answer.json()["error"] == error


@pytest.mark.parametrize("change,status", [
    ({"client_id": "wrong"}, 404), ({"redirect_uri": "http://evil.example/callback"}, 400),
    ({"redirect_uri": "http://127.0.0.1:9/other"}, 400), ({"redirect_uri": CALLBACK + "/../x"}, 400),
    ({"code_challenge_method": "plain"}, 400)])
def test_github__bad_request_goes_nowhere(github, change, status):
    answer = github.get("/login/oauth/authorize", params={**QUERY, **change})
    assert answer.status_code == status and "location" not in answer.headers


def test_github__form_answer_unless_json_is_asked_for(github):
    answer = github.post("/login/oauth/access_token", data={**FORM, "code": choose(github, "mia")["code"]})
    assert answer.headers["content-type"] == "application/x-www-form-urlencoded"
    assert dict(urllib.parse.parse_qsl(answer.text))["token_type"] == "bearer"


def test_github__user_needs_token_and_agent(github):
    token = signed_in(github)
    assert user(github, token).status_code == 200
    assert user(github, token, **{"user-agent": ""}).status_code == 403
    assert user(github, "wrong").status_code == 401


def test_github__revoke(github):
    token = signed_in(github)

    def delete(auth):
        return github.request("DELETE", "/applications/Iv1.test/token", json={"access_token": token}, auth=auth).status_code
    assert delete(("Iv1.test", "wrong")) == 404
    assert delete(("Iv1.test", "s3cret")) == 204
    assert user(github, token).status_code == 401
    assert github.get("/_control/requests").json()["counts"] == {"authorize": 1, "token": 1, "user": 1, "revoke": 2}


@pytest.mark.parametrize("mode,check", [
    ("500", lambda a: a.status_code == 500), ("error", lambda a: a.status_code == 200 and "error" in a.json()),
    ("html", lambda a: a.headers["content-type"].startswith("text/html")), ("empty", lambda a: a.content == b""),
    ("oversize", lambda a: len(a.content) > 300 * 1024), ("dup_keys", lambda a: a.text.count('"access_token"') == 2),
    ("deep", lambda a: "[" * 1000 in a.text), ("redirect", lambda a: a.status_code == 302),
    ("custom", lambda a: a.text == '{"id": 0}' and a.status_code == 201)])
def test_github__faults(github, mode, check):
    code = choose(github, "mia")["code"]
    order = {"endpoint": "token", "mode": mode, "count": 1, "body": '{"id": 0}', "status": 201}
    assert github.post("/_control/faults", json=order).status_code == 200
    assert check(exchange(github, code))
    assert signed_in(github)


def test_github__faults_of_the_connection(github):
    def order(mode, **more):
        github.post("/_control/faults", json={"endpoint": "user", "mode": mode, "count": 1, **more}).raise_for_status()
    token = signed_in(github)
    order("down")
    with pytest.raises(httpx.RemoteProtocolError):
        user(github, token)
    order("slow", seconds=0.5)
    started = time.monotonic()
    assert user(github, token).json()["login"] == "mia"
    assert time.monotonic() - started >= 0.4
    order("hang")
    with pytest.raises(httpx.ReadTimeout):
        github.get("/user", headers={"authorization": "Bearer " + token}, timeout=0.5)
    assert github.post("/_control/faults", json={"endpoint": "user", "mode": "nonsense"}).status_code == 400


def test_github__auto():
    with simulator("github", "--client-id", "Iv1.test", "--client-secret", "s", "--auto", "jim",
                   "--accounts", '[{"login": "jim", "id": 5, "name": null, "type": "Organization"}]') as facts:
        q = {k: v for k, v in QUERY.items() if k != "prompt"}
        answer = httpx.get(facts["url"] + "/login/oauth/authorize", params=q)
        assert answer.status_code == 302 and answer.headers["location"].startswith(CALLBACK + "?code=")
        assert httpx.get(facts["url"] + "/login/oauth/authorize", params=QUERY).status_code == 200
