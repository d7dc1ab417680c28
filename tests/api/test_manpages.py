"""The gate "man" finds what it is there for: a copy of the tree with one thing changed, then without."""
import pathlib
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import csource  # noqa: E402
import manpages  # noqa: E402

PARTS = ("packaging/man", "libouroboros", "frontends/web", "include")
WEB, SETTINGS, LIBRARY = ("packaging/man/" + name for name in ("ouroboros-web.8.scd", "ouroboros.json.5.scd", "libouroboros.3.scd"))

# file, text, what stands there instead, a part of what the gate says
FAULTS = [
    ("libouroboros/settings/table.c", '{"state_dir",', '{"state_file",', "setting state_file is missing"),
    ("libouroboros/settings/table.c", '"127.0.0.1:8080"', '"127.0.0.1:1"', "listen: is a text with the default 127.0.0.1:1"),
    ("libouroboros/settings/table.c", '{"audit_log", TEXT, 0', '{"audit_log", TEXT, 1', "audit_log: is a secret"),
    ("libouroboros/settings/table.c", '{"audit_log", TEXT, 0', '{"audit_log", SWITCH, 0', "audit_log: is a switch"),
    ("libouroboros/settings/table.c", '{"audit_log", TEXT, 0', '{"audit_log", THING(TEXT), 0', "not read in full"),
    ("libouroboros/access/policy_rules.c", '{"max_nodes", read', '{"max_devices", read', "rule max_devices is missing"),
    ("libouroboros/headscale/generation.h", 'SERVED "', 'SERVED "9.9 and ', "which versions of Headscale"),
    ("libouroboros/tailnet/health.c", '"Headscale at %s answers"', '"Headscale at %s is back"', "is back"),
    ("libouroboros/net/h2_sniff.c", "with a web page, it is", "with a web page, which is", "with a web page, which is"),
    ("frontends/web/options.c", '{"version", no_argument', '{"verbose", no_argument', "option --verbose is missing"),
    ("frontends/web/options.c", '"c:h"', '"c:hq"', "option -q is missing"),
    ("frontends/web/main.c", '"stopping"', '"stopping this program"', "main.c: not in ouroboros-web(8) or ouroboros(1): stopping this program"),
    ("include/ouroboros/error.h", '"out of memory"', '"out of luck"', "OURO_ERR_NOMEM (nomem): out of luck is missing"),
    ("tests/api/symbols.txt", "ouro_version", "ouro_versions", "function ouro_versions is missing"),
    (WEB, "*--check-config*\n\t", "*--check*\n\t", "there is no option --check"),
    (WEB, "A person signs in", "A *person _signs_ in*", "scdoc"),
    (WEB, "|  Starting a sign-in", "|  " + "x" * 200, "table wider than line width"),
    (WEB, "ouroboros-web(8)\n", "ouroboros-web(1)\n", "the first line"),
    (SETTINGS, "*audit_log*, _AUDIT_LOG_", "*audit_log*, _AUDIT_", "the variable is AUDIT_LOG"),
    (SETTINGS, "*audit_log*, _AUDIT_LOG_", "*audit_logs*, _AUDIT_LOGS_", "there is no setting audit_logs"),
    (SETTINGS, "*max_nodes*\n", "*most_nodes*\n", "there is no rule most_nodes"),
    (LIBRARY, "ouro_tailnet_check()", "ouro_tailnet_look()", "there is no function ouro_tailnet_look"),
    ("frontends/web/call.c", "This page could not be made.", "The page is broken.", "nothing fits This page could not"),
]  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)
    (folder / "tests/api").mkdir(parents=True)
    shutil.copy(ROOT / "tests/api/symbols.txt", folder / "tests/api")
    return folder


@pytest.fixture
def gate(copy, monkeypatch, capsys):
    monkeypatch.setattr(csource, "ROOT", copy)

    def run(name=None):
        if name and not name.startswith("packaging/"):
            # scdoc and groff have nothing to do with it
            monkeypatch.setattr(manpages, "check_typesetting", lambda *arguments: None)
        return manpages.main(), capsys.readouterr().out
    return run


def test_the_pages_agree(gate):
    status, said = gate()
    assert status == 0 and said.startswith("the man pages agree"), said


@pytest.mark.parametrize("name, text, instead, says", FAULTS, ids=lambda value: value if "/" in value else "")
def test_a_fault_is_found(copy, gate, name, text, instead, says):
    path = copy / name
    whole = path.read_text(encoding="utf-8")
    assert text in whole
    path.write_text(whole.replace(text, instead, 1), encoding="utf-8")
    try:
        status, said = gate(name)
    finally:
        path.write_text(whole, encoding="utf-8")
    assert status == 1 and says in said, said


def test_a_page_that_is_not_there(copy, gate):
    path = copy / LIBRARY
    moved = path.rename(path.with_suffix(".away"))
    try:
        status, said = gate()
    finally:
        moved.rename(path)
    assert status == 1 and "missing" in said
