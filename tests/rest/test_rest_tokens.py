"""Who comes in, and for how long: tokens, their scopes, and people who are taken out of the map."""
import datetime
import json
import time

import pytest
from harness import stack
from harness.api import Api
from harness.process import wait_until

GOOD = "ouro_pat_" + "0" * 12 + "_" + "0" * 64
CHALLENGE = 'Bearer realm="ouroboros"'


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic bWlhOm1pYQ==", "Token x", "bearer"])
def test_no_token(newest, header):
    answer = newest.stranger().get("/node", headers={} if header is None else {"Authorization": header})
    assert answer.status == 401 and answer.headers["www-authenticate"] == CHALLENGE, answer


@pytest.mark.parametrize("token", ["x", GOOD, GOOD[:-1], GOOD + "0", GOOD.upper(), "hskey-api-" + "0" * 76, "ouro_pat_", "a b",
                                   GOOD.replace("_0", "_%30", 1), "' OR 1=1 --", "x" * 5000])
def test_wrong_token(newest, token):
    answer = newest.stranger().get("/node", headers={"Authorization": "Bearer " + token})
    assert answer.status == 401, answer
    assert answer.headers["www-authenticate"].startswith(CHALLENGE)


def test_wrong_secret_and_unknown_id_are_the_same(newest):
    good = newest.tokens.make()
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    answers = [newest.api(token=t).get("/node") for t in (wrong, GOOD)]
    assert [a.status for a in answers] == [401, 401] and answers[0].text == answers[1].text
    assert newest.api(token=good).get("/node").status == 200


def test_scheme_in_any_case(newest):
    token = newest.tokens.make()
    for header in ("bearer " + token, "BEARER   " + token, "Bearer %s  " % token):
        assert newest.stranger().get("/node", headers={"Authorization": header}).status == 200


def test_over_and_revoked(newest):
    over, good = newest.tokens.make(life=-1), newest.tokens.make()
    assert newest.api(token=over).get("/node").status == 401
    assert newest.api(token=good).get("/node").status == 200
    newest.tokens.revoke(good)
    assert newest.api(token=good).get("/node").status == 401


def test_use_is_noted(newest):
    token = newest.tokens.make()
    assert newest.tokens.used(token) is None
    newest.api(token=token).get("/node")
    assert newest.tokens.used(token) > 0


def test_the_token_at_hand(newest):
    """in the place of Headscale's API keys: this one alone, and no secret"""
    token, other = newest.tokens.make(life=7 * 86400), newest.tokens.make(name="another")
    answer = newest.api(token=token).get("/apikey")
    assert answer.status == 200
    (own,) = answer.json["apiKeys"]
    assert own["prefix"] == "_".join(token.split("_")[:3]) + "_***"
    assert own["id"] == str(int(token.split("_")[2], 16))
    ends = datetime.datetime.fromisoformat(own["expiration"]).timestamp()
    assert abs(ends - time.time() - 7 * 86400) < 120
    assert own["createdAt"] < own["expiration"]
    assert token.split("_")[3] not in answer.text and other.split("_")[2] not in answer.text


def test_a_removed_person(make_place, workspace):
    """from the next request on, once the map was read again"""
    def config(*accounts):
        return json.dumps({"user_map": {n: u for n, u in stack.USER_MAP.items() if n in accounts}})
    path = workspace.file("cfg.json", config("19270622", "2147483649"))
    place = make_place(USER_MAP=None, arguments=["--config", path])
    api, jim = place.api(), place.api("jim")
    assert api.get("/node").status == jim.get("/node").status == 200
    workspace.file("cfg.json", config("2147483649"))
    place.web.reload()
    wait_until(lambda: api.get("/node").status == 403, 5, "the map is read again")
    assert "19270622" in api.get("/node").words and api.delete("/node/1").status == 403
    assert jim.get("/node").status == 200
    workspace.file("cfg.json", config("19270622", "2147483649"))
    place.web.reload()
    wait_until(lambda: api.get("/node").status == 200, 5, "the map is read again")


WAITING = "hskey-authreq-" + "a" * 24


def requests_of(key):
    """what each scope is for: of own nodes, and of an own key"""
    return {
        "read": [("GET", "/node", None), ("GET", "/node/1", None), ("GET", "/preauthkey", None), ("GET", "/user", None),
                 ("GET", "/health", None)],
        "nodes": [("POST", "/node/1/rename/mia-laptop", None), ("POST", "/node/1/expire", None),
                  ("POST", "/node/1/expire", {"disableExpiry": True}), ("DELETE", "/node/1", None),
                  ("POST", "/node/register?key=" + WAITING, None), ("POST", "/auth/register", {"authId": WAITING})],
        "routes": [("POST", "/node/4/approve_routes", {"routes": ["192.168.1.0/24"]})],
        "keys": [("POST", "/preauthkey", {}), ("POST", "/preauthkey/expire", {"id": key}), ("DELETE", "/preauthkey?id=" + key, None)],
    }


@pytest.mark.parametrize("scope", ("read", "nodes", "routes", "keys"))
def test_a_scope_lets_its_own_in_and_nothing_else(newest, scope):
    api, key = newest.api(scopes=(scope,)), newest.api().post("/preauthkey", {}).json["preAuthKey"]["id"]
    before = newest.headscale.nodes()
    for needed, requests in requests_of(key).items():
        for method, path, body in requests:
            if needed == scope == "nodes":
                continue  # what it does is seen elsewhere; here nothing is to change
            answer = api.ask(method, path, body)
            if needed in ("read", scope):
                assert answer.status == 200, (method, path, answer)
            else:
                assert answer.status == 403 and "this token lacks the scope %s" % needed in answer.words, (method, path, answer)
    assert newest.headscale.nodes() == before


def test_not_yours_comes_before_scopes(newest):
    """a token that lacks the scope learns nothing of others' nodes"""
    api, other = newest.api(scopes=("read",)), newest.headscale.named("jims-iphone")["id"]
    for ask in (lambda i: api.delete("/node/%d" % i), lambda i: api.post("/node/%d/rename/x" % i),
                lambda i: api.post("/node/%d/expire" % i), lambda i: api.post("/node/%d/approve_routes" % i, {"routes": []})):
        assert ask(other).status == ask(4711).status == 404
        assert ask(other).text == ask(4711).text


def test_cookies_open_nothing_here(newest, workspace):
    from harness.client import Client
    client = Client()
    client.sign_in(newest.web.base)
    cookies = "; ".join("%s=%s" % (c.name, c.value) for c in client.jar)
    assert "ouroboros=" in cookies
    answer = newest.stranger().get("/node", headers={"Cookie": cookies})
    assert answer.status == 401 and "set-cookie" not in answer.headers
    answer = newest.stranger().post("/node/1/expire", headers={"Cookie": cookies, "Origin": newest.web.origin})
    assert answer.status == 401


def test_a_token_opens_no_page(newest):
    """pages know sessions only, and a form needs its own token"""
    api = newest.api()
    assert api.get("~/", checked=False).headers["location"].startswith("/ouroboros/auth")
    answer = api.post("~/nodes/1/rename", raw=b"name=stolen", checked=False,
                      headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": newest.web.origin})
    assert answer.status == 303 and "/auth" in answer.headers["location"]


def test_secrets_stay_out_of_logs(make_place):
    place = make_place(LOG_LEVEL="debug")
    token = place.tokens.make()
    for api in (place.api(token=token), Api(place.web.base, GOOD[:-1] + "7")):
        api.get("/node?user=secret-query")
        api.post("/node/register?key=secret-key")
    log = place.web.process.log()
    assert "/api/v1/node" in log
    assert token.split("_")[3] not in log and GOOD[-9:-1] + "7" not in log and "secret" not in log


def test_without_a_store(make_place):
    place = make_place(STATE_DIR=None)
    answer = Api(place.web.base, GOOD).get("/node")
    assert answer.status == 501 and answer.json["type"] == "urn:ouroboros:off", answer
    assert Api(place.web.base).get("/node").status == 401
    assert Api(place.web.base).get("/openapi.yaml").status == 200


def test_strangers_wait(make_place):
    """guessing costs the address, and an address that guesses does not lock people with a token out"""
    place = make_place(RATE_LIMIT_PERCENT="100")
    codes = [Api(place.web.base, GOOD).get("/node").status for _ in range(70)]
    assert codes[:60] == [401] * 60 and codes[-1] == 429
    assert place.api().get("/node").status == 200


def test_one_person_does_not_use_it_all_up(make_place):
    place = make_place(RATE_LIMIT_PERCENT="20")
    api = place.api()

    def answers():
        return [api.get("/user").status for _ in range(60)]
    wait_until(lambda: 429 in answers(), 20, "somebody who asks all the time waits")
    assert place.api("jim").get("/user").status == 200
