"""The library under test from Python: bindings/python over the library that was built.

    from harness.library import ouroboros

For tests/bindings alone: a library of a sanitizer build wants its runtime in the process first, which `./x test` sees to there.
"""
import contextlib
import os
import sys

from .process import TESTS, build_directory

os.environ["OUROBOROS_LIBRARY"] = str(build_directory() / "libouroboros" / "libouroboros.so.0")
sys.path.insert(0, str(TESTS.parent / "bindings" / "python"))

import ouroboros  # noqa: E402

MIA, JIM = ouroboros.Identity(19270622, "mia"), ouroboros.Identity(2147483649, "jim")


def tailnet(headscale, way=None, **options):
    """a simulated server as the library's; what was changed there is seen at once"""
    options = {"freshness": 0.001, **options}
    ways = ("socket", "http", "port") if headscale.generation == "0.30" else ("socket", "grpc", "http", "port")
    way = way or next(w for w in ways if getattr(headscale, w))
    if way == "socket":
        return ouroboros.Tailnet(socket_path=headscale.socket, **options)
    address = getattr(headscale, way).rpartition("/")[2]
    return ouroboros.Tailnet(address, headscale.api_key, plaintext=True, **options)


@contextlib.contextmanager
def tokens(store, identity=MIA, user_map=None):
    """text(scopes): the text of a personal token of these scopes (names), made once each. store: where the way in that is
    tried has its own, as Store takes it ({"directory": …} or {"url": …})"""
    made = {}
    with contextlib.ExitStack() as parts:
        nowhere = parts.enter_context(ouroboros.Tailnet(socket_path="/nowhere"))
        directory = parts.enter_context(ouroboros.Directory(user_map or {identity.id: "sink"}))
        kept = parts.enter_context(ouroboros.Store(**store))
        portal = parts.enter_context(ouroboros.Portal(nowhere, directory, store=kept))
        person = parts.enter_context(portal.person(identity))

        def text(scopes):
            wanted = ouroboros.Scope(0)
            for name in scopes:
                wanted |= ouroboros.Scope[name.upper()]
            if wanted not in made:
                made[wanted] = person.create_token("of a test", wanted).text
            return made[wanted]
        yield text
