#!/usr/bin/env python3
"""./x bench: what ouroboros-web costs, measured on this machine in this run.

Absolute figures depend on the machine; where two things can be compared, both are measured in alternation and the ratio
of the medians is shown. A row with a bound says whether it holds; with --gate a broken bound is exit status 1.
"""
import argparse
import concurrent.futures
import http.client
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True

import bench_cli  # noqa: E402
import tlsfront  # noqa: E402
from harness import client, stack  # noqa: E402
from harness.process import Workspace, free_port, plain_environment  # noqa: E402

ROUNDS = 7
CALM = 2.5  # seconds until what requests took is given back, and then some


class Table:
    """rows of what was measured, printed as they come"""

    def __init__(self):
        self.broken = []

    def section(self, text):
        print("\n%s" % text)

    def row(self, name, value, unit, bound=None, note=""):
        verdict = ""
        if bound is not None:
            holds = value <= bound
            verdict = "bound %g: %s" % (bound, "holds" if holds else "BROKEN")
            if not holds:
                self.broken.append(name)
        shown = "%.0f" % value if value >= 100 else "%.3g" % value
        print("  %-58s %8s %-9s %-24s %s" % (name, shown, unit, verdict, note), flush=True)


def rss_mb(pid):
    """resident memory in MB of a million bytes"""
    for line in pathlib.Path("/proc/%d/status" % pid).read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("no VmRSS of %d" % pid)


def cpu_seconds(pid):
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def get(port, path, cookie=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


class Bench:
    """one ouroboros-web in front of a simulated server with so many nodes, somebody signed in"""

    def __init__(self, workspace, build, nodes, generation="0.29"):
        self.headscale = stack.Headscale(workspace, generation, world="load:%d" % nodes, unix_socket=True)
        self.github = tlsfront.GitHub(workspace)
        os.environ["SSL_CERT_FILE"] = self.github.ca_file  # what the client here trusts
        self.web = stack.Web(workspace, self.headscale, self.github, build=build, LOG_LEVEL="warning",
                             USER_MAP='{"19270622": "user1"}')
        self.cookie = self.sign_in()

    def sign_in(self):
        """the cookies of a new session"""
        person = client.Client()
        person.sign_in(self.web.base)
        assert person.url == self.web.base + "/" and "node-" in person.text, "no list to measure"
        return "; ".join("%s=%s" % (c.name, c.value) for c in person.jar)

    def view(self, path="/ouroboros/"):
        status, _, body = get(self.web.port, path, self.cookie)
        assert status == 200
        return body


def first_answer(workspace, build, bench):
    """milliseconds from exec to the first answer of /healthz, polled without pause"""
    times = []
    for _ in range(ROUNDS):
        port = free_port()
        settings = dict(bench.web.settings, LISTEN="127.0.0.1:%d" % port, BASE_URL="http://127.0.0.1:%d/ouroboros" % port)
        started = time.monotonic()
        process = workspace.start("first", [stack.web_binary(build)], environment=plain_environment(**settings), clean=(0,))
        while True:
            try:
                status, _, _ = get(port, "/ouroboros/healthz")
                break
            except OSError:
                if time.monotonic() - started > 10 or not process.alive():
                    raise
                time.sleep(0.001)
        times.append((time.monotonic() - started) * 1000)
        assert status == 200
        process.stop()
    return statistics.median(times)


def rate(act, seconds=1.0, callers=4):
    """calls a second with so many callers"""
    end = time.monotonic() + seconds

    def run():
        n = 0
        while time.monotonic() < end:
            act()
            n += 1
        return n
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        done = sum(f.result() for f in [pool.submit(run) for _ in range(callers)])
    return done / (time.monotonic() - started)


def alternate(one, other, rounds=ROUNDS):
    """medians of two measurements taken in turn"""
    a, b = [], []
    for _ in range(rounds):
        a.append(one())
        b.append(other())
    return statistics.median(a), statistics.median(b)


def weight(bench):
    """(bytes on the wire, requests) of a first load of the devices page with what it names"""
    _, headers, body = get(bench.web.port, "/ouroboros/", bench.cookie)
    total, names = len(body) + len(str(headers)), set()
    for part in body.decode().split('"'):
        if part.startswith("/ouroboros/") and part.endswith((".css", ".js", ".svg")):
            names.add(part)
    for name in names:
        status, headers, body = get(bench.web.port, name)
        assert status == 200
        total += len(body) + len(str(headers))
    return total, 1 + len(names)


def read_cost(bench):
    """(seconds a read, CPU seconds of ouroboros-web a read) when each view has to ask Headscale anew"""
    walls, cpus = [], []
    pid = bench.web.process.pid
    for _ in range(5):
        time.sleep(2.05)  # longer than a list is shown without asking
        calls, cpu, started = bench.headscale.calls().get("ListNodes", 0), cpu_seconds(pid), time.monotonic()
        bench.view("/ouroboros/?q=node-00000")
        walls.append(time.monotonic() - started)
        cpus.append(cpu_seconds(pid) - cpu)
        assert bench.headscale.calls()["ListNodes"] > calls, "the view did not ask"
    return statistics.median(walls), statistics.mean(cpus)


def measure_memory(table, bench):
    """in the states an instance may idle in; MB of a million bytes"""
    def resident(name, bound=None, note=""):
        time.sleep(CALM)
        table.row("resident memory, " + name, rss_mb(bench.web.process.pid), "MB", bound, note)
    bench.web.restart()
    assert get(bench.web.port, "/ouroboros/readyz")[0] == 200
    resident("idle, nobody has signed in", 12, "the list is read")
    bench.cookie = bench.sign_in()
    bench.view()
    resident("after a sign-in and a view", note="libcurl is loaded; https, %d authorities" % bench.github.authorities)
    for _ in range(40):
        bench.sign_in()
    resident("after 40 more sign-ins", note="every worker has served some")


def measure_hundred(table, build):
    with Workspace() as workspace:
        bench = Bench(workspace, build, 100)
        table.section("100 nodes (25 own)")
        measure_memory(table, bench)
        table.row("first answer after start, median of %d" % ROUNDS, first_answer(workspace, build, bench), "ms", 100)
        total, requests = weight(bench)
        table.row("first load of the devices page, all devices in it", total / 1024, "KiB", note="%d requests" % requests)
        table.section("views a second, 4 callers, new connection each, in alternation with /healthz")
        port = bench.web.port
        for name, path in (("devices page (25 own, 75 others)", "/ouroboros/"), ("routes page", "/ouroboros/routes"),
                           ("a node's page", "/ouroboros/nodes/1")):
            page, health = alternate(lambda path=path: rate(lambda: bench.view(path)),
                                     lambda: rate(lambda: get(port, "/ouroboros/healthz")))
            table.row(name, page, "views/s", note="%.2f of /healthz (%.0f/s)" % (page / health, health))
        time.sleep(CALM)
        table.row("resident memory, idle after all these views", rss_mb(bench.web.process.pid), "MB")


def measure_weight(table, build):
    """the tailnet of the demo: some twenty devices"""
    with Workspace() as workspace:
        bench = Bench(workspace, build, 22)
        table.section("22 nodes (6 own)")
        total, requests = weight(bench)
        table.row("first load of the devices page", total / 1024, "KiB", 30)
        table.row("requests of the first load", requests, "", 4)


def measure_reads(table, build, sizes):
    table.section("a view that has to read everything from Headscale (simulated, unix socket)")
    for nodes in sizes:
        with Workspace() as workspace:
            bench = Bench(workspace, build, nodes)
            wall, cpu = read_cost(bench)
            table.row("%d nodes: whole view" % nodes, wall * 1000, "ms", note="most of it is the simulator")
            table.row("%d nodes: CPU of ouroboros-web, a node" % nodes, cpu * 1e6 / nodes, "us",
                      note="resolution %.3g us" % (10000 / 5 / nodes))
            table.row("%d nodes: resident memory" % nodes, rss_mb(bench.web.process.pid), "MB")


def measure_lists(table, build):
    """reading lists of nodes, beside protobuf-c and jansson: read_cost.c"""
    recording = ROOT / "tests" / "wire" / "recordings" / "v0.29.2" / "grpc.jsonl"
    program = build / "tests" / "bench" / "read_cost"
    if not program.exists():
        sys.exit("%s is not built; ./x bench builds it (the target read_cost of a build with OURO_BENCH)" % program)
    out = subprocess.run([program, recording], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    for line in out.splitlines():
        if line.startswith("# "):
            table.section(line[2:])
            continue
        name, value, unit, bound, note = line.split("\t")
        table.row(name, float(value), unit, float(bound) if bound else None, note)


def main():
    parser = argparse.ArgumentParser(prog="./x bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--gate", action="store_true", help="exit status 1 if a bound is broken")
    parser.add_argument("--sizes", default="10,100,1000,10000", help="numbers of nodes for the reads")
    parser.add_argument("--lists", action="store_true", help="only what reading a list of nodes costs")
    parser.add_argument("--cli", action="store_true",
                        help="only what the command line costs beside headscale's own, which HEADSCALE_BIN names")
    args = parser.parse_args()
    table = Table()
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    print("ouroboros-web of %s, load average %s at the start" % (args.build, load))
    if args.lists or not args.cli:
        measure_lists(table, args.build)
    if args.cli or not args.lists:
        bench_cli.measure(table, args.build)
    if not args.lists and not args.cli:
        measure_hundred(table, args.build)
        measure_weight(table, args.build)
        measure_reads(table, args.build, [int(x) for x in args.sizes.split(",")])
    if table.broken:
        print("\nbroken bounds: " + ", ".join(table.broken))
    return 1 if table.broken and args.gate else 0


if __name__ == "__main__":
    sys.exit(main())
