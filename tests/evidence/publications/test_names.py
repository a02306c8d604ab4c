"""Names of images, kinds of files, globs; the words in which publications are told apart."""

import pytest

from slsacheck.evidence.publications.flows import globs_cover, needs_in, steps_in
from slsacheck.evidence.publications.images import channel_of_image, image_name, same_image
from slsacheck.evidence.publications.kinds import kind_of_files, split_sides


@pytest.mark.parametrize(
    ("reference", "name", "channel"),
    [
        ("ghcr.io/o/app:1.2", "ghcr.io/o/app", "ghcr.io"),
        ("o/app@sha256:abc", "o/app", "docker.io"),
        ("index.docker.io/o/app", "index.docker.io/o/app", "docker.io"),
        ("localhost:5000/app:1", "localhost:5000/app", "localhost:5000"),
        ("docker://quay.io/o/app:latest", "quay.io/o/app", "quay.io"),
        ("ghcr.io/${{ github.repository }}:${{ github.sha }}", "ghcr.io/${{ github.repository }}", "ghcr.io"),
        ("$CI_REGISTRY_IMAGE:latest", "$CI_REGISTRY_IMAGE", "registry.gitlab.com"),
        ("${{ secrets.DOCKERHUB_USER }}/app", "${{ secrets.DOCKERHUB_USER }}/app", "docker.io"),
        ("us-docker.pkg.dev/p/r/app", "us-docker.pkg.dev/p/r/app", "us-docker.pkg.dev"),
        ("${{ env.WHATEVER }}", "${{ env.WHATEVER }}", None),
        ("${{ x && 'quay.io/o/app' || '' }}", "${{ x && 'quay.io/o/app' || '' }}", "quay.io"),
    ],
)
def test_an_image_has_a_name_and_a_registry(reference: str, name: str, channel: str | None) -> None:
    assert image_name(reference) == name
    assert channel_of_image(reference) == channel


def test_the_registry_that_was_logged_in_to_decides_where_the_name_does_not() -> None:
    assert channel_of_image("${{ env.WHATEVER }}", ("ghcr.io",)) == "ghcr.io"
    assert channel_of_image("${{ env.WHATEVER }}", ("ghcr.io", "docker.io")) is None


def test_images_are_the_same_whatever_the_tag() -> None:
    assert same_image("ghcr.io/o/app:1", "ghcr.io/o/app@sha256:x")
    assert same_image("docker.io/o/app", "o/app:2")
    assert not same_image("ghcr.io/o/app", "quay.io/o/app")


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("dist/*.whl", "dist/*.tar.gz"), "python-package"),
        (("out/*.tar.gz", "out/checksums.txt"), "archive"),
        (("out/*.deb",), "os-package"),
        (("setup.msi",), "installer"),
        (("app.exe",), "binary"),
        (("SHA256SUMS",), "checksums"),
        (("dist/app-{{ .Os }}", "dist/checksums.txt"), "binary"),
        (("sbom.spdx.json",), "metadata"),
        (("bin/deploy/install.yaml",), "metadata"),
        (("bin/app",), "binary"),
        (("dist/app*", "dist/app.pub", "app.yaml"), "archive"),
        (("dist/**/*", "app.intoto.jsonl"), "archive"),
        (("*",), "archive"),
        ((), "archive"),
    ],
)
def test_files_have_a_kind(names: tuple[str, ...], kind: str) -> None:
    assert kind_of_files(names) == kind


def test_what_was_built_tells_where_names_do_not() -> None:
    assert kind_of_files(("dist/*",), ("binary",)) == "binary"
    assert kind_of_files(("dist/*.tar.gz", "dist/*.deb", "dist/*.rpm"), ("archive",)) == "archive"


def test_checksums_and_signatures_stand_aside() -> None:
    assert split_sides(("a.tar.gz", "a.tar.gz.sha256", "a.sig")) == (("a.tar.gz",), ("a.tar.gz.sha256", "a.sig"))


@pytest.mark.parametrize(
    ("attested", "published", "covered"),
    [
        ("dist/*", "all/*", True),
        ("dist", "out/app.zip", True),
        ("dist/*.tar.gz", "out/*.tar.gz", True),
        ("dist/*.tar.gz", "out/*", False),
        ("dist/app", "out/app.zip", False),
        ("dist/app", "out/app", True),
        ("*.zip", "app-${{ matrix.os }}.zip", True),
        ("app-${{ matrix.os }}.zip", "app-linux.zip", True),
        ("app.zip", "*.zip", False),
    ],
)
def test_a_glob_covers_what_it_names(attested: str, published: str, covered: bool) -> None:
    assert globs_cover((attested,), published) is covered


def test_outputs_are_found_in_expressions() -> None:
    text = "${{ needs.build.outputs.hashes }} ${{ steps.push.outputs.digest }}"
    assert needs_in(text) == (("build", "hashes"),)
    assert steps_in(text) == (("push", "digest"),)
