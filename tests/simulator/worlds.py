"""The tailnets that a simulated server can start with."""
import json

from .state import AUTH_KEY, EXIT, SECOND, ZERO, World, now

DAY = 86400 * SECOND
HOUR = 3600 * SECOND


def policy_text(band, owner, tags):
    at = "" if band == "B" else "@"
    return json.dumps({"tagOwners": {t: [owner + at] for t in tags},
                       "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}, indent=1)


def set_policy(world, owner, tags):
    world.policy_text, world.policy_time = policy_text(world.band, owner, tags), now()
    world.policy = json.loads(world.policy_text)


def tag(world, node, tags):
    """tags set by an administrator"""
    node.tags = sorted(tags)
    if world.band != "B":
        node.user = None


def basic(world):
    """the scenario of the recordings: tests/wire/recordings/README.md"""
    w, b = world, world.band == "B"
    alice = w.add_user("alice")
    more = {} if b else dict(display_name="Bob Builder", email="bob@example.com", picture="https://example.com/bob.png")
    bob, carol = w.add_user("bob", **more), w.add_user("carol")
    set_policy(w, "alice", ("tag:web", "tag:db"))
    month = now() // SECOND * SECOND + 30 * DAY
    w.add_preauthkey(alice, expiration=month)
    reusable = w.add_preauthkey(bob, expiration=month, reusable=True, used=b)
    ephemeral = w.add_preauthkey(bob, expiration=month, ephemeral=True, used=True)
    tagged = w.add_preauthkey(alice, expiration=month, used=True, tags=["tag:db"])
    w.add_preauthkey(alice, expiration=now())
    w.add_preauthkey(alice, expiration=month - 31 * DAY)
    w.add_preauthkey(carol, expiration=month, reusable=True, ephemeral=True)
    if not b:
        w.add_preauthkey(None, expiration=month, reusable=True, tags=["tag:db", "tag:web"])
    w.set_online(w.add_node("Alice-Laptop", alice), True)
    n2 = w.add_node("subnet-router", alice, announced=["10.0.0.0/24", "0.0.0.0/0", "::/0"])
    w.set_online(n2, True)
    w.approve(n2, n2.announced)
    n3 = w.add_node("Router-Two", bob, announced=["10.0.0.0/24", "192.168.7.0/24"])
    w.set_online(n3, True)
    w.approve(n3, ["10.0.0.0/24"])
    # the recording's routers are no real clients: they do not answer the prober of 0.29
    n2.unhealthy = n3.unhealthy = not b
    w.add_node("phone", bob, expiry=now())
    tag(w, w.add_node("web-1", alice), ["tag:web"])
    w.add_node("db-1", alice, method=AUTH_KEY, pak=tagged, disco_key=w.hex_key(), tags=["tag:db"])
    w.add_node("DebugBox", carol, expiry=ZERO, **({"last_seen": ZERO} if b else {}))
    w.set_online(w.add_node("runner", bob, method=AUTH_KEY, pak=ephemeral), True)
    w.add_node("Alice-Laptop", bob, method=AUTH_KEY, pak=reusable)
    w.add_node("wants-tags", alice, disco_key=w.hex_key(), **(dict(valid_tags=["tag:web"], invalid_tags=["tag:nope"]) if b
                                                              else dict(tags=["tag:web"])))
    w.add_apikey(now() + DAY)
    w.add_apikey(now() - DAY)


def demo(world):
    """four users and twenty-two varied devices, the one behind `./x demo`"""
    w, b = world, world.band == "B"
    people = {}
    for name, full in (("sink", "Mia Sink"), ("jim", "Jim Østergård"), ("ana", "Ana Núñez"), ("ops", "Operations")):
        people[name] = w.add_user(name, created_at=now() - 400 * DAY,
                                  **({} if b else dict(display_name=full, email=name + "@example.com")))
    mia, jim, ana, ops = (people[x] for x in ("sink", "jim", "ana", "ops"))
    set_policy(w, "ops", ("tag:backup", "tag:web"))
    key = dict(expiration=now() + 60 * DAY, created_at=now() - 30 * DAY)
    runner_key = w.add_preauthkey(ops, reusable=True, ephemeral=True, used=b, **key)
    backup_key = w.add_preauthkey(ops, used=True, tags=["tag:backup"], **key)

    def add(host, user, online=True, seen=2 * HOUR, joined=90 * DAY, expires=None, given=None, approve=(), announce=(),
            only6=False, only4=False, **values):
        v4, v6 = w.take_addresses()
        if expires is not None:
            values["expiry"] = now() + expires
        n = w.add_node(host, user, ("" if only6 else v4, "" if only4 else v6), given_name=given,
                       created_at=now() - joined, announced=list(announce), **values)
        # every device has once been connected, that is when 0.23 makes the rows of its routes
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
    # offers IPv4 only: 0.23 refuses to enable an exit route without its pair, 0.29 takes it
    add("exit-v4-only", jim, seen=3 * DAY, announce=["0.0.0.0/0"])
    add("office-router", jim, seen=8 * DAY, approve=["10.20.0.0/16"], announce=["10.20.0.0/16"])
    add("office-router-2", ana, seen=8 * DAY, approve=["10.20.0.0/16"],
        announce=["10.20.0.0/16", "10.30.0.0/16", "fd12:3456:789a::/48"])
    add("日本語ホスト", ana, seen=HOUR, expires=45 * DAY)
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
        if routes and w.band == "B":
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
