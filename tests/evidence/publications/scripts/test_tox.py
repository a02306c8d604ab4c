"""What an environment of tox publishes, whichever file describes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slsacheck.evidence.publications.acts import Act

from .conftest import brief

Read = Callable[..., list[Act]]
INI = """\
[tox]
envlist = py
[testenv]
commands = pytest
    publish,!docs-ship: twine upload {posargs:dist/*}
[testenv:release]
setenv =
    TWINE_REPOSITORY = {env:WHERE:testpypi}
commands =
    # first the files
    python -m build
    -python -m twine \\
        upload dist/*
[testenv:{a,b}-up]
commands = {[testenv:release]commands}
[testenv:below]
changedir = sub
commands = ./push.sh
"""
TEST, PYPI = ("publish python-package testpypi - no", "publish python-package pypi - no")
BUILD = "build python-package - - - tox.ini:11"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tox -e release", [BUILD, f"{TEST} tox.ini:12"]),
        ("tox -erelease", [BUILD, f"{TEST} tox.ini:12"]),
        ("TOXENV=release tox", [BUILD, f"{TEST} tox.ini:12"]),
        ("python -m tox run -e b-up", [BUILD, f"{PYPI} tox.ini:12"]),
        ("tox -e py-publish -- out/*", [f"{PYPI} tox.ini:5"]),
        ("tox -e ship", [f"{PYPI} tox.ini:5"]),
        ("tox -e docs-ship", []),
        ("tox -e below", ["publish npm-package npm - no sub/push.sh:1"]),
        ("tox", []),
        ("tox -e nothing", []),
    ],
)
def test_environments_are_followed(read: Read, text: str, expected: list[str]) -> None:
    found = read(text, {"tox.ini": INI, "sub/push.sh": "npm publish"})
    assert [f"{brief(act)} {act.at}" for act in found] == expected


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("setup.cfg", "[metadata]\nname = x\n[testenv:up]\ncommands = twine upload dist/*\n", 4),
        ("pyproject.toml", '[tool.tox]\nlegacy_tox_ini = """\n[testenv:up]\ncommands = twine upload dist/*\n"""\n', 4),
        ("pyproject.toml", '[tool.tox.env.up]\ndeps = []\ncommands = [["twine", "upload", "dist/*"]]\n', 3),
        (
            "tox.toml",
            '[env.up]\ncommands = [["twine", "upload", { replace = "posargs", default = ["dist/*"] }]]\n',
            2,
        ),
        ("tox.toml", '[env_run_base]\ncommands = [["twine", "upload", "dist/*"]]\n[env.up]\ndeps = []\n', 2),
    ],
)
def test_every_file_that_tox_reads(read: Read, path: str, text: str, line: int) -> None:
    (act,) = read("tox -e up", {path: text})
    assert (brief(act), str(act.at)) == (PYPI, f"{path}:{line}")


@pytest.mark.parametrize("text", ["[testenv:up", "[testenv:up]\ncommands = {[testenv:up]commands}", "[tool.tox"])
def test_odd_settings_give_nothing(read: Read, text: str) -> None:
    assert read("tox -e up", {"tox.ini": text, "pyproject.toml": text}) == []
