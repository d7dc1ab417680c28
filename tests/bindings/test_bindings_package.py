"""The package as a wheel: installed without a network and without a compiler, and used from there."""
import os
import pathlib
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile

import pytest
from harness.process import SLOWER, build_directory, plain_environment

PYTHON = pathlib.Path(__file__).resolve().parents[2] / "bindings" / "python"
LIBRARY = build_directory() / "libouroboros" / "libouroboros.so.0"
OFFLINE = ("--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check", "--quiet")


def run(*command, **environment):
    environment = plain_environment(PYTHONDONTWRITEBYTECODE="1", **environment)
    for name in ("LD_PRELOAD", "PYTHONPYCACHEPREFIX"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, env=environment, timeout=120 * SLOWER)


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """the interpreter of an environment of its own that has cffi and the package"""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    done = run(sys.executable, "-m", "pip", "--python", python, "install", *OFFLINE, PYTHON)
    assert done.returncode == 0, done.stdout + done.stderr
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    pathlib.Path(site, "cffi-is-there.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_installed(python):
    code = "import ouroboros; print(ouroboros.library_version(), ouroboros.__file__)"
    done = run(python, "-c", code, OUROBOROS_LIBRARY=LIBRARY)
    assert done.returncode == 0, done.stderr
    version, file = done.stdout.split()
    assert version == "0.1.0" and str(python.parents[1]) in file


def test_library_is_found_by_its_soname(python):
    done = run(python, "-c", "import ouroboros; print(ouroboros.library_version())", LD_LIBRARY_PATH=LIBRARY.parent)
    assert (done.returncode, done.stdout) == (0, "0.1.0\n"), done.stderr


def test_no_library(python, tmp_path):
    """the package can be looked at; using it says what to do"""
    code = "import ouroboros\nprint(ouroboros.Filter.WAITING.name)\nouroboros.library_version()"
    done = run(python, "-c", code, OUROBOROS_LIBRARY=tmp_path / "nowhere.so")
    assert done.returncode == 1 and done.stdout == "WAITING\n"
    assert "libouroboros cannot be loaded" in done.stderr and "OUROBOROS_LIBRARY" in done.stderr


def test_wheel_holds_the_package_and_nothing_else(tmp_path):
    done = run(sys.executable, "-m", "pip", "wheel", *OFFLINE, PYTHON, "-w", tmp_path)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "ouroboros-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(file) as wheel:
        names = {n for n in wheel.namelist() if ".dist-info/" not in n}
        metadata = wheel.read("ouroboros-0.1.0.dist-info/METADATA").decode()
    modules = {"ouroboros/" + p.name for p in (PYTHON / "ouroboros").glob("*.py")}
    assert names == modules | {"ouroboros/py.typed"}
    assert "Requires-Dist: cffi" in metadata and "# Ouroboros from Python" in metadata
    first = file.read_bytes()
    file.unlink()
    run(sys.executable, "-m", "pip", "wheel", *OFFLINE, PYTHON, "-w", tmp_path)
    assert file.read_bytes() == first, "the same files make the same wheel"


def test_source_archive_can_be_installed(tmp_path):
    code = "import backend; print(backend.build_sdist(%r))" % str(tmp_path)
    done = run(sys.executable, "-c", code, PYTHONPATH=PYTHON)
    assert done.stdout == "ouroboros-0.1.0.tar.gz\n", done.stderr
    with tarfile.open(tmp_path / "ouroboros-0.1.0.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    done = run(sys.executable, "-m", "pip", "wheel", *OFFLINE, tmp_path / "ouroboros-0.1.0", "-w", tmp_path)
    assert done.returncode == 0 and (tmp_path / "ouroboros-0.1.0-py3-none-any.whl").exists(), done.stderr
