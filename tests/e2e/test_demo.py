"""./x demo as a newcomer meets it."""
import json
import re
import signal
import subprocess
import sys

from harness.process import SLOWER, TESTS, build_directory, plain_environment

DEMO = [sys.executable, TESTS / "tools" / "demo.py", "--build", build_directory()]


def test_check_mode():
    done = subprocess.run([*DEMO, "--check"], capture_output=True, text=True, timeout=60 * SLOWER,
                          env=plain_environment())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all is well" in done.stdout


def test_serves_lets_a_device_join_and_ends_cleanly(workspace, visit):
    demo = workspace.start("demo", [*DEMO, "--generation", "0.23"], environment=plain_environment(), grace=30)
    text = ""
    while "Ctrl-C" not in text:
        text += demo.line(30)
    base = re.search(r"http://127\.0\.0\.1:\d+/ouroboros", text).group()

    class Site:
        @staticmethod
        def url(path="/"):
            return base + path
    v = visit(Site)
    v.sign_in("mia")
    assert len(v.rows("mine")) == 8 and len(v.rows("theirs")) == 14
    assert "you keep this device" in v.rows("mine")["backup-1"]
    device = workspace.start("device", [*DEMO, "device", "--hostname", "joining"], environment=plain_environment(), clean=(0,))
    link = device.wait_log(re.compile(r"http://\S+/register/\S+"), 20).group()
    v.page.goto(link)
    v.add_device()
    assert device.child.wait(20 * SLOWER) == 0
    assert "Success." in device.log()
    device.stopped = True
    state = json.loads((TESTS.parent / "build" / "demo.json").read_text())
    assert state["pid"] == demo.pid
    demo.signal(signal.SIGINT)
    assert demo.child.wait(30 * SLOWER) == 0
    demo.stopped = True
    assert not (TESTS.parent / "build" / "demo.json").exists()
