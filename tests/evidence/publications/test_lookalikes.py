"""Workflows in which attesting looks right: conditions, outputs, rights and orders that make it nothing."""

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

TAGS = 'on: {push: {tags: ["v*"]}}\n'
BOTH = 'on: {push: {branches: [main], tags: ["v*"]}}\n'
RIGHTS = "permissions: {actions: read, contents: write, id-token: write, attestations: write, packages: write}\n"
CHECKOUT = "      - uses: actions/checkout@v4\n"
BUILD = CHECKOUT + "      - run: make build\n"
UPLOAD = '      - uses: actions/upload-artifact@v4\n        with: {name: dist, path: "dist/*"}\n'
FETCH = "      - uses: actions/download-artifact@v4\n        with: {name: dist, path: dist}\n"
ATTEST = '      - uses: actions/attest-build-provenance@v3\n        with: {subject-path: "dist/*"}\n'
RELEASE = '      - uses: softprops/action-gh-release@v2\n        with: {files: "dist/*"}\n'
BUILDX = CHECKOUT + "      - uses: docker/setup-buildx-action@v3\n"
PUSH = """\
      - id: push
        uses: docker/build-push-action@v6
        with: {push: true, provenance: false, tags: 'ghcr.io/acme/app:1'}
"""


def job(name: str, steps: str, *, needs: str = "", more: str = "") -> str:
    needed = f"    needs: [{needs}]\n" if needs else ""
    return f"  {name}:\n    runs-on: ubuntu-latest\n{needed}{more}    steps:\n{steps}"


def reaches(folder: Path, *jobs: str, on: str = TAGS, rights: str = RIGHTS) -> list[str]:
    """How far the best claim reaches, of each publication."""
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{on}{rights}jobs:\n{''.join(jobs)}", encoding="utf-8")
    found = publications_of(folder)
    return sorted(one.claims[0].covers if one.claims else "none" for one in found)


def under(condition: str) -> str:
    return ATTEST.replace("- uses", f'- if: "{condition}"\n        uses')


@pytest.mark.parametrize(
    "condition",
    [
        "${{ false }}",
        "failure()",
        "cancelled()",
        "!success()",
        "github.ref == 'refs/heads/main'",
        "startsWith(github.ref, 'refs/heads/')",
        "github.ref_type != 'tag'",
        "github.event_name == 'pull_request'",
        "github.event_name == 'push' && github.event_name == 'release'",
        "needs.build.result == 'failure'",
    ],
)
def test_a_step_that_never_runs_for_a_tag_attests_nothing(tmp_path: Path, condition: str) -> None:
    assert reaches(tmp_path, job("build", BUILD + under(condition) + RELEASE)) in (["no"], ["none"])


@pytest.mark.parametrize(
    "condition",
    [
        "startsWith(github.ref, 'refs/tags/')",
        "github.ref_type == 'tag'",
        "success()",
        "always()",
        "github.event_name == 'push'",
        "github.event_name != 'pull_request'",
        "github.actor != 'dependabot[bot]'",
        "github.event.repository.fork == false",
    ],
)
def test_a_step_that_runs_for_a_tag_attests(tmp_path: Path, condition: str) -> None:
    assert reaches(tmp_path, job("build", BUILD + under(condition) + RELEASE)) == ["yes"]


@pytest.mark.parametrize("condition", ["github.actor == 'release-bot'", "github.repository == 'acme/app'"])
def test_a_condition_that_the_files_do_not_decide_leaves_it_open(tmp_path: Path, condition: str) -> None:
    assert reaches(tmp_path, job("build", BUILD + under(condition) + RELEASE)) == ["unknown"]


def test_what_is_attested_for_some_events_comes_apart(tmp_path: Path) -> None:
    """An image is pushed for branches and tags; a release is made for tags alone, whatever starts the workflow."""
    attest = digest("${{ steps.push.outputs.digest }}").replace(
        "- uses", "- if: github.ref == 'refs/heads/main'\n        uses"
    )
    assert reaches(tmp_path, job("image", BUILDX + PUSH + attest), on=BOTH) == ["partial", "yes"]
    main = under("github.ref == 'refs/heads/main'")
    assert reaches(tmp_path, job("build", BUILD + main + RELEASE), on=BOTH) == ["no"]
    tag = under("github.ref_type == 'tag'")
    assert reaches(tmp_path, job("build", BUILD + tag + RELEASE), on=BOTH) == ["yes"]


def test_a_push_under_the_same_condition_as_the_attestation_is_covered(tmp_path: Path) -> None:
    chosen = PUSH.replace("push: true", "push: \"${{ github.event_name != 'pull_request' }}\"")
    attest = digest("${{ steps.push.outputs.digest }}").replace(
        "- uses", "- if: github.event_name != 'pull_request'\n        uses"
    )
    on = "on: {push: {branches: [main]}, pull_request: {}}\n"
    assert reaches(tmp_path, job("image", BUILDX + chosen + attest), on=on) == ["yes"]


def digest(expression: str) -> str:
    return (
        "      - uses: actions/attest-build-provenance@v3\n"
        f'        with: {{subject-name: ghcr.io/acme/app, subject-digest: "{expression}"}}\n'
    )


@pytest.mark.parametrize(
    ("expression", "how"),
    [
        ("${{ steps.push.outputs.digest }}", "yes"),
        ("${{ steps.push.outputs.imageid }}", "no"),
        ("${{ steps.build.outputs.digest }}", "no"),
        ("${{ github.sha }}", "no"),
        ("${{ inputs.digest }}", "no"),
        ("${{ needs.image.outputs.digest }}", "no"),
    ],
)
def test_a_digest_is_that_of_the_image_that_was_pushed(tmp_path: Path, expression: str, how: str) -> None:
    assert reaches(tmp_path, job("image", BUILDX + PUSH + digest(expression))) == [how]


def generated(outputs: str, *, needs: str = "build", script: str = "hashes") -> tuple[str, str]:
    sums = f'      - id: hash\n        run: echo "{script}=$(sha256sum dist/* | base64 -w0)" >> "$GITHUB_OUTPUT"\n'
    build = job("build", BUILD + sums + RELEASE, more=f"    outputs: {{{outputs}}}\n")
    return build, (
        f"  provenance:\n    needs: [{needs}]\n"
        "    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0\n"
        "    with: {base64-subjects: '${{ needs.build.outputs.hashes }}', upload-assets: true}\n"
    )


@pytest.mark.parametrize(
    ("outputs", "needs", "script", "how"),
    [
        ("hashes: '${{ steps.hash.outputs.hashes }}'", "build", "hashes", "yes"),
        ("hashes: '${{ steps.hash.outputs.hashes }}'", "build", "digests", "no"),
        ("hashes: '${{ steps.sums.outputs.hashes }}'", "build", "hashes", "no"),
        ("digests: '${{ steps.hash.outputs.hashes }}'", "build", "hashes", "no"),
        ("hashes: '${{ steps.hash.outputs.hashes }}'", "test", "hashes", "no"),
    ],
)
def test_hashes_reach_the_generator_through_outputs(
    tmp_path: Path, outputs: str, needs: str, script: str, how: str
) -> None:
    test = job("test", "      - run: make check\n")
    assert reaches(tmp_path, test, *generated(outputs, needs=needs, script=script)) == [how]


@pytest.mark.parametrize(
    "expression",
    ["${{ env.FILES }}", "${{ steps.nope.outputs.files }}", "${{ inputs.files }}", "${{ needs.b.outputs.f }}"],
)
def test_an_expression_that_comes_out_empty_attests_nothing(tmp_path: Path, expression: str) -> None:
    empty = ATTEST.replace("dist/*", expression)
    assert reaches(tmp_path, job("build", BUILD + empty + RELEASE)) == ["no"]


def test_a_variable_that_a_script_sets_may_name_files(tmp_path: Path) -> None:
    sets = '      - run: echo "FILES=$(ls dist/*)" >> "$GITHUB_ENV"\n'
    attest = ATTEST.replace("dist/*", "${{ env.FILES }}")
    assert reaches(tmp_path, job("build", BUILD + sets + attest + RELEASE)) == ["yes"]


@pytest.mark.parametrize(
    "rights",
    [
        "",
        "permissions: {}\n",
        "permissions: read-all\n",
        "permissions: {actions: read, contents: write, id-token: write}\n",
    ],
)
def test_without_the_right_to_sign_nothing_is_attested(tmp_path: Path, rights: str) -> None:
    assert reaches(tmp_path, job("build", BUILD + ATTEST + RELEASE), rights=rights) == ["no"]


@pytest.mark.parametrize("right", ["actions: read, ", "contents: write, ", "id-token: write, "])
def test_a_generator_needs_every_right_that_its_jobs_ask_for(tmp_path: Path, right: str) -> None:
    rights = "permissions: {actions: read, contents: write, id-token: write, packages: write}\n"
    hashes = generated("hashes: '${{ steps.hash.outputs.hashes }}'")
    assert reaches(tmp_path, *hashes, rights=rights) == ["yes"]
    assert reaches(tmp_path, *hashes, rights=rights.replace(right, "")) == ["no"]


def test_an_artifact_that_another_job_overwrites_is_the_other_job_s(tmp_path: Path) -> None:
    build = job("build", BUILD + ATTEST + UPLOAD)
    over = CHECKOUT + "      - run: make other\n" + UPLOAD.replace("path:", "overwrite: true, path:")
    publish = job("publish", FETCH + RELEASE, needs="patch")
    assert reaches(tmp_path, build, job("patch", over, needs="build"), publish) == ["none"]
    assert reaches(tmp_path, build, publish.replace("patch", "build")) == ["yes"]


@pytest.mark.parametrize("fetch", ["name: other", "pattern: release-*"])
def test_a_download_that_matches_nothing_brings_no_attested_files(tmp_path: Path, fetch: str) -> None:
    build = job("build", BUILD + ATTEST + UPLOAD)
    publish = job("publish", CHECKOUT + FETCH.replace("name: dist", fetch) + RELEASE, needs="build")
    assert reaches(tmp_path, build, publish) == ["none"]


def test_what_is_set_for_the_whole_job_holds_for_later_steps(tmp_path: Path) -> None:
    off = '      - run: echo "BUILDX_NO_DEFAULT_ATTESTATIONS=1" >> "$GITHUB_ENV"\n'
    plain = PUSH.replace("provenance: false, ", "")
    assert reaches(tmp_path, job("image", BUILDX + plain)) == ["yes"]
    assert reaches(tmp_path, job("image", BUILDX + off + plain)) == ["none"]


@pytest.mark.parametrize(
    ("left_out", "files", "how"),
    [("*.exe", "*.exe", "no"), ("*.exe", "*", "partial"), ("*.exe", "*.zip", "yes"), ("*.sha256", "*", "yes")],
)
def test_what_is_left_out_of_the_subjects_is_not_attested(tmp_path: Path, left_out: str, files: str, how: str) -> None:
    attest = ATTEST.replace('"dist/*"', f'"dist/*, !dist/{left_out}"')
    release = RELEASE.replace("dist/*", f"dist/{files}")
    assert reaches(tmp_path, job("build", BUILD + attest + release)) == [how]


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ("version: v0.9.1", "none"),
        ("driver-opts: image=registry.example.com/buildkit:v0.10.6", "none"),
        ("version: v0.12.0, driver-opts: image=registry.example.com/buildkit:v0.15.0", "yes"),
    ],
)
def test_old_builders_know_no_attestations(tmp_path: Path, options: str, how: str) -> None:
    setup = BUILDX.replace("setup-buildx-action@v3", f"setup-buildx-action@v3\n        with: {{{options}}}")
    assert reaches(tmp_path, job("image", setup + PUSH.replace("provenance: false, ", ""))) == [how]


def test_a_condition_of_a_script_leaves_it_open(tmp_path: Path) -> None:
    command = "cosign attest --yes --type slsaprovenance --predicate p.json ghcr.io/acme/app@$DIGEST"
    always = f"      - run: {command}\n"
    main = f'      - run: if [ "$GITHUB_REF" = refs/heads/main ]; then {command}; fi\n'
    assert reaches(tmp_path, job("image", BUILDX + PUSH + always)) == ["yes"]
    assert reaches(tmp_path, job("image", BUILDX + PUSH + main)) == ["unknown"]


def test_what_a_runner_s_system_decides_comes_apart(tmp_path: Path) -> None:
    linux = under("runner.os == 'Linux'")
    matrix = "    strategy: {matrix: {os: [ubuntu-latest, macos-latest]}}\n"
    both = job("build", BUILD + linux + RELEASE, more=matrix).replace(
        "runs-on: ubuntu-latest", "runs-on: ${{ matrix.os }}"
    )
    assert reaches(tmp_path, both) == ["partial", "yes"]
    assert reaches(tmp_path, job("build", BUILD + under("runner.os == 'Windows'") + RELEASE)) == ["none"]


ACTION = """\
name: attest
inputs: {path: {default: ''}, sums: {default: ''}}
runs:
  using: composite
  steps:
    - uses: actions/attest-build-provenance@v3
      with: {subject-path: '${{ inputs.path }}', subject-checksums: '${{ inputs.sums }}'}
"""


@pytest.mark.parametrize(
    ("given", "how"),
    [("path: dist/*", "yes"), ("sums: sums.txt", "yes"), ("path: docs/*.pdf", "no"), ("other: dist/*", "unknown")],
)
def test_an_own_action_attests_what_it_is_given(tmp_path: Path, given: str, how: str) -> None:
    (tmp_path / "attest").mkdir()
    (tmp_path / "attest/action.yml").write_text(ACTION, encoding="utf-8")
    sums = "      - run: sha256sum dist/*.zip > sums.txt\n"
    use = f"      - uses: ./attest\n        with: {{{given}}}\n"
    release = RELEASE.replace("dist/*", "dist/*.zip")
    assert reaches(tmp_path, job("build", BUILD + sums + use + release)) == [how]


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("crane digest ghcr.io/acme/app:1", "yes"),
        ("crane digest ghcr.io/acme/base:1", "no"),
        ("docker inspect --format='{{index .RepoDigests 0}}' ghcr.io/acme/app:1 | cut -d@ -f2", "yes"),
        ("docker inspect --format='{{.Id}}' ghcr.io/acme/app:1", "no"),
        ("skopeo inspect docker://$IMAGE --format '{{.Digest}}'", "yes"),
        ("docker buildx imagetools inspect alpine:3 --format '{{.Manifest.Digest}}'", "no"),
        ("jq -r '.\"containerimage.digest\"' metadata.json", "yes"),
        ("sha256sum Dockerfile | cut -d' ' -f1", "no"),
        ("git rev-parse HEAD", "no"),
    ],
)
def test_a_digest_that_a_script_finds_is_that_of_the_image(tmp_path: Path, command: str, how: str) -> None:
    finds = f'      - id: found\n        run: |\n          echo "digest=$({command})" >> "$GITHUB_OUTPUT"\n'
    attest = digest("${{ steps.found.outputs.digest }}")
    assert reaches(tmp_path, job("image", BUILDX + PUSH + finds + attest)) == [how]
