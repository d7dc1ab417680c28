"""What is installed beside the program, the program of libouroboros(3), and the image's health check."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from harness.process import Workspace, build_directory, free_port, plain_environment
from harness.stack import LISTENING, web_binary

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SETTINGS = {"HS_LOGIN_URL": "https://vpn.example.org", "GH_CLIENT_ID": "Iv1.0123456789abcdef", "GH_CLIENT_SECRET": "secret",
            "USER_MAP": '{"19270622": "sink"}'}


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, timeout=120, **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    status, out, err = run("cmake", "--install", build_directory(), "--prefix", prefix)
    assert status == 0, out + err
    return prefix


def cached(name):
    text = (build_directory() / "CMakeCache.txt").read_text()
    return re.search(rf"^{name}:\w+=(.*)$", text, re.MULTILINE).group(1)


def test_man_pages_are_installed(tree):
    sources = sorted(p.stem for p in (PACKAGING / "man").glob("*.scd"))
    assert {"ouroboros-web.8", "ouroboros.json.5", "libouroboros.3"} <= set(sources)
    assert sorted(p.name for p in tree.glob("share/man/man*/*")) == sources
    for page in sources:
        assert (tree / "share/man" / f"man{page[-1]}" / page).read_text().count(".SH ") >= 5


def test_the_unit_starts_the_installed_program(tree):
    unit = (tree / "lib/systemd/system/ouroboros-web.service").read_text()
    program, = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert program == str(tree / "bin/ouroboros-web") and os.access(program, os.X_OK)
    assert "@" not in unit.replace("@system-service", "").replace("@privileged @resources", "")


@pytest.fixture(scope="module")
def example(tree, tmp_path_factory):
    """the program of libouroboros(3), as a reader would build it"""
    page = (PACKAGING / "man/libouroboros.3.scd").read_text()
    text, = re.findall(r"^```\n(#include <ouroboros/.*?)^```$", page, re.MULTILINE | re.DOTALL)
    folder = tmp_path_factory.mktemp("example")
    (folder / "program.c").write_text(text)
    config, = tree.glob("**/pkgconfig/ouroboros.pc")
    status, flags, err = run("pkg-config", "--cflags", "--libs", "ouroboros", env=plain_environment(PKG_CONFIG_PATH=config.parent))
    assert status == 0, err
    extra = ["-fsanitize=" + cached("OURO_SANITIZE")] if cached("OURO_SANITIZE") else []
    extra += ["--coverage"] if cached("OURO_COVERAGE") == "ON" else []
    compiler = shutil.which(cached("CMAKE_C_COMPILER") or "cc")
    status, out, err = run(compiler, "-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", *extra, folder / "program.c",
                           *flags.split(), f"-Wl,-rpath,{config.parents[1]}", "-o", folder / "program")
    assert status == 0, out + err
    return folder / "program"


def test_the_example_of_the_man_page_tells_faults(example, tmp_path):
    status, out, err = run(example, cwd=tmp_path, env=plain_environment())
    assert status == 1 and out == ""
    assert "hs_login_url: required" in err and "(config)" in err


def test_the_example_of_the_man_page_needs_a_person(example, tmp_path):
    nowhere = dict(SETTINGS, HS_SOCKET=str(tmp_path / "nobody.sock"))
    status, _, err = run(example, "5", cwd=tmp_path, env=plain_environment(**nowhere))
    assert status == 1 and "(unmapped)" in err
    status, _, err = run(example, "19270622", cwd=tmp_path, env=plain_environment(**nowhere))
    assert status == 1 and "(unreachable)" in err


def health_check(port):
    """the command of the Containerfile, for another port"""
    text = (PACKAGING / "Containerfile").read_text().replace("\\\n", " ")
    command, = re.findall(r"^HEALTHCHECK .*?CMD (\[.*\])$", text, re.MULTILINE)
    assert "/8080 " in command
    return json.loads(command.replace("/8080 ", f"/{port} "))


def test_the_health_check_of_the_image():
    with Workspace() as workspace:
        port = free_port()
        assert run(*health_check(port))[0] != 0
        # as in the image: secrets as credentials, and a public host name
        secrets = workspace.path / "secrets"
        secrets.mkdir()
        (secrets / "gh_client_secret").write_text("secret\n")
        os.chmod(secrets / "gh_client_secret", 0o444)
        settings = {k: v for k, v in SETTINGS.items() if k != "GH_CLIENT_SECRET"}
        web = workspace.start("ouroboros-web", [web_binary()], clean=(0,), environment=plain_environment(
            **settings, LISTEN=f"0.0.0.0:{port}", CREDENTIALS_DIRECTORY=str(secrets), HS_SOCKET=str(workspace.path / "none.sock")))
        web.wait_log(re.compile(LISTENING.pattern.replace(r"127\.0\.0\.1", r"0\.0\.0\.0")), 15)
        status, out, err = run(*health_check(port))
        assert status == 0, out + err
        web.stop()
        assert run(*health_check(port))[0] != 0
