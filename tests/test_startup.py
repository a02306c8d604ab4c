"""What a plain scan imports: start-up time is mostly imports, and a count does not depend on the machine's load."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

NEVER = ["requests", "urllib3", "jsonschema", "jinja2", "cryptography", "pytest", "_pytest", "tree_sitter", "tree_sitter_bash", "in_toto", "packageurl", "packaging", "rfc3161_client", "hypothesis", "importlib.metadata", "subprocess", "tempfile", "shutil", "zipfile", "tarfile", "http.client", "email", "ssl", "asyncio", "multiprocessing", "xml.etree", "concurrent.futures", "pathlib", "random", "logging", "difflib", "pluggy", "inspect", "dataclasses", "urllib.parse", "pkgutil", "tomllib", "sqlite3", "hashlib", "locale"]  # fmt: skip
"""Never imported by the scan of a repository that needs none of them; each costs 2 to 400 ms."""

MOST = 265
"""Modules in all that the scan of a small repository may import; Python itself starts with some 60."""
MOST_OF_RELEASE = 292
"""The same where a workflow attests and publishes."""

WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
"""

RELEASE = """\
on: {push: {tags: ['v*']}}
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    permissions: {contents: write, id-token: write, attestations: write}
    steps:
      - uses: actions/checkout@v4
      - run: |
          make dist
          gh release create "$GITHUB_REF_NAME" dist/*.tar.gz
      - uses: actions/attest-build-provenance@v2
        with: {subject-path: dist/*.tar.gz}
"""


def modules(path: Path, *argv: str) -> set[str]:
    code = (
        "import sys\nfrom slsacheck.__main__ import main\n"
        f"sys.stderr.write(str(main({[*argv, str(path)]!r})) + ' ' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    status, *names = done.stderr.split()
    assert status == "0", done.stdout
    return set(names)


@pytest.fixture
def small(make_repository: Callable[..., Path]) -> Path:
    return make_repository({".github/workflows/test.yml": WORKFLOW})


def test_a_plain_scan_imports_nothing_heavy(small: Path) -> None:
    found = modules(small, "scan")
    assert sorted(name for name in NEVER if name in found) == []


def test_a_plain_scan_imports_few_modules(small: Path) -> None:
    found = modules(small, "scan")
    own = [name for name in found if name.startswith("slsacheck")]
    assert len(found) <= MOST, sorted(found)
    assert not [name for name in own if name.startswith("slsacheck.evidence.attestations")]


def test_the_scan_of_a_release_imports_nothing_heavy_and_little_more(make_repository: Callable[..., Path]) -> None:
    found = modules(make_repository({".github/workflows/release.yml": RELEASE}), "scan")
    assert sorted(name for name in NEVER if name in found) == []
    assert len(found) <= MOST_OF_RELEASE, sorted(found)


def test_a_json_report_imports_nothing_heavy_either(small: Path) -> None:
    found = modules(small, "scan", "--report", "json=/dev/null")
    assert sorted(name for name in NEVER if name in found) == []


@pytest.mark.parametrize("image", [False, True])
def test_dockerfiles_are_read_only_where_an_image_is_published(
    make_repository: Callable[..., Path], *, image: bool
) -> None:
    step = "      - run: docker buildx build --push -t ghcr.io/acme/widget .\n" if image else ""
    files = {".github/workflows/release.yml": RELEASE + step, "Dockerfile": "FROM alpine\n"}
    found = modules(make_repository(files), "scan")
    assert ("slsacheck.evidence.dockerfiles" in found) == image
    assert ("slsacheck.evidence.hazards.dockerfile_hints" in found) == image
    assert sorted(name for name in NEVER if name in found) == []
