"""One simulated server a version, ouroboros-web with a store in front of it, and people with tokens."""
import pytest
from harness.process import Workspace
from harness.session import github, session_workspace, workspace  # noqa: F401
from rest_place import Place, VERSIONS


@pytest.fixture(scope="module")
def places(github):  # noqa: F811
    """makes places that live as long as the file's tests"""
    with Workspace() as here:
        yield lambda *arguments, **options: Place(here, github, *arguments, **options)


@pytest.fixture(scope="module")
def place_of(places):
    """place_of(version): one of each for the file"""
    made = {}

    def find(version="0.30"):
        if version not in made:
            made[version] = places(version)
        return made[version]
    return find


@pytest.fixture(params=VERSIONS)
def place(request, place_of):
    return place_of(request.param)


@pytest.fixture
def newest(place_of):
    return place_of("0.30")


@pytest.fixture
def make_place(workspace, github):  # noqa: F811
    """a place for a test alone"""
    return lambda *arguments, **options: Place(workspace, github, *arguments, **options)
