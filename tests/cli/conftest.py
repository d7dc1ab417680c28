"""`ouroboros` in both ways: as a person through ouroboros-web, with a token in a file, and as the operator at Headscale's unix socket,
in the shoes of the same Headscale user. What a test says holds for both, on the oldest and on the newest Headscale."""
import pytest
from cli_place import VERSIONS, WAYS, Cli, Place, Site
from harness.process import Workspace
from harness.session import github, session_workspace, workspace  # noqa: F401


@pytest.fixture(scope="module")
def site_of(github):  # noqa: F811
    with Workspace() as here:
        made = {}

        def find(version):
            if version not in made:
                made[version] = Site(here, github, version)
            return made[version]
        yield find


@pytest.fixture(params=[(v, w) for v in VERSIONS for w in WAYS], ids="-".join)
def place(request, site_of):
    version, way = request.param
    made = Place(site_of(version), way)
    yield made
    made.close()


@pytest.fixture
def newest(site_of):
    return site_of("0.30")


@pytest.fixture
def make_site(workspace, github):  # noqa: F811
    return lambda *arguments, **options: Site(workspace, github, *arguments, **options)


@pytest.fixture(scope="module")
def site_with(github):  # noqa: F811
    """site_with(version, rules=…): one that a whole file shares"""
    with Workspace() as here:
        yield lambda *arguments, **options: Site(here, github, *arguments, **options)


@pytest.fixture
def nowhere(tmp_path):
    """nobody is signed in, and no server is there"""
    return Cli(tmp_path / "home")
