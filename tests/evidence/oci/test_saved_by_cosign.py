"""Layouts that `cosign save` wrote: the images of slsa-verifier's regression suite, from layouts and a registry.

They carry real provenance of slsa-github-generator, signed with Sigstore's public instance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import Registry, Store, provenance
from tests.evidence.oci.test_verify_image import load

FLAGS = {
    "source_uri": "--source-uri",
    "tag": "--source-tag",
    "versioned_tag": "--source-versioned-tag",
    "branch": "--source-branch",
}
KIND = "dev.cosignproject.cosign/"


def rows(shared: Path) -> Iterator[tuple[Path, dict[str, Any], str | None]]:
    """Each image with its case and each way to name its builder."""
    corpus = shared / "corpus" / "attestations"
    for line in (corpus / "index.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["files"].get("oci_layout"):
            for builder in row["args"].get("builder_id_variants", [row["args"].get("builder_id")]):
                yield corpus / row["files"]["oci_layout"], row, builder


def flags_of(row: dict[str, Any], builder: str | None) -> list[str]:
    args = row["args"]
    found = [text for name, flag in FLAGS.items() if args.get(name) is not None for text in (flag, args[name])]
    found += [
        text
        for name, value in (args.get("inputs") or {}).items()
        for text in ("--build-workflow-input", f"{name}={value}")
    ]
    return found + (["--builder-id", builder] if builder is not None else [])


def tagged(layout: Path, image: str) -> Store:
    """The same in a registry, where cosign's tags take the place of its annotations."""
    store = load(layout)
    for entry in json.loads((layout / "index.json").read_bytes())["manifests"]:
        kind = entry["annotations"]["kind"].removeprefix(KIND)
        if kind in ("sigs", "atts"):
            store.tags[f"{image.replace(':', '-')}.{kind[:-1]}"] = entry["digest"]
    return store


def test_the_verdicts_of_slsa_verifier(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    differing, count = [], 0
    for layout, row, builder in rows(shared):
        image, flags = row["files"]["image_digest"], flags_of(row, builder)
        registry = Registry(tagged(layout, image))
        for place, network in ((f"{layout}@{image}", "--offline"), (f"{registry.host}/o/r@{image}", "--plain-http")):
            main(["verify-image", place, network, *flags, "--format", "json"])
            answer = json.loads(capsys.readouterr().out)
            count += 1
            if answer["verdict"] != row["expect"]:
                differing.append((row["id"], place, builder, answer["verdict"], answer["message"]))
        registry.close()
    assert differing == []
    assert count >= 100


def test_one_of_them_proves_level_three(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layout, row, builder = next(one for one in rows(shared) if one[1]["expect"] == "pass")
    main(["scan", str(layout), "--offline", *flags_of(row, builder), "--report", "json=-"])
    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    assert subject["levels"]["build"]["proved"] == 3
    assert [(one["kind"], one["format"], one["verified"]) for one in subject["attachments"]] == [
        ("provenance", "cosign-legacy", "pass")
    ]


@pytest.mark.parametrize("images", [1, 2])
def test_what_is_saved_beside_several_images_is_nobody_s(store: Store, look: Look, tmp_path: Path, images: int) -> None:
    """cosign saves one image; whose attestations they are cannot be told of two."""
    kept = [store.image(text=str(number)) | {"annotations": {"kind": f"{KIND}image"}} for number in range(images)]
    statements = store.attach(None, provenance(kept[0]["digest"])) | {"annotations": {"kind": f"{KIND}atts"}}
    (artifact,), problems = look(store.write(tmp_path / "layout", *kept, statements))
    assert problems == ""
    assert len(artifact.attachments) == (1 if images == 1 else 0)
