"""Whatever an image, its provenance or an evidence file says: an answer or an error of ours, nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.audit import audit_of
from slsacheck.errors import SlsacheckError, Unavailable
from slsacheck.evidence.oci.bases import bases_of, contradicted, inputs_in
from slsacheck.evidence.oci.claims import claims_in, contradictions, judged
from slsacheck.evidence.oci.inputs import image_of
from slsacheck.evidence.oci.names import Descriptor
from slsacheck.evidence.oci.saved import SavedImages
from slsacheck.evidence.oci.source import Source
from slsacheck.model import (
    Artifact,
    ArtifactInput,
    BuilderClaim,
    ImageClaim,
    ImageFacts,
    Outcome,
    Place,
    Revision,
    StatementFacts,
    Target,
    Verification,
)

TEXT = st.text(max_size=60) | st.sampled_from(
    [
        "pkg:docker/a/b@1",
        "pkg:oci/a?repository_url=b",
        "docker-image://x@sha256:" + "1" * 64,
        "git@h:o/r",
        "v1.2.3-rc.1",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
LABELS = st.dictionaries(
    st.sampled_from([
        "org.opencontainers.image.source", "org.opencontainers.image.revision", "org.opencontainers.image.version",
        "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest", "io.buildpacks.lifecycle.metadata",
        "io.buildpacks.project.metadata", "io.buildpacks.builder.image", "org.label-schema.vcs-url",
    ]),
    TEXT | JSON.map(json.dumps),
    max_size=6,
)  # fmt: skip
AT = Place(url="x")


def provenance(predicate: Any, source: str, revision: str, ref: str) -> Verification:
    statement = StatementFacts(
        predicate_type="https://slsa.dev/provenance/v1",
        source_uri=source,
        source_digest=revision,
        source_ref=ref,
        subjects=(("x", (("sha256", "1" * 64),)),),
    )
    payload = json.dumps({"predicate": predicate}).encode()
    return Verification("pass", statement=statement, payload=payload, authentic=True)


@given(TEXT, TEXT)
def test_any_uri(uri: str, digest: str) -> None:
    found = image_of(uri, digest)
    assert found is None or (found.reference and (found.digest is None or found.digest.startswith("sha256:")))


@given(LABELS, LABELS, JSON, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3))
def test_any_words(
    labels: dict[str, str],
    annotations: dict[str, str],
    predicate: Any,
    source: str,
    revision: str,
    ref: str,
    layers: list[str],
) -> None:
    proven = (provenance(predicate, source, revision, ref),)
    claims = judged([*claims_in(labels, "label"), *claims_in(annotations, "annotation")], proven)
    assert all(one.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.DECLARED) for one in claims)
    assert all(one.proved for one in claims if one.outcome is not Outcome.DECLARED)
    named = inputs_in(proven, proven)
    bases = bases_of(annotations, labels, named)
    for finding in (*contradictions(claims, AT), *contradicted(bases, labels, layers, named, AT)):
        assert finding.severity in ("medium", "low")
        assert finding.reason.isprintable()
        assert finding.remedy


@given(JSON, TEXT)
def test_any_evidence_file(entry: Any, key: str) -> None:
    def read(_digest: str) -> bytes:
        return b"{}"

    images = SavedImages({key: entry}, read, lambda _entry: Unavailable("as it was"))
    with pytest.raises(SlsacheckError):
        _asked_everything(images.opened(key, lambda: None))  # type: ignore[arg-type, return-value]


def _asked_everything(source: Source) -> None:
    source.attached("sha256:" + "1" * 64)
    source.image()
    source.blob(Descriptor("sha256:" + "1" * 64), 10)


@given(TEXT, TEXT, TEXT, TEXT)
def test_any_version(name: str, tag: str, label: str, commit: str) -> None:
    facts = ImageFacts(
        "sha256:1",
        "m",
        BuilderClaim("ko"),
        claims=(ImageClaim("version", label, "x"), ImageClaim("revision", commit, "x")),
    )
    image = Artifact("a", name, "container-image", (("sha256", "1"),), (AT,), image=facts)
    revision = Revision("r", "r", "a" * 40, (), tag=tag or None)
    target = Target("repository", "r", artifacts=(ArtifactInput("x"),))
    for one in (image, replace(image, image=None, type="archive"), replace(image, image=None, type="python-package")):
        items = audit_of(target, (one, revision), {})
        assert items
        assert items[0].blocking
