"""Handles: closed in any order, used by several threads, never used after they are closed, and nothing is left of them."""
import copy
import gc
import os
import pathlib
import pickle
import subprocess
import sys
import threading
import time

import pytest
from harness import stack
from harness.library import MIA, ouroboros, tailnet
from harness.process import SLOWER, wait_until


@pytest.fixture(scope="module", params=["0.29"])
def headscale(request, place):
    """one that has all ways in"""
    return stack.Headscale(place, request.param, ways=("grpc", "http", "socket"))


def held():
    """(open files, threads) of this process"""
    gc.collect()
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))


def gone_back_to(before):
    """closing is done when it returns; only Python's own threads of a test take a moment"""
    wait_until(lambda: not more(before), 3, "what was opened is closed: %s, %s" % (before, held()))


def more(before):
    return any(now > then for now, then in zip(held(), before, strict=True))


def session(headscale, way, store=None):
    """all that a program opens; a node list was read"""
    server = tailnet(headscale, way, log=lambda level, line: None)
    directory = ouroboros.Directory({MIA.id: "sink"})
    kept = ouroboros.Store(store) if store else None
    portal = ouroboros.Portal(server, directory, store=kept, audit=lambda line: None, clock=time.time)
    mia = portal.person(MIA)
    assert len(mia.nodes()) > 5
    return [part for part in (server, directory, kept, portal, mia) if part is not None]


@pytest.mark.parametrize("way", ("grpc", "http", "socket"))
def test_nothing_is_left(headscale, way, tmp_path):
    for part in reversed(session(headscale, way, tmp_path)):
        part.close()  # what libraries keep for the whole process is there now
    before = held()
    for _ in range(5):
        parts = session(headscale, way, tmp_path)
        assert more(before), "something is open while it is used"
        for part in reversed(parts):
            part.close()
    gone_back_to(before)


def test_any_order(headscale, tmp_path):
    before = held()
    server, directory, store, portal, mia = session(headscale, "grpc", tmp_path)
    for part in (server, directory, store, portal):
        part.close()
        assert part.closed
    assert len(mia.nodes()) > 5, "what a person stands on lives as long as the person"
    with pytest.raises(ouroboros.Closed):
        portal.person(MIA)
    with pytest.raises(ouroboros.Closed):
        server.status()
    assert more(before)
    mia.close()
    gone_back_to(before)


def test_nobody_has_it_any_more(headscale):
    before = held()
    parts = session(headscale, "http")
    assert more(before)
    del parts
    gone_back_to(before)


def test_use_after_close(headscale, tmp_path):
    server, directory, store, portal, mia = session(headscale, "socket", tmp_path)
    sessions = ouroboros.Sessions("https://vpn.example.org")
    github = ouroboros.GitHub("id", "secret", "https://vpn.example.org/callback", sessions)
    made, _ = sessions.begin(MIA)
    settings = ouroboros.Settings(environment=a_setting())
    parts = (mia, portal, store, directory, server, github, sessions, settings)
    for part in parts:
        part.close()
        part.close()
    uses = (
        lambda: mia.nodes(), lambda: mia.rename(1, "x"), lambda: mia.users, lambda: mia.keys(), lambda: mia.tokens(),
        lambda: portal.person(MIA), lambda: portal.holder(), lambda: store.check(), lambda: len(directory),
        lambda: directory.reload({}), lambda: server.check(), lambda: server.status(), lambda: github.begin("x"),
        lambda: sessions.begin(MIA), lambda: sessions.end(made), lambda: settings.text("listen"), lambda: settings.tailnet(),
        lambda: ouroboros.Portal(server, directory),
    )
    for use in uses:
        with pytest.raises(ouroboros.Closed, match="is closed"):
            use()
    for part in parts:
        with pytest.raises(ouroboros.Closed), part:
            pass


def a_setting():
    return {"HS_LOGIN_URL": "vpn.example.org", "GH_CLIENT_ID": "x", "GH_CLIENT_SECRET": "y", "USER_MAP": '{"1": "a"}'}


def test_failing_to_open_leaves_nothing(headscale, tmp_path):
    (tmp_path / "ouroboros.db").write_text("no database, but longer than a header of one would be" * 40)
    before = held()
    for _ in range(3):
        for make in (lambda: ouroboros.Tailnet("host:1"), lambda: ouroboros.Store(tmp_path),
                     lambda: ouroboros.Directory({"no number": "x"}), lambda: ouroboros.Settings(environment={})):
            with pytest.raises(ouroboros.Error):
                make()
    with tailnet(headscale) as server, pytest.raises(ouroboros.Closed):
        ouroboros.Portal(server, closed_directory())
    gone_back_to(before)


def closed_directory():
    directory = ouroboros.Directory({MIA.id: "sink"})
    directory.close()
    return directory


def test_a_handle_is_not_copied(headscale):
    with tailnet(headscale) as server:
        for make in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be"):
                make(server)


# ---- threads


def test_calls_from_many_threads(headscale):
    server, directory, portal, mia = session(headscale, "grpc")
    seen, errors = [], []

    def work(number):
        try:
            for turn in range(5):
                node = headscale.add_node("thread-%d-%d" % (number, turn))
                with portal.person(MIA) as person:
                    person.rename(node["id"], "by-thread-%d-%d" % (number, turn))
                    seen.append(person.node(node["id"]).name)
                    person.delete(node["id"])
        except Exception as e:  # shown by the assertion below
            errors.append(e)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60 * SLOWER)
    assert errors == [] and sorted(seen) == sorted("by-thread-%d-%d" % (i, j) for i in range(8) for j in range(5))
    for part in (mia, portal, directory, server):
        part.close()


def test_the_interpreter_goes_on_while_a_call_waits(headscale):
    with tailnet(headscale) as server, ouroboros.Directory({MIA.id: "sink"}) as directory, \
            ouroboros.Portal(server, directory) as portal, portal.person(MIA) as mia:
        mia.nodes()
        headscale.fault("delay", delay_ms=800, method="*")
        try:
            turns = 0
            thread = threading.Thread(target=server.check)
            thread.start()
            while thread.is_alive():
                turns += 1
                time.sleep(0.001)
        finally:
            headscale.calm()
        assert turns > 20


def test_closing_under_a_call(headscale):
    """the call ends as if nothing had happened; what it used is released after it"""
    before = held()
    server, directory, portal, mia = session(headscale, "grpc")
    headscale.fault("delay", delay_ms=500, method="ListNodes", count=1)
    found, entered = [], threading.Event()

    def look():
        entered.set()
        found.append(mia.nodes())
    thread = threading.Thread(target=look)
    time.sleep(0.01)  # the snapshot is too old then
    headscale.reset_calls()
    thread.start()
    entered.wait(5)
    wait_until(lambda: headscale.calls().get("ListNodes"), 5, "the call is under way")
    for part in (server, directory, portal, mia):
        part.close()
    with pytest.raises(ouroboros.Closed):
        mia.nodes()
    thread.join(20 * SLOWER)
    headscale.calm()
    assert len(found) == 1 and len(found[0]) > 5
    gone_back_to(before)


def test_many_threads_open_and_close_the_same(headscale):
    """whoever comes too late is told so; nobody meets what was released"""
    before = held()
    for _ in range(20):
        server, directory, portal, mia = session(headscale, "socket")
        start, outcomes = threading.Barrier(4), []

        def use(mia=mia, portal=portal, start=start, outcomes=outcomes):
            start.wait()
            try:
                with portal.person(MIA) as person:
                    outcomes.append(len(person.users) + len(mia.users))
            except ouroboros.Closed:
                outcomes.append(2)

        def close(parts=(portal, mia, server, directory), start=start):
            start.wait()
            for part in parts:
                part.close()
        threads = [threading.Thread(target=f) for f in (use, use, close, close)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20 * SLOWER)
        assert outcomes == [2, 2]
        del mia, portal, server, directory, threads
    gone_back_to(before)


# ---- processes

PROGRAM = """
import os, sys, threading, time
import ouroboros
lines = []
server = ouroboros.Tailnet(sys.argv[1], sys.argv[2], plaintext=True, log=lambda level, line: lines.append(line))
directory = ouroboros.Directory({1: "sink"})
portal = ouroboros.Portal(server, directory)
one = portal.person(ouroboros.Identity(1))
one.nodes()
"""


def program(headscale, rest):
    python = pathlib.Path(ouroboros.__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": str(python)}
    command = [sys.executable, "-X", "faulthandler", "-c", PROGRAM + rest, headscale.grpc.rpartition("/")[2], headscale.api_key]
    return subprocess.run(command, capture_output=True, text=True, timeout=60 * SLOWER, env=environment)


def test_a_program_ends_without_closing_anything(headscale):
    done = program(headscale, "threading.Thread(target=one.nodes, daemon=True).start()\nprint('end', bool(lines))\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "end True\n", "")


def test_a_program_ends_by_an_exception(headscale):
    done = program(headscale, "raise SystemExit(3)\n")
    assert (done.returncode, done.stderr) == (3, "")


def test_after_a_fork(headscale):
    """the child is told, closes nothing of its parent's, and the parent goes on"""
    done = program(headscale, """
child = os.fork()
if child == 0:
    try:
        one.nodes()
    except ouroboros.Closed as e:
        print("child:", e, flush=True)
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print("parent:", len(one.nodes()) > 5)
""")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "child: this Person was made before the process forked: make one here\nparent: True\n"


def test_interrupted_in_a_callback(headscale):
    """Control-C while Python is called back ends the call's own line, not C"""
    done = program(headscale, """
import signal
def audit(line):
    signal.raise_signal(signal.SIGINT)
with ouroboros.Portal(server, directory, audit=audit) as second, second.person(ouroboros.Identity(1)) as two:
    try:
        two.delete(2**40)
        print("not reached")
    except KeyboardInterrupt:
        print("interrupted")
    print(len(one.nodes()) > 5)
""")
    assert (done.returncode, done.stdout) == (0, "interrupted\nTrue\n"), done.stderr
