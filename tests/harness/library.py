"""The library under test from Python: bindings/python over the library that was built.

    from harness.library import ouroboros
"""
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
    way = way or next(w for w in ("socket", "grpc", "http", "port") if getattr(headscale, w))
    if way == "socket":
        return ouroboros.Tailnet(socket_path=headscale.socket, **options)
    address = getattr(headscale, way).rpartition("/")[2]
    return ouroboros.Tailnet(address, headscale.api_key, plaintext=True, **options)
