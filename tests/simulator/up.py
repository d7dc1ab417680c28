"""`python -m simulator up`: stands in for `tailscale up` on a new device. Prints the link, waits until it is in."""
import json
import sys
import time
import urllib.request

TEXT = "\nTo authenticate, visit:\n\n\t%s\n\n"


def arguments(parser):
    parser.add_argument("--control", metavar="URL", required=True, help="the control URL of a simulated Headscale")
    parser.add_argument("--hostname", default="laptop")
    parser.add_argument("--machine", help="a name for the machine: the same one again is the same machine")
    parser.add_argument("--routes", default="", help="announced prefixes, comma-separated")
    parser.add_argument("--timeout", type=float, help="give up after so many seconds, exit status 1")


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=10) as answer:
        return json.load(answer)


def main(args):
    control = args.control.rstrip("/")
    body = {"hostname": args.hostname, "routes": [r for r in args.routes.split(",") if r]}
    if args.machine:
        body["machine"] = args.machine
    device = call(control + "/announce", body)
    shown, started = None, time.monotonic()
    try:
        while device["state"] != "in":
            # a server that restarts, or a link that ran out, makes the waiting client print a second link
            if device["state"] == "waiting" and device["url"] != shown:
                shown = device["url"]
                print(TEXT % shown, end="", file=sys.stderr, flush=True)
            if args.timeout is not None and time.monotonic() - started > args.timeout:
                print("timeout waiting for the log-in", file=sys.stderr)
                return 1
            time.sleep(0.1)
            device = call("%s/announce/%s" % (control, device["id"]))
    except KeyboardInterrupt:
        return 130
    print("Success.", file=sys.stderr)
    return 0
