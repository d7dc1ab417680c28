"""What the recordings do not show: devices that come online, faults, stop and start, worlds, TLS."""
import datetime
import json
import os
import socket
import ssl
import subprocess
import sys
import time

import grpc
import httpx
import pytest

from simulator.wire import SERVICE, Wire

from simulators import ENVIRONMENT, simulator

GENERATIONS = {"0.23": "B", "0.29": "H"}


class Client:
    def __init__(self, facts, generation, key=None):
        self.wire = Wire(GENERATIONS[generation])
        self.channel = grpc.insecure_channel(facts["grpc"], options=(("grpc.enable_retries", 0),))
        self.key = key or facts["api_key"]

    def __call__(self, method, timeout=5, **fields):
        call = self.channel.unary_unary("/%s/%s" % (SERVICE, method),
                                        request_serializer=self.wire[method + "Request"].SerializeToString,
                                        response_deserializer=self.wire[method + "Response"].FromString)
        return call(self.wire[method + "Request"](**fields), timeout=timeout,
                    metadata=[("authorization", "Bearer " + self.key)])

    def refused(self, method, timeout=5, **fields):
        with pytest.raises(grpc.RpcError) as e:
            self(method, timeout, **fields)
        return e.value.code().value[0], e.value.details()


def soon(check, seconds=5):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def reached(server):
    """whether a call arrives: a client may learn that its connection was cut only when it writes to it again"""
    try:
        server("ListUsers")
    except grpc.RpcError as e:
        assert e.code() is grpc.StatusCode.UNAVAILABLE, e
        return False
    return True


@pytest.fixture(params=sorted(GENERATIONS))
def server(request):
    with simulator("headscale", "--generation", request.param, "--world", "demo") as facts:
        client = Client(facts, request.param)
        client.generation = request.param
        client.control = httpx.Client(base_url=facts["control"], timeout=10)
        yield client
        client.channel.close()
        client.control.close()


def post(server, path, **body):
    answer = server.control.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def node(server, node_id):
    return next(n for n in server("ListNodes").nodes if n.id == node_id)


def test_headscale__announced_device_comes_online(server):
    d = post(server, "/announce", hostname="new-laptop", routes=["10.77.0.0/24"])
    assert d["url"].endswith("/register/" + d["key"]) and d["state"] == "waiting"
    assert d["key"].startswith("mkey:" if server.generation == "0.23" else "hskey-authreq-")
    n = server("RegisterNode", user="jim", key=d["key"]).node
    assert not n.online and n.user.name == "jim"
    soon(lambda: node(server, n.id).online)
    assert server.control.get("/announce/" + d["id"]).json()["state"] == "in"
    if server.generation == "0.23":
        assert [r.prefix for r in server("GetNodeRoutes", node_id=n.id).routes] == ["10.77.0.0/24"]
    else:
        assert node(server, n.id).available_routes == ["10.77.0.0/24"]
    assert server.refused("RegisterNode", user="jim", key=d["key"]) == (2, "node not found in registration cache")


def test_headscale__older_link_leaves_the_device_out(server):
    first = post(server, "/announce", hostname="twice", machine="m1", online_after=0.05)
    second = post(server, "/announce", hostname="twice", machine="m1", online_after=0.05)
    if server.generation == "0.23":
        assert first["key"] == second["key"]
        return
    assert first["key"] != second["key"]
    n = server("AuthRegister", user="jim", auth_id=first["key"]).node
    time.sleep(0.4)
    assert not node(server, n.id).online
    assert server.control.get("/announce/" + first["id"]).json()["state"] == "out"
    assert server("AuthRegister", user="jim", auth_id=second["key"]).node.id == n.id
    soon(lambda: node(server, n.id).online)


def test_headscale__other_owner(server):
    d = post(server, "/announce", hostname="shared", machine="m2", online_after=0.05)
    n = server("RegisterNode", user="jim", key=d["key"]).node
    soon(lambda: node(server, n.id).online)
    server("ExpireNode", node_id=n.id)
    d = post(server, "/announce", hostname="shared", machine="m2")
    if server.generation == "0.23":
        refusal = server.refused("RegisterNode", user="ana", key=d["key"])
        assert refusal == (2, "node was previously registered with a different user")
    else:
        other = server("RegisterNode", user="ana", key=d["key"]).node
        assert other.id != n.id and other.given_name == "shared-1"
    again = post(server, "/announce", hostname="shared", machine="m2")
    assert server("RegisterNode", user="jim", key=again["key"]).node.id == n.id


def test_headscale__link_runs_out(server):
    d = post(server, "/announce", hostname="slow", lifetime=0.2)
    soon(lambda: server.refused("RegisterNode", user="jim", key=d["key"])[1] == "node not found in registration cache"
         if d["key"] not in [p["key"] for p in server.control.get("/state").json()["pending"]] else False)
    if server.generation == "0.29":
        assert server.control.get("/announce/" + d["id"]).json()["key"] != d["key"]


def test_headscale__online_is_false_in_answers_of_0_23(server):
    n = next(n for n in server("ListNodes").nodes if n.online and n.given_name == "mia-laptop")
    changed = server("RenameNode", node_id=n.id, new_name="mia-laptop-2").node
    assert changed.online == (server.generation == "0.29")
    assert node(server, n.id).online and node(server, n.id).given_name == "mia-laptop-2"


def test_headscale__fail_over(server):
    nodes = {n.given_name: n for n in server("ListNodes").nodes}
    first, second = nodes["office-router"].id, nodes["office-router-2"].id

    def serving():
        state = server.control.get("/state").json()["nodes"]
        return [n["id"] for n in state if "10.20.0.0/16" in n["routes"]["serving"]]
    assert serving() == [first]
    post(server, "/nodes/%d" % first, online=False)
    assert serving() == [second]
    post(server, "/nodes/%d" % first, online=True)
    assert serving() == [second]


def test_headscale__id_zero(server):
    if server.generation == "0.29":
        assert server.refused("GetNode", node_id=0) == (5, "node not found")
        return
    assert server("GetNode", node_id=0).node.id == 1
    assert server("RenameNode", node_id=0, new_name="nobody-has-this").node.given_name == "mia-laptop"
    server("DeleteNode", node_id=0)
    assert server("GetNode", node_id=0).node.id == 2


def test_headscale__calls_are_counted(server):
    post(server, "/calls/reset")
    server("ListUsers")
    server.refused("GetNode", node_id=4711)
    got = server.control.get("/calls").json()
    assert got["counts"] == {"ListUsers": 1, "GetNode": 1}
    assert [c["status"] for c in got["calls"]] == [0, 2 if server.generation == "0.23" else 5]


@pytest.mark.parametrize("mode,code", [("unauthenticated", 16), ("unavailable", 14), ("html", 14), ("drop", 14),
                                       ("hang", 4), ("hang_after", 4), ("goaway", 14)])
def test_headscale__faults(server, mode, code):
    server("ListUsers")
    n = next(n for n in server("ListNodes").nodes if n.given_name == "jims-iphone")
    post(server, "/faults", mode=mode, method="RenameNode", count=1)
    assert server.refused("RenameNode", timeout=1, node_id=n.id, new_name="renamed")[0] == code
    soon(lambda: reached(server))
    assert node(server, n.id).given_name == ("renamed" if mode == "hang_after" else "jims-iphone")
    assert server("RenameNode", node_id=n.id, new_name="renamed-2").node.given_name == "renamed-2"


def test_headscale__garbage_and_delay(server):
    post(server, "/faults", mode="garbage", count=1)
    # grpcio's decoder refuses it on the client's side
    assert server.refused("ListUsers")[0] == 13
    post(server, "/faults", delay_ms=300, method="ListUsers")
    started = time.monotonic()
    server("ListUsers")
    assert time.monotonic() - started >= 0.3
    server("ListNodes")
    post(server, "/faults", mode="none")
    assert server.control.get("/state").json()["faults"] == []


def test_headscale__goaway_after_answers(server):
    post(server, "/faults", mode="goaway_after", count=1)
    assert server("ListUsers").users
    time.sleep(0.6)
    assert server("ListUsers").users


def test_headscale__stop_and_start(server):
    server("ListUsers")
    post(server, "/stop_api")
    assert server.refused("ListUsers")[0] == 14
    post(server, "/start_api")
    soon(lambda: not server_is_down(server), 10)


def server_is_down(server):
    try:
        server("ListUsers", timeout=3)
        return False
    except grpc.RpcError:
        return True


def test_headscale__restart(server):
    d = post(server, "/announce", hostname="waiting")
    before = sum(n.online for n in server("ListNodes").nodes)
    post(server, "/restart", down=0.1, back=0.5)
    soon(lambda: not server_is_down(server), 10)
    soon(lambda: sum(n.online for n in server("ListNodes").nodes) == before)
    now = server.control.get("/announce/" + d["id"]).json()
    assert (now["key"] == d["key"]) == (server.generation == "0.23")
    assert server("RegisterNode", user="jim", key=now["key"]).node.name == "waiting"


def test_headscale__demo_world(server):
    state = server.control.get("/state").json()
    assert [u["name"] for u in state["users"]] == ["sink", "jim", "ana", "ops"]
    nodes = {n["name"]: n for n in state["nodes"]}
    assert 20 <= len(nodes) <= 25
    given = {n: nodes[n]["given_name"] for n in ("Mia’s MacBook Pro", "büro-pc", "RASPBERRY Pi 4", "日本語ホスト")}
    assert given == {
        "0.23": {"Mia’s MacBook Pro": "mia-s-macbook-pro", "büro-pc": "b-ro-pc", "RASPBERRY Pi 4": "raspberry-pi-4",
                 "日本語ホスト": "-"},
        "0.29": {"Mia’s MacBook Pro": "mias-macbook-pro", "büro-pc": "bro-pc", "RASPBERRY Pi 4": "raspberry-pi-4",
                 "日本語ホスト": "node"}}[server.generation]
    assert {n["expired"] for n in nodes.values()} == {True, False}
    assert nodes["expired-desktop"]["online"] and nodes["expired-desktop"]["expired"]
    assert nodes["exit-berlin"]["routes"]["serving"] == ["0.0.0.0/0", "::/0"]
    assert nodes["exit-oslo"]["routes"] == {"available": ["0.0.0.0/0", "::/0"], "approved": [], "serving": []}
    assert nodes["exit-v4-only"]["routes"]["available"] == ["0.0.0.0/0"]
    assert nodes["v6-only-sensor"]["addresses"][0].startswith("fd7a:")
    assert nodes["ci-runner-7f3a"]["ephemeral"] and nodes["backup-1"]["tags"] == ["tag:backup"]


def test_headscale__exit_route_without_its_pair(server):
    n = next(n for n in server("ListNodes").nodes if n.given_name == "exit-v4-only")
    if server.generation == "0.23":
        r = server("GetNodeRoutes", node_id=n.id).routes[0]
        assert server.refused("EnableRoute", route_id=r.id)[1] == \
            "route (exit-v4-only) is not available on node ::/0: route is not available on node"
    else:
        answer = server("SetApprovedRoutes", node_id=n.id, routes=["0.0.0.0/0"]).node
        assert answer.approved_routes == ["0.0.0.0/0", "::/0"] and not answer.subnet_routes
        assert node(server, n.id).subnet_routes == ["0.0.0.0/0"]


def test_headscale__control_refuses_nonsense(server):
    assert server.control.post("/faults", json={"mode": "nonsense"}).status_code == 400
    assert server.control.post("/nodes/1", json={"nonsense": 1}).status_code == 400
    assert server.control.post("/nodes/4711", json={"online": True}).status_code == 404
    assert server.control.get("/announce/4711").status_code == 404


def test_headscale__patch_node(server):
    got = post(server, "/nodes/1", expiry=-60, last_seen="2026-01-02T03:04:05Z", user="ana", given_name="other")
    assert got["expired"] and got["user"] == "ana" and got["given_name"] == "other"
    assert got["last_seen"].startswith("2026-01-02T03:04:05")
    assert post(server, "/nodes/1", expiry=None)["expiry"] is None
    n = node(server, 1)
    assert n.HasField("expiry") == (server.generation == "0.23")
    made = post(server, "/nodes", name="Made Here", user="jim", online=True, routes=["10.9.0.0/16"])
    assert made["given_name"] == "made-here" and made["routes"]["available"] == ["10.9.0.0/16"]


def test_headscale__up(server):
    control = str(server.control.base_url).rstrip("/")
    p = subprocess.Popen([sys.executable, "-m", "simulator", "up", "--control", control, "--hostname", "box"],
                         stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    lines = [p.stderr.readline() for _ in range(5)]
    assert lines[1] == "To authenticate, visit:\n" and lines[3].startswith("\thttp://")
    server("RegisterNode", user="jim", key=lines[3].strip().rpartition("/")[2])
    assert p.stderr.readlines() == ["Success.\n"] and p.wait(5) == 0
    p.stderr.close()


@pytest.mark.parametrize("generation", sorted(GENERATIONS))
def test_headscale__load_starts_fast(generation):
    with simulator("headscale", "--generation", generation, "--world", "load:10000") as facts:
        # its own work, so that a busy machine is no fault of it; the imports before are not counted
        with open("/proc/%d/stat" % facts["pid"], encoding="ascii") as f:
            user, system = f.read().rpartition(")")[2].split()[11:13]
        assert (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") < 4
        client = Client(facts, generation)
        client.channel.close()
        client.channel = grpc.insecure_channel(facts["grpc"], options=(("grpc.max_receive_message_length", -1),))
        assert len(client("ListNodes", timeout=20).nodes) == 10000
        client.channel.close()


def certificate(tmp_path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(1))
            .not_valid_after(now + datetime.timedelta(1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(key, hashes.SHA256()))
    (tmp_path / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                         serialization.NoEncryption()))
    return tmp_path / "cert.pem", tmp_path / "key.pem"


def alpn(address, cert, offered):
    context = ssl.create_default_context(cafile=str(cert))
    if offered:
        context.set_alpn_protocols(offered)
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), 5) as raw, \
            context.wrap_socket(raw, server_hostname="localhost") as tls:
        tls.settimeout(5)
        chosen = tls.selected_alpn_protocol()
        if chosen is None:
            tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\4\0" + bytes(4))
            try:
                return chosen, tls.recv(1)
            except OSError:
                return chosen, b""
        return chosen, None


@pytest.mark.parametrize("generation", sorted(GENERATIONS))
def test_headscale__tls(generation, tmp_path):
    cert, key = certificate(tmp_path)
    with simulator("headscale", "--generation", generation, "--tls-cert", str(cert), "--tls-key", str(key)) as facts:
        client = Client(facts, generation)
        client.channel.close()
        client.channel = grpc.secure_channel("localhost:" + facts["grpc"].split(":")[1],
                                             grpc.ssl_channel_credentials(cert.read_bytes()))
        assert [u.name for u in client("ListUsers").users] == ["alice", "bob", "carol"]
        client.channel.close()
        assert alpn(facts["grpc"], cert, ["h2"])[0] == "h2"
        assert alpn(facts["grpc"], cert, ["h2", "http/1.1"])[0] == "http/1.1"
        # 0.23 tolerates a client without ALPN, later ones close the connection
        assert (alpn(facts["grpc"], cert, None)[1] == b"") == (generation == "0.29")


@pytest.mark.parametrize("generation", sorted(GENERATIONS))
def test_headscale__too_large_request(generation):
    with simulator("headscale", "--generation", generation) as facts:
        client = Client(facts, generation)
        code, text = client.refused("SetPolicy", policy="x" * (4 * 1024 * 1024))
        assert code == 8 and text.startswith("grpc: received message larger than max (")
        client.channel.close()


@pytest.mark.parametrize("generation,method,status", [("0.23", "POST", 404), ("0.29", "POST", 405), ("0.29", "HEAD", 405)])
def test_headscale__register_page(generation, method, status):
    with simulator("headscale", "--generation", generation, "--http", "127.0.0.1:0") as facts:
        d = httpx.post(facts["control"] + "/announce", json={}).json()
        page = httpx.get(d["url"])
        assert page.status_code == 200 and d["key"] in page.text
        assert httpx.request(method, d["url"]).status_code == status
        assert httpx.get(facts["http"] + "/register/nonsense").status_code == 400
        answer = httpx.get(facts["http"] + "/api/v1/node", headers={"authorization": "Bearer " + facts["api_key"]})
        assert len(json.loads(answer.text)["nodes"]) == 10
