"""Whatever a manifest, a configuration, an archive or a credential file holds: an answer or one clear error."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.errors import InputError, SlsacheckError
from slsacheck.evidence.oci.credentials import find
from slsacheck.evidence.oci.facts import facts_of
from slsacheck.evidence.oci.manifest import json_document, read_manifest
from slsacheck.evidence.oci.names import Descriptor, reference_of
from slsacheck.evidence.oci.tar import TarFiles
from tests.clock import soon
from tests.evidence.oci.shop import CONFIG, MANIFEST, digest_of

DIGEST = "sha256:" + "1" * 64
NAMES = ["schemaVersion", "mediaType", "digest", "size", "manifests", "layers", "config", "subject", "annotations"]
NAMES += ["platform", "os", "architecture", "Labels", "history", "created", "created_by", "comment", "author"]
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from([MANIFEST, CONFIG, DIGEST, 2])
)
VALUES: Any = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=300)
@given(VALUES)
def test_any_manifest(value: Any) -> None:
    data = json.dumps(value).encode()
    descriptor = Descriptor(digest_of(data), len(data), MANIFEST)
    try:
        found = read_manifest(descriptor, data, "x", "application/json")
    except SlsacheckError as problem:
        assert problem.where.startswith("x@sha256:")  # noqa: PT017 - either answer is right
    else:
        assert found.digest == descriptor.digest
        assert all(part.size is not None for part in (*found.children, *found.layers))


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*NAMES, "docker_version"]), VALUES, max_size=9))
def test_any_configuration(config: dict[str, Any]) -> None:
    manifest = read_manifest(Descriptor(DIGEST, 2, MANIFEST), b'{"schemaVersion": 2, "layers": []}', "x")
    found = facts_of(manifest, config, platform=None, index=None)
    assert found.digest == DIGEST
    assert found.builder.name


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=600), max_size=5))
def test_any_archive(parts: list[bytes]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(part.ljust(512, b"\0") for part in parts))
        file.flush()
        try:
            assert not TarFiles(file.name, "x").has("index.json")
        except SlsacheckError as problem:
            assert problem.where == "x"  # noqa: PT017 - either answer is right


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_reference(text: str) -> None:
    try:
        found = reference_of(text)
    except SlsacheckError as problem:
        assert problem.message  # noqa: PT017 - either answer is right
    else:
        assert found.repository


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"auths": 1}', '{"auths": {"r.test": 1}}', '{"auths": {"r.test": {"auth": "/w=="}}}']
)
def test_any_credential_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    assert find("r.test", "a", {"DOCKER_CONFIG": str(tmp_path)}) is None


def test_many_keys_of_which_one_occurs_twice_are_refused_at_once() -> None:
    data = ("{" + ",".join(f'"{number}":1' for number in (*range(300_000), 299_999)) + "}").encode()
    with soon(), pytest.raises(InputError, match="'299999' occurs twice"):
        json_document(data, "x")
