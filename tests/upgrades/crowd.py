"""Fifty people with browsers, at work on their devices: what they do, what they see and what they are told.

Each browser is a thread without a browser's engine; several share a session, as tabs do. A browser that changes things has
devices of its own, so that whatever becomes of them is its doing. It writes down every attempt; ledger.py holds them against
the server's own books.
"""
import http.client
import random
import re
import threading
import time
import urllib.parse

from harness.client import Client
from harness.process import Failed

DONE, NOT_DONE, UNKNOWN = "done", "not done", "unknown"
# Longer than ouroboros-web waits for a write that is not answered.
PATIENCE = 25
STALE = "Headscale has not answered for"
REFUSALS = re.compile("nothing was (changed|done|added)|This link no longer works", re.IGNORECASE)
AS_OF = re.compile(r'id="asof"[^>]*>as of (\d+) s ago(?: · Headscale ([^<]+))?<')
# A list counts as fresh for 2 s and may be waited for; the page shows whole seconds.
FRESH_SECONDS = 5


class Wrong(Exception):
    """what no person may ever see"""


class Page:
    def __init__(self, began, answer):
        self.began, self.status, self.location = began, answer.status, answer.getheader("Location") or ""
        self.text = answer.read().decode()
        self.ended = time.time()

    @property
    def stale(self):
        return STALE in self.text

    def find(self, pattern):
        found = re.search(pattern, self.text)
        return found and found.group(1)

    def shown(self):
        """what it says, for messages"""
        words = re.sub("<[^>]*>", " ", self.text.partition("<main")[2] or self.text)
        return "%d %s %s" % (self.status, self.location, " ".join(words.split())[:400])

    def told(self):
        """what became of a change, in the words of the page"""
        if self.status == 303 and ("?done=" in self.location or "/wait?" in self.location):
            return DONE
        if self.status == 504 and "It is not known what happened" in self.text:
            return UNKNOWN
        if 400 <= self.status < 600 and self.status != 500 and REFUSALS.search(self.text):
            return NOT_DONE
        raise Wrong("a change was answered with " + self.shown())


class Attempt:
    """somebody pressed a button; subject: the device's number, or the key of one that waits"""

    def __init__(self, action, subject, wanted, began):
        self.action, self.subject, self.wanted, self.began = action, subject, wanted, began
        self.ended, self.told = None, None

    def __repr__(self):
        return "%s %s -> %s: %s (%.3f to %.3f)" % (self.action, self.subject, self.wanted, self.told, self.began, self.ended)


class Browser(threading.Thread):
    """looks at nothing and does nothing: see below. pause: seconds between two clicks, about"""
    pause = 0.3

    def __init__(self, crowd, account):
        super().__init__(daemon=True)
        self.crowd, self.place, self.account = crowd, crowd.place, account
        self.where = urllib.parse.urlsplit(self.place.web.origin)

    def run(self):
        pause = random.uniform(0, self.pause)
        while not self.crowd.over.wait(pause):
            try:
                self.step()
            except Exception as e:  # every one of them fails the test
                self.crowd.faults.append("%s of %s at %.3f: %s: %s" % (type(self).__name__, self.account, time.time(),
                                                                      type(e).__name__, e))
                return
            pause = random.uniform(0.5, 1.5) * self.pause

    def step(self):
        raise NotImplementedError

    # ---- requests

    def _send(self, method, path, body=None):
        began = time.time()
        headers = {"Cookie": self.place.cookies[self.account]}
        if body is not None:
            headers.update({"Origin": self.place.web.origin, "Content-Type": "application/x-www-form-urlencoded"})
        connection = http.client.HTTPConnection(self.where.hostname, self.where.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            return Page(began, connection.getresponse())
        finally:
            connection.close()

    def get(self, path):
        """a page of the site; there is always a list to show, however old"""
        page = self._send("GET", urllib.parse.urlsplit(self.place.web.url(path)).path)
        if page.status != 200:
            raise Wrong("%s was answered with %s" % (path, page.shown()))
        if 'id="stale"' in page.text:
            self.crowd.looks.append((page.began, page.ended, page.stale))
        return page

    def press(self, page, path, action, subject, wanted, **fields):
        """send a form of that page; the Attempt, and the page that follows when it is said to be done"""
        for name in ("token", "seen"):
            fields[name] = page.find('name="%s" value="([^"]*)"' % name) or ""
        attempt = Attempt(action, subject, wanted, time.time())
        answer = self._send("POST", urllib.parse.urlsplit(self.place.web.url(path)).path, urllib.parse.urlencode(fields))
        attempt.ended, attempt.told = answer.ended, answer.told()
        self.crowd.attempts.append(attempt)
        after = None
        if attempt.told == DONE:
            where = urllib.parse.urlsplit(answer.location)
            after = self._send("GET", where.path + "?" + where.query)
            if after.status not in (200, 303):
                raise Wrong("after %r came %s" % (attempt, after.shown()))
        return attempt, after


class Watcher(Browser):
    """looks at the list, and holds it against what is known: nobody adds or removes devices of this account"""

    def step(self):
        page = self.get("/")
        mine = self.place.mine[self.account]
        listed = page.text.partition('<tbody id="mine"')[2].partition("</tbody>")[0]
        listed = {int(n) for n in re.findall(r'/nodes/(\d+)"', listed)}
        if listed != mine or page.find(r'id="count"[^>]*>(\d+)<') != str(len(mine)):
            raise Wrong("the list has %s too much, lacks %s" % (sorted(listed - mine), sorted(mine - listed)))
        age = AS_OF.search(page.text)
        if not age or int(age.group(1)) > (page.ended - self.crowd.began + 3 if page.stale else FRESH_SECONDS):
            raise Wrong("a list of %s, %s" % (age and age.group(1), "stale" if page.stale else "fresh"))
        if not page.stale:
            self.crowd.fresh.append((page.began, page.ended, age.group(2)))
        self.get("/routes")


class Reader(Browser):
    """looks at one device after the other"""

    def step(self):
        node = random.choice(sorted(self.place.mine[self.account]))
        page = self.get("/nodes/%d" % node)
        if "(you)" not in page.text:
            raise Wrong("device %d is not %s's: %s" % (node, self.account, page.shown()))


class Renamer(Browser):
    """gives its device name after name, none of them twice"""

    def __init__(self, crowd, account, device):
        super().__init__(crowd, account)
        self.node, self.count = device["id"], 0

    def step(self):
        page = self.get("/nodes/%d" % self.node)
        self.count += 1
        name = "dev-%d-is-%d" % (self.node, self.count)
        attempt, after = self.press(page, "/nodes/%d/rename" % self.node, "rename", self.node, name, name=name)
        if after and not after.stale and name != after.find(r'<h1 id="title"[^>]*>([^<]*)<'):
            raise Wrong("%r, but the page shows %s" % (attempt, after.shown()))


class Switcher(Browser):
    """switches its exit node on and off"""

    def __init__(self, crowd, account, device):
        super().__init__(crowd, account)
        self.node = device["id"]

    def step(self):
        page = self.get("/nodes/%d" % self.node)
        on = page.find('name="on" value="([01])"')
        if on is None:
            raise Wrong("no switch: " + page.shown())
        attempt, after = self.press(page, "/nodes/%d/exit-node" % self.node, "exit-node", self.node, on == "1", on=on)
        if after and not after.stale and after.find('name="on" value="([01])"') == on:
            raise Wrong("%r, but the page shows %s" % (attempt, after.shown()))


class Leaver(Browser):
    """logs its devices out, one after the other; once more when it did certainly not happen"""
    pause = 0.8

    def __init__(self, crowd, account, devices):
        super().__init__(crowd, account)
        self.left = [d["id"] for d in devices]

    def step(self):
        if not self.left:
            self.get("/routes")
            return
        node = self.left[0]
        page = self.get("/nodes/%d/logout" % node)
        attempt, after = self.press(page, "/nodes/%d/expire" % node, "expire", node, True)
        if after and not after.stale and "must log in again" not in after.text:
            raise Wrong("%r, but the page shows %s" % (attempt, after.shown()))
        if attempt.told != NOT_DONE:
            self.left.pop(0)


class Adder(Browser):
    """adds devices by the links that they show; a server that restarts makes them show new ones"""
    pause = 0.7

    def __init__(self, crowd, account, devices):
        super().__init__(crowd, account)
        self.left = list(devices)

    def step(self):
        if not self.left:
            self.get("/add")
            return
        link = self.place.headscale.device(self.left[0])
        page = self.get(link["path"])
        attempt, _ = self.press(page, link["path"], "register", link["key"], self.left[0]["hostname"])
        if attempt.told != NOT_DONE:
            self.left.pop(0)


class Guest(Browser):
    """signs in, again and again"""
    pause = 0.8

    def step(self):
        enter(Client(), self.place.web.base, self.account)


def enter(client, base, account, before=lambda: None):
    """sign in with a pause at GitHub: before() is called there"""
    client.get(base + "/")
    client.press("Sign in with GitHub")
    before()
    client.press("Continue as " + account)
    if client.status != 200 or "Your devices" not in client.text:
        raise Wrong("the sign-in ended with %s %d %s" % (client.url, client.status, client.text[:2000]))


class Crowd:
    """everybody; used with `with`. place: the servers, see conftest.py"""

    def __init__(self, place):
        self.place, self.over, self.began = place, threading.Event(), time.time()
        # Appended to by all. looks: (begin, end, stale) of pages with a place for their age; fresh: (begin, end, version).
        self.attempts, self.faults, self.looks, self.fresh = [], [], [], []
        make = [lambda a: Watcher(self, a)] * 12 + [lambda a: Reader(self, a)] * 8
        self.browsers = [m(("mia", "jim")[i % 2]) for i, m in enumerate(make)]
        self.browsers += [Renamer(self, d["account"], d) for d in place.devices["named"]]
        self.browsers += [Switcher(self, d["account"], d) for d in place.devices["exit"]]
        left = place.devices["left"]
        self.browsers += [Leaver(self, a, [d for d in left if d["account"] == a]) for a in ("mia", "jim")]
        self.browsers += [Adder(self, "zoe", place.waiting[i::2]) for i in (0, 1)]
        self.browsers += [Guest(self, "zoe") for _ in range(2)]

    def __enter__(self):
        for b in self.browsers:
            b.start()
        return self

    def __exit__(self, *exc):
        self.over.set()
        end = time.monotonic() + PATIENCE
        for b in self.browsers:
            b.join(max(0, end - time.monotonic()))
        hanging = [type(b).__name__ for b in self.browsers if b.is_alive()]
        if hanging:
            raise Failed("not answered within %d s: %s" % (PATIENCE, ", ".join(hanging)))

    def told(self, what, since=0.0):
        return [a for a in list(self.attempts) if a.told == what and a.began >= since]

    def sees(self, version, since):
        """when somebody has been shown a fresh list of that server"""
        return min((end for begin, end, v in list(self.fresh) if begin >= since and v == version), default=None)
