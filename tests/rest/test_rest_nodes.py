"""Every operation on nodes, on old and new servers; the server's own state is looked at after each."""
import datetime
import json

import pytest
from harness import stack
from harness.process import wait_until

NODE = ("id machineKey nodeKey discoKey ipAddresses name user lastSeen expiry preAuthKey createdAt registerMethod givenName online "
        "approvedRoutes availableRoutes subnetRoutes tags").split()
DAY = 86400


def moment(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def ahead(seconds, zone=datetime.timezone.utc):
    return (datetime.datetime.now(zone) + datetime.timedelta(seconds=seconds)).isoformat()


def knows(place, version):
    return [int(x) for x in place.version.split(".")] >= [int(x) for x in version.split(".")]


def test_own_nodes_and_no_others(place):
    own = {str(n["id"]) for n in place.headscale.nodes() if n["user"] == "sink" or "tag:backup" in n["tags"] or
           "tag:web" in n["tags"]}
    nodes = place.api().nodes()
    assert {n["id"] for n in nodes} == own and len(own) >= 9
    assert [int(n["id"]) for n in nodes] == sorted(int(n["id"]) for n in nodes)
    for node in nodes:
        assert list(node) == NODE
        assert place.api().node(node["id"]) == node


def test_a_node_says_what_the_server_knows(place):
    shown = {n["givenName"]: n for n in place.api().nodes()}
    router = shown["home-router"]
    known = place.now({"id": router["id"]})
    assert router["ipAddresses"] == known["addresses"]
    assert router["user"] == {"id": str(known["user_id"]), "name": "sink", "createdAt": "0001-01-01T00:00:00Z",
                              "displayName": "", "email": "", "providerId": "", "provider": "", "profilePicUrl": ""}
    assert router["availableRoutes"] == ["192.168.1.0/24", "192.168.2.0/24"]
    assert router["approvedRoutes"] == router["subnetRoutes"] == ["192.168.1.0/24"]
    assert router["online"] is True and router["expiry"] is None and router["preAuthKey"] is None
    assert router["registerMethod"] == "REGISTER_METHOD_CLI"
    old = shown["old-thinkpad"]
    assert old["online"] is False and moment(old["expiry"]) < moment(ahead(0))
    assert abs(moment(old["expiry"]) - moment(place.now({"id": old["id"]})["expiry"][:19] + "+00:00")) < 2
    assert shown["exit-berlin"]["approvedRoutes"] == ["0.0.0.0/0", "::/0"]
    backup = shown["backup-1"]
    assert backup["tags"] == ["tag:backup"] and backup["registerMethod"] == "REGISTER_METHOD_AUTH_KEY"


def test_ephemeral_nodes_say_so_and_no_key_is_told(place):
    node = place.device("fleeting", ephemeral=True)
    shown = place.api().node(node["id"])
    assert shown["preAuthKey"]["ephemeral"] is True and shown["preAuthKey"]["key"] == ""
    place.headscale.remove(node["id"])
    stack.settle()


def test_nodes_of_others_can_be_looked_at(place):
    jims = {n["given_name"] for n in place.headscale.nodes() if n["user"] == "jim"}
    assert {n["givenName"] for n in place.api().nodes("jim")} == jims
    assert {n["givenName"] for n in place.api().nodes("sink")} == \
        {n["given_name"] for n in place.headscale.nodes() if n["user"] == "sink"}
    for user in ("nobody", "JIM", "jim%20"):
        answer = place.api().get("/node?user=" + user)
        assert answer.status == 404 and answer.words == "listing nodes: user not found"
    node = place.api().nodes("jim")[0]
    assert place.api().get("/node/" + node["id"]).status == 404


def test_rename(place):
    node = place.device("old-name")
    answer = place.api().post("/node/%d/rename/new-name-%d" % (node["id"], node["id"]))
    assert answer.status == 200 and answer.json["node"]["givenName"] == "new-name-%d" % node["id"]
    assert place.now(node)["given_name"] == "new-name-%d" % node["id"]
    taken = place.api().post("/node/%d/rename/jims-iphone" % node["id"])
    assert taken.status == 409 and taken.words == "renaming node: jims-iphone is taken by another device"
    for name in ("not%20a%20name", "caf%C3%A9", "a%2Fb", "-", "x" * 64):
        answer = place.api().post("/node/%d/rename/%s" % (node["id"], name))
        assert answer.status == 400 and answer.words.startswith("renaming node: "), answer
    assert place.now(node)["given_name"] == "new-name-%d" % node["id"]


def test_expire(place):
    nodes = place.devices(now={}, body={}, past={}, clock={}, nothing={})
    assert place.api().post("/node/%d/expire" % nodes["now"]["id"]).status == 200
    assert place.api().post("/node/%d/expire" % nodes["body"]["id"], {}).status == 200
    assert place.api().post("/node/%d/expire" % nodes["past"]["id"], {"expiry": "2020-01-01T00:00:00+02:00"}).status == 200
    # what a command line sends whose clock is half a minute ahead
    assert place.api().post("/node/%d/expire" % nodes["clock"]["id"], {"expiry": ahead(30)}).status == 200
    assert place.api().post("/node/%d/expire" % nodes["nothing"]["id"], {"expiry": None, "disableExpiry": False}).status == 200
    for node in nodes.values():
        wait_until(lambda: place.now(node)["expired"], 3, "the server has logged it out")


def test_extend(place):
    node = place.device("longer", expiry=DAY)
    before = place.now(node)["expiry"]
    answer = place.api().post("/node/%d/expire" % node["id"], {"expiry": ahead(30 * DAY)})
    if knows(place, "0.27"):
        assert answer.status == 200 and abs(moment(answer.json["node"]["expiry"]) - moment(ahead(30 * DAY))) < 60
        assert not place.now(node)["expired"]
    else:
        assert answer.status == 501 and "0.27" in answer.words
        assert place.now(node)["expiry"] == before
    answer = place.api().post("/node/%d/expire" % node["id"], {"expiry": ahead(91 * DAY)})
    assert answer.status == 403 and answer.words.startswith("expiring node: ")
    answer = place.api().post("/node/%d/expire" % node["id"], {"disableExpiry": True})
    if knows(place, "0.29"):
        assert answer.status == 200 and answer.json["node"]["expiry"] is None
    else:
        assert answer.status == 501 and "0.29" in answer.words
    answer = place.api().post("/node/%d/expire" % node["id"], {"disableExpiry": True, "expiry": ahead(DAY)})
    assert answer.status == 400 and answer.words == "cannot set both disable_expiry and expiry"
    assert not place.now(node)["expired"]


def test_delete(place):
    nodes = place.devices(gone={}, kept={})
    answer = place.api().delete("/node/%d" % nodes["gone"]["id"])
    assert (answer.status, answer.text) == (200, "{}\n")
    assert place.now(nodes["gone"]) is None and place.now(nodes["kept"]) is not None
    assert place.api().delete("/node/%d" % nodes["gone"]["id"]).status == 404


def test_routes(place):
    offers = ["10.71.0.0/24", "10.72.0.0/24", "0.0.0.0/0", "::/0"]
    node = place.device("router", online=True, routes=offers, approved=["10.71.0.0/24"])
    path = "/node/%d/approve_routes" % node["id"]

    def approved():
        return sorted(place.now(node)["routes"]["approved"])
    for routes in (["10.72.0.0/24"], offers, ["0.0.0.0/0", "::/0"], [], ["10.71.0.0/24"]):
        answer = place.api().post(path, {"routes": routes})
        assert answer.status == 200, answer
        assert sorted(answer.json["node"]["approvedRoutes"]) == approved() == sorted(routes)
    # nothing at all is done if one of them is refused
    for wrong in (["10.72.0.0/24", "100.64.0.0/10"], ["10.72.0.0/24", "nonsense"], ["10.72.0.0/24", "10.99.0.0/24"]):
        answer = place.api().post(path, {"routes": wrong})
        assert answer.status in (400, 403, 404) and answer.words.startswith("setting approved routes: "), answer
        assert approved() == ["10.71.0.0/24"]
    answer = place.api().post(path, {})
    assert answer.status == 200 and approved() == []


def test_register(place):
    api = place.api()
    for name, ask in (("by-query", lambda key: api.post("/node/register?user=sink&key=" + key)),
                      ("by-default", lambda key: api.post("/node/register?key=" + key, {})),
                      ("by-body", lambda key: api.post("/auth/register", {"user": "sink", "authId": key})),
                      ("by-body-default", lambda key: api.post("/auth/register", {"authId": key}))):
        device = place.headscale.announce(name)
        answer = ask(device["key"])
        assert answer.status == 200, answer
        assert answer.json["node"]["name"] == name and answer.json["node"]["user"]["name"] == "sink"
        assert place.now({"id": answer.json["node"]["id"]})["user"] == "sink"
        again = ask(device["key"])
        assert again.status == 404 and again.words.startswith("registering node: "), again


def test_register_refused(place):
    api, device = place.api(), place.headscale.announce("stranger")
    before = len(place.headscale.nodes())
    assert api.post("/node/register?user=jim&key=" + device["key"]).status == 404
    assert api.post("/auth/register", {"user": "jim", "authId": device["key"]}).status == 404
    for key in ("", "nonsense", "https://vpn.example.org/auth/hskey-authreq-" + "a" * 24):
        answer = api.post("/node/register?key=" + key)
        assert answer.status == 400, answer
    assert api.post("/node/register").status == 400
    assert len(place.headscale.nodes()) == before


def test_kept_nodes(place):
    """the person keeps the tag: backup may not be removed, web may"""
    backup, web = place.headscale.named("backup-1"), place.headscale.named("web-frontend")
    api, jim = place.api(), place.api("jim")
    assert api.node(backup["id"])["tags"] == ["tag:backup"]
    assert jim.get("/node/%d" % backup["id"]).status == 404
    assert jim.post("/node/%d/rename/stolen" % backup["id"]).status == 404
    assert api.post("/node/%d/rename/backup-one" % backup["id"]).status == 200
    assert api.post("/node/%d/rename/backup-1" % backup["id"]).status == 200
    answer = api.delete("/node/%d" % backup["id"])
    assert answer.status == 403 and place.now(backup) is not None
    gone = place.device("web-x", tags=["tag:web"])
    assert api.node(gone["id"])["user"]["name"] in ("tagged-devices", "sink")
    assert api.delete("/node/%d" % gone["id"]).status == 200 and place.now(gone) is None
    assert place.now(web) is not None


def test_missing_and_others_are_the_same(place):
    other, missing = place.headscale.named("jims-iphone")["id"], 4711
    before = place.now({"id": other})
    for ask in (lambda i: place.api().get("/node/%d" % i), lambda i: place.api().delete("/node/%d" % i),
                lambda i: place.api().post("/node/%d/rename/stolen" % i), lambda i: place.api().post("/node/%d/expire" % i),
                lambda i: place.api().post("/node/%d/expire" % i, {"expiry": ahead(DAY)}),
                lambda i: place.api().post("/node/%d/approve_routes" % i, {"routes": []})):
        first, second = ask(other), ask(missing)
        assert first.status == second.status == 404
        assert first.text == second.text
    assert place.now({"id": other}) == before


def test_audit_names_who_and_from_where(newest):
    node = newest.device("noted")
    newest.api().post("/node/%d/rename/noted-%d" % (node["id"], node["id"]))
    line = next(x for x in reversed(newest.web.audit()) if x["action"] == "rename")
    assert line["result"] == "ok" and str(node["id"]) in str(line) and "127.0.0.1" in str(line)


def test_a_busy_person_waits(make_place):
    """changes over the API and over the pages have one limit"""
    place = make_place(RATE_LIMIT_PERCENT="100")
    codes = [place.api().post("/node/4711/expire").status for _ in range(12)]
    assert codes[:10] == [404] * 10 and codes[10:] == [429] * 2
    answer = place.api().post("/node/4711/expire")
    assert answer.status == 429 and int(answer.headers["retry-after"]) in (1, 2)
    assert place.api("jim").post("/node/4711/expire").status == 404
    assert place.api().get("/node").status == 200


def test_silent_server(make_place):
    # nothing else listens where Headscale might be looked for
    place = make_place(HS_LOGIN_URL="http://127.0.0.1:1")
    api = place.api()
    assert api.get("/node").status == 200 and api.get("/health").json == {"databaseConnectivity": True}
    place.headscale.stop_api()
    stack.settle()
    for answer in (api.get("/node"), api.get("/node/1"), api.post("/node/1/rename/x"), api.post("/node/1/expire"),
                   api.delete("/node/1"), api.post("/node/1/approve_routes", {"routes": []}), api.get("/preauthkey")):
        assert answer.status == 503 and int(answer.headers["retry-after"]) > 0, answer
        assert "127.0.0.1" not in answer.text
    assert api.get("/health").status == 503
    # documents, refusals and who one is need no Headscale
    assert api.get("/openapi.yaml").status == 200 and api.get("/policy").status == 403
    place.headscale.start_api()
    wait_until(lambda: api.get("/node").status == 200, 15, "it answers again")


def test_server_that_breaks_off(make_place):
    place = make_place()
    node = place.device("torn")
    place.headscale.fault("drop_after", method="RenameNode", count=1)
    answer = place.api().post("/node/%d/rename/torn-off" % node["id"])
    assert answer.status == 504 and answer.words == \
        "renaming node: the call broke off: it may or may not have happened"
    assert "retry-after" not in answer.headers
    assert place.now(node)["given_name"] == "torn-off"


def test_server_that_talks_nonsense(make_place):
    place = make_place()
    api = place.api()
    assert api.get("/node").status == 200
    for mode, statuses in (("garbage", (502, 503)), ("unauthenticated", (502, 503))):
        place.headscale.fault(mode, method="*")
        stack.settle()
        answer = api.get("/node")
        assert answer.status in statuses and place.headscale.api_key not in answer.text, answer
        assert api.post("/node/1/rename/x").status in statuses
    place.headscale.calm()


@pytest.mark.long
def test_a_whole_tailnet(make_place):
    """twelve thousand devices of one person in one answer"""
    place = make_place(world="load:12000", ways=("grpc",), version="0.29",
                       USER_MAP=json.dumps({"19270622": ["user1", "user2", "user3", "user4"]}))
    answer = place.api().ask("GET", "/node", checked=False)
    assert answer.status == 200 and len(answer.text) > 8 * 1024 * 1024, answer
    assert [int(n["id"]) for n in answer.json["nodes"]] == list(range(1, 12001))
    again = place.api().get("/node", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


def test_server_newer_than_known(make_place):
    place = make_place()
    stack.ask(place.headscale.control + "/settings", {"version_text": "v0.31.0"})
    place.web.restart()
    api = place.api()
    assert api.get("/node").status == 200
    answer = api.post("/node/1/rename/renamed")
    assert answer.status == 501 and "newer than all that are known here (0.23 to 0.30)" in answer.words, answer
    assert place.headscale.writes() == []
