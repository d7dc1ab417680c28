"""How a program gets a token and gives it back. What people see meanwhile is in tests/e2e/test_cli.py."""
import base64
import datetime
import hashlib
import io
import secrets
import urllib.error
import urllib.parse
import urllib.request

import pytest
from harness.api import Api
from harness.client import Client


def proof():
    """(verifier, challenge)"""
    verifier = secrets.token_urlsafe(48)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


GOOD = {"machine": "laptop", "challenge": proof()[1], "scopes": ["read"], "lifetime": "30d", "port": 12345}


class Asker:
    """a program that waits for somebody's approval"""

    def __init__(self, place, **wish):
        self.api, self.web = place.stranger(), place.web
        self.verifier, challenge = proof()
        answer = self.api.post("/login", {"machine": "laptop", "challenge": challenge, **wish})
        assert answer.status == 200, answer
        self.login = answer.json

    def redeem(self, **more):
        return self.api.post("/login/redeem", {"id": self.login["id"], "verifier": self.verifier, **more})

    def answered_by(self, account, button="Approve"):
        """what the browser would take to the program, {} if nothing"""
        client = Client()
        client.sign_in(self.web.base, account)
        client.get(self.login["url"])
        if self.login["code"]:
            client.press("Go on", code=self.login["code"])
        caught = {}
        # nobody listens: the browser would go there
        client.opener.add_handler(_Catch(caught))
        client.press(button)
        return caught


class _Catch(urllib.request.BaseHandler):
    def __init__(self, caught):
        self.caught = caught

    def http_request(self, request):
        where = urllib.parse.urlsplit(request.full_url)
        if where.path == "/" and where.query.startswith("id="):
            self.caught.update(urllib.parse.parse_qsl(where.query), port=where.port)
            raise urllib.error.HTTPError(request.full_url, 200, "caught", {}, io.BytesIO(b""))
        return request


def test_by_link(newest):
    asker = Asker(newest, scopes=["read", "routes"], lifetime="12h", port=12345)
    assert asker.login["code"] == "" and asker.login["url"] == "%s/cli/%s" % (newest.web.base, asker.login["id"])
    ends = datetime.datetime.fromisoformat(asker.login["expires"]).timestamp() - datetime.datetime.now().timestamp()
    assert 590 < ends <= 600
    assert asker.redeem(grant="x" * 43).status == 202
    came = asker.answered_by("mia")
    assert came["id"] == asker.login["id"] and came["port"] == 12345
    for wrong in ({}, {"grant": ""}, {"grant": "x" * 43}, {"grant": came["grant"], "verifier": proof()[0]},
                  {"grant": came["grant"], "id": "x" * 22}):
        answer = asker.redeem(**wrong)
        assert answer.status == 404 and answer.json["type"] == "urn:ouroboros:token", (wrong, answer)
    answer = asker.redeem(grant=came["grant"])
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    assert answer.json["scopes"] == ["read", "routes"] and answer.json["name"] == "laptop"
    left = datetime.datetime.fromisoformat(answer.json["expires"]).timestamp() - datetime.datetime.now().timestamp()
    assert 11.9 * 3600 < left <= 12 * 3600
    assert asker.redeem(grant=came["grant"]).status == 404
    api = Api(newest.web.base, answer.json["token"])
    assert api.get("/node").status == 200 and api.post("/node/1/rename/x").status == 403


def test_by_code(newest):
    asker = Asker(newest)
    assert asker.login["url"] == newest.web.base + "/cli" and len(asker.login["code"]) == 9
    waiting = asker.redeem()
    assert waiting.status == 202 and waiting.json["type"] == "urn:ouroboros:pending" and int(waiting.headers["retry-after"]) > 0
    assert asker.redeem(verifier=proof()[0]).status == 404
    assert asker.answered_by("jim") == {}
    answer = asker.redeem()
    assert answer.status == 200 and answer.json["scopes"] == ["read"]
    assert {n["user"]["name"] for n in Api(newest.web.base, answer.json["token"]).nodes()} == {"jim"}


def test_refused(newest):
    asker = Asker(newest)
    asker.answered_by("mia", "Refuse")
    answer = asker.redeem()
    assert answer.status == 403 and answer.json["type"] == "urn:ouroboros:refused"


@pytest.mark.parametrize("status,wish", [
    (422, {"machine": None}), (422, {"challenge": None}), (422, {"machine": 5}), (422, {"scopes": ["everything"]}),
    (422, {"scopes": "read"}), (422, {"lifetime": "30"}), (422, {"lifetime": "0d"}), (422, {"lifetime": "-1d"}),
    (422, {"lifetime": "30m"}), (422, {"lifetime": "99999999999999999999d"}), (422, {"port": 80}), (422, {"port": 65536}),
    (422, {"port": "12345"}), (422, {"port": 1.5}), (422, {"port": 2**40 + 12345}), (422, {"redirect": "https://evil.example"}),
    (400, {"machine": ""}), (400, {"machine": "x" * 64}), (400, {"machine": "a\nb"}), (400, {"challenge": "x"}),
    (400, {"challenge": "x" * 44}), (400, {"challenge": "=" * 43})])
def test_odd_wishes(newest, status, wish):
    answer = newest.stranger().post("/login", {k: v for k, v in {**GOOD, **wish}.items() if v is not None})
    assert answer.status == status, answer


def test_a_longer_life_than_allowed(make_place):
    place = make_place(rules={"tokens": "7d"})
    answer = place.stranger().post("/login", {**GOOD, "lifetime": "8d"})
    assert answer.status == 403 and "7 days at most" in answer.words
    asker = Asker(place)
    asker.answered_by("mia")
    left = datetime.datetime.fromisoformat(asker.redeem().json["expires"]).timestamp() - datetime.datetime.now().timestamp()
    assert 6.9 * 86400 < left <= 7 * 86400


@pytest.mark.parametrize("options", ({"STATE_DIR": None}, {"rules": {"tokens": "off"}}), ids=("store", "rule"))
def test_off(make_place, options):
    answer = make_place(**options).stranger().post("/login", GOOD)
    assert answer.status == 501 and answer.json["type"] == "urn:ouroboros:off", answer


def test_not_too_many_wait(make_place):
    """by the library: so many of one address, and then a minute's pause"""
    place = make_place()
    answers = [place.stranger().post("/login", {**GOOD, "challenge": proof()[1]}) for _ in range(22)]
    assert [a.status for a in answers[:20]] == [200] * 20
    assert answers[-1].status == 429 and answers[-1].headers["retry-after"] == "60"


def test_an_address_waits(make_place):
    place = make_place(RATE_LIMIT_PERCENT="100")
    codes = [place.stranger().post("/login", {}).status for _ in range(12)]
    assert codes[:10] == [422] * 10 and codes[10:] == [429] * 2
    # that many may ask for their tokens all the same
    codes = [place.stranger().post("/login/redeem", {"id": "x" * 22, "verifier": "x" * 43}).status for _ in range(62)]
    assert codes[:60] == [404] * 60 and codes[-1] == 429


def test_given_back(newest):
    token, other = newest.tokens.make(), newest.tokens.make()
    answer = newest.api(token=token).post("/logout", {})
    assert (answer.status, answer.text) == (200, "{}\n")
    assert newest.api(token=token).get("/node").status == 401
    assert newest.api(token=token).post("/logout").status == 401
    assert newest.api(token=other).get("/node").status == 200


def test_a_browser_of_another_site_gets_nothing(newest):
    """whoever makes a browser begin a sign-in has nothing: it cannot read the answer, and a person is asked"""
    answer = newest.stranger().post("/login", GOOD, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert not [n for n in answer.headers if n.startswith("access-control")]
    form = newest.stranger().post("/login", raw=b"machine=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert form.status == 415
