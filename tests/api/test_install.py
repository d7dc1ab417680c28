"""An installed tree is all that a program needs: pkg-config, CMake, shared and static."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["OURO_BUILD_DIR"])
EXAMPLES = sorted((ROOT / "examples").glob("*.c"))

PROGRAM = """\
#include <ouroboros/ouroboros.h>
#include <stdio.h>

int main(void)
{
	return printf("%s\\n", ouro_version()) < 0;
}
"""

CMAKE = """\
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(ouroboros 0.1 REQUIRED COMPONENTS static)
foreach(kind ouroboros ouroboros_static)
	add_executable(with_${kind} program.c)
	target_link_libraries(with_${kind} PRIVATE ouroboros::${kind})
endforeach()
"""


def run(*command, **options):
    """Run to success and give its output back."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def sanitizer():
    """The flag that a program needs to link a library of a sanitizer build."""
    cache = (BUILD / "CMakeCache.txt").read_text()
    value = next(line for line in cache.splitlines() if line.startswith("OURO_SANITIZE:"))
    flags = ["-fsanitize=" + value.split("=")[1]] if value.split("=")[1] else []
    if "OURO_COVERAGE:BOOL=ON" in cache:
        flags.append("--coverage")
    return flags


@pytest.fixture(scope="module", name="tree")
def installed_tree(tmp_path_factory):
    """Our build, installed into a folder of its own."""
    prefix = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", BUILD, "--prefix", prefix)
    return prefix


def pkg_config(tree, *what):
    """Flags from the installed pkg-config file, wherever the library folder is."""
    found = list(tree.glob("**/pkgconfig/ouroboros.pc"))
    assert len(found) == 1
    environment = dict(os.environ, PKG_CONFIG_PATH=str(found[0].parent))
    return run("pkg-config", *what, "ouroboros", env=environment).split(), found[0].parent.parent


def compile_with(tree, source, program):
    flags, libdir = pkg_config(tree, "--cflags", "--libs")
    run("gcc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-o", program, source, *sanitizer(),
        *flags, f"-Wl,-rpath,{libdir}")  # fmt: skip


def test_pkg_config(tree, tmp_path):
    (tmp_path / "program.c").write_text(PROGRAM)
    compile_with(tree, tmp_path / "program.c", tmp_path / "program")
    version = run("pkg-config", "--modversion", next(tree.glob("**/ouroboros.pc"))).strip()
    assert run(tmp_path / "program").strip() == version


def test_cmake_package(tree, tmp_path):
    (tmp_path / "program.c").write_text(PROGRAM)
    (tmp_path / "CMakeLists.txt").write_text(CMAKE)
    flags = " ".join(sanitizer())
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build", "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={tree}", f"-DCMAKE_C_FLAGS={flags}")  # fmt: skip
    run("cmake", "--build", tmp_path / "build")
    shared = run(tmp_path / "build/with_ouroboros")
    assert shared and run(tmp_path / "build/with_ouroboros_static") == shared
    needed = run("readelf", "-d", tmp_path / "build/with_ouroboros_static")
    assert "libouroboros" not in needed


def test_installed_program_finds_the_library(tree):
    out = subprocess.run(
        ["ldd", tree / "bin/ouroboros-web"], capture_output=True, text=True, check=True
    ).stdout
    assert str(tree) in next(line for line in out.splitlines() if "libouroboros" in line)


def test_there_are_examples():
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda path: path.stem)
def test_example_builds_from_the_installed_tree(tree, tmp_path, source):
    compile_with(tree, source, tmp_path / source.stem)
    assert (tmp_path / source.stem).exists()
