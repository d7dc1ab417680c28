"""What becomes of a World when a newer Headscale opens its database: the migrations between neighbours, one after another.

Users keep their numbers, keys of both kinds stay good, pending registrations live in memory only and are lost. A policy of
names without @ is refused since 0.26; we put the @ there, as an operator has to before the upgrade.
"""
import json

from . import names
from .bands import BANDS, VERSIONS
from .records import ZERO, now


def upgrade(world, band):
    """to a later band, or ValueError"""
    steps = BANDS[BANDS.index(world.band) + 1:BANDS.index(band) + 1]
    if not steps:
        raise ValueError("an upgrade leads to a later version")
    world.read_database()
    for step in steps:
        if step in _STEPS:
            _STEPS[step](world)
        world.band = step
    world.version_text = VERSIONS.get(band)
    world.touch()


def leads_back(world, band):
    """whether this earlier band can take the database as it is: no step between the two has changed it"""
    steps = BANDS[BANDS.index(band) + 1:BANDS.index(world.band) + 1]
    return bool(steps) and not any(s in _STEPS for s in steps)


def downgrade(world, band):
    """to an earlier band to which leads_back()"""
    world.read_database()
    world.band, world.version_text = band, VERSIONS.get(band)
    world.touch()


def _to_c(world):
    """0.23 kept what hosts asked for in vain"""
    for n in world.nodes.values():
        n.invalid_tags = []


def _to_e(world):
    """route objects become lists of the nodes"""
    for n in world.nodes.values():
        n.approved = names.sorted_prefixes((r.prefix for r in world.node_routes(n) if r.enabled), "E")
    world.routes = {}
    owners = world.policy.get("tagOwners") or {}
    if any("@" not in o and ":" not in o for value in owners.values() for o in value):
        world.policy["tagOwners"] = {t: [o if "@" in o or ":" in o else o + "@" for o in v] for t, v in owners.items()}
        world.policy_text, world.policy_time = json.dumps(world.policy, indent=1), now()


def _to_g(world):
    """tags become what the node is: the forced ones and those it asked for and may have"""
    for n in world.nodes.values():
        n.tags = sorted(set(n.tags) | set(n.valid_tags))
        n.valid_tags, n.invalid_tags = [], []


def _to_h(world):
    """a tagged node has no user any more, and year 1 is no expiry"""
    for n in world.nodes.values():
        if n.expiry == ZERO:
            n.expiry = None
        if n.tags:
            n.user = None


_STEPS = {"C": _to_c, "E": _to_e, "G": _to_g, "H": _to_h}
