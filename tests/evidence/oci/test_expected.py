"""Every image of the shared corpus: what is expected of it and what is said, from three kinds of places."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from tests.evidence.oci.expected import IMAGES, Expected, facts_of
from tests.evidence.oci.shop import Registry
from tests.evidence.oci.test_real_images import with_fallback_tags
from tests.evidence.oci.test_verify_image import load

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: Path) -> Run:
    """The JSON of a command whose files are named relative to the real images."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.chdir(shared / "corpus" / "real")

    def command(*words: str) -> dict[str, Any]:
        assert main(list(words)) in (0, 1)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return command


def compared(expected: Expected, run: Run, image: str, *network: str) -> None:
    report = run("scan", image, *network, *expected.flags, "--report", "json=-")
    facts = facts_of(expected, report, whole="--plain-http" in network)
    assert {name: said for name, (_, said) in facts.items()} == {name: known for name, (known, _) in facts.items()}
    answer = run("verify-image", image, *network, *expected.flags, *expected.anybody, "--format", "json")
    assert answer["verdict"] == expected.verify, answer["message"]


@pytest.mark.parametrize("expected", IMAGES, ids=lambda one: one.name)
def test_in_a_layout(run: Run, expected: Expected) -> None:
    compared(expected, run, expected.name, "--offline")


@pytest.mark.parametrize("expected", IMAGES, ids=lambda one: one.name)
@pytest.mark.parametrize("referrers", [True, False], ids=["referrers", "no referrers"])
def test_in_a_registry(run: Run, expected: Expected, *, referrers: bool) -> None:
    store = load(Path(expected.name))
    if not referrers:
        with_fallback_tags(store)
    registry = Registry(store, referrers=referrers)
    try:
        compared(expected, run, f"{registry.host}/o/r:latest", "--plain-http")
    finally:
        registry.close()
