"""Commands that would have kept something: pasteable, whatever the names are."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from slsacheck.evidence.comparison.copying import end_of, remedies
from slsacheck.evidence.comparison.hanging import Hanging
from slsacheck.evidence.comparison.promotion import Fate, Promotion
from slsacheck.model.image import Attachment
from tests.evidence.oci.shop import Store

DIGEST = "sha256:" + "a" * 64


def lost(found_by: str, kind: str = "signature", form: str = "cosign-legacy") -> Promotion:
    hanging = Hanging(Attachment(kind, form, found_by, "sha256:" + "b" * 64), DIGEST)
    fate = Fate("lost", hanging, None, "gone", "x")
    return Promotion("s", "d", (DIGEST, DIGEST), "none", (), (fate,), (), (), ())


@pytest.mark.parametrize(
    ("kind", "form", "ending"),
    [
        ("signature", "cosign-legacy", "sig"),
        ("provenance", "cosign-legacy", "att"),
        ("sbom", "cosign-legacy", "att"),
        ("sbom", "spdx", "sbom"),
    ],
)
def test_tags_of_cosign_are_copied_by_name(kind: str, form: str, ending: str) -> None:
    (remedy,) = remedies(lost("cosign-tag", kind, form), "a.example/o/r:v1", "b.example/o/r:v1")
    tag = f"sha256-{'a' * 64}.{ending}"
    assert dict(remedy.commands)["crane"] == f"crane copy a.example/o/r:{tag} b.example/o/r:{tag}"
    assert [tool for tool, _ in remedy.commands] == ["crane", "skopeo", "cosign"]


def test_the_list_of_an_older_registry_is_copied_by_its_tag() -> None:
    (remedy,) = remedies(lost("fallback-tag"), "a.example/o/r:v1", "b.example/o/r:v1")
    assert dict(remedy.commands)["crane"].endswith(f"b.example/o/r:sha256-{'a' * 64}")


def test_layouts_are_named_as_each_tool_names_them(tmp_path: Path) -> None:
    store = Store()
    folder = store.write(tmp_path / "lay out; $(x)", store.image())
    end = end_of(f"{folder}:v1", DIGEST)
    assert (end.place, end.local, end.tag) == (str(folder), True, "v1")
    for found_by in ("referrers", "cosign-tag"):
        for remedy in remedies(lost(found_by), f"{folder}:v1", "b.example/o/r:v1"):
            for tool, command in remedy.commands:
                words = shlex.split(command)
                assert (words[0], tool) in (("oras", "oras"), ("skopeo", "skopeo"))
                assert any(str(folder) in word for word in words)
                assert "--from-oci-layout" in words
