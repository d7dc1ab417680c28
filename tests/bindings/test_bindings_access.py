"""Who may do what, through the whole library: the cases of tests/access on a simulated server, and the table of all ways in."""
import datetime

import pytest
from harness import access, access_folders, stack
from harness.library import MIA, ouroboros, tailnet

from ouroboros import Action, Scope, Which

OUTCOMES = {"ok": "ok", "denied": "denied", "not-found": "not-found", "unsupported": "unsupported"}
NOT_FOUND = "there is no such device, or it is not yours"
FOLDERS = access_folders.folders()


def outcome(call, *arguments):
    """(what came of it, the text)"""
    try:
        call(*arguments)
    except ouroboros.Error as e:
        return OUTCOMES.get(e.name, e.name), e.text
    return "ok", ""


# ---- the folders

def act(person, folder, staged):
    """what a folder asks for, as a call"""
    request, node, prefix = folder.request, staged.node or 2**40, folder.request.get("prefix")
    calls = {
        "see": lambda: person.node(node),
        "rename": lambda: person.rename(node, "another-name"),
        "expire": lambda: person.expire(node),
        "delete": lambda: person.delete(node),
        "exit-node": lambda: person.exit_node(node, True),
        "approve": lambda: person.approve(node, prefix),
        "withdraw": lambda: person.withdraw(node, prefix),
        "forget": lambda: person.forget(node, prefix),
        "register": lambda: person.register("https://vpn.example.org" + staged.link),
    }
    if request["action"] == "see-others":
        return lambda: ("ok" if person.may(Action.SEE_OTHERS) else "denied", "")
    return lambda: outcome(calls[folder.action])


@pytest.fixture(scope="module")
def front(headscale):
    with tailnet(headscale) as server:
        yield server


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_folder(headscale, front, folder):
    staged = access_folders.stage(headscale, folder)
    with ouroboros.Directory({MIA.id: staged.users or ["nobody"]}, folder.rules) as directory, \
            ouroboros.Portal(front, directory) as portal, \
            (portal.holder() if folder.request.get("holder") else portal.person(MIA)) as person:
        got, text = act(person, folder, staged)()
    expect = folder.expect
    assert got == expect, text
    if expect == "not-found":
        assert text == NOT_FOUND
