"""What Headscale's own command line says to Ouroboros and what it is told, recorded once and replayed by the tests.

    HEADSCALE_CLIENT=/path/to/headscale PYTHONPATH=tests build/venv/bin/python tests/rest/conversation.py

writes recordings/client.jsonl anew: one exchange a line, in order, each with the command that it belongs to. What differs from run
to run is a word in angle brackets: <token>, <key N> (of a waiting device), <in N> (a time so many seconds ahead), <time>, <secret> (a
pre-auth key)."""
import datetime
import http.client
import http.server
import json
import pathlib
import re
import sys
import threading

from harness import stack, upstream
from harness.process import Workspace

FILE = pathlib.Path(__file__).resolve().parent / "recordings" / "client.jsonl"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
SECRET = re.compile(r"(hskey-auth-[0-9a-f]{12}-)[0-9a-f]{64}")
HINT = re.compile(r"hskey-auth-[0-9a-f]{12}")
# Devices that wait before the conversation begins.
WAITING = ("asks-first", "asks-second")
KEPT_HEADERS = ("content-type", "content-length", "accept", "accept-encoding", "user-agent")

COMMANDS = [
    "nodes list", "nodes list -o json", "nodes list -u jim", "nodes list -u nobody", "nodes list-routes", "nodes list-routes -i 4",
    "nodes rename -i 1 renamed", "nodes rename -i 1 jims-iphone", "nodes rename -i 1 no_name", "nodes rename -i 8 stolen",
    "nodes expire -i 1", "nodes expire -i 8", "nodes expire -i 2 -e <in 2592000>", "nodes expire -i 2 -e <in 31536000>",
    "nodes expire -i 2 -d", "nodes approve-routes -i 4 -r 192.168.1.0/24,192.168.2.0/24", "nodes approve-routes -i 4 -r 10.9.0.0/16",
    "nodes approve-routes -i 8 -r 10.9.0.0/16", "nodes delete -i 3 --force", "nodes delete -i 8 --force", "nodes delete -i 3 --force",
    "nodes register -u sink -k <key 0>", "auth register --user sink --auth-id <key 1>", "auth register --user jim --auth-id <key 1>",
    "nodes register -u sink -k nonsense", "preauthkeys list", "preauthkeys create -e 24h --reusable", "preauthkeys create -e 30d",
    "preauthkeys create -u 2", "preauthkeys create --tags tag:web", "preauthkeys list", "preauthkeys expire -i 3",
    "preauthkeys delete -i 3", "preauthkeys expire -i 4711", "users list", "users list -n sink", "users list -n jim", "users create eve",
    "users destroy -i 1 --force", "users rename -i 1 -r eve", "nodes tag -i 1 -t tag:web", "nodes backfillips --force", "apikeys list",
    "apikeys create", "policy get", "auth approve --auth-id <key 1>", "health"]


def start(workspace, github):
    """the world of the conversation: (place, keys of what waits)"""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    from rest_place import Place
    place = Place(workspace, github, "0.30")
    keys = [place.headscale.announce(name, online_after="never")["key"] for name in WAITING]
    return place, keys


class Words:
    """from this run to every run, and back"""

    def __init__(self, token, keys):
        self.token, self.keys = token, keys

    def general(self, text, ahead=False):
        """ahead: times are counted from now; else they are just times"""
        token = self.token.split("_")[2]
        text = text.replace(token, "<token>").replace('"%d"' % int(token, 16), '"<token>"')
        for i, key in enumerate(self.keys):
            text = text.replace(key, "<key %d>" % i)
        text = HINT.sub("<secret>", SECRET.sub("<secret>", text))
        return TIME.sub(lambda m: self._ahead(m[0]) if ahead else "<time>", text)

    @staticmethod
    def _ahead(text):
        left = datetime.datetime.fromisoformat(text) - datetime.datetime.now(datetime.timezone.utc)
        return "<in %d>" % round(left.total_seconds())

    def special(self, text):
        now = datetime.datetime.now(datetime.timezone.utc)
        text = re.sub(r"<key (\d+)>", lambda m: self.keys[int(m[1])], text)
        return re.sub(r"<in (-?\d+)>", lambda m: (now + datetime.timedelta(seconds=int(m[1]))).strftime("%Y-%m-%dT%H:%M:%SZ"), text)


class Recorder:
    """stands between the command line and Ouroboros, and writes down what passes"""

    def __init__(self, web, words):
        recorder, self.exchanges, self.command = self, [], None

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self):
                recorder.pass_on(self, web, words)
            do_GET = do_POST = do_PUT = do_DELETE = do

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = "http://127.0.0.1:%d/ouroboros" % self.server.server_port

    def pass_on(self, handler, web, words):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
        headers = {n: v for n, v in handler.headers.items() if n.lower() not in ("host", "connection")}
        connection.request(handler.command, handler.path, body or None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.exchanges.append({
            "command": self.command, "method": handler.command, "path": words.general(handler.path),
            "headers": {n.lower(): v for n, v in headers.items() if n.lower() in KEPT_HEADERS},
            "body": words.general(body.decode(), ahead=True), "status": answer.status,
            "content_type": answer.getheader("Content-Type"), "answer": words.general(text.decode())})
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.getheader("Content-Type"))
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)


def main():
    binary = upstream.find()
    if binary is None:
        sys.exit("set HEADSCALE_CLIENT to a headscale of 0.30")
    with Workspace() as workspace:
        place, keys = start(workspace, stack.GitHub(workspace))
        token = place.tokens.make()
        words = Words(token, keys)
        recorder = Recorder(place.web, words)
        client = upstream.CommandLine(binary, workspace.path, recorder.base, token)
        for command in COMMANDS:
            recorder.command = command
            client.run(*words.special(command).split(" "))
    FILE.write_text("".join(json.dumps(e) + "\n" for e in recorder.exchanges))
    print("%d exchanges of %d commands" % (len(recorder.exchanges), len(COMMANDS)))


if __name__ == "__main__":
    main()
