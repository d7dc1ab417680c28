"""How it looks: tables as wide as the terminal, colour, questions, watching, and output that nobody reads any more."""
import os
import pathlib
import re
import signal
import subprocess
import time

import pexpect
import pyte
import pytest
from cli_place import is_root
from harness import stack
from harness.process import Workspace

SNAPSHOTS = pathlib.Path(__file__).resolve().parent / "snapshots"
DAY = 86400

# name, values: what a table has to cope with; times are whole days from now, so that the words stay the same
WORLD = [
    ("laptop", dict(user="mia", online=True, expiry=12 * DAY)),
    ("attic", dict(user="mia", online=True, routes=["0.0.0.0/0", "::/0", "10.0.0.0/24", "192.168.7.0/24"],
                   approved=["0.0.0.0/0", "::/0", "10.0.0.0/24"])),
    ("phone", dict(user="mia", last_seen=-3 * DAY, expiry=-2 * DAY)),
    ("a-very-long-name-that-somebody-gave-to-the-raspberry-in-the-cellar", dict(user="tom", last_seen=-100 * DAY)),
    ("büro-日本語-pc", dict(user="tom", last_seen=-1 * DAY, expiry=400 * DAY)),
    ("nas", dict(user="tom", online=True, tags=["tag:backup", "tag:storage"])),
]


@pytest.fixture(scope="module")
def still():
    """a tailnet whose table is always the same"""
    from cli_place import Cli
    with Workspace() as workspace:
        headscale = stack.Headscale(workspace, "0.30", world="empty", ways=("socket",))
        for user in ("mia", "tom"):
            stack.ask(headscale.control + "/users", {"name": user})
        for name, values in WORLD:
            headscale.add_node(name, given_name=name, **values)
        cli = Cli(workspace.path / "home", "--socket", headscale.socket)
        cli.headscale = headscale
        yield cli


def held(name, text):
    """against the committed file; OURO_SNAPSHOTS=write writes it"""
    path = SNAPSHOTS / (name + ".txt")
    if os.environ.get("OURO_SNAPSHOTS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("words", [["nodes", "list"], ["routes", "list"], ["nodes", "list", "--as", "mia"]], ids="_".join)
def test_tables(still, words, width):
    out = still.ok(*words, COLUMNS=width).out
    columns = [pyte_width(line) for line in out.splitlines()]
    assert max(columns) <= width
    held("%s.%d" % ("_".join(w.lstrip("-") for w in words), width), out)


def pyte_width(line):
    """columns, by another program's understanding of wide characters"""
    screen = pyte.Screen(400, 1)
    pyte.Stream(screen).feed(line)
    return screen.cursor.x


def test_into_a_pipe_nothing_is_left_out(still):
    out = still.ok("nodes", "list").out
    assert WORLD[3][0] in out and "tag:backup tag:storage" in out and "\x1b" not in out


def spawn(cli, *words, columns=100, lines=30, **more):
    command = cli.command(*words)
    return pexpect.spawn(command[0], command[1:], env=cli.environ(**more), dimensions=(lines, columns), timeout=20,
                         encoding="utf-8")


def ended(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def screen_of(text, columns=100, lines=30):
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(text)
    return [line.rstrip() for line in screen.display]


def test_on_a_terminal(still):
    child = spawn(still, "nodes", "list", columns=80)
    assert ended(child) == 0
    assert "\x1b[32monline\x1b[0m" in child.before
    shown = [line for line in screen_of(child.before, 80) if line]
    assert shown == still.ok("nodes", "list", COLUMNS=80).out.splitlines()


@pytest.mark.parametrize("more", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour(still, more):
    child = spawn(still, "nodes", "list", **more)
    assert ended(child) == 0 and "\x1b" not in child.before


@pytest.mark.parametrize("answer, gone", [("n", False), ("", False), ("y", True), ("yes", True)])
def test_asking(still, answer, gone):
    node = still.headscale.add_node("asked", user="mia", given_name="asked")
    child = spawn(still, "nodes", "delete", "asked")
    child.expect(r"Remove asked \(id %d\) for good\?.*\[y/N\] " % node["id"])
    child.sendline(answer)
    assert ended(child) == (0 if gone else 1)
    assert (still.headscale.node(node["id"]) is None) == gone
    assert gone or "Nothing was done." in child.before
    if not gone:
        still.headscale.remove(node["id"])


def test_what_changed_since_it_was_asked_about_stays(still):
    node = still.headscale.add_node("moving", user="mia", given_name="moving")
    child = spawn(still, "nodes", "delete", "moving")
    child.expect(r"\[y/N\] ")
    still.headscale.change(node["id"], given_name="moved-on")
    child.sendline("y")
    assert ended(child) == 1 and "changed" in child.before
    assert still.headscale.node(node["id"])
    still.headscale.remove(node["id"])


def test_something_is_said_while_an_answer_takes_long(still):
    still.headscale.fault("delay", method="*", delay_ms=1500)
    try:
        child = spawn(still, "nodes", "list")
        child.expect("Asking .*hs|Asking .*sock")
        assert ended(child) == 0
        assert not [line for line in screen_of(child.before) if "Asking" in line]
        assert "Asking" not in still.ok("nodes", "list").err
    finally:
        still.headscale.calm()


def test_watch_on_a_terminal(still):
    child = spawn(still, "nodes", "list", "--watch", "0.3", "--search", "laptop")
    child.expect("laptop")
    child.expect("\x1b\\[H\x1b\\[2J.*laptop")
    child.sendintr()
    assert ended(child) == 0


def test_watch_into_a_pipe(still):
    process = subprocess.Popen(still.command("nodes", "list", "--watch=0.2", "-o", "json"), env=still.environ(), stdout=subprocess.PIPE)
    lines = [process.stdout.readline() for _ in range(3)]
    assert all(line.startswith(b'{"nodes":[') for line in lines)
    process.stdout.close()
    assert process.wait(20) == 0
    assert still.run("nodes", "list", "--watch=1e9").code == 2


def test_watch_goes_on_while_the_server_is_away(still):
    process = subprocess.Popen(still.command("nodes", "list", "--watch=0.3"), env=still.environ(), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        assert b"ID" in process.stdout.readline()
        still.headscale.stop_api()
        time.sleep(1.5)
        assert process.poll() is None
    finally:
        still.headscale.start_api()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_nobody_reads_the_rest(still):
    """a closed pipe ends it, without a word"""
    for words in (["nodes", "list", "-o", "json"], ["help"], ["routes", "list"]):
        reading, writing = os.pipe()
        os.close(reading)
        process = subprocess.Popen(still.command(*words) if words != ["help"] else [still.command()[0], "help"], env=still.environ(),
                                   stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize("words", [["version"], ["help"], ["nodes", "list", "-o", "json"]], ids="_".join)
def test_a_full_disk_is_told(still, words):
    command = still.command(*words) if words[0] == "nodes" else [still.command()[0], *words]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, env=still.environ(), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and b"writing the output failed" in done.stderr


def test_streams_that_are_closed(still):
    done = subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *still.command("nodes", "list")], env=still.environ(), check=False)
    assert done.returncode == 0


def test_a_qr_code(still):
    out = still.ok("keys", "create", "--user", "mia", "--qr").out
    rows = [line for line in out.splitlines() if line and set(line) <= set("█▀▄ ")]
    assert len(rows) >= 15 and len({len(r) for r in rows}) == 1


def test_the_memory_cannot_be_read(still):
    """no core file, no debugger of the same user: the token is in there"""
    process = subprocess.Popen(still.command("nodes", "list", "--watch=5"), env=still.environ(), stdout=subprocess.PIPE)
    process.stdout.readline()
    limits = pathlib.Path("/proc/%d/limits" % process.pid).read_text() if is_root() else "Max core file size 0 0"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert re.search(r"Max core file size +0 +0", limits)
