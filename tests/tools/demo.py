#!/usr/bin/env python3
"""./x demo: a simulated tailnet and a simulated GitHub, with the real ouroboros-web in front. Ctrl-C ends all of it.

demo.py --build DIR            serve until Ctrl-C
demo.py --build DIR --check    start, sign in, look at the devices, stop; exit status 0 if all went well
demo.py --build DIR device [--hostname NAME] [--routes PREFIXES]
                               a new device asks to join the running demo
"""
import argparse
import json
import os
import pathlib
import signal
import socket
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True

from harness import client, stack  # noqa: E402
from harness.process import Failed, Workspace, free_port  # noqa: E402

STATE = ROOT / "build" / "demo.json"
# All that an administrator can let people do.
RULES = {"keys": {"longest": "30d", "reusable": True, "ephemeral": True}, "extend_expiry": {"longest": "180d", "never": True},
         "keepers": {"tag:backup": ["sink"], "tag:web": {"users": ["jim"], "remove": True}}}

WELCOME = """
  Ouroboros is up:  %(base)s/

  Sign in with the (simulated) GitHub as
    mia   she has seven devices: a router with a route to approve, an exit node, an old laptop that is logged out;
          she also keeps backup-1, which carries a tag and belongs to nobody
    jim   he has five, with two exit nodes to switch on
    zoe   nobody has given her account any devices

  Let a new device join. In another terminal:
    ./x demo device --hostname my-laptop
  and open the link that it prints.

  Keys let devices join without a browser, tokens let programs in; both are in the menu.

  This is a simulated Headscale %(generation)s: nothing here is real. Ctrl-C ends it.
"""


class Stopped(Exception):
    pass


def friendly_port():
    """8080 if it is free, else the next ones, else any"""
    for port in range(8080, 8100):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    return free_port()


def start(workspace, build, generation, port):
    headscale = stack.Headscale(workspace, generation, login_url="http://127.0.0.1:%d" % port)
    github = stack.GitHub(workspace)
    return headscale, stack.Web(workspace, headscale, github, build=build, port=port, RULES=json.dumps(RULES),
                                STATE_DIR=str(workspace.path), RATE_LIMIT_PERCENT=None)


def serve(args):
    with Workspace() as workspace:
        headscale, web = start(workspace, args.build, args.generation, args.port or friendly_port())
        STATE.parent.mkdir(exist_ok=True)
        STATE.write_text(json.dumps({"pid": os.getpid(), "control": headscale.control, "url": web.base + "/"}))
        try:
            print(WELCOME % {"base": web.base, "generation": args.generation}, flush=True)
            while True:
                time.sleep(0.5)
                for p in workspace.processes:
                    if not p.alive():
                        raise Failed("%s ended (%s)\n%s" % (p.name, p.fate(), p.log()[-4000:]))
        finally:
            STATE.unlink(missing_ok=True)


def check(args):
    """the journey's first steps, without a browser"""
    with Workspace() as workspace:
        headscale, web = start(workspace, args.build, args.generation, free_port())
        person = client.Client()
        person.sign_in(web.base)
        assert person.url == web.base + "/", "sign-in ended at " + person.url
        mine = [n["given_name"] for n in headscale.nodes() if n["user"] == "sink"]
        missing = [name for name in mine if name not in person.text]
        assert mine and not missing, "devices are missing from the page: %s" % missing
        device = headscale.announce("checked")
        person.get(device["url"])
        person.press("Add device")
        assert any(n["name"] == "checked" and n["user"] == "sink" for n in headscale.nodes()), "the device was not added"
        person.get(web.base + "/keys")
        person.press("Make a key", lifetime="3600")
        assert "--auth-key=" in person.text and headscale.keys(), "no key was made"
        person.get(web.base + "/tokens")
        person.press("Make a token", name="checked", lifetime="604800")
        assert "ouro_pat_" in person.text, "no token was made"
    print("demo: all is well (%d devices shown, one added, a key and a token made)" % len(mine))


def device(args):
    try:
        state = json.loads(STATE.read_text())
        os.kill(state["pid"], 0)
    except (OSError, ValueError):
        sys.exit("No demo is running here. Start one first, in another terminal: ./x demo")
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "tests"), PYTHONDONTWRITEBYTECODE="1")
    os.execve(sys.executable, [sys.executable, "-m", "simulator", "up", "--control", state["control"], "--hostname",
                               args.hostname, "--routes", args.routes], environment)


def stop(number, frame):
    raise Stopped


def main():
    parser = argparse.ArgumentParser(prog="./x demo", description="A simulated tailnet with the real pages in front.")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release", help="build directory")
    parser.add_argument("--generation", choices=("0.23", "0.29"), default="0.29", help="which Headscale to simulate")
    parser.add_argument("--port", type=int, help="port of the pages; default 8080 if it is free")
    parser.add_argument("--check", action="store_true", help="start, look, stop")
    commands = parser.add_subparsers(dest="command")
    joining = commands.add_parser("device", help="a new device asks to join the running demo")
    joining.add_argument("--hostname", default="laptop")
    joining.add_argument("--routes", default="", help="prefixes that it offers, comma-separated")
    args = parser.parse_args()
    if args.command == "device":
        return device(args)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        (check if args.check else serve)(args)
    except Stopped:
        print("\nThe demo is over.")
    except (Failed, AssertionError) as e:
        sys.exit("demo: %s" % e)
    return 0


if __name__ == "__main__":
    sys.exit(main())
