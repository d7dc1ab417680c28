"""Pre-auth keys on old and new servers."""
import datetime

import pytest
from harness import stack

KEY = "user id key reusable ephemeral used expiration createdAt aclTags".split()
DAY = 86400


def ahead(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def known(place, key):
    """the server's record of a whole key"""
    for k in stack.ask(place.headscale.control + "/state")["pre_auth_keys"]:
        if k["key"] and key.endswith(k["key"]) or k["key"] == key:
            return k
    return None


def make(place, api=None, **wish):
    answer = (api or place.api()).post("/preauthkey", wish)
    assert answer.status == 200, answer
    return answer.json["preAuthKey"]


def listed(api, key):
    answer = api.get("/preauthkey")
    assert answer.status == 200, answer
    return next((k for k in answer.json["preAuthKeys"] if k["id"] == key["id"]), None)


def user_id(api):
    return api.get("/user").json["users"][0]["id"]


def test_make_and_list(place):
    api, until = place.api(), ahead(DAY)
    key = make(place, user=user_id(api), reusable=True, ephemeral=True, expiration=until, aclTags=[])
    assert list(key) == KEY
    assert key["reusable"] is key["ephemeral"] is True and key["used"] is False and key["aclTags"] == []
    assert key["expiration"] == until and key["user"]["name"] == "sink"
    assert known(place, key["key"])["user"] == "sink"
    shown = listed(api, key)
    assert {**shown, "key": ""} == {**key, "key": ""}
    # never again the whole
    assert len(shown["key"]) < len(key["key"]) // 2 and key["key"] not in api.get("/preauthkey").text
    assert listed(place.api("jim"), key) is None


@pytest.mark.parametrize("user", [None, "", "0"])
def test_first_user_is_the_default(place, user):
    key = make(place, **({} if user is None else {"user": user}))
    assert key["user"]["name"] == "sink" and key["reusable"] is key["ephemeral"] is False
    left = datetime.datetime.fromisoformat(key["expiration"]).timestamp() - datetime.datetime.now().timestamp()
    assert 3500 < left <= 3600


@pytest.mark.parametrize("end", ["expire", "delete"])
def test_end(place, end):
    api, jim = place.api(), place.api("jim")
    key = make(place)

    def ask(who, key_id):
        if end == "expire":
            return who.post("/preauthkey/expire", {"id": key_id})
        return who.delete("/preauthkey?id=" + key_id)
    for who, key_id in ((jim, key["id"]), (api, "4711"), (api, "0"), (api, "")):
        answer = ask(who, key_id)
        assert answer.status == 404, answer
    assert datetime.datetime.fromisoformat(listed(api, key)["expiration"]) > datetime.datetime.now(datetime.timezone.utc)
    assert (ask(api, key["id"]).status, ask(api, key["id"]).text) == (200, "{}\n")
    assert datetime.datetime.fromisoformat(listed(api, key)["expiration"]) <= datetime.datetime.now(datetime.timezone.utc)


def test_refused(place):
    api = place.api()
    before = len(stack.ask(place.headscale.control + "/state")["pre_auth_keys"])
    for status, words, wish in (
            (403, "keys for tagged devices are made by the administrator", {"aclTags": ["tag:web"]}),
            (403, "", {"expiration": ahead(8 * DAY)}), (400, "", {"expiration": ahead(-DAY)}),
            (400, "", {"expiration": "0001-01-01T00:00:00Z"}), (404, "", {"user": user_id(place.api("jim"))}),
            (404, "", {"user": "4711"}), (422, "", {"user": "jim"}), (422, "", {"expiration": "tomorrow"})):
        answer = api.post("/preauthkey", wish)
        assert answer.status == status and words in answer.words, (wish, answer)
    assert len(stack.ask(place.headscale.control + "/state")["pre_auth_keys"]) == before


def test_rule_is_off(make_place):
    place = make_place(rules={})
    api = place.api()
    for answer in (api.get("/preauthkey"), api.post("/preauthkey", {})):
        assert answer.status == 403 and answer.words != "", answer


def test_whole_keys_are_in_no_log_and_no_audit(newest):
    key = make(newest)
    assert key["key"] not in newest.web.process.log() and key["key"] not in str(newest.web.audit())
