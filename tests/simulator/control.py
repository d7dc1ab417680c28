"""The control interface for tests: look at the world, change it, announce devices, order faults, stop and start."""
import datetime
import functools
import json

from .bands import generation
from .calls import MODES
from .names import Refused
from .records import SECOND, ZERO, now


def as_text(ns):
    if ns is None or ns == ZERO:
        return None
    t = datetime.datetime.fromtimestamp(ns // SECOND, datetime.timezone.utc)
    return t.strftime("%Y-%m-%dT%H:%M:%S") + ".%09dZ" % (ns % SECOND)


def as_time(value):
    """null = not set, a number = seconds from now, a text = RFC 3339"""
    if value is None:
        return None
    if isinstance(value, (int, float)):
        return now() + int(value * SECOND)
    t = datetime.datetime.fromisoformat(value)
    if t.tzinfo is None:
        t = t.replace(tzinfo=datetime.timezone.utc)
    return int(t.timestamp()) * SECOND + t.microsecond * 1000


def node_json(world, n):
    return {"id": n.id, "name": n.name, "given_name": n.given_name, "user": n.user.name if n.user else None,
            "user_id": n.user.id if n.user else None, "online": world.shown_online(n), "expiry": as_text(n.expiry),
            "expired": bool(n.expiry) and ZERO < n.expiry <= now(), "last_seen": as_text(n.last_seen),
            "created_at": as_text(n.created_at), "tags": n.tags, "ephemeral": bool(n.pak and n.pak.ephemeral),
            "addresses": [a for a in (n.ipv4, n.ipv6) if a], "machine": n.machine_key, "announced": n.announced,
            "routes": world.routes_of(n)}


def key_json(k):
    return {"id": k.id, "user": k.user.name if k.user else None, "key": k.key, "used": k.used, "reusable": k.reusable,
            "ephemeral": k.ephemeral, "tags": k.tags, "expired": k.expiration <= now(), "expiration": as_text(k.expiration)}


def state_json(world, calls, front):
    return {
        "band": world.band, "generation": generation(world.band), "version": world.version, "listening": front.open,
        "since": front.since,
        "connections": len(front.connections), "crashes": calls.crashes,
        "users": [{"id": u.id, "name": u.name, "display_name": u.display_name, "email": u.email}
                  for u in world.users.values()],
        "nodes": [node_json(world, n) for n in world.nodes.values()],
        "routes": [{"id": r.id, "node_id": r.node.id, "prefix": r.prefix, "advertised": r.advertised, "enabled": r.enabled,
                    "primary": r.primary} for r in world.routes.values()],
        "pending": [{"key": p.key, "hostname": p.host, "machine": p.machine_key} for p in world.pending.values()],
        "api_keys": [{"id": k.id, "prefix": world.listed_prefix(k), "key": k.full, "expiration": as_text(k.expiration)}
                     for k in world.apikeys.values()],
        "pre_auth_keys": [key_json(k) for k in world.preauthkeys.values()],
        "policy": world.policy_text, "faults": [f.as_json() for f in calls.faults]}


PLAIN = {"name": str, "given_name": str, "machine_key": str, "ipv4": str, "ipv6": str, "unhealthy": bool}
TIMES = ("last_seen", "expiry", "created_at")


def find_user(world, value):
    """by number or by name; null = no user"""
    if value is None:
        return None
    if isinstance(value, int):
        return world.users[value]
    return world.user_by_name(value)


def patch_node(world, devices, node, patch):
    patch = dict(patch)
    if "connected" in patch:
        devices.connect(node, bool(patch.pop("connected")))
    if "hostname" in patch:
        world.host_renamed(node, str(patch.pop("hostname")))
    routes, online = patch.pop("routes", None), patch.pop("online", None)
    approved = patch.pop("approved", None)
    for name, value in patch.items():
        if name in PLAIN:
            setattr(node, name, PLAIN[name](value))
        elif name in TIMES:
            t = as_time(value)
            setattr(node, name, world.never if t is None and name == "expiry" else t)
            node.unstored.pop(name, None)
        elif name == "user":
            node.user = find_user(world, value)
        elif name == "tags":
            node.tags = sorted(value)
            if world.band >= "H" and value:
                node.user = None
        elif name == "addresses":
            node.ipv4 = next((a for a in value if ":" not in a), "")
            node.ipv6 = next((a for a in value if ":" in a), "")
        elif name == "ephemeral":
            owner = node.user or next(iter(world.users.values()))
            node.pak = world.add_preauthkey(owner, ephemeral=True, used=True, expiration=now()) if value else None
        else:
            raise ValueError("a node has no %s" % name)
    if online is not None:
        seen = node.last_seen
        world.set_online(node, bool(online))
        if "last_seen" in patch:
            node.last_seen = seen
    if routes is not None:
        world.announce(node, routes)
        if world.has_rows and not node.online:
            # rows are made when a device connects: let it have been there for a moment
            world.set_online(node, True)
            world.set_online(node, False)
    if approved is not None:
        world.approve(node, approved)
    world.elect()
    world.touch()


def control_app(world, service, calls, devices, front, life):
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def handler(act):
        @functools.wraps(act)
        async def endpoint(request):
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else {}
                answer = await act(request, body)
            except Refused as e:
                return JSONResponse({"error": e.text}, 400)
            except (ValueError, TypeError, AttributeError) as e:
                return JSONResponse({"error": str(e)}, 400)
            except KeyError as e:
                return JSONResponse({"error": "there is no %s" % e}, 404)
            return JSONResponse({} if answer is None else answer)
        return endpoint

    async def state(request, body):
        return state_json(world, calls, front)

    async def announce(request, body):
        return devices.announce(body)

    async def announced(request, body):
        return devices.describe(devices.devices[request.path_params["id"]])

    async def patch(request, body):
        node = world.nodes[int(request.path_params["id"])]
        patch_node(world, devices, node, body)
        return node_json(world, node)

    async def get_node(request, body):
        return node_json(world, world.nodes[int(request.path_params["id"])])

    async def remove_node(request, body):
        world.delete_node(world.nodes[int(request.path_params["id"])])
        world.touch()

    async def create_node(request, body):
        body = dict(body)
        host, user = str(body.pop("name", "node")), find_user(world, body.pop("user", next(iter(world.users), None)))
        node = world.add_node(host, user, given_name=body.pop("given_name", None))
        patch_node(world, devices, node, body)
        return node_json(world, node)

    async def create_user(request, body):
        u = world.add_user(str(body["name"]), **{k: str(body[k]) for k in ("display_name", "email", "provider",
                                                                           "provider_id") if k in body})
        return {"id": u.id, "name": u.name}

    async def remove_user(request, body):
        del world.users[int(request.path_params["id"])]
        world.touch()

    async def create_api_key(request, body):
        key = world.add_apikey(as_time(body.get("expiration", 90 * 86400)))
        world.touch()
        return {"key": key.full}

    async def create_key(request, body):
        values = {name: body[name] for name in ("reusable", "ephemeral", "used", "tags") if name in body}
        user = find_user(world, body.get("user", next(iter(world.users), None)))
        return key_json(world.add_preauthkey(user, expiration=as_time(body.get("expiration", 86400)), **values))

    async def patch_key(request, body):
        k = world.preauthkeys[int(request.path_params["id"])]
        k.used = bool(body.get("used", k.used))
        if "expiration" in body:
            k.expiration = as_time(body["expiration"])
        world.touch()
        return key_json(k)

    async def get_calls(request, body):
        return {"calls": list(calls.log), "counts": dict(calls.counts), "pages": dict(calls.pages),
                "changes": list(service.changes)}

    async def reset_calls(request, body):
        calls.reset()

    async def faults(request, body):
        calls.set_faults(body)
        return {"faults": [f.as_json() for f in calls.faults], "modes": MODES}

    async def stop_api(request, body):
        await life.stop()

    async def start_api(request, body):
        await life.start()

    async def restart(request, body):
        await life.restart(float(body.get("down", 0.5)), float(body.get("back", 1)))

    async def upgrade(request, body):
        await life.upgrade(str(body["to"]), float(body.get("down_ms", 500)) / 1000, float(body.get("back", 1)))
        return {"generation": generation(world.band)}

    async def downgrade(request, body):
        await life.downgrade(str(body["to"]), float(body.get("down_ms", 500)) / 1000, float(body.get("back", 1)))
        return {"generation": generation(world.band)}

    async def reset(request, body):
        await life.reset(str(body.get("world", "basic")), body.get("generation"))

    async def settings(request, body):
        calls.latency = float(body.pop("latency", calls.latency))
        devices.linger = float(body.pop("linger", devices.linger))
        calls.clock = float(body.pop("clock", calls.clock))
        world.version_text = body.pop("version_text", world.version_text)
        if body:
            raise ValueError("there is no setting %s" % next(iter(body)))
        return {"latency": calls.latency, "linger": devices.linger, "clock": calls.clock, "version_text": world.version_text}

    async def ssh_check(request, body):
        return devices.ssh_check()

    async def ssh_checked(request, body):
        return devices.describe_check(request.path_params["key"])

    async def policy(request, body):
        if body["policy"] is None:
            world.policy, world.policy_text = {}, None
            world.touch()
            return
        service.SetPolicy(service.wire.SetPolicyRequest(policy=body["policy"]))
        world.touch()

    def at(method, path, act):
        return Route(path, handler(act), methods=[method])
    return Starlette(routes=[
        at("GET", "/state", state), at("POST", "/announce", announce), at("GET", "/announce/{id}", announced),
        at("GET", "/nodes/{id:int}", get_node), at("POST", "/nodes/{id:int}", patch),
        at("DELETE", "/nodes/{id:int}", remove_node), at("POST", "/nodes", create_node), at("POST", "/users", create_user),
        at("DELETE", "/users/{id:int}", remove_user), at("POST", "/api_keys", create_api_key),
        at("POST", "/pre_auth_keys", create_key), at("POST", "/pre_auth_keys/{id:int}", patch_key),
        at("GET", "/calls", get_calls), at("POST", "/calls/reset", reset_calls), at("POST", "/faults", faults),
        at("POST", "/stop_api", stop_api), at("POST", "/start_api", start_api), at("POST", "/restart", restart),
        at("POST", "/upgrade", upgrade), at("POST", "/downgrade", downgrade), at("POST", "/reset", reset),
        at("POST", "/settings", settings), at("POST", "/ssh_checks", ssh_check),
        at("GET", "/ssh_checks/{key}", ssh_checked), at("POST", "/policy", policy)])
