"""Builds the wheel and the source archive (PEP 517, PEP 660), with nothing but Python.

cffi looks into the C library while running (its ABI mode), so that there is nothing to compile."""

import base64
import hashlib
import io
import pathlib
import tarfile
import tomllib
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = "ouroboros"
SOURCES = ("README.md", "pyproject.toml", "backend.py")
WHEEL = "Wheel-Version: 1.0\nGenerator: ouroboros\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def project():
    """The table [project] of pyproject.toml."""
    return tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name_of(table):
    return "%s-%s" % (table["name"].replace("-", "_"), table["version"])


def metadata(table):
    head = [
        ("Metadata-Version", "2.1"),
        ("Name", table["name"]),
        ("Version", table["version"]),
        ("Summary", table["description"]),
        ("License", table["license"]),
        ("Requires-Python", table["requires-python"]),
        *(("Requires-Dist", wanted) for wanted in table["dependencies"]),
        ("Description-Content-Type", "text/markdown"),
    ]
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    return "".join("%s: %s\n" % line for line in head) + "\n" + readme


def modules():
    """The files of the package, as (name in the wheel, octets)."""
    for path in sorted((HERE / PACKAGE).iterdir()):
        if path.suffix == ".py" or path.name == "py.typed":
            yield "%s/%s" % (PACKAGE, path.name), path.read_bytes()


def write_wheel(directory, files):
    table = project()
    name = name_of(table)
    info = name + ".dist-info/"
    files = [*files, (info + "METADATA", metadata(table).encode()), (info + "WHEEL", WHEEL.encode())]
    rows = []
    for path, octets in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(octets).digest()).rstrip(b"=").decode()
        rows.append("%s,sha256=%s,%d\n" % (path, digest, len(octets)))
    rows.append(info + "RECORD,,\n")
    file = name + "-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(directory, file), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, octets in [*files, (info + "RECORD", "".join(rows).encode())]:
            # always the same time: the same files make the same wheel
            wheel.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), octets, zipfile.ZIP_DEFLATED)
    return file


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return write_wheel(wheel_directory, modules())


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return write_wheel(wheel_directory, [("ouroboros.pth", (str(HERE) + "\n").encode())])


def build_sdist(sdist_directory, config_settings=None):
    table = project()
    name = name_of(table)
    file = name + ".tar.gz"
    with tarfile.open(pathlib.Path(sdist_directory, file), "w:gz") as archive:
        for path in [*SOURCES, *(path for path, _ in modules())]:
            archive.add(HERE / path, "%s/%s" % (name, path))
        octets = metadata(table).encode()
        info = tarfile.TarInfo(name + "/PKG-INFO")
        info.size = len(octets)
        archive.addfile(info, io.BytesIO(octets))
    return file
