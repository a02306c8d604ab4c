"""Images attested by the jobs of a matrix that the releasing job computes from what its release says."""

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

WORKFLOW = """\
on: {push: {tags: ["v*"]}}
jobs:
  release:
    runs-on: ubuntu-latest
    permissions: {contents: write, packages: write}
    outputs:
      images: ${{ steps.list.outputs.images }}
    steps:
      - uses: actions/checkout@v4
      - id: release
        uses: goreleaser/goreleaser-action@v6
        with: {args: release --clean}
      - id: list
        env:
          ARTIFACTS: ${{ steps.release.outputs.artifacts }}
        run: |
          found=$(echo "$ARTIFACTS" | jq -c '.[] | select(.type == "Docker Manifest") | {"image": .name, "digest": .extra.Digest}')
          echo "images=$(echo "$found" | jq -c -s '{"include": .}')" >> "$GITHUB_OUTPUT"
  provenance:
    needs: [release]
    permissions: {actions: read, id-token: write, packages: write}
    strategy:
      matrix: ${{ fromJSON(needs.release.outputs.images) }}
    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@v2.1.0
    with:
      image: ghcr.io/${{ matrix.image }}
      digest: ${{ matrix.digest }}
"""
GORELEASER = """\
builds: [{skip: true}]
archives: [{format: binary}]
dockers: [{image_templates: ["ghcr.io/acme/app:{{ .Tag }}-amd64"]}]
docker_manifests:
  - name_template: "ghcr.io/acme/app:{{ .Tag }}"
    image_templates: ["ghcr.io/acme/app:{{ .Tag }}-amd64"]
"""


def reaches(folder: Path, changes: dict[str, str]) -> list[str]:
    """How far the provenance reaches, of the images of the platforms and of the index."""
    text = WORKFLOW
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    (folder / ".goreleaser.yml").write_text(GORELEASER, encoding="utf-8")
    images = [one for one in publications_of(folder) if one.type == "container-image"]
    return sorted(one.claims[0].covers if one.claims else "none" for one in images)


def test_all_that_was_pushed_is_attested(tmp_path: Path) -> None:
    assert reaches(tmp_path, {}) == ["no", "yes"]


@pytest.mark.parametrize(
    "changes",
    [
        {'Manifest")': 'Manifest") | select(.name | contains("debug"))'},
        {"Digest}')": "Digest}' | head -1)"},
        {"Docker Manifest": "Docker Image"},
        {"steps.release.outputs": "steps.other.outputs"},
        {".extra.Digest": ".extra.ID", '"digest"': '"id"', "matrix.digest": "matrix.id"},
    ],
    ids=["some by name", "the first", "the platforms", "of another step", "no digests"],
)
def test_of_some_it_is_not_known(tmp_path: Path, changes: dict[str, str]) -> None:
    assert "yes" not in reaches(tmp_path, changes)


def test_provenance_in_another_registry_is_none(tmp_path: Path) -> None:
    assert reaches(tmp_path, {"image: ghcr.io/": "image: quay.io/"}) == ["none"]
