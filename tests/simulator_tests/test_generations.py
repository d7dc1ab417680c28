"""What differs between generations beyond the recordings: traps, the HTTP of 0.30, upgrades while running, the one port."""
import contextlib
import datetime
import json
import socket
import ssl
import threading
import time

import grpc
import h2.connection
import h2.events
import httpx
import pytest

from simulator.bands import BANDS, GENERATIONS
from simulator.wire import Wire

from clients import WEB, Failure, GrpcClient, HttpClient, client_of
from simulators import simulator
from test_headscale import certificate, node, post, reached, soon

ORDER = sorted(GENERATIONS, key=lambda g: BANDS.index(GENERATIONS[g]))


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """one simulator for all tests here, reset to what each wants"""
    path = tmp_path_factory.mktemp("simulator") / "hs.sock"
    with simulator("headscale", "--generation", "0.23", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--socket",
                   str(path), "--one-port", "127.0.0.1:0") as facts:
        yield facts


@pytest.fixture
def start(process):
    """start(generation, world): a client of a fresh server"""
    with contextlib.ExitStack() as stack:
        def begin(generation, world="basic"):
            WEB.post(process["control"] + "/reset", json={"world": world, "generation": generation}, timeout=10
                       ).raise_for_status()
            client = client_of(process, generation)
            client.control = stack.enter_context(httpx.Client(base_url=process["control"], timeout=15, verify=False))
            stack.callback(client.close)
            return client
        yield begin


def state(server):
    return server.control.get("/state").json()


# ---- traps


@pytest.mark.parametrize("generation", ["0.25", "0.26"])
def test_generations__expire_node_0_ends_the_process(start, generation):
    server = start(generation)
    assert server.refused("ExpireNode", node_id=0)[0] == 14
    soon(lambda: reached(server))
    assert state(server)["crashes"] == 1
    assert not server("GetNode", node_id=1).node.HasField("expiry")


@pytest.mark.parametrize("generation", ["0.23", "0.24"])
def test_generations__expire_node_0_changes_nothing(start, generation):
    server = start(generation)
    assert server("ExpireNode", node_id=0).node.id == 1
    assert state(server)["crashes"] == 0 and not state(server)["nodes"][0]["expired"]


@pytest.mark.parametrize("generation", ["0.24", "0.25", "0.26", "0.27", "0.29"])
def test_generations__two_links_for_one_node_key(start, generation):
    server = start(generation)
    first, second = (post(server, "/announce", machine="m", node_key="a" * 64, online_after="never") for _ in range(2))
    n = server("RegisterNode", user="carol", key=first["key"]).node
    if server.band < "D":
        assert first["key"] == second["key"]
    elif server.band < "F":
        assert server.refused("RegisterNode", user="carol", key=second["key"])[0] == 14
        soon(lambda: reached(server))
        assert state(server)["crashes"] == 1
    else:
        assert server("RegisterNode", user="carol", key=second["key"]).node.id == n.id


@pytest.mark.parametrize("generation", ["0.29", "0.30"])
def test_generations__ssh_check(start, generation):
    server = start(generation)
    check = post(server, "/ssh_checks")
    assert check["path"] == "/auth/" + check["key"]
    assert check["key"] in WEB.get(server.facts["http"] + check["path"]).text
    server("AuthApprove", auth_id=check["key"])
    server("AuthApprove", auth_id=check["key"])
    assert server.control.get("/ssh_checks/" + check["key"]).json()["verdict"] == "approved"
    assert server.refused("AuthRegister", user="carol", auth_id=check["key"])[0] == 14
    soon(lambda: reached(server))
    # 0.30 drops the connection only
    assert state(server)["crashes"] == (1 if generation == "0.29" else 0)
    assert len(state(server)["nodes"]) == 10


def test_generations__ssh_check_did_not_exist(start):
    assert start("0.28").control.post("/ssh_checks", json={}).status_code == 400


def test_generations__empty_given_name_stops_clients_of_0_25(start):
    server = start("0.25")
    d = post(server, "/announce", hostname="日本語ホスト", online_after=0.05)
    assert node(server, 1).online
    n = server("RegisterNode", user="carol", key=d["key"]).node
    assert n.given_name == ""
    assert not any(n.online for n in server("ListNodes").nodes)
    server("RenameNode", node_id=n.id, new_name="nihongo")
    soon(lambda: node(server, n.id).online)
    assert node(server, 1).online


@pytest.mark.parametrize("generation", ["0.26", "0.27.0", "0.30"])
def test_generations__online_after_a_disconnect(start, generation):
    server = start(generation)
    post(server, "/settings", linger=0.5)
    post(server, "/nodes/1", connected=False)
    assert node(server, 1).online == (server.band >= "F")
    soon(lambda: not node(server, 1).online)


def test_generations__latency(start):
    for generation, slow in (("0.26", False), ("0.29", True)):
        server = start(generation)
        post(server, "/settings", latency=0.4)
        began = time.monotonic()
        server("RenameNode", node_id=1, new_name="quick")
        assert (time.monotonic() - began >= 0.4) == slow


@pytest.mark.parametrize("generation", ["0.26", "0.27.0", "0.27", "0.28", "0.29"])
def test_generations__expire_node(start, generation):
    server = start(generation)
    later = datetime.datetime(2031, 1, 2, tzinfo=datetime.timezone.utc)
    raw = server.wire["ExpireNodeRequest"](node_id=1).SerializeToString()
    seconds = int(later.timestamp())
    # field 2 as the newest server has it, whatever this one knows
    newest = Wire("H")["ExpireNodeRequest"](node_id=1)
    newest.expiry.FromDatetime(later)
    assert newest.SerializeToString().startswith(raw)
    call = server.channel.unary_unary("/headscale.v1.HeadscaleService/ExpireNode")
    metadata = [("authorization", "Bearer " + server.key)]
    n = server.wire["ExpireNodeResponse"].FromString(call(newest.SerializeToString(), metadata=metadata)).node
    assert (n.expiry.seconds == seconds) == (server.band >= "F1")
    never = Wire("H")["ExpireNodeRequest"](node_id=1, disable_expiry=True)
    n = server.wire["ExpireNodeResponse"].FromString(call(never.SerializeToString(), metadata=metadata)).node
    assert n.HasField("expiry") == (server.band < "H")
    assert abs(n.expiry.seconds - time.time()) < 60 or server.band >= "H"
    # 0.27.1 and 0.28 forget it with the process
    post(server, "/restart", down=0.05, back=0.05)
    soon(lambda: reached(server))
    kept = node(server, 1)
    assert (kept.expiry.seconds < 0) == ("F1" <= server.band < "H")


def test_generations__expire_preauthkey_number_1(start):
    """what 0.26 and 0.27 understand as user 1 and a key, 0.28 takes for key 1"""
    server = start("0.28")
    old = Wire("E")["ExpirePreAuthKeyRequest"](user=1, key="f" * 48).SerializeToString()
    call = server.channel.unary_unary("/headscale.v1.HeadscaleService/ExpirePreAuthKey")
    assert call(old, metadata=[("authorization", "Bearer " + server.key)]) == b""
    assert server("ListPreAuthKeys").pre_auth_keys[0].expiration.seconds <= time.time()


def test_generations__delete_user_wipes_keys_of_0_28(start):
    for generation, left in (("0.28", 0), ("0.29", 8)):
        server = start(generation)
        dave = server("CreateUser", name="dave").user
        assert len(server("ListPreAuthKeys").pre_auth_keys) == 8
        server("DeleteUser", id=dave.id)
        assert len(server("ListPreAuthKeys").pre_auth_keys) == left


@pytest.mark.parametrize("generation", ["0.24", "0.27", "0.30"])
def test_generations__users_of_an_identity_provider(start, generation):
    server = start(generation)
    made = post(server, "/users", name="", display_name="Eve", email="eve@example.com", provider="oidc",
                provider_id="https://id/1")
    listed = next(u for u in server("ListUsers").users if u.id == made["id"])
    assert listed.name == ("" if server.band < "G" else "eve@example.com") and listed.email == "eve@example.com"
    assert "user not found" in server.refused("ListNodes", user="eve@example.com")[1]


def test_generations__rename_user_to_the_empty_name(start):
    """0.24 stores it and reports an error"""
    for generation, name in (("0.24", ""), ("0.27", "carol")):
        server = start(generation)
        assert server.refused("RenameUser", old_id=3)[1] == "expected exactly one user, found 3"
        assert [u["name"] for u in state(server)["users"]][2] == name


def test_generations__node_list_of_a_user(start):
    """tagged nodes: 0.27 keeps the user, 0.28 lists them for their creator, later ones for nobody"""
    for generation, ids in (("0.27", [1, 2, 5, 6, 10]), ("0.28", [1, 2, 5, 6, 10]), ("0.29", [1, 2]), ("0.30", [1, 2])):
        server = start(generation)
        assert [n.id for n in server("ListNodes", user="alice").nodes] == ids
        assert server("GetNode", node_id=5).node.HasField("user") == (server.band < "H")


# ---- self-descriptions

OPERATIONS = {"0.23": 29, "0.24": 28, "0.25": 28, "0.26": 24, "0.27.0": 25, "0.27": 25, "0.28": 25, "0.29": 29, "0.30": 29}


def test_generations__version_and_key(start):
    for generation in ORDER:
        server = start(generation)
        version = WEB.get(server.facts["http"] + "/version")
        if server.band < "F":
            assert version.status_code == 404
        else:
            assert version.json()["version"].startswith("v" + generation)
        key = WEB.get(server.facts["http"] + "/key")
        assert key.status_code == (500 if server.band < "D" else 400)
    post(server, "/settings", version_text="v0.0.0-20260721+dirty")
    assert WEB.get(server.facts["http"] + "/version").json()["version"] == "v0.0.0-20260721+dirty"


def test_generations__swagger(start):
    for generation in ORDER:
        server = start(generation)
        answer = WEB.get(server.facts["http"] + "/swagger/v1/openapiv2.json")
        if server.band >= "I":
            assert answer.status_code == 404
            paths = WEB.get(server.facts["http"] + "/api/v1/openapi.json").json()["paths"]
            text = WEB.get(server.facts["http"] + "/api/v1/openapi.yaml")
            assert text.headers["content-type"] == "application/openapi+yaml" and '"/api/v1/auth/register":' in text.text
            assert [p["name"] for p in paths["/api/v1/node/register"]["post"]["parameters"]] == ["user", "key"]
        else:
            paths = answer.json()["paths"]
            assert WEB.get(server.facts["http"] + "/api/v1/openapi.yaml").status_code == 401
        band = server.band
        # counted in the documents of the real servers
        assert sum(len(p) for p in paths.values()) == OPERATIONS[generation]
        assert ("/api/v1/user/{name}" in paths) == (band < "C")
        assert ("/api/v1/routes" in paths) == (band < "E")
        assert ("/api/v1/node/{nodeId}/approve_routes" in paths) == (band >= "E")
        assert ("/api/v1/health" in paths) == (band >= "F")
        assert ("delete" in paths["/api/v1/preauthkey"]) == (band >= "G")
        assert ("/api/v1/node/{nodeId}/user" in paths) == (band < "G")
        assert ("/api/v1/auth/register" in paths) == (band >= "H")
        expire = [p["name"] for p in paths["/api/v1/node/{nodeId}/expire"]["post"]["parameters"] if p["in"] == "query"]
        assert expire == ([] if band < "F1" or band >= "I" else ["expiry"] if band < "H" else ["expiry", "disableExpiry"])


# ---- HTTP


@pytest.mark.parametrize("generation", ["0.23", "0.27", "0.30"])
@pytest.mark.parametrize("mode,code", [("unauthenticated", 401), ("unavailable", 14), ("html", 502), ("drop", 14),
                                       ("drop_after", 14), ("hang", 4), ("hang_after", 4), ("goaway", 14), ("garbage", 13)])
def test_generations__faults_over_http(start, process, generation, mode, code):
    server = start(generation)
    http = HttpClient(process, generation)
    post(server, "/faults", mode=mode, method="RenameNode", count=1)
    got = http.refused("RenameNode", timeout=1, node_id=1, new_name="renamed")[0]
    assert got == (503 if server.band >= "I" and mode == "unavailable" else code)
    done = mode in ("hang_after", "drop_after", "garbage")
    assert state(server)["nodes"][0]["given_name"] == ("renamed" if done else "alice-laptop")
    http("RenameNode", node_id=1, new_name="renamed-2")
    http.close()


def test_generations__faults_of_everything(start, process):
    """a portal or an error page in front of it answers whatever is asked"""
    server = start("0.29")
    post(server, "/faults", mode="html", method="*", status=200)
    page = WEB.get(process["http"] + "/version")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert WEB.get(process["http"] + "/api/v1/node", headers={"authorization": "Bearer " + server.key}).text == page.text
    post(server, "/faults", mode="none")
    assert WEB.get(process["http"] + "/version").json()
    assert server.control.get("/calls").json()["pages"] == {"GET /version": 2}


def raw(address, data):
    """what a server says to these bytes until it closes, or for a second"""
    if isinstance(address, str) and address.startswith("/"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(address)
    else:
        host, _, port = address.removeprefix("http://").rpartition(":")
        s = socket.create_connection((host, int(port)))
    got = b""
    with s:
        s.settimeout(1)
        s.sendall(data)
        with contextlib.suppress(OSError):
            while chunk := s.recv(65536):
                got += chunk
    return got


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def test_generations__first_bytes(start, process):
    """gRPC and HTTP are told apart by what comes first, on the socket too"""
    get = b"GET /api/v1/user HTTP/1.1\r\nHost: x\r\n\r\n"
    start("0.29")
    assert raw(process["socket"], PREFACE + bytes(3) + b"\4\0" + bytes(4))[3] == 4
    assert raw(process["socket"], get)[3] == 4
    assert raw(process["http"], PREFACE).startswith(b"HTTP/1.1 405 ")
    start("0.23")
    assert raw(process["http"], PREFACE).startswith(b"HTTP/1.1 301 ")
    start("0.30")
    assert raw(process["socket"], PREFACE).startswith(b"HTTP/1.1 400 Bad Request")
    assert raw(process["socket"], get).startswith(b"HTTP/1.1 200 OK")
    with pytest.raises(ConnectionRefusedError):
        raw(process["grpc"], PREFACE)


def test_generations__socket_of_0_30(start, process):
    start("0.30")
    client = HttpClient(process, "0.30", socket=process["socket"])
    assert client("CreateUser", name="dave").user.name == "dave"
    assert client.http.get("/version").status_code == client.http.get("/health").status_code == 404
    client.close()


def test_generations__forms(start, process):
    """the parameters of a form count up to 0.27; 0.28 answers OK to a deletion that deleted nothing"""
    for generation, works in (("0.27", True), ("0.28", False)):
        server = start(generation)
        d = post(server, "/announce", online_after="never")
        answer = WEB.post(process["http"] + "/api/v1/node/register", data={"user": "carol", "key": d["key"]},
                            headers={"authorization": "Bearer " + server.key})
        assert (answer.status_code == 200) == works
    answer = WEB.request("DELETE", process["http"] + "/api/v1/preauthkey", json={"id": "1"},
                           headers={"authorization": "Bearer " + server.key})
    assert answer.status_code == 200 and len(state(server)["pre_auth_keys"]) == 8


@pytest.mark.parametrize("body,kind,status,words", [
    (b"[]", "application/json", 422, "expected object"), (b"null", "application/json", 422, "expected object"),
    (b'{"name":"a"} x', "application/json", 400, "after top-level value"), (b"", "application/json", 400, "is required"),
    (b'{"name":"a","name":"b"}', "application/json; charset=utf-8", 200, '"b"'), (b'{"nama":"a"}', None, 422, "unexpected"),
    (b'{"name":null}', None, 200, "user"), (b'{"name":"a"}', "text/plain", 415, "unknown content type"),
    (b'{"name":"' + b"a" * 1048576 + b'"}', None, 413, "too large")])
def test_generations__strict_bodies_of_0_30(start, process, body, kind, status, words):
    server = start("0.30")
    headers = {"authorization": "Bearer " + server.key, **({"content-type": kind} if kind else {})}
    answer = WEB.post(process["http"] + "/api/v1/user", content=body, headers=headers)
    assert answer.status_code == status and words in answer.text
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json" and answer.json()["status"] == status


def test_generations__paths_of_0_30(start, process):
    server = start("0.30")

    def ask(verb, path, **options):
        return WEB.request(verb, process["http"] + path, headers={"authorization": "Bearer " + server.key}, **options)
    assert ask("POST", "/api/v1/user/3/rename/a%2Fb").json()["user"]["name"] == "a/b"
    assert ask("POST", "/api/v1/user/3/rename/").text == "404 page not found\n"
    assert ask("POST", "/api/v1/user//rename/x").status_code == 422
    assert ask("GET", "/api/v1/node/99999999999999999999").status_code == 400
    assert ask("GET", "/api/v1/user?id=abc").json()["detail"] == "invalid id"
    assert ask("POST", "/api/v1/node/backfillips?confirmed=maybe").status_code == 422
    assert ask("DELETE", "/api/v1/preauthkey").status_code == 404
    # both places are named, the query is not read
    n = ask("POST", "/api/v1/node/1/expire?disableExpiry=true").json()["node"]
    assert n["expiry"] is not None
    n = ask("POST", "/api/v1/node/1/expire", json={"expiry": "2031-01-02T03:04:05+02:00"}).json()["node"]
    assert n["expiry"] == "2031-01-02T03:04:05+02:00"


# ---- upgrades while running


def pairs():
    return [(a, b) for a, b in zip(ORDER, ORDER[1:])]


@pytest.mark.parametrize("old,new", pairs())
def test_generations__upgrade(start, old, new):
    server = start(old, "demo")
    before = state(server)
    d = post(server, "/announce", hostname="waits")
    made = server("CreateApiKey", expiration={"seconds": int(time.time()) + 3600}).api_key
    down = []
    watch = threading.Thread(target=lambda: down.append(_first_failure(server)))
    watch.start()
    assert post(server, "/upgrade", to=new, down_ms=300, back=0.2) == {"generation": new}
    watch.join()
    assert down[0] in (14, 502)
    client = client_of(server.facts, new)
    soon(lambda: reached(client))
    client.key, second = made, client_of(server.facts, new)
    assert len(client("ListUsers").users) == 4
    soon(lambda: sum(n["online"] for n in state(server)["nodes"]) == sum(n["online"] for n in before["nodes"]))
    after = state(server)
    assert after["users"] == before["users"] and after["generation"] == new
    for was, now in zip(before["nodes"], after["nodes"]):
        assert now["id"] == was["id"] and now["given_name"] == was["given_name"]
        assert set(now["routes"]["approved"]) == set(was["routes"]["approved"])
        assert set(now["tags"]) >= set(was["tags"])
    assert d["key"] not in [p["key"] for p in after["pending"]] or GENERATIONS[new] < "D"
    assert second("ListNodes").nodes[0].id == 1
    if GENERATIONS[new] >= "E":
        router = next(n for n in second("ListNodes").nodes if n.name.startswith("home-router"))
        assert list(router.approved_routes) == ["192.168.1.0/24"] and list(router.subnet_routes) == ["192.168.1.0/24"]
    if GENERATIONS[new] >= "G":
        tagged = next(n for n in second("ListNodes").nodes if n.name == "web-frontend")
        assert list(tagged.tags) == ["tag:web"] and tagged.user.name == "tagged-devices"
    soon(lambda: server.control.get("/announce/" + d["id"]).json()["key"] in
         [p["key"] for p in state(server)["pending"]], 8)
    waiting = server.control.get("/announce/" + d["id"]).json()
    assert second("RegisterNode", user="jim", key=waiting["key"]).node.name == "waits"
    assert after["crashes"] == 0
    client.close()
    second.close()


def _first_failure(server):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            server("ListUsers", timeout=2)
        except Failure as e:
            return e.code
        time.sleep(0.01)
    return None


def test_generations__upgrade_over_all(start, process):
    """the same database and addresses from the oldest to the newest"""
    server = start("0.23", "demo")
    for new in ORDER[1:]:
        post(server, "/upgrade", to=new, down_ms=10, back=0.01)
    assert server.control.post("/upgrade", json={"to": "0.29"}).status_code == 400
    client = HttpClient(process, "0.30", socket=process["socket"])
    assert len(client("ListNodes").nodes) == 22 and client("ListApiKeys").api_keys[0].prefix.endswith("***")
    with pytest.raises(ConnectionRefusedError):
        raw(process["grpc"], PREFACE)
    client.close()
    # with the old key, too
    assert len(HttpClient(process, "0.30")("ListUsers").users) == 4
    # 0.29 takes the database back, 0.28 does not
    assert server.control.post("/downgrade", json={"to": "0.28"}).status_code == 400
    assert post(server, "/downgrade", to="0.29", down_ms=10) == {"generation": "0.29"}
    assert server("RenameNode", node_id=1, new_name="again").node.given_name == "again"
    change = server.control.get("/calls").json()["changes"][-1]
    assert change["method"] == "RenameNode" and change["request"] == {"node_id": 1, "new_name": "again"}


# ---- one port


@pytest.fixture(scope="module")
def one_port(tmp_path_factory):
    """(facts, certificate) of a server behind one TLS port"""
    cert, key = certificate(tmp_path_factory.mktemp("tls"))
    with simulator("headscale", "--generation", "0.29", "--tls-cert", str(cert), "--tls-key", str(key), "--one-port",
                   "127.0.0.1:0") as facts:
        yield facts, cert


class OverHttp2:
    """one request after another over one HTTP/2 connection, bare: (status, headers, body)"""

    def __init__(self, facts, cert):
        context = ssl.create_default_context(cafile=str(cert))
        context.set_alpn_protocols(["h2"])
        port = int(facts["one_port"].rpartition(":")[2])
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.h2 = h2.connection.H2Connection()
        self.h2.initiate_connection()
        self.stream = -1

    def ask(self, method, path, body=b"", **headers):
        self.stream += 2
        fields = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        fields += [(n.replace("_", "-"), v) for n, v in headers.items()]
        self.h2.send_headers(self.stream, fields, end_stream=not body)
        if body:
            self.h2.send_data(self.stream, body, end_stream=True)
        got, data = {}, b""
        while True:
            self.socket.sendall(self.h2.data_to_send())
            for event in self.h2.receive_data(self.socket.recv(65536)):
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    got.update((n.decode(), v.decode()) for n, v in event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    data += event.data
                elif isinstance(event, h2.events.StreamEnded):
                    return int(got.pop(":status")), got, data

    def grpc(self, method, message=b"", key=None):
        framed = b"\0" + len(message).to_bytes(4, "big") + message
        return self.ask("POST", "/headscale.v1.HeadscaleService/" + method, framed,
                        content_type="application/grpc", te="trailers",
                        **({"authorization": "Bearer " + key} if key else {}))


def test_generations__one_port(one_port):
    facts, cert = one_port
    control = facts["control"]
    WEB.post(control + "/reset", json={"world": "basic", "generation": "0.29"}).raise_for_status()
    both = OverHttp2(facts, cert)
    status, headers, body = both.grpc("ListUsers", key=facts["api_key"])
    assert (status, headers["grpc-status"]) == (200, "0") and b"alice" in body
    status, headers, body = both.grpc("ListNodes", b"\7")
    assert (status, headers["grpc-status"], body) == (200, "13", b"")
    assert both.grpc("NoSuchMethod")[1]["grpc-status"] == "12"
    assert both.grpc("ListUsers")[1]["grpc-status"] == "16"
    status, _, body = both.ask("GET", "/version")
    assert status == 200 and json.loads(body)["version"] == "v0.29.2"
    status, _, body = both.ask("GET", "/api/v1/user", authorization="Bearer " + facts["api_key"])
    assert status == 200 and len(json.loads(body)["users"]) == 3
    # HTTP/1.1 comes in by the same port
    plain = httpx.get(facts["one_port"].replace("127.0.0.1", "localhost") + "/version",
                      verify=ssl.create_default_context(cafile=str(cert)))
    assert plain.http_version == "HTTP/1.1" and plain.json()["version"] == "v0.29.2"
    # grpcio agrees that this is gRPC
    client = GrpcClient(facts, "0.29", target=facts["one_port"].replace("https://127.0.0.1", "localhost"),
                        credentials=grpc.ssl_channel_credentials(cert.read_bytes()))
    assert [u.name for u in client("ListUsers").users] == ["alice", "bob", "carol"]
    assert client.refused("GetNode", node_id=4711) == (5, "node not found")
    WEB.post(control + "/faults", json={"mode": "drop", "method": "ListUsers", "count": 1}).raise_for_status()
    assert client.refused("ListUsers")[0] == 14
    # down: a bad gateway for both; the connection to the proxy stays
    WEB.post(control + "/stop_api", json={}).raise_for_status()
    assert both.grpc("ListUsers", key=facts["api_key"])[::2] == (502, b"")
    assert both.ask("GET", "/version")[::2] == (502, b"")
    WEB.post(control + "/start_api", json={}).raise_for_status()
    assert both.grpc("ListUsers", key=facts["api_key"])[1]["grpc-status"] == "0"
    # 0.30: HTTP answers, gRPC does not
    WEB.post(control + "/upgrade", json={"to": "0.30", "down_ms": 10}).raise_for_status()
    status, headers, body = both.grpc("ListUsers", key=facts["api_key"])
    assert (status, body) == (502, b"") and "grpc-status" not in headers
    assert json.loads(both.ask("GET", "/version")[2])["version"] == "v0.30.0"
    both.socket.close()
    client.close()


def test_generations__one_port_and_calls_under_way(one_port):
    facts, cert = one_port
    control = facts["control"]
    WEB.post(control + "/reset", json={"world": "basic", "generation": "0.29"}).raise_for_status()
    WEB.post(control + "/faults", json={"delay_ms": 3000, "method": "ListUsers"}).raise_for_status()
    both = OverHttp2(facts, cert)
    stopper = threading.Timer(0.3, lambda: WEB.post(control + "/stop_api", json={}))
    stopper.start()
    began = time.monotonic()
    assert both.grpc("ListUsers", key=facts["api_key"])[0] == 502 and time.monotonic() - began < 2.5
    stopper.join()
    both.socket.close()


def test_generations__large_answer_over_the_one_port(one_port):
    """more than the windows of HTTP/2 take at once"""
    facts, cert = one_port
    order = {"world": "load:500", "generation": "0.29"}
    WEB.post(facts["control"] + "/reset", json=order, timeout=10).raise_for_status()
    client = GrpcClient(facts, "0.29", target=facts["one_port"].replace("https://127.0.0.1", "localhost"),
                        credentials=grpc.ssl_channel_credentials(cert.read_bytes()))
    assert len(client("ListNodes").nodes) == 500
    client.close()
