"""The tailnets that a simulated server can start with."""
import json

from .records import AUTH_KEY, EXIT, SECOND, ZERO, now
from .state import World

DAY = 86400 * SECOND
HOUR = 3600 * SECOND


def policy_text(band, owner, tags):
    at = "" if band < "E" else "@"
    return json.dumps({"tagOwners": {t: [owner + at] for t in tags},
                       "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}, indent=1)


def set_policy(world, owner, tags):
    world.policy_text, world.policy_time = policy_text(world.band, owner, tags), now()
    world.policy = json.loads(world.policy_text)


def tag(world, node, tags):
    """tags set by an administrator"""
    node.tags = sorted(tags)
    if world.band >= "H":
        node.user = None


def basic(world):
    """the scenario of the recordings: tests/wire/recordings/README.md"""
    w, band = world, world.band
    alice = w.add_user("alice")
    more = {} if band < "C" else dict(display_name="Bob Builder", email="bob@example.com",
                                      picture="https://example.com/bob.png")
    bob, carol = w.add_user("bob", **more), w.add_user("carol")
    set_policy(w, "alice", ("tag:web", "tag:db"))
    month = now() // SECOND * SECOND + 30 * DAY
    w.add_preauthkey(alice, expiration=month)
    reusable = w.add_preauthkey(bob, expiration=month, reusable=True, used=band < "D")
    ephemeral = w.add_preauthkey(bob, expiration=month, ephemeral=True, used=True)
    tagged = w.add_preauthkey(alice, expiration=month, used=True, tags=["tag:db"])
    w.add_preauthkey(alice, expiration=now())
    w.add_preauthkey(alice, expiration=month - 31 * DAY)
    w.add_preauthkey(carol, expiration=month, reusable=True, ephemeral=True)
    if band >= "G":
        w.add_preauthkey(None, expiration=month, reusable=True, tags=["tag:db", "tag:web"])

    def add(host, user, connected=True, **values):
        # of the offline ones 6 and 10 were connected once, which leaves a disco key and, in 0.27.1 and 0.28, year 1
        n = w.add_node(host, user, **values)
        if connected:
            w.set_online(n, True)
        elif "F1" <= band < "H" and n.expiry is None and not (n.pak and n.tags and band >= "G"):
            n.expiry = ZERO
        return n

    add("Alice-Laptop", alice)
    n2 = add("subnet-router", alice, announced=["10.0.0.0/24", "0.0.0.0/0", "::/0"])
    w.announce(n2, n2.announced)
    w.approve(n2, n2.announced)
    n3 = add("Router-Two", bob, announced=["10.0.0.0/24", "192.168.7.0/24"])
    w.announce(n3, n3.announced)
    w.approve(n3, ["10.0.0.0/24"])
    # the recording's routers are no real clients: they do not answer the prober of 0.29
    n2.unhealthy = n3.unhealthy = band >= "H"
    add("phone", bob, False, expiry=now())
    tag(w, add("web-1", alice, False), ["tag:web"])
    add("db-1", alice, False, method=AUTH_KEY, pak=tagged, disco_key=w.hex_key(), tags=["tag:db"])
    add("DebugBox", carol, False, expiry=ZERO, **({"last_seen": ZERO} if band < "F" else {}),
        announced=["172.16.0.0/16"] if band < "H" else [])
    add("runner", bob, method=AUTH_KEY, pak=ephemeral)
    add("Alice-Laptop", bob, False, method=AUTH_KEY, pak=reusable)
    asked = (dict(valid_tags=["tag:web"], invalid_tags=["tag:nope"] if band < "C" else []) if band < "G" else
             dict(tags=["tag:web"]))
    add("wants-tags", alice, False, disco_key=w.hex_key(), **asked)
    w.add_apikey(now() + DAY)
    w.add_apikey(now() - DAY)


def demo(world):
    """four users and twenty-two varied devices, the one behind `./x demo`"""
    w, b = world, world.band < "C"
    people = {}
    for name, full in (("sink", "Mia Sink"), ("jim", "Jim Østergård"), ("ana", "Ana Núñez"), ("ops", "Operations")):
        people[name] = w.add_user(name, created_at=now() - 400 * DAY,
                                  **({} if b else dict(display_name=full, email=name + "@example.com")))
    mia, jim, ana, ops = (people[x] for x in ("sink", "jim", "ana", "ops"))
    set_policy(w, "ops", ("tag:backup", "tag:web"))
    key = dict(expiration=now() + 60 * DAY, created_at=now() - 30 * DAY)
    runner_key = w.add_preauthkey(ops, reusable=True, ephemeral=True, used=w.band < "D", **key)
    backup_key = w.add_preauthkey(ops, used=True, tags=["tag:backup"], **key)

    def add(host, user, online=True, seen=2 * HOUR, joined=90 * DAY, expires=None, given=None, approve=(), announce=(),
            only6=False, only4=False, **values):
        v4, v6 = w.take_addresses()
        if expires is not None:
            values["expiry"] = now() + expires
        n = w.add_node(host, user, ("" if only6 else v4, "" if only4 else v6), given_name=given,
                       created_at=now() - joined, announced=list(announce), **values)
        # every device has once been connected, that is when servers up to 0.25 make the rows of its routes
        w.set_online(n, True)
        if approve:
            w.approve(n, list(approve))
        if not online:
            w.set_online(n, False)
        n.last_seen = now() - seen
        return n

    add("mia-laptop", mia, seen=3 * HOUR, expires=170 * DAY)
    add("Mia’s MacBook Pro", mia, seen=26 * HOUR, expires=6 * DAY)
    add("Pixel-9", mia, online=False, seen=40 * 60 * SECOND, expires=20 * DAY)
    add("home-router", mia, seen=9 * DAY, approve=["192.168.1.0/24"], announce=["192.168.1.0/24", "192.168.2.0/24"])
    add("exit-berlin", mia, seen=12 * DAY, approve=EXIT, announce=EXIT)
    add("old-thinkpad", mia, online=False, seen=210 * DAY, joined=380 * DAY, expires=-30 * DAY)
    add("tv-livingroom", mia, online=False, seen=5 * DAY, only4=True)
    add("büro-pc", jim, seen=5 * HOUR, expires=90 * DAY)
    add("jims-iphone", jim, online=False, seen=15 * 60 * SECOND, expires=2 * HOUR)
    add("exit-oslo", jim, seen=2 * DAY, announce=EXIT)
    # offers IPv4 only: servers up to 0.25 refuse to enable an exit route without its pair, later ones take it
    add("exit-v4-only", jim, seen=3 * DAY, announce=["0.0.0.0/0"])
    add("office-router", jim, seen=8 * DAY, approve=["10.20.0.0/16"], announce=["10.20.0.0/16"])
    add("office-router-2", ana, seen=8 * DAY, approve=["10.20.0.0/16"],
        announce=["10.20.0.0/16", "10.30.0.0/16", "fd12:3456:789a::/48"])
    # 0.24-0.26 would make an empty given name of it, and that stops all clients of 0.25
    add("日本語ホスト", ana, seen=HOUR, expires=45 * DAY, given="nihongo" if "C" <= w.band < "F" else None)
    add("RASPBERRY Pi 4", ana, seen=4 * DAY)
    add("v6-only-sensor", ana, seen=60 * DAY, only6=True)
    add("logged-out-tablet", ana, online=False, seen=3 * DAY, expires=-3 * DAY)
    # expired while its client keeps the connection open: online and expired
    add("expired-desktop", ana, seen=20 * HOUR, expires=-2 * HOUR)
    # a stale approval: nobody announces 172.16.5.0/24 any more
    stale = add("lab-gateway", ops, online=False, seen=33 * DAY, approve=["172.16.5.0/24"], announce=["172.16.5.0/24"])
    w.set_online(stale, True)
    w.announce(stale, [])
    w.set_online(stale, False)
    stale.last_seen = now() - 33 * DAY
    add("backup-1", ops, method=AUTH_KEY, pak=backup_key, tags=["tag:backup"])
    tag(w, add("web-frontend", ops, seen=11 * DAY), ["tag:web"])
    add("ci-runner-7f3a", ops, seen=6 * 60 * SECOND, joined=6 * 60 * SECOND, method=AUTH_KEY, pak=runner_key)


def load(world, count):
    """count nodes over four users, every third online, every tenth a router; for measurements"""
    w = world
    users = [w.add_user("user%d" % i) for i in range(1, 5)]
    set_policy(w, "user1", ("tag:load",))
    start = now()
    for i in range(count):
        host = "node-%05d" % i
        routes = ["10.%d.%d.0/24" % (i // 10 >> 8 & 255, i // 10 & 255)] if i % 10 == 0 else []
        n = w.add_node(host, users[i % 4], given_name=host, announced=routes, disco_key=w.hex_key(),
                       created_at=start - i * SECOND)
        n.online = i % 3 == 0
        if routes and w.has_rows:
            r = w.add_route(n, routes[0])
            r.enabled = r.primary = i % 20 == 0
        elif i % 20 == 0:
            n.approved = list(routes)
    w.elect()


def make(name, band, api_keys=()):
    """a World of that name with API keys; what was not given is made up"""
    world = World(band)
    for full in api_keys or (None,):
        world.add_apikey(now() + 90 * DAY, full)
    if name.startswith("load:"):
        load(world, int(name[5:]))
    else:
        {"empty": lambda w: None, "basic": basic, "demo": demo}[name](world)
    return world
