"""Completion, by the shells themselves."""
import os
import pathlib
import shutil
import subprocess

import pytest
from cli_place import PROGRAM

BASH = r"""
for f in /usr/share/bash-completion/bash_completion; do [ -r "$f" ] && . "$f"; done
eval "$(ouroboros completion bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
_ouroboros
printf '%s\n' "${COMPREPLY[@]}"
"""
FISH = "ouroboros completion fish | source; complete -C (string join ' ' -- $argv)"
ZSH = r"""
autoload -Uz compinit && compinit -u -d $1/dump
shift
source <(ouroboros completion zsh)
# what would be offered, instead of a menu
_describe() { print -l -- "${(@P)@[-1]}" }
_files() { print -- :files }
words=("$@"); CURRENT=$#
_ouroboros
"""


@pytest.fixture(scope="module")
def binary_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bin")
    (folder / "ouroboros").symlink_to(PROGRAM)
    return "%s:%s" % (folder, os.environ["PATH"])


@pytest.fixture
def complete(newest, binary_path, tmp_path):
    """complete(shell, *words): what the shell offers for the last of them"""
    cli = newest.person()

    def run(shell, *words):
        if not shutil.which(shell):
            pytest.skip("%s is not installed" % shell)
        words = ["ouroboros", *words]
        command = {"bash": ["bash", "--norc", "-c", BASH, "bash", *words], "fish": ["fish", "--no-config", "-c", FISH, *words],
                   "zsh": ["zsh", "-f", "-c", ZSH, "zsh", str(tmp_path), *words]}[shell]
        done = subprocess.run(command, env={**cli.environ(), "PATH": binary_path}, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
        separator = {"bash": "\n", "fish": "\t", "zsh": ":"}[shell]
        return sorted(line.split(separator)[0] for line in done.stdout.splitlines() if line.strip()), done
    return run


SHELLS = ("bash", "zsh", "fish")


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_options_and_values(complete, shell):
    found, done = complete(shell, "no")
    assert found == ["nodes"], done
    found, _ = complete(shell, "nodes", "")
    assert {"list", "rename", "delete", "extend"} <= set(found)
    found, _ = complete(shell, "nodes", "list", "--ou")
    assert found == ["--output"]
    found, _ = complete(shell, "nodes", "list", "--output", "")
    assert found == ["csv", "json", "table"]
    found, _ = complete(shell, "nodes", "list", "--q")
    assert found == []


@pytest.mark.parametrize("shell", SHELLS)
def test_names_of_nodes(complete, newest, shell):
    found, done = complete(shell, "nodes", "show", "ex")
    assert found == ["exit-berlin"], done
    found, _ = complete(shell, "nodes", "rename", "")
    assert "pixel-9" in found and "jims-iphone" not in found
    found, _ = complete(shell, "nodes", "rename", "pixel-9", "")
    assert found == []


@pytest.mark.parametrize("shell", ("bash", "fish"))
def test_prefixes_of_a_node(complete, shell):
    found, done = complete(shell, "routes", "approve", "home-router", "192")
    assert found == ["192.168.1.0/24", "192.168.2.0/24"], done


def raw(cli, *words):
    return subprocess.run([PROGRAM, "__complete", *words], env=cli.environ(), capture_output=True, text=True, timeout=30, check=True)


def test_names_that_a_shell_could_take_for_something_else(newest):
    nodes = [newest.headscale.add_node("odd", user="sink", given_name=name)
             for name in ("a b", "$(reboot)", "x;y", "-rf", "`id`", "12345", "e\x1b[31m")]
    try:
        words = [line.split("\t")[0] for line in raw(newest.operator("--as", "sink"), "nodes", "show", "--socket", newest.headscale.socket,
                                                     "--as", "sink", "").stdout.splitlines()]
        assert {str(n["id"]) for n in nodes} <= set(words)
        assert all(set(w) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") and w[0] != "-" for w in words)
    finally:
        for n in nodes:
            newest.headscale.remove(n["id"])


def test_without_a_server_it_is_silent(nowhere):
    done = raw(nowhere, "nodes", "show", "--socket", "/nonexistent", "")
    assert done.stdout == ""
    assert raw(nowhere, "nodes", "list", "--socket", "").stdout.startswith(":file")
    assert "list\t" in raw(nowhere, "help", "nodes", "").stdout
    assert raw(nowhere).stdout and raw(nowhere, "completion", "z").stdout == "zsh\t\n"


def test_scripts_are_installed(tmp_path):
    build = pathlib.Path(os.environ.get("OURO_BUILD_DIR", PROGRAM.parents[2]))
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path], check=True, capture_output=True)
    for name in ("bin/ouroboros", "share/bash-completion/completions/ouroboros", "share/zsh/site-functions/_ouroboros",
                 "share/fish/vendor_completions.d/ouroboros.fish", "share/man/man1/ouroboros.1"):
        assert (tmp_path / name).is_file(), name
    done = subprocess.run([tmp_path / "bin/ouroboros", "version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ouroboros ")
