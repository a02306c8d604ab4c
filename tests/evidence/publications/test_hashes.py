"""What is behind the hashes that a generator is given, and behind files of checksums."""

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

HEAD = """\
on: {push: {tags: ["v*"]}}
permissions: {actions: read, contents: write, id-token: write, attestations: write}
jobs:
  build:
    runs-on: ubuntu-latest
    outputs: {hashes: '${{ steps.hash.outputs.hashes }}'}
    steps:
      - uses: actions/checkout@v4
      - run: make build
"""
RELEASE = '      - uses: softprops/action-gh-release@v2\n        with: {files: "FILES"}\n'
GENERATOR = """\
  provenance:
    needs: [build]
    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0
    with: {base64-subjects: '${{ needs.build.outputs.hashes }}', upload-assets: true}
"""


def run(script: str, more: str = "") -> str:
    return f"      - {more}run: |\n" + "".join(f"          {line}\n" for line in script.splitlines())


def best(folder: Path, *steps: str, behind: str = "", files: str = "dist/*") -> str:
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + "".join(steps) + RELEASE.replace("FILES", files) + behind, encoding="utf-8")
    (found,) = publications_of(folder)
    return found.claims[0].covers


def hashed(folder: Path, script: str, *before: str, files: str = "dist/*", more: str = "") -> str:
    return best(folder, *before, run(script, f"id: hash\n        {more}"), behind=GENERATOR, files=files)


def said(command: str) -> str:
    return f'echo "hashes=$({command} | base64 -w0)" >> "$GITHUB_OUTPUT"'


@pytest.mark.parametrize(
    ("script", "how"),
    [
        (said("echo foo | sha256sum"), "no"),
        (said('echo -n "${{ github.sha }}" | sha256sum'), "no"),
        (said("git archive HEAD | sha256sum"), "no"),
        (said("git ls-files | xargs sha256sum"), "no"),
        ('HASH=$(echo -n "$VERSION" | sha256sum)\n' + said('echo "$HASH  app.zip"'), "no"),
        ('printf "%s  app" "$GITHUB_SHA" > sums.txt\necho "hashes=$(base64 -w0 sums.txt)" >> $GITHUB_OUTPUT', "no"),
        (said("curl -sL https://example.com/sums.txt"), "unknown"),
        (said("sha256sum docs/*"), "unknown"),
        ("cd other\n" + said("sha256sum *.zip"), "no"),
    ],
)
def test_hashes_of_something_else_cover_nothing(tmp_path: Path, script: str, how: str) -> None:
    assert hashed(tmp_path, script) == how


def test_hashes_of_a_source_file_are_not_those_of_the_build(tmp_path: Path) -> None:
    assert hashed(tmp_path, said("sha256sum go.mod"), files="dist/*.zip") == "no"


@pytest.mark.parametrize(
    "script",
    [
        said("sha256sum dist/*"),
        "cd dist\n" + said("sha256sum *"),
        said("find dist -type f -exec sha256sum {} +"),
        said("ls dist/* | xargs sha256sum"),
        said("openssl dgst -sha256 -r dist/*"),
        "files=$(ls dist/*)\n" + said("shasum -a 256 $files"),
        'for f in dist/*; do sha256sum "$f" >> sums.txt; done\necho "hashes=$(base64 -w0 sums.txt)" >> $GITHUB_OUTPUT',
        "sha256sum dist/* | tee sums.txt\n" + said("cat sums.txt"),
    ],
)
def test_hashes_of_the_published_files_cover_them(tmp_path: Path, script: str) -> None:
    assert hashed(tmp_path, script) == "yes"


def test_a_file_of_hashes_is_followed_to_what_wrote_it(tmp_path: Path) -> None:
    written = run("cd dist && sha256sum *.zip > SHA256SUMS")
    read = 'echo "hashes=$(cat dist/SHA256SUMS | base64 -w0)" >> $GITHUB_OUTPUT'
    assert hashed(tmp_path, read, written, files="dist/*.zip") == "yes"
    assert hashed(tmp_path / "b", read, written, files="dist/*.deb") == "no"


def test_a_working_directory_is_where_the_hashed_files_lie(tmp_path: Path) -> None:
    assert hashed(tmp_path, said("sha256sum *"), more="working-directory: dist\n        ") == "yes"
    assert hashed(tmp_path / "b", said("sha256sum *"), more="working-directory: docs\n        ") == "unknown"


def attested(folder: Path, *steps: str, sums: str, files: str) -> str:
    attest = f"      - uses: actions/attest-build-provenance@v3\n        with: {{subject-checksums: {sums}}}\n"
    return best(folder, *steps, attest, files=files)


@pytest.mark.parametrize(
    ("script", "how"),
    [
        ("sha256sum dist/*.zip > checksums.txt", "yes"),
        ("cd dist && shasum -a 256 *.zip > ../checksums.txt", "yes"),
        ("sha256sum docs/*.pdf > checksums.txt", "no"),
        ('echo "$GITHUB_SHA" > checksums.txt', "no"),
        ("curl -o checksums.txt https://example.com/sums.txt", "no"),
        ("ls", "unknown"),
    ],
)
def test_a_file_of_checksums_covers_what_it_lists(tmp_path: Path, script: str, how: str) -> None:
    assert attested(tmp_path, run(script), sums="checksums.txt", files="dist/*.zip") == how


def test_a_file_of_checksums_may_be_written_by_the_repository_s_own_build(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("build:\n\t./mk.sh out/checksums.txt\n", encoding="utf-8")
    assert attested(tmp_path, sums="out/checksums.txt", files="out/*.zip") == "yes"


def test_goreleaser_writes_checksums_by_itself(tmp_path: Path) -> None:
    release = "      - uses: goreleaser/goreleaser-action@v6\n        with: {args: release --clean --skip=publish}\n"
    (tmp_path / ".goreleaser.yaml").write_text("builds: [{main: .}]\narchives: [{}]\n", encoding="utf-8")
    assert attested(tmp_path, release, sums="dist/app_checksums.txt", files="dist/*.tar.gz") == "yes"


COMBINED = """\
  combine:
    needs: [build]
    runs-on: ubuntu-latest
    outputs: {hashes: '${{ steps.all.outputs.hashes }}'}
    steps:
      - id: all
        env: {FIRST: '${{ needs.build.outputs.hashes }}'}
        run: echo "hashes=$(echo "$FIRST" | base64 -d | sed '/^$/d' | base64 -w0)" >> "$GITHUB_OUTPUT"
"""
FROM_FILE = """\
      - id: hash
        uses: slsa-framework/slsa-github-generator/actions/generator/generic/create-base64-subjects-from-file@v2.1.0
        with: {path: sums.txt}
"""


def combined(folder: Path, script: str) -> str:
    after = COMBINED + GENERATOR.replace("[build]", "[build, combine]").replace("needs.build", "needs.combine")
    return best(folder, run(script, "id: hash\n        "), behind=after)


def test_hashes_that_a_further_job_puts_together_are_those_of_the_first(tmp_path: Path) -> None:
    assert combined(tmp_path / "a", said("sha256sum dist/*")) == "yes"
    assert combined(tmp_path / "b", said("echo foo | sha256sum")) == "no"
    assert combined(tmp_path / "c", "python tools/subjects.py --github-output") == "unknown"


def from_file(folder: Path, script: str) -> str:
    as_file = GENERATOR.replace("base64-subjects:", "base64-subjects-as-file:")
    text = HEAD.replace("outputs.hashes }}'", "outputs.handle }}'")
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text + run(script) + FROM_FILE + RELEASE.replace("FILES", "dist/*") + as_file, encoding="utf-8")
    (found,) = publications_of(folder)
    return found.claims[0].covers


def test_hashes_that_are_handed_over_as_a_file_are_what_is_written_to_it(tmp_path: Path) -> None:
    release_tool = 'hashes=$(echo "$ARTIFACTS" | jq -r \'.[].extra.Checksum\')\necho "$hashes" > sums.txt'
    assert from_file(tmp_path / "a", "sha256sum dist/* > sums.txt") == "yes"
    assert from_file(tmp_path / "b", release_tool) == "yes"
    assert from_file(tmp_path / "c", "echo 1f2e3d  app.zip > sums.txt") == "no"
    assert from_file(tmp_path / "d", "echo foo | sha256sum > sums.txt") == "no"
    assert from_file(tmp_path / "e", "true") == "unknown"


MATRIX = """\
on: {push: {tags: ["v*"]}}
permissions: {actions: read, contents: write, id-token: write, packages: write}
jobs:
  build:
    runs-on: ubuntu-latest
    outputs: {images: '${{ steps.list.outputs.images }}'}
    steps:
      - uses: actions/checkout@v4
      - run: docker push ghcr.io/example/app:1
      - run: docker push quay.io/example/app:1
      - id: list
        run: echo "images=$(./list.sh)" >> "$GITHUB_OUTPUT"
  provenance:
    needs: [build]
    strategy: {matrix: '${{ fromJSON(needs.build.outputs.images) }}'}
    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@v2.1.0
    with: {image: 'ghcr.io/${{ matrix.image }}', digest: '${{ matrix.digest }}'}
"""


def test_images_of_a_computed_matrix_are_known_in_a_run_alone(tmp_path: Path) -> None:
    path = tmp_path / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(MATRIX, encoding="utf-8")
    found = {one.channel: [claim.covers for claim in one.claims] for one in publications_of(tmp_path)}
    assert found == {"ghcr.io": ["unknown"], "quay.io": []}


SIGNED = (
    HEAD.replace("      - run: make build\n", "")
    + """\
      - {id: release, uses: goreleaser/goreleaser-action@v6, with: {args: release --clean --skip=publish}}
      - uses: actions/upload-artifact@v4
        with: {name: made, path: "dist/*"}
      - id: hash
        env: {ARTIFACTS: '${{ steps.release.outputs.artifacts }}'}
        run: |
          hashes=$(echo "$ARTIFACTS" | jq -r '.[] | {name, "digest": .extra.Checksum} | join("  ")' | base64 -w0)
          echo "hashes=$hashes" >> $GITHUB_OUTPUT
  sign:
    needs: [build]
    runs-on: macos-latest
    outputs: {hashes: '${{ steps.hash.outputs.hashes }}'}
    steps:
      - uses: actions/download-artifact@v4
        with: {name: made, path: made}
      - run: mkdir signed && ./sign.sh made signed
      - uses: actions/upload-artifact@v4
        with: {name: signed, path: signed}
      - id: hash
        run: |
          MORE
          hashes="$(echo "${{ needs.build.outputs.hashes }}" | base64 -d; echo "$more")"
          echo "hashes=$(echo "$hashes" | base64 -w0)" >> $GITHUB_OUTPUT
  release:
    needs: [sign]
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: {name: signed, path: files}
      - uses: softprops/action-gh-release@v2
        with: {files: "files/*.pkg"}
"""
    + GENERATOR.replace("build", "sign")
)


@pytest.mark.parametrize(("more", "covers"), [("more=$(cd signed && shasum -a 256 *.pkg)", "yes"), ("more=''", "no")])
def test_what_is_signed_and_hashed_again_stands_beside_what_the_tool_made(
    tmp_path: Path, more: str, covers: str
) -> None:
    path = tmp_path / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(SIGNED.replace("MORE", more), encoding="utf-8")
    (tmp_path / ".goreleaser.yml").write_text("archives: [{formats: [tar.gz]}]\n", encoding="utf-8")
    (found,) = publications_of(tmp_path)
    assert found.claims[0].covers == covers
