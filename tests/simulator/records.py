"""The kinds of things a World holds. Times are nanoseconds since 1970 (None = absent, ZERO = the year-1 time that means
"not set")."""
import time

ZERO = -62135596800 * 10**9
SECOND = 10**9
EXIT = ("0.0.0.0/0", "::/0")
NO_KEY = "0" * 64
UNSPECIFIED, AUTH_KEY, CLI, OIDC = range(4)
AUTHREQ = "hskey-authreq-"


def now():
    return time.time_ns()


class Record:
    """a bag of named values; every kind of thing in a World is a subclass with its defaults"""
    defaults = {}

    def __init__(self, **values):
        for name, value in self.defaults.items():
            setattr(self, name, value() if callable(value) else value)
        for name, value in values.items():
            if name not in self.defaults:
                raise TypeError("%s has no %s" % (type(self).__name__, name))
            setattr(self, name, value)


class User(Record):
    defaults = dict(id=0, name="", created_at=now, display_name="", email="", provider_id="", provider="", picture="")


class PreAuthKey(Record):
    defaults = dict(id=0, user=None, key="", reusable=False, ephemeral=False, used=False, expiration=ZERO, created_at=now,
                    tags=list)


class ApiKey(Record):
    defaults = dict(id=0, prefix="", full="", expiration=ZERO, created_at=now)


class Route(Record):
    """a row of 0.23-0.25: one prefix of one node"""
    defaults = dict(id=0, node=None, prefix="", advertised=True, enabled=False, primary=False, created_at=now,
                    updated_at=now)


class Node(Record):
    """`tags`: up to 0.27 the forced tags, since 0.28 what the node is. `user`: since 0.29 None for a tagged node, in 0.28
    its creator. `unhealthy`: what the HA prober since 0.29 thinks of a router. `unstored`: field -> what the database still
    says, where 0.27.1 and 0.28 forget to store a change."""
    defaults = dict(id=0, machine_key="", node_key="", disco_key=NO_KEY, ipv4="", ipv6="", name="", given_name="", user=None,
                    last_seen=None, expiry=None, pak=None, created_at=now, method=UNSPECIFIED, tags=list,
                    valid_tags=list, invalid_tags=list, online=False, announced=list, approved=list, unhealthy=False,
                    unstored=dict)


class Pending(Record):
    """a registration that waits for an owner; `device` is the announced device behind it, if any. `ssh`: no registration
    but the check of an SSH session (since 0.29), `verdict` what was said to it."""
    defaults = dict(key="", host="", machine_key="", node_key="", routes=list, tags=list, debug=False, device=None,
                    node=None, ssh=False, verdict=None)
