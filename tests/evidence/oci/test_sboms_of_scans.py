"""What a scan says of the SBOMs that hang on an image, without a request more and without its layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from slsacheck.evidence.oci import attached, open_image
from slsacheck.evidence.oci.attached import gather
from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import Registry, Store, provenance
from tests.evidence.oci.tars import archive, layered
from tests.evidence.sbom.documents import cyclonedx, library, package, spdx

if TYPE_CHECKING:
    import pytest


def attested(digest: str, document: bytes) -> bytes:
    subject = [{"name": "x", "digest": {"sha256": digest.partition(":")[2]}}]
    statement = {"_type": "https://in-toto.io/Statement/v1", "subject": subject}
    kind = "https://cyclonedx.org/bom" if b"CycloneDX" in document else "https://spdx.dev/Document"
    return json.dumps(statement | {"predicateType": kind, "predicate": json.loads(document)}).encode()


def test_each_attested_sbom_is_judged(store: Store, registry: Registry, look: Look) -> None:
    image = layered(store, archive(("bom.json", cyclonedx())), tag="v1")
    config = json.loads(store.blobs[image["digest"]])["config"]["digest"]
    for digest in (image["digest"], config, "sha256:" + "9" * 64):
        store.attach(image, attested(image["digest"], spdx(package(), root={"versionInfo": digest})))
    store.attach(image, attested(image["digest"], cyclonedx(library(), metadata={"tools": [{"name": "trivy"}]})))
    store.attach(image, cyclonedx(), "application/vnd.cyclonedx+json")
    found, problems = look(f"{registry.host}/o/r:v1")
    assert problems == ""
    facts = found[0].image
    assert facts is not None
    assert [(one.form, one.describes, one.made, one.components) for one in facts.sboms] == [
        ("spdx", "this", "unknown", 1),
        ("spdx", "this", "unknown", 1),
        ("spdx", "other", "unknown", 1),
        ("cyclonedx", "unnamed", "after", 1),
        ("cyclonedx", "unnamed", "unknown", 0),
    ]
    assert "slsacheck sbom" in facts.sboms[4].problem
    assert facts.sboms[2].findings[0].rule == "sbom-of-another-image"
    layer = json.loads(store.blobs[image["digest"]])["layers"][0]["digest"]
    assert not [path for path in registry.paths() if layer in path]


def test_one_that_hangs_on_the_index_and_describes_one_platform(store: Store, look: Look, tmp_path: Path) -> None:
    systems = [{"os": "linux", "architecture": name} for name in ("amd64", "arm64")]
    images = [layered(store, archive(("x", b"")), architecture=one["architecture"]) for one in systems]
    index = store.index([image | {"platform": system} for image, system in zip(images, systems, strict=True)])
    document = attested(index["digest"], spdx(root={"versionInfo": images[0]["digest"]}))
    found, _ = look(store.write(tmp_path / "l", index, store.attach(index, document)))
    said = [
        (one.describes, one.findings[0].rule) for artifact in found if artifact.image for one in artifact.image.sboms
    ]
    assert said == [("this", "sbom-incomplete"), ("part", "sbom-of-one-platform")]


def test_a_predicate_that_is_no_sbom(store: Store, look: Look, tmp_path: Path) -> None:
    image = layered(store, archive(("x", b"")))
    broken = attested(image["digest"], b'{"CycloneDX": "not really"}')
    found, _ = look(store.write(tmp_path / "l", image, store.attach(image, broken)))
    facts = found[0].image
    assert facts is not None
    assert [one.problem for one in facts.sboms] == ["is no SBOM in a known format"]


def test_the_real_image_whose_signed_sbom_is_of_another(shared: Path, look: Look) -> None:
    real = shared / "corpus" / "real"
    found, _ = look(real / "cosign-key-referrers-oci", key=str(real / "cosign.pub"))
    facts = found[0].image
    assert facts is not None
    assert [(one.describes, one.findings[0].rule if one.findings else "") for one in facts.sboms] == [
        ("other", "sbom-of-another-image"),
        ("unnamed", ""),
    ]
    assert "the signed statement around it names this image" in facts.sboms[0].findings[0].message


def test_large_ones_are_put_away_and_say_the_same(
    store: Store, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = layered(store, archive(("x", b"")))
    pieces = [attested(image["digest"], cyclonedx(library(str(number)))) for number in range(3)]
    found = [store.attach(image, one) for one in (*pieces, provenance(image["digest"]), b"[1]")]
    layout = store.write(tmp_path / "l", image, *found)
    whole, problems = look(layout)
    monkeypatch.setattr(attached, "LARGE", 20)
    source = open_image(str(layout))
    spared, kept = (gather(source, image["digest"], spare=spare).pieces for spare in (True, False))
    assert [bool(one.packed) for one in spared] == [True] * 4 + [False]
    assert [one.unpacked().reading for one in spared[:4]] == [one.reading for one in kept[:4]]
    assert all(one.reading is not None and not one.packed for one in kept)
    assert look(layout) == (whole, problems)
