"""What is packed is what is here: wheel, sdist, a wheel from the sdist, and the commands of an installation."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck import __version__

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    "slsacheck": "slsacheck",
    "checks": "slsacheck/checks",
    "rules": "slsacheck/rules",
    "reports": "slsacheck/reports",
}
SUBSET = (
    "tests/checks",
    "tests/reports/test_every_format.py",
    "tests/test_catalog_source.py",
    "tests/test_levels.py",
    "tests/test_gate.py",
)
"""Tests that reach every room through the installed package."""

WORKFLOW = """\
on: {push: {tags: ["v*"]}}
permissions: {}
jobs:
  release:
    runs-on: ubuntu-24.04
    permissions: {contents: write}
    steps:
      - run: make widget.tar.gz
      - run: gh release create "$GITHUB_REF_NAME" widget.tar.gz
"""


def _run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False
    )


def _build(source: Path, target: Path, *what: str) -> Path:
    """Builds with the hatchling of this environment, so that no network is needed; returns the only file made."""
    done = _run(sys.executable, "-P", "-m", "build", "--no-isolation", *what, "-o", target, source, cwd=target)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = target.glob("slsacheck-*")
    return made


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built straight from the checkout."""
    return _build(ROOT, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist."""
    return _build(ROOT, tmp_path_factory.mktemp("sdist"), "--sdist")


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; the dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    done = _run(
        sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def _contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _tree() -> dict[str, Path]:
    """The files of the rooms as the wheel should name them."""
    return {
        f"{inside}/{path.relative_to(ROOT / room).as_posix()}": path
        for room, inside in ROOMS.items()
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_has_one_top_level_name(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in _contents(wheel)}
    assert tops == {"slsacheck", f"slsacheck-{__version__}.dist-info"}


def test_the_wheel_holds_what_the_tree_holds(wheel: Path) -> None:
    packed = {name: data for name, data in _contents(wheel).items() if name.startswith("slsacheck/")}
    wanted = _tree()
    assert sorted(packed) == sorted(wanted)
    assert [name for name, path in wanted.items() if packed[name] != path.read_bytes()] == []
    assert {"slsacheck/py.typed", "slsacheck/_catalogue.json", "slsacheck/rules/schema.json"} <= set(packed)


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    """Commands, the second host and the licence are in the metadata."""
    contents = _contents(wheel)
    folder = f"slsacheck-{__version__}.dist-info"
    points = contents[f"{folder}/entry_points.txt"].decode()
    assert "slsacheck = slsacheck.__main__:main" in points
    assert "slsacheck.pytest_plugin = slsacheck.pytest_plugin" in points
    assert contents[f"{folder}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert b"License-Expression: Apache-2.0" in contents[f"{folder}/METADATA"]


def test_a_wheel_from_the_sdist_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            if (file := archive.extractfile(member)) is not None:
                place = source / member.name.partition("/")[2]
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.read())
    (tmp_path / "made").mkdir()
    again = _build(source, tmp_path / "made", "--wheel")
    assert again.name == wheel.name
    assert _contents(again) == _contents(wheel)


def test_the_sdist_holds_the_tests_and_no_litter(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"tests/test_packaging.py", "rules/build.toml", "LICENSE", "README.md", "docs/architecture.md"} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".tgz"))]


def test_the_installed_command_answers(installed: Path, tmp_path: Path) -> None:
    done = _run(installed / "bin" / "slsacheck", "--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"slsacheck {__version__}\n")


def test_an_installation_finds_its_rooms_and_nothing_else(installed: Path, tmp_path: Path) -> None:
    """The rooms are inside the package, and the folder around it is not searched for modules of it."""
    code = "import slsacheck, slsacheck.checks, slsacheck.rules; print(len(slsacheck.__path__), slsacheck.checks.__path__[0])"
    done = _run(installed / "bin" / "python", "-P", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    count, place = done.stdout.split()
    assert count == "1"
    assert Path(place).is_relative_to(installed)


def test_the_installed_command_scans(installed: Path, make_repository: Callable[..., Path], tmp_path: Path) -> None:
    repository = make_repository({".github/workflows/release.yml": WORKFLOW})
    command = installed / "bin" / "slsacheck"
    done = _run(command, repository, "--offline", "--report", "json=-", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"github-release"' in done.stdout
    assert _run(command, repository, "--offline", "--require", "build=1", cwd=tmp_path).returncode == 1


def test_a_bare_checkout_runs(make_repository: Callable[..., Path]) -> None:
    """Without an installation `python -m` works, started from a folder that is not the target."""
    repository = make_repository({"README": "text"})
    done = _run(sys.executable, "-P", "-m", "slsacheck", repository, "--offline", cwd=repository, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_suite_passes_against_the_wheel(installed: Path, tmp_path: Path) -> None:
    """The same tests, with the installed package instead of the checkout on the path."""
    options = (
        "-o",
        "pythonpath=",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-q",
        "--rootdir",
        ROOT,
        "-c",
        ROOT / "pyproject.toml",
    )
    tests = [ROOT / name for name in SUBSET if (ROOT / name).exists()]
    done = _run(installed / "bin" / "python", "-P", "-m", "pytest", *options, *tests, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
