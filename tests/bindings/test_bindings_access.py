"""Who may do what, through the whole library: the cases of tests/access on simulated servers, by persons who are signed in, who
hold the server's own key, and who come by a token."""
import contextlib
import datetime
import time

import pytest
from harness import access, access_folders, library, stack
from harness.library import MIA, ouroboros, tailnet
from ouroboros import Action

pytestmark = pytest.mark.breadth

VERSIONS = ("0.23", "0.30")
FOLDERS = access_folders.folders()


def versions_of(number, folder):
    """half of the folders on each version, those that do not fit there on the other"""
    fit = [] if folder.unreal() else [v for v in VERSIONS if folder.fits(v)]
    return fit if len(fit) < 2 else [fit[number % 2]]


STAGED = sorted(((v, f) for i, f in enumerate(FOLDERS) for v in versions_of(i, f)), key=lambda pair: pair[0])
TEXTS = {True: "there is no such key, or it is not yours", False: "there is no such device, or it is not yours"}
# What a time ahead is counted from, for the rule and for the request; later than the server has it, so that a second ahead is not
# past when it gets there.
NOW = int(time.time()) + 3600


@pytest.fixture(scope="module")
def front(headscale):
    with tailnet(headscale) as server:
        yield server


@pytest.fixture(scope="module")
def store_directory(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def store(store_directory):
    with ouroboros.Store(store_directory) as store:
        yield store


@pytest.fixture(scope="module")
def tokens(store, store_directory):
    with library.tokens({"directory": store_directory}) as text:
        yield text


def outcome(call, *arguments, **options):
    """(what came of it, the text)"""
    try:
        call(*arguments, **options)
    except ouroboros.Error as e:
        return e.name, e.text
    return "ok", ""


def ahead(request):
    if request.get("ahead") == "never":
        return None
    return datetime.datetime.fromtimestamp(NOW + request.get("ahead", 0), datetime.timezone.utc)


def see_others(person):
    return ("ok", "") if person.may(Action.SEE_OTHERS) else ("denied", "")


def tokens_of(person):
    """the holder's are none; that the rule is off has a status of its own"""
    got, text = outcome(person.tokens)
    if person.identity is None:
        return ("denied" if got == "ok" and person.tokens() == () and not person.may(Action.TOKENS) else got), text
    return "denied" if got == "off" else got, text


def act(person, folder, staged):
    """do what a folder asks for"""
    request, on, prefix = folder.request, staged.object, folder.request.get("prefix")
    named = "somebody" if request.get("holder") else None  # the holder has no user of his own
    if folder.action == "create":
        options = {k: request.get(k, False) for k in ("reusable", "ephemeral")}
        end = ahead(request) or datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
        return outcome(person.create_key, expires=end, user=named, **options)
    return {
        "see": lambda: outcome(person.node, on),
        "see-others": lambda: see_others(person),
        "rename": lambda: outcome(person.rename, on, "another-name"),
        "expire": lambda: outcome(person.expire, on),
        "extend": lambda: outcome(person.extend, on, ahead(request)),
        "delete": lambda: outcome(person.delete, on),
        "exit-node": lambda: outcome(person.exit_node, on, True),
        "approve": lambda: outcome(person.approve, on, prefix),
        "withdraw": lambda: outcome(person.withdraw, on, prefix),
        "forget": lambda: outcome(person.forget, on, prefix),
        "keep": lambda: outcome(person.set_routes, on, []),
        "register": lambda: outcome(person.register, "https://vpn.example.org" + staged.link, user=named),
        "list": lambda: outcome(person.keys),
        "revoke": lambda: outcome(person.revoke_key, on),
        "tokens": lambda: tokens_of(person),
    }[folder.action]()


@pytest.mark.parametrize("headscale, folder", STAGED, indirect=["headscale"], scope="module",
                         ids=["%s-%s" % (v, f) for v, f in STAGED])
def test_folder(headscale, front, store, tokens, folder):
    with contextlib.ExitStack() as open_now:
        staged = access_folders.Stage(headscale, folder).make()
        directory = open_now.enter_context(ouroboros.Directory({MIA.id: staged.users}, folder.rules))
        portal = open_now.enter_context(ouroboros.Portal(front, directory, store=store, clock=lambda: NOW))
        if folder.request.get("holder"):
            person = portal.holder()
        elif "scopes" in folder.request:
            person = portal.person_by_token(tokens(folder.request["scopes"]))
        else:
            person = portal.person(MIA)
        got, text = act(open_now.enter_context(person), folder, staged)
    expect = folder.expected(headscale.generation)
    assert got == expect, text
    if folder.expect == "not-found":
        assert text == TEXTS[folder.about_key]


def test_every_folder_is_staged():
    """what is left out is said by a reason, and is little"""
    left = {f.name for f in FOLDERS} - {f.name for _, f in STAGED}
    assert left == {f.name for f in FOLDERS if f.unreal()}
    assert len(FOLDERS) > 700 and len(left) < 30, left


# ---- the table


class Way:
    """the library by a person: who is signed in, or who comes by a token"""

    def __init__(self, portal, tokens):
        self.portal, self.tokens = portal, tokens

    def attempt(self, action, target, scopes):
        if scopes == access.SCOPES:
            person = self.portal.person(MIA)
        else:
            person = self.portal.person_by_token(self.tokens(scopes))
        month = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
        with person:
            return outcome({
                "see": lambda: person.node(target.id),
                "rename": lambda: person.rename(target.id, target.new_name),
                "expire": lambda: person.expire(target.id),
                "extend": lambda: person.extend(target.id, month),
                "delete": lambda: person.delete(target.id),
                "register": lambda: person.register("https://vpn.example.org" + target.link),
                "exit-on": lambda: person.exit_node(target.id, True),
                "exit-off": lambda: person.exit_node(target.id, False),
                "approve": lambda: person.approve(target.id, target.prefix),
                "withdraw": lambda: person.withdraw(target.id, target.prefix),
                "forget": lambda: person.forget(target.id, target.prefix),
                "set-routes": lambda: person.set_routes(target.id, [target.prefix, *access.EXIT]),
                "list-keys": person.keys,
                "create-key": person.create_key,
                "revoke-key": lambda: person.revoke_key(target.id),
            }[action])[0]


@pytest.fixture(scope="module")
def world(headscale):
    stack.ask(headscale.control + "/reset", {"world": "demo"})
    return access.World(headscale)


@pytest.fixture(scope="module")
def way(front, store, tokens, world):
    with ouroboros.Directory(access.USER_MAP, access.RULES) as directory, \
            ouroboros.Portal(front, directory, store=store) as portal:
        yield Way(portal, tokens)


@pytest.mark.parametrize("case", access.TABLE, ids=str)
@pytest.mark.parametrize("headscale", VERSIONS, indirect=True, scope="module")
def test_table(world, way, case):
    access.check(world, case, way)
