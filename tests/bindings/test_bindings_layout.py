"""What the binding says of the C interface is what the headers and a C compiler say, and all of it can be reached."""
import enum
import pathlib
import re
import subprocess
import sys

import pytest
from harness.library import ouroboros
from ouroboros import _declarations, errors, model

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = ROOT / "bindings" / "python"
STRUCT = re.compile(r"typedef struct (ouro_\w+) \{")


def test_declarations_are_those_of_the_headers():
    done = subprocess.run([sys.executable, PYTHON / "declarations.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def structures():
    """{structure: [field]} as cffi has them"""
    names = STRUCT.findall(_declarations.DECLARATIONS)
    return {name: [field for field, _ in ouroboros.ffi.typeof(name).fields] for name in names}


def test_layout(tmp_path):
    """sizeof and offsetof of every structure, and every constant, by a C program"""
    found = structures()
    assert len(found) >= 18
    lines = []
    for name, fields in found.items():
        lines.append('printf("%s %%zu\\n", sizeof(%s));' % (name, name))
        lines += ['printf("%s.%s %%zu\\n", offsetof(%s, %s));' % (name, f, name, f) for f in fields]
    constants = {**ouroboros.CONSTANTS, **{"OURO_" + n: v for n, v, _, _ in _declarations.STATUSES}}
    lines += ['printf("%s %%lld\\n", (long long)%s);' % (name, name) for name in constants]
    source = tmp_path / "layout.c"
    source.write_text("#include <ouroboros/ouroboros.h>\n#include <stdio.h>\nint main(void)\n{\n%s\n}\n" % "\n".join(lines))
    subprocess.run(["cc", "-std=c17", "-I", ROOT / "include", source, "-o", tmp_path / "layout"], check=True)
    said = dict(line.split() for line in subprocess.check_output([tmp_path / "layout"], text=True).splitlines())
    ffi, ours = ouroboros.ffi, {name: str(value) for name, value in constants.items()}
    for name, fields in found.items():
        ours[name] = str(ffi.sizeof(name))
        ours.update({"%s.%s" % (name, f): str(ffi.offsetof(name, f)) for f in fields})
    assert said == ours


def test_every_structure_is_declared():
    headers = "".join(p.read_text() for p in (ROOT / "include" / "ouroboros").glob("*.h"))
    assert set(STRUCT.findall(headers)) == set(structures())


def exported():
    return re.findall(r"\b(ouro_\w+);", (ROOT / "libouroboros" / "libouroboros.map").read_text())


@pytest.mark.parametrize("name", exported())
def test_function_is_reached(name):
    """the loaded library has it, and the package calls it"""
    assert callable(getattr(ouroboros.lib, name))
    code = "".join(p.read_text() for p in (PYTHON / "ouroboros").glob("*.py") if p.name != "_declarations.py")
    assert re.search(r"\b%s\b" % name, code)


# Python's enumeration → the prefix of its constants
ENUMERATIONS = {
    model.NodeState: "NODE", model.RegisterMethod: "REGISTER", model.ExitState: "EXIT", model.RouteFlag: "ROUTE",
    model.KeyState: "KEY", model.Which: "SCOPE", model.Filter: "FILTER", model.Sort: "SORT", model.Action: "ACTION",
    model.Level: "FINDING", model.Scope: "TOKEN", model.Capability: "CAN", model.Transport: "TRANSPORT", model.LogLevel: "LOG",
    errors.Origin: "ORIGIN",
}


@pytest.mark.parametrize("kind", ENUMERATIONS, ids=lambda kind: kind.__name__)
def test_enumeration(kind):
    prefix = "OURO_%s_" % ENUMERATIONS[kind]
    constants = {n.removeprefix(prefix): v for n, v in ouroboros.CONSTANTS.items() if n.startswith(prefix)}
    constants = {n: v for n, v in constants.items() if not n.endswith("_MAX")}
    assert {name: member.value for name, member in kind.__members__.items()} == constants
    assert issubclass(kind, enum.IntEnum | enum.IntFlag)


def test_every_status_has_its_exception():
    statuses = {v: (t, m) for _, v, t, m in _declarations.STATUSES if v}
    assert set(statuses) == set(errors.BY_STATUS)
    for status, (token, meaning) in statuses.items():
        kind = errors.BY_STATUS[status]
        assert getattr(ouroboros, kind.__name__) is kind
        assert kind("x").name == token
        assert ouroboros.ffi.string(ouroboros.lib.ouro_status_text(status)).decode() == meaning


def test_versions_agree():
    project = re.search(r"project\(ouroboros VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert ouroboros.__version__ == ouroboros.library_version() == project
    assert 'version = "%s"' % project in (PYTHON / "pyproject.toml").read_text()


def test_all_names_are_there():
    for name in ouroboros.__all__:
        assert hasattr(ouroboros, name), name
    assert len(set(ouroboros.__all__)) == len(ouroboros.__all__)


def test_scopes_have_names():
    named = {name.lower(): member for name, member in model.Scope.__members__.items() if name != "ALL"}
    assert ouroboros.scope_names(model.Scope.ALL) == tuple(named)
    for name, scope in named.items():
        assert ouroboros.scopes_named(name) == scope
        assert ouroboros.scope_names(scope) == (name,)
    assert ouroboros.scopes_named("nodes", "keys") == model.Scope.NODES | model.Scope.KEYS
    for wrong in ("", "node", "nodes2", "all", "Read"):
        with pytest.raises(errors.Invalid):
            ouroboros.scopes_named(wrong)
