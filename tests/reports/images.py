"""An assessed image to render: with what hangs on it, on its index and by mistake, its claims and its bases."""

from __future__ import annotations

from dataclasses import replace

from slsacheck.model import (
    Artifact,
    AssessedSubject,
    AssessedTarget,
    Assessment,
    Attachment,
    BaseImage,
    BuilderClaim,
    Facts,
    Finding,
    ImageClaim,
    ImageFacts,
    Outcome,
    Place,
    Signer,
)
from tests.reports.factory import assessment, levels, verification

IMAGE, INDEX, OTHER = ("sha256:" + digit * 64 for digit in "123")
GENERATOR = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.1.0"
GITHUB = "https://token.actions.githubusercontent.com"
SLSA = "https://slsa.dev/provenance/v1"


def attached() -> tuple[Attachment, ...]:
    """One of each state: of the image, of its index, of another image, of nothing."""
    signer = Signer(GENERATOR, GITHUB)
    return (
        Attachment("sbom", "in-toto-statement", "index-manifest", "sha256:" + "a" * 64, IMAGE, "https://spdx.dev/Document", None, "not-signed"),
        Attachment("provenance", "sigstore-bundle", "referrers", "sha256:" + "b" * 64, INDEX, SLSA, signer, "pass"),
        Attachment("signature", "cosign-legacy", "cosign-tag", "sha256:" + "c" * 64, IMAGE, None, None, "fail", "no signature was made with the given key"),
        Attachment("signature", "notation-jws", "fallback-tag", "sha256:" + "d" * 64, IMAGE, None, None, "unknown", "no root certificate is given (--trusted-root)"),
        Attachment("provenance", "sigstore-bundle", "referrers", "sha256:" + "e" * 64, OTHER, SLSA, signer, "pass", "it speaks of another image"),
        Attachment("other", "application/vnd.example", "referrers", "sha256:" + "f" * 64, None, None, None, "not-signed"),
    )  # fmt: skip


def signed_image() -> Assessment:
    """A scan of one image of an index."""
    claims = (
        ImageClaim("source", "https://github.com/acme/widget", "label org.opencontainers.image.source", Outcome.PASS, "git+https://github.com/acme/widget"),
        ImageClaim("revision", "0123456", "label org.opencontainers.image.revision", Outcome.FAIL, "a" * 40),
        ImageClaim("version", "nightly", "annotation org.opencontainers.image.version"),
    )  # fmt: skip
    bases = (
        BaseImage("base", "ghcr.io/acme/base:1", "sha256:" + "4" * 64, "annotation org.opencontainers.image.base.name", Outcome.PASS, "yes", None, "verified", "", "https://example.org/builder", Signer(GENERATOR, GITHUB), 3),
        BaseImage("build input", "docker.io/library/golang:1.24", "sha256:" + "5" * 64, "verified provenance", Outcome.PASS, reason="docker.io is not the registry of this image; --online asks it"),
    )  # fmt: skip
    facts = ImageFacts(
        IMAGE, "m", BuilderClaim("buildkit", "0.29", "x"), "linux/amd64", INDEX, claims=claims, bases=bases
    )
    place = Place(url="ghcr.io/acme/widget:1", digest=IMAGE)
    image = Artifact(
        f"artifact:ghcr.io/acme/widget@{IMAGE}",
        "ghcr.io/acme/widget:1 (linux/amd64)",
        "container-image",
        (("sha256", IMAGE[7:]),),
        (place,),
        (replace(verification(), digest="b" * 64, expectations="pass"),),
        ("ghcr.io/acme/widget (referrers or fallback tag)",),
        channel="ghcr.io",
        image=facts,
        attachments=attached(),
    )
    hazard = Finding(
        "image-claim-refuted", "medium", "the label says one revision, provenance another", (place,), "believe it"
    )
    target = AssessedTarget("widget", "image", "ghcr.io/acme/widget:1", facts=Facts(hazards=(hazard,)))
    found = AssessedSubject(image, (levels(2, 2, 3, why="the signer is trusted up to level 2"),))
    return replace(assessment((found,), ()), targets=(target,))
