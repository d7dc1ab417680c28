"""What the recordings do not show: devices that come online, faults, stop and start, worlds, TLS."""
import datetime
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time

import grpc
import httpx
import pytest

from simulator.bands import GENERATIONS

from clients import WEB, Failure, GrpcClient, client_of
from simulators import ENVIRONMENT, simulator


def soon(check, seconds=5):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def reached(server):
    """whether a call arrives: a client may learn that its connection was cut only when it writes to it again"""
    try:
        server("ListUsers", timeout=3)
    except Failure as e:
        assert e.code == 14, e
        return False
    return True


@pytest.fixture(params=sorted(GENERATIONS), scope="module")
def process(request):
    """one simulator for all tests of a generation"""
    with simulator("headscale", "--generation", request.param, "--http", "127.0.0.1:0") as facts:
        yield facts


@pytest.fixture
def server(process):
    """as if just started with the demo world; gRPC where there is gRPC"""
    WEB.post(process["control"] + "/reset", json={"world": "demo", "generation": process["generation"]}).raise_for_status()
    client = client_of(process, process["generation"])
    client.control = httpx.Client(base_url=process["control"], timeout=10, verify=False)
    yield client
    client.close()
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
    assert re.fullmatch("mkey:[0-9a-f]{64}" if server.band < "D" else "[0-9A-Za-z_-]{24}" if server.band < "H" else
                        "hskey-authreq-[0-9A-Za-z_-]{24}", d["key"])
    n = server("RegisterNode", user="jim", key=d["key"]).node
    assert not n.online and n.user.name == "jim"
    soon(lambda: node(server, n.id).online)
    assert server.control.get("/announce/" + d["id"]).json()["state"] == "in"
    if server.band < "E":
        assert [r.prefix for r in server("GetNodeRoutes", node_id=n.id).routes] == ["10.77.0.0/24"]
    else:
        assert node(server, n.id).available_routes == ["10.77.0.0/24"]
    assert server.refused("RegisterNode", user="jim", key=d["key"])[1].endswith("node not found in registration cache")


def test_headscale__older_link_leaves_the_device_out(server):
    first = post(server, "/announce", hostname="twice", machine="m1", online_after=0.05)
    second = post(server, "/announce", hostname="twice", machine="m1", online_after=0.05)
    if server.band < "D":
        assert first["key"] == second["key"]
        return
    assert first["key"] != second["key"]
    n = server("RegisterNode", user="jim", key=first["key"]).node
    time.sleep(0.4)
    assert not node(server, n.id).online
    assert server.control.get("/announce/" + first["id"]).json()["state"] == "out"
    assert server("RegisterNode", user="jim", key=second["key"]).node.id == n.id
    soon(lambda: node(server, n.id).online)


def test_headscale__other_owner(server):
    d = post(server, "/announce", hostname="shared", machine="m2", online_after=0.05)
    n = server("RegisterNode", user="jim", key=d["key"]).node
    soon(lambda: node(server, n.id).online)
    server("ExpireNode", node_id=n.id)
    d = post(server, "/announce", hostname="shared", machine="m2")
    if server.band < "D":
        refusal = server.refused("RegisterNode", user="ana", key=d["key"])
        assert refusal == (2, "node was previously registered with a different user")
    else:
        other = server("RegisterNode", user="ana", key=d["key"]).node
        assert other.id != n.id and re.fullmatch("shared-(1|[a-z0-9]{8})", other.given_name)
    again = post(server, "/announce", hostname="shared", machine="m2")
    assert server("RegisterNode", user="jim", key=again["key"]).node.id == n.id


def test_headscale__link_runs_out(server):
    d = post(server, "/announce", hostname="slow", lifetime=0.2)
    soon(lambda: "node not found in registration cache" in server.refused("RegisterNode", user="jim", key=d["key"])[1]
         if d["key"] not in [p["key"] for p in server.control.get("/state").json()["pending"]] else False)
    if server.band >= "D":
        assert server.control.get("/announce/" + d["id"]).json()["key"] != d["key"]


def test_headscale__online_is_false_in_answers_up_to_0_26(server):
    n = next(n for n in server("ListNodes").nodes if n.online and n.given_name == "mia-laptop")
    changed = server("RenameNode", node_id=n.id, new_name="mia-laptop-2").node
    assert changed.online == (server.band >= "F")
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
    if server.band >= "F":
        assert server.refused("GetNode", node_id=0) == (404 if server.band >= "I" else 5, "node not found")
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
    assert [c["status"] for c in got["calls"]] == [0, 2 if server.band < "F" else 5]


@pytest.mark.parametrize("mode,code", [("unauthenticated", 16), ("unavailable", 14), ("html", 14), ("drop", 14),
                                       ("hang", 4), ("hang_after", 4), ("goaway", 14)])
def test_headscale__faults(server, mode, code):
    if server.band >= "I":
        code = {"unauthenticated": 401, "unavailable": 503, "html": 502}.get(mode, code)
    server("ListUsers")
    n = next(n for n in server("ListNodes").nodes if n.given_name == "jims-iphone")
    post(server, "/faults", mode=mode, method="RenameNode", count=1)
    assert server.refused("RenameNode", timeout=1, node_id=n.id, new_name="renamed")[0] == code
    soon(lambda: reached(server))
    assert node(server, n.id).given_name == ("renamed" if mode == "hang_after" else "jims-iphone")
    assert server("RenameNode", node_id=n.id, new_name="renamed-2").node.given_name == "renamed-2"


def test_headscale__garbage_and_delay(server):
    post(server, "/faults", mode="garbage", count=1)
    # the client cannot decode it
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
    soon(lambda: reached(server), 10)


def test_headscale__restart(server):
    d = post(server, "/announce", hostname="waiting")
    before = sum(n.online for n in server("ListNodes").nodes)
    post(server, "/restart", down=0.1, back=0.5)
    soon(lambda: reached(server), 10)
    soon(lambda: sum(n.online for n in server("ListNodes").nodes) == before)
    now = server.control.get("/announce/" + d["id"]).json()
    assert (now["key"] == d["key"]) == (server.band < "D")
    assert server("RegisterNode", user="jim", key=now["key"]).node.name == "waiting"


def test_headscale__demo_world(server):
    state = server.control.get("/state").json()
    assert [u["name"] for u in state["users"]] == ["sink", "jim", "ana", "ops"]
    nodes = {n["name"]: n for n in state["nodes"]}
    assert 20 <= len(nodes) <= 25
    hosts = ("Mia’s MacBook Pro", "büro-pc", "RASPBERRY Pi 4", "日本語ホスト")
    if "F" <= server.band < "H":
        assert not set(hosts) & set(nodes) and sum(n.startswith("invalid-") for n in nodes) == 4
        assert all(n == n.lower() and n == given["given_name"] for n, given in nodes.items())
    else:
        given = tuple(nodes[n]["given_name"] for n in hosts)
        assert given == (("mia-s-macbook-pro", "b-ro-pc", "raspberry-pi-4", "-") if server.band < "C" else
                         ("miasmacbookpro", "bro-pc", "raspberrypi4", "nihongo")
                         if server.band < "F" else ("mias-macbook-pro", "bro-pc", "raspberry-pi-4", "node"))
    assert {n["expired"] for n in nodes.values()} == {True, False}
    assert nodes["expired-desktop"]["online"] and nodes["expired-desktop"]["expired"]
    assert nodes["exit-berlin"]["routes"]["serving"] == ["0.0.0.0/0", "::/0"]
    assert nodes["exit-oslo"]["routes"] == {"available": ["0.0.0.0/0", "::/0"], "approved": [], "serving": []}
    assert nodes["exit-v4-only"]["routes"]["available"] == ["0.0.0.0/0"]
    assert nodes["v6-only-sensor"]["addresses"][0].startswith("fd7a:")
    assert nodes["ci-runner-7f3a"]["ephemeral"] and nodes["backup-1"]["tags"] == ["tag:backup"]


def test_headscale__exit_route_without_its_pair(server):
    n = next(n for n in server("ListNodes").nodes if n.given_name == "exit-v4-only")
    if server.band < "E":
        r = server("GetNodeRoutes", node_id=n.id).routes[0]
        assert server.refused("EnableRoute", route_id=r.id)[1] == \
            "route (exit-v4-only) is not available on node ::/0: route is not available on node"
    else:
        answer = server("SetApprovedRoutes", node_id=n.id, routes=["0.0.0.0/0"]).node
        assert answer.approved_routes == ["0.0.0.0/0", "::/0"] and not answer.subnet_routes
        assert list(node(server, n.id).subnet_routes) == (["0.0.0.0/0", "::/0"] if server.band < "F1" else ["0.0.0.0/0"])


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
    assert n.HasField("expiry") == (server.band < "D")
    made = post(server, "/nodes", name="Made Here", user="jim", online=True, routes=["10.9.0.0/16"])
    assert re.fullmatch("made-here" if server.band < "C" or server.band >= "H" else "madehere" if server.band < "F" else
                        "invalid-.{8}", made["given_name"])
    assert made["routes"]["available"] == ["10.9.0.0/16"]


def test_headscale__up(server):
    control = server.facts["control"]
    p = subprocess.Popen([sys.executable, "-m", "simulator", "up", "--control", control, "--hostname", "box"],
                         stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    lines = [p.stderr.readline() for _ in range(5)]
    assert lines[1] == "To authenticate, visit:\n" and lines[3].startswith("\thttp://")
    server("RegisterNode", user="jim", key=lines[3].strip().rpartition("/")[2])
    assert p.stderr.readlines() == ["Success.\n"] and p.wait(5) == 0
    p.stderr.close()


@pytest.mark.parametrize("generation", ["0.23", "0.28", "0.30"])
def test_headscale__load_starts_fast(generation):
    with simulator("headscale", "--generation", generation, "--world", "load:10000", "--http", "127.0.0.1:0") as facts:
        # its own work, so that a busy machine is no fault of it; the imports before are not counted
        with open("/proc/%d/stat" % facts["pid"], encoding="ascii") as f:
            user, system = f.read().rpartition(")")[2].split()[11:13]
        assert (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") < 4
        answer = WEB.get(facts["http"] + "/api/v1/node", headers={"authorization": "Bearer " + facts["api_key"]},
                           timeout=20)
        assert len(answer.json()["nodes"]) == 10000
        if generation != "0.30":
            client = GrpcClient(facts, generation)
            assert len(client("ListNodes", timeout=20).nodes) == 10000
            client.close()


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


@pytest.mark.parametrize("generation", ["0.23", "0.24", "0.29"])
def test_headscale__tls(generation, tmp_path):
    cert, key = certificate(tmp_path)
    with simulator("headscale", "--generation", generation, "--tls-cert", str(cert), "--tls-key", str(key), "--http",
                   "127.0.0.1:0") as facts:
        client = GrpcClient(facts, generation, target="localhost:" + facts["grpc"].split(":")[1],
                            credentials=grpc.ssl_channel_credentials(cert.read_bytes()))
        assert [u.name for u in client("ListUsers").users] == ["alice", "bob", "carol"]
        client.close()
        assert facts["http"].startswith("https://")
        context = ssl.create_default_context(cafile=str(cert))
        https = facts["http"].replace("127.0.0.1", "localhost")
        assert httpx.get(https + "/health", verify=context).status_code == 200
        # no HTTP/2 there, and no HTTP without TLS
        with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
            alpn(https.removeprefix("https://"), cert, ["h2"])
        assert alpn(https.removeprefix("https://"), cert, ["h2", "http/1.1"])[0] == "http/1.1"
        with socket.create_connection(("127.0.0.1", int(https.rpartition(":")[2])), 5) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert raw.recv(1000).startswith(b"HTTP/1.0 400 ")
        assert alpn(facts["grpc"], cert, ["h2"])[0] == "h2"
        assert alpn(facts["grpc"], cert, ["h2", "http/1.1"])[0] == "http/1.1"
        # 0.23 tolerates a client without ALPN, later ones close the connection
        assert (alpn(facts["grpc"], cert, None)[1] == b"") == (generation != "0.23")


def test_headscale__too_large_request(server):
    code, text = server.refused("SetPolicy", policy="x" * (4 * 1024 * 1024))
    if server.band >= "I":
        assert (code, text) == (413, "request body is too large limit=1048576 bytes")
    else:
        assert code == 8 and text.startswith("grpc: received message larger than max (")


def test_headscale__register_page(server):
    d = post(server, "/announce")
    page = WEB.get(d["url"])
    assert page.status_code == 200 and d["key"] in page.text
    wrong = 405 if server.band >= "H" else 200 if server.band == "G" else 404
    assert WEB.post(d["url"]).status_code == wrong and WEB.head(d["url"]).status_code == wrong
    assert WEB.get(server.facts["http"] + "/register/nonsense").status_code == 400
    answer = WEB.get(server.facts["http"] + "/api/v1/node", headers={"authorization": "Bearer " + server.key})
    assert len(json.loads(answer.text)["nodes"]) == 22
