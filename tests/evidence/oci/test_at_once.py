"""Several images of one call: looked at at once, in order, with as many requests as one after the other."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from slsacheck.errors import Unavailable
from slsacheck.evidence.attestations.held import verify_held
from slsacheck.evidence.oci import auth
from slsacheck.evidence.oci.attached import JUDGING
from slsacheck.evidence.oci.names import reference_of
from slsacheck.evidence.oci.registries import AT_ONCE, Registries
from slsacheck.evidence.oci.registry import RegistrySource
from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import Handler, Registry, Store, provenance
from tests.evidence.oci.test_origins import based

MANY = 9


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")


@pytest.fixture
def images(store: Store, registry: Registry) -> list[str]:
    """References to images with provenance; the third names nothing."""
    for number in range(MANY):
        image = store.image(f"v{number}", text=str(number))
        store.attach(image, provenance(image["digest"]))
    return [f"{registry.host}/o/r:{'missing' if number == 2 else f'v{number}'}" for number in range(MANY)]


class Turnstile:
    """Counts the requests under way, and holds that for the second image until another one came."""

    def __init__(self) -> None:
        self.most = self.inside = 0
        self._lock = threading.Lock()
        self._two = threading.Event()

    def __call__(self, path: str, _handler: Handler) -> bool:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside > 1:
                self._two.set()
        if path.endswith("/manifests/v1"):
            self._two.wait(timeout=60)
        with self._lock:
            self.inside -= 1
        return False


def scanned(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    main(["scan", *words, "--plain-http", "--report", "json=-"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    for record in found["evidence"]:
        record.pop("collected_at")
    return found


def test_a_scan_of_many_says_the_same_as_one_after_the_other(
    images: list[str], registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = scanned(capsys, *images, "--jobs", "1")
    asked = Counter(registry.paths())
    registry.asked.clear()
    turnstile = registry.fault = Turnstile()
    assert scanned(capsys, *images) == alone
    assert Counter(registry.paths()) == asked
    assert 1 < turnstile.most <= AT_ONCE
    assert [one["name"] for one in alone["targets"]] == images
    assert "missing" in alone["errors"][0]["where"]


def test_the_images_of_an_audit(images: list[str], registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = []
    for jobs in ("1", "4"):
        words = [word for image in images for word in ("--image", image)]
        report = tmp_path / f"{jobs}.json"
        main(["audit", str(tmp_path / "empty"), *words, "--plain-http", "--jobs", jobs, "--report", f"json={report}"])
        said.append(json.loads(report.read_text()))
        registry.asked.clear()
    assert {one["name"] for one in said[0]["subjects"] if one["kind"] == "artifact"} == set(images)
    for name in ("subjects", "results", "errors", "audit"):
        assert said[0][name] == said[1][name]


def test_the_platforms_of_an_index_come_in_its_order(store: Store, registry: Registry, look: Look) -> None:
    names = ["amd64", "arm64", "s390x", "riscv64"]
    children = [
        store.image(config={"architecture": name}, text=name) | {"platform": {"os": "linux", "architecture": name}}
        for name in names
    ]
    store.index(children, "all")
    artifacts, problems = look(f"{registry.host}/o/r:all")
    assert problems == ""
    assert [one.image.platform for one in artifacts if one.image] == [f"linux/{name}" for name in names]


def test_attestations_are_judged_one_at_a_time_wherever_they_hang(
    store: Store, registry: Registry, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = store.image("base", text="base")
    image = based(store, base, f"{registry.host}/o/base:1")
    sbom = store.attach(image, b"{}", "application/spdx+json")
    for one in (base, image, sbom):
        store.attach(one, provenance(one["digest"]))
    judged: set[tuple[str, bool]] = set()

    def watched(case: Any, *rest: Any) -> Any:
        judged.add((f"sha256:{case.digests[0][0][1]}", JUDGING.locked()))
        return verify_held(case, *rest)

    monkeypatch.setattr("slsacheck.evidence.oci.judged.verify_held", watched)
    look(f"{registry.host}/o/app:app")
    assert judged == {(one["digest"], True) for one in (base, image, sbom)}


def test_evidence_is_the_same_bytes(images: list[str], tmp_path: Path) -> None:
    files = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for file in files:
        assert main(["collect", *images, "--plain-http", "-o", str(file)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_all_log_in_once(images: list[str], registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    registry.auth = "bearer"
    report = scanned(capsys, *images)
    assert len(report["errors"]) == 1
    assert sum(path.startswith("/token") for path in registry.paths()) == 1


def source_of(registry: Registry, shared: Registries, tag: str) -> RegistrySource:
    return RegistrySource(reference_of(f"{registry.host}/o/r:{tag}"), plain_http=True, shared=shared)


def test_a_token_that_ended_is_got_again(store: Store, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for tag in "12":
        store.image(tag)
    registry.auth = "bearer"
    shared, refuse = Registries(), iter([True])

    def once(path: str, handler: Handler) -> bool:
        refused = path.endswith("/manifests/2") and next(refuse, False)
        if refused:
            handler.answer(401, WWW_Authenticate=f'Bearer realm="http://{registry.host}/token"')
        return refused

    registry.fault = once
    source_of(registry, shared, "1").image()
    with pytest.raises(Unavailable, match="does not take the credentials"):
        source_of(registry, shared, "2").image()
    refuse = iter([True])
    monkeypatch.setattr(auth, "SHORTEST", -1.0)
    ended = Registries()
    source_of(registry, ended, "1").image()
    assert source_of(registry, ended, "2").image().digest == store.tags["2"]


def test_a_registry_was_asked_for_what_it_does_not_have(
    registry: Registry, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = scanned(capsys, f"{registry.host}/o/r:none")
    assert (report["offline"], report["subjects"][0]["channel"]) == (False, registry.host)
    layout = Store().write(tmp_path / "layout")
    report = scanned(capsys, f"{layout}:none")
    assert (report["offline"], report["subjects"][0]["channel"]) == (True, None)
