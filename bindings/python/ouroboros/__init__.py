"""Ouroboros: self-service for the people on a Headscale tailnet, from Python.

    with Tailnet(socket_path="/run/headscale/headscale.sock") as tailnet, Directory({19270622: "mia"}) as directory:
        with Portal(tailnet, directory) as portal, portal.person(Identity(19270622)) as mia:
            for node in mia.nodes():
                print(node.name, node.state.name)

The decisions are the C library's: what the pages refuse is refused here. Every call may be made from any thread and gives up the
interpreter lock while it waits."""

from __future__ import annotations

from . import directory, doctor, errors, identity, login, model, person, portal, settings, store, tailnet
from ._declarations import CONSTANTS
from ._native import ffi, lib, read
from .directory import *  # noqa: F403
from .doctor import *  # noqa: F403
from .errors import *  # noqa: F403
from .identity import *  # noqa: F403
from .login import *  # noqa: F403
from .model import *  # noqa: F403
from .person import *  # noqa: F403
from .portal import *  # noqa: F403
from .settings import *  # noqa: F403
from .store import *  # noqa: F403
from .tailnet import *  # noqa: F403

__version__ = "0.1.0"

__all__ = ["CONSTANTS", "ffi", "lib", "library_version", "__version__"]
__all__ += directory.__all__
__all__ += doctor.__all__
__all__ += errors.__all__
__all__ += identity.__all__
__all__ += login.__all__
__all__ += model.__all__
__all__ += person.__all__
__all__ += portal.__all__
__all__ += settings.__all__
__all__ += store.__all__
__all__ += tailnet.__all__


def library_version() -> str:
    """Version of the C library that is loaded."""
    return read(lib.ouro_version())
