"""What `ouroboros nodes list` costs as a whole process, beside `headscale nodes list` at the same real server in the same run."""
import json
import os
import pathlib
import secrets
import sqlite3
import statistics
import subprocess

from harness.process import Workspace, plain_environment
from live.headscale import RealHeadscale

ROUNDS = 15


def own(build):
    return build / "frontends" / "cli" / "ouroboros"


def multiply(path, count):
    """the one node of a stopped server becomes so many: other keys, names and addresses"""
    base = sqlite3.connect(path)
    base.row_factory = sqlite3.Row
    with base:
        first = dict(base.execute("SELECT * FROM nodes").fetchone())
        first.pop("id")
        for i in range(2, count + 1):
            row = dict(first)
            for name in ("machine_key", "node_key", "disco_key"):
                prefix = row[name].partition(":")[0]
                row[name] = "%s:%s" % (prefix, secrets.token_hex(32))
            row["hostname"] = row["given_name"] = "load-%05d" % i
            row["ipv4"] = "100.64.%d.%d" % (i // 250 + 1, i % 250 + 1)
            row["ipv6"] = "fd7a:115c:a1e0::%x:%x" % (i // 250 + 1, i % 250 + 1)
            base.execute("INSERT INTO nodes (%s) VALUES (%s)" % (", ".join(row), ", ".join("?" * len(row))), list(row.values()))
    base.close()


def fill(server, build, count):
    """a real registration, and the rest like it"""
    key = server.key()
    server.create_node("load-00001", "load", key)
    subprocess.run([own(build), "register", "https://vpn.example.org/register/" + key, "--socket", server.socket, "--user", "load",
                    "--no-wait"], check=True, env=plain_environment(), stdout=subprocess.DEVNULL)
    server.process.stop()
    multiply(server.workspace.path / "db.sqlite", count)
    server.start()



def same_answer(server, build, count):
    """both list the same nodes"""
    theirs = [n["given_name"] or n["name"] for n in server.nodes()]
    ours = json.loads(subprocess.check_output([own(build), "nodes", "list", "-o", "json", "--socket", server.socket],
                                              env=plain_environment()))["nodes"]
    assert sorted(n["givenName"] for n in ours) == sorted(theirs) and len(theirs) == count, (len(ours), len(theirs))


def spend(build, command, environment):
    """(seconds, KiB, processor seconds)"""
    out = subprocess.run([build / "tests" / "bench" / "spend", *command], check=True, stdout=subprocess.PIPE, text=True,
                         env=environment).stdout
    wall, memory, cpu = map(int, out.split())
    return wall / 1e6, memory, cpu / 1e6


def measure(table, build, count=100):
    if not os.environ.get("HEADSCALE_BIN"):
        table.section("ouroboros nodes list beside headscale nodes list: not measured, HEADSCALE_BIN names no binary")
        return
    with Workspace() as workspace:
        server = RealHeadscale(workspace, "http://127.0.0.1:1", ["load"])
        fill(server, build, count)
        same_answer(server, build, count)
        theirs = [pathlib.Path(server.binary), "-c", server.config, "nodes", "list"]
        ours = [own(build), "nodes", "list", "--socket", server.socket]
        taken = {"ours": [], "theirs": []}
        for _ in range(ROUNDS):
            taken["ours"].append(spend(build, ours, plain_environment(HOME=workspace.path)))
            taken["theirs"].append(spend(build, theirs, server.environment_of_it))
        table.section("nodes list as a whole process, %d nodes, a real Headscale %s by its socket, in alternation" % (
            count, server.generation))
        for i, (name, unit, scale, bound) in enumerate((("time", "ms", 1000, 1 / 5), ("memory", "KiB", 1, 1 / 8),
                                                        ("processor", "ms", 1000, None))):
            a, b = (statistics.median(t[i] for t in taken[who]) for who in ("ours", "theirs"))
            table.row("%s: part of what headscale takes" % name, a / b if b else 0, "", bound,
                      "%.3g %s beside %.3g, %.1f times less" % (a * scale, unit, b * scale, b / a if a else 0))
