"""The exported functions agree in headers, map, reviewed list and built library."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_all_lists_agree():
    library = pathlib.Path(os.environ["OURO_BUILD_DIR"], "libouroboros/libouroboros.so")
    assert library.exists()
    run = subprocess.run(
        [sys.executable, ROOT / "tests/tools/symbols.py", "--library", library],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_soname_is_the_major_version():
    library = pathlib.Path(os.environ["OURO_BUILD_DIR"], "libouroboros/libouroboros.so")
    dynamic = subprocess.run(
        ["readelf", "-d", library], capture_output=True, text=True, check=True
    ).stdout
    assert "[libouroboros.so.0]" in dynamic


def test_versions_agree():
    """CMake's, the headers' and the changelog's version are one."""
    cmake = (ROOT / "CMakeLists.txt").read_text().split("VERSION ")[2].split()[0]
    assert f'#define OURO_VERSION "{cmake}"' in (ROOT / "include/ouroboros/common.h").read_text()
    assert f"## {cmake}" in (ROOT / "CHANGELOG.md").read_text()
