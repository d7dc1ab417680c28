"""Every recorded exchange of real servers is replayed against the simulator and must agree in meaning.

Compared: status, text, every field. What cannot be equal is translated, not skipped:
- secrets, keys and random suffixes: the first time a recorded one is met beside a simulated one they become a pair, and
  the recorded one is replaced in every later request and answer (so an answer with another's key is a failure);
- times: both absent, both year 1, or both set; a time that a request asks for is moved from the recording's day to today
  and must come back exactly; any other must be on the same side of "now" as in the recording (past or future);
- route numbers of 0.23: the server numbers the routes of one node in random order, so rows pair by node and prefix.
"""
import datetime
import http.client
import json
import re
import socket
import urllib.parse

import grpc
import httpx
import pytest
from google.protobuf import json_format

from simulator.bands import GENERATIONS
from simulator.jsonify import to_dict
from simulator.wire import Wire

from clients import WEB
from simulators import TESTS, simulator

RECORDINGS = TESTS / "wire" / "recordings"
GRPC = {"v0.23.0": "0.23", "v0.24.3": "0.24", "v0.25.1": "0.25", "v0.26.1": "0.26", "v0.27.1": "0.27", "v0.28.0": "0.28",
        "v0.29.2": "0.29"}
HTTP = dict(GRPC, head="0.30")

# the recording asked this of a server that had no policy yet
BEFORE_THE_SCENARIO = "err_get_policy_none_stored"
# a real client waited behind these keys
WAITING = ("auth_approve_on_registration_id", "err_auth_register_unknown_user", "auth_reject")
# before this record an expired API key was made
EXPIRED_KEY = "auth_expired_key"
# before these records users that the ones before had made were deleted
USERS_DELETED = {"shape_query_unknown": ("sock",), "create_preauthkey": ("shape1", "shape2"),
                 "rename_user": ("Bad Name", "x", "", "eve@example.com")}
# before this record the client of node 3 stopped announcing its routes
WITHDRAWN = "get_routes_not_advertised"
# in two recordings the client of node 1 had gone after the expiry (a real one stays connected)
GONE = (("v0.23.0", "grpc", "get_node_after_expire"), ("v0.24.3", "grpc", "get_node_after_expire"))

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
YEAR_1 = "0001-01-01T00:00:00Z"
SECRET = re.compile(r"(mkey:|nodekey:|discokey:|hskey-auth-|hskey-api-|hskey-authreq-)?[0-9A-Za-z_.-]{7,}(-\*\*\*)?")
# (the prefix of a route is no secret: see same_field)
SECRET_FIELDS = {"machineKey", "nodeKey", "discoKey", "key", "apiKey", "prefix"}
NO_KEY = "discokey:" + "0" * 64
# Go's protobuf library puts a no-break space or a space into its texts, depending on how the server was built
NBSP = "\xa0"
RANDOM_SUFFIX = re.compile(r"-[a-z0-9]{8}$")
INVALID = re.compile(r"invalid-[a-z0-9]{8}")


def utc(text):
    return datetime.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))


class Translation:
    def __init__(self, recorded_at):
        self.recorded_at = recorded_at
        self.shift = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - recorded_at
        self.pairs, self.asked = {}, set()
        self.routes = {}

    def pair(self, recorded, simulated):
        self.pairs[recorded] = simulated

    def move(self, match):
        """a time of a request, moved to today"""
        if match.group(0) == YEAR_1:
            return YEAR_1
        moved = utc(match.group(0)) + self.shift
        text = moved.strftime("%Y-%m-%dT%H:%M:%S") + (".%06d" % moved.microsecond if moved.microsecond else "")
        text += match.group(2)
        self.asked.add(utc(text))
        return text

    def text(self, text):
        for recorded in sorted(self.pairs, key=len, reverse=True):
            text = text.replace(recorded, self.pairs[recorded])
            quoted = urllib.parse.quote(recorded, safe="")
            text = text.replace(quoted, urllib.parse.quote(self.pairs[recorded], safe=""))
        return TIME.sub(self.move, text)

    # ---- comparing

    def same(self, recorded, simulated, where):
        if isinstance(recorded, dict):
            assert isinstance(simulated, dict) and recorded.keys() == simulated.keys(), where
            for name in recorded:
                self.same_field(name, recorded[name], simulated[name], where + "." + name)
        elif isinstance(recorded, list):
            assert isinstance(simulated, list) and len(recorded) == len(simulated), where
            if where.endswith(".routes") and recorded and isinstance(recorded[0], dict):
                recorded, simulated = self.paired_routes(recorded, simulated)
            for i, (r, s) in enumerate(zip(recorded, simulated)):
                self.same(r, s, "%s[%d]" % (where, i))
        else:
            assert recorded == simulated, where

    def paired_routes(self, recorded, simulated):
        def order(r):
            return r["node"]["id"], r["prefix"]
        recorded, simulated = sorted(recorded, key=order), sorted(simulated, key=order)
        for r, s in zip(recorded, simulated):
            assert order(r) == order(s)
            assert self.routes.setdefault(r["id"], s["id"]) == s["id"]
        return recorded, [dict(s, id=r["id"]) for r, s in zip(recorded, simulated)]

    def same_field(self, name, recorded, simulated, where):
        if isinstance(recorded, str) and isinstance(simulated, str):
            if TIME.fullmatch(recorded):
                return self.same_time(recorded, simulated, where)
            if name in SECRET_FIELDS and recorded and recorded != NO_KEY and not (name == "prefix" and ".routes[" in where):
                return self.same_secret(recorded, simulated, where)
            if name == "name" and INVALID.fullmatch(recorded) and recorded not in self.pairs:
                assert INVALID.fullmatch(simulated), where
                return self.pair(recorded, simulated)
            if name == "givenName" and RANDOM_SUFFIX.search(recorded) and recorded not in self.pairs:
                assert RANDOM_SUFFIX.sub("", recorded) == RANDOM_SUFFIX.sub("", simulated), where
                return self.pair(recorded, simulated)
            recorded = self.pairs.get(recorded, recorded).replace(NBSP, " ")
            simulated = simulated.replace(NBSP, " ")
        return self.same(recorded, simulated, where)

    def same_time(self, recorded, simulated, where):
        assert (recorded == YEAR_1) == (simulated == YEAR_1), where
        assert TIME.fullmatch(recorded).group(2) == TIME.fullmatch(simulated).group(2), where
        if recorded == YEAR_1:
            return
        moved = utc(recorded) + self.shift
        if moved in self.asked:
            assert utc(simulated) == moved, where
        now = datetime.datetime.now(datetime.timezone.utc)
        slack = datetime.timedelta(minutes=5)
        assert (utc(recorded) > self.recorded_at + slack) == (utc(simulated) > now + slack), where

    def same_secret(self, recorded, simulated, where):
        if recorded in self.pairs:
            assert self.pairs[recorded] == simulated, where
            return
        assert SECRET.fullmatch(recorded) and SECRET.fullmatch(simulated), where
        assert SECRET.fullmatch(recorded).group(1) == SECRET.fullmatch(simulated).group(1), where
        assert len(recorded) == len(simulated), where
        assert simulated not in self.pairs.values(), where
        self.pair(recorded, simulated)
        for shape in (r"hskey-api-(.{12})-(?:\*\*\*|.{64})", r"([0-9A-Za-z_-]{10})\.[0-9A-Za-z_-]{43}",
                      r"([0-9A-Za-z_-]{7})\.[0-9A-Za-z_-]{32}"):
            if re.fullmatch(shape, recorded):
                self.pair(re.fullmatch(shape, recorded).group(1), re.fullmatch(shape, simulated).group(1))
        masked = re.fullmatch(r"(hskey-auth-.{12}-).{64}", recorded)
        if masked:
            self.pair(masked.group(1) + "***", simulated[:24] + "***")


def load(version, kind):
    lines = (RECORDINGS / version / (kind + ".jsonl")).read_text().splitlines()
    expected = json.loads((RECORDINGS / version / (kind + ".expected.json")).read_text())
    return [json.loads(x) for x in lines], utc(expected["recorded_at"])


def authorization(record):
    return record["authorization"] if "authorization" in record else record["request"]["authorization"]


def prepare(translation, records, facts):
    """pair the API key that the recording uses with the simulator's"""
    keys = WEB.get(facts["control"] + "/state").json()["api_keys"]
    pair_api_key(translation, next(r for r in records if r["name"] == "list_users"), keys[0]["key"])


def pair_api_key(translation, record, simulated):
    recorded = authorization(record).removeprefix("Bearer ")
    translation.pair(recorded, simulated)
    start, end = (10, 22) if recorded.startswith("hskey-api-") else (0, recorded.find("."))
    if end > start:
        translation.pair(recorded[start:end], simulated[start:end])


def set_the_stage(record, field, facts, translation):
    """what happened on the recorded server besides the calls"""
    if record["name"] == EXPIRED_KEY:
        made = WEB.post(facts["control"] + "/api_keys", json={"expiration": -60}).json()["key"]
        pair_api_key(translation, record, made)
    if record["name"] in USERS_DELETED:
        for u in WEB.get(facts["control"] + "/state").json()["users"]:
            if u["name"] in USERS_DELETED[record["name"]]:
                WEB.delete(facts["control"] + "/users/%d" % u["id"]).raise_for_status()
    if (record["version"], record["transport"], record["name"]) in GONE:
        WEB.post(facts["control"] + "/nodes/1", json={"online": False}).raise_for_status()
    if record["name"] in WAITING:
        WEB.post(facts["control"] + "/announce", json={"hostname": "Second-Box", "key": field, "online_after": "never"}
                   ).raise_for_status()
    if record["name"] == WITHDRAWN:
        WEB.post(facts["control"] + "/nodes/3", json={"routes": []}).raise_for_status()


# ---- gRPC


class GrpcReplay:
    def __init__(self, wire, translation, facts):
        self.wire, self.translation, self.facts = wire, translation, facts
        self.channels = {"tcp": grpc.insecure_channel(facts["grpc"]),
                         "socket": grpc.insecure_channel("unix:" + facts["socket"])}

    def close(self):
        for c in self.channels.values():
            c.close()

    def request(self, r):
        raw = bytes.fromhex(r["request_hex"])
        if "request" not in r:
            return raw
        fields = json.loads(self.translation.text(json.dumps(r["request"])))
        if "route_id" in fields:
            fields["route_id"] = self.translation.routes.get(fields["route_id"], fields["route_id"])
        message = json_format.ParseDict(fields, self.wire[r["method"] + "Request"]())
        if fields == r["request"]:
            # nothing was translated: our own encoding must then say the same as the recorded bytes
            assert message == self.wire[r["method"] + "Request"].FromString(raw)
            return raw
        return message.SerializeToString()

    def check(self, r):
        set_the_stage(r, (r.get("request") or {}).get("auth_id"), self.facts, self.translation)
        metadata = []
        if r["authorization"] is not None:
            metadata = [("authorization", self.translation.text(r["authorization"]))]
        call = self.channels[r["listener"]].unary_unary(r["path"])
        status, text, response = 0, "", None
        try:
            response = call(self.request(r), metadata=metadata, timeout=10)
        except grpc.RpcError as e:
            status, text = e.code().value[0], e.details()
        assert (status, text.replace(NBSP, " ")) == (r["grpc_status"], r["grpc_message"].replace(NBSP, " "))
        assert (response is None) == (r["response_hex"] is None)
        if response is not None:
            kind = self.wire[r["method"] + "Response"]
            recorded = kind.FromString(bytes.fromhex(r["response_hex"]))
            simulated = kind.FromString(response)
            # every byte of the recording is known to the table: nothing is lost by comparing decoded fields
            assert len(recorded.SerializeToString()) == len(bytes.fromhex(r["response_hex"]))
            self.translation.same(to_dict(recorded), to_dict(simulated), r["method"])


def run(replay, records):
    """replay all, in order; the counts, or a failure that names every record that differs"""
    faults = []
    for r in records:
        try:
            if r["name"] == BEFORE_THE_SCENARIO:
                without_policy(replay, r)
            else:
                replay.check(r)
        except (AssertionError, httpx.HTTPError, http.client.HTTPException, OSError) as e:
            faults.append("%s: %s %s" % (r["name"], type(e).__name__, str(e)[:600]))
    replay.close()
    assert not faults, "%d of %d records differ:\n%s" % (len(faults), len(records), "\n".join(faults))


def without_policy(replay, record):
    control = replay.facts["control"]
    before = WEB.get(control + "/state").json()["policy"]
    WEB.post(control + "/policy", json={"policy": None}).raise_for_status()
    replay.check(record)
    WEB.post(control + "/policy", json={"policy": before}).raise_for_status()


@pytest.mark.parametrize("version", GRPC)
def test_replay__grpc(version, tmp_path):
    records, recorded_at = load(version, "grpc")
    with simulator("headscale", "--generation", GRPC[version], "--grpc", "127.0.0.1:0", "--world", "basic",
                   "--socket", str(tmp_path / "basic.sock")) as facts:
        translation = Translation(recorded_at)
        prepare(translation, records, facts)
        run(GrpcReplay(Wire(GENERATIONS[GRPC[version]]), translation, facts), records)


# ---- HTTP


class OverSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


class HttpReplay:
    def __init__(self, translation, facts):
        self.translation, self.facts = translation, facts
        # http.client sends header values and paths as they were recorded; others clean them first
        self.clients = {"tcp": http.client.HTTPConnection(urllib.parse.urlsplit(facts["http"]).netloc, timeout=10),
                        "socket": OverSocket(facts["socket"])}

    def close(self):
        for c in self.clients.values():
            c.close()

    def path(self, path):
        route = re.match(r"(/api/v1/routes/)(\d+)(.*)", path)
        if route:
            number = self.translation.routes.get(route.group(2), route.group(2))
            path = route.group(1) + number + route.group(3)
        # in a query a time is percent-encoded
        plain = re.sub("%3A", ":", path) if "expiry=" in path else path
        return self.translation.text(plain)

    def check(self, r):
        q, want = r["request"], r["response"]
        body = q["body"]
        set_the_stage(r, json.loads(body).get("authId") if body and "authId" in body else None, self.facts, self.translation)
        headers = {}
        if q["authorization"] is not None:
            headers["authorization"] = self.translation.text(q["authorization"])
        if q["content_type"]:
            headers["content-type"] = q["content_type"]
        client = self.clients[r["listener"]]
        client.request(q["method"], self.path(q["path"]), headers=headers,
                            body=None if body is None else self.translation.text(body).encode())
        got = client.getresponse()
        text = got.read().decode()
        assert got.status == want["status"], text
        assert got.getheader("content-type") == want["content_type"]
        if want["content_type"] in ("application/json", "application/problem+json"):
            recorded, simulated = json.loads(want["body"]), json.loads(text)
            if q["path"] == "/version":
                # the recorded server was built without a version; a released one says it
                assert re.fullmatch(r"v0\.\d+\.\d+", simulated.pop("version")) and recorded.pop("version") == "dev"
            self.translation.same(recorded, simulated, q["path"].partition("?")[0])
        else:
            assert text == want["body"]


@pytest.mark.parametrize("version", HTTP)
def test_replay__http(version, tmp_path):
    records, recorded_at = load(version, "http")
    with simulator("headscale", "--generation", HTTP[version], "--http", "127.0.0.1:0", "--world", "basic",
                   "--socket", str(tmp_path / "basic.sock")) as facts:
        translation = Translation(recorded_at)
        prepare(translation, records, facts)
        run(HttpReplay(translation, facts), records)
