"""The ways in which build configuration makes provenance, each with the name by which a trust root knows it.

| mechanism | what it is | signed | level at most |
|---|---|---|---|
| `slsa-github-generator/generator_generic` | generator over the hashes of files | yes | 3 |
| `slsa-github-generator/generator_container` | generator over an image digest | yes | 3 |
| `slsa-github-generator/builder_…` | the build itself runs in the generator's workflow | yes | 3 |
| `docker/github-builder` | Docker's reusable workflow builds and signs | yes | 3 |
| `google-cloud-build/images` | Cloud Build attests its `images:`; where to is the project's | yes | 3, external |
| `actions/attest-build-provenance`, `actions/attest` | made by a job of the tenant | yes | 2 |
| `npm-provenance` | `npm publish` with provenance, or by trusted publishing | yes | 2 |
| `gitlab/attest-build-artifacts` | GitLab's ATTEST_BUILD_ARTIFACTS | yes | 2 |
| `cosign-attest-provenance` | a predicate that a step of the user's own wrote | yes | 1 |
| `witness` | a collection of another format, made by the build job | yes | 1 |
| `buildkit` | BuildKit's attestation manifest, with a builder id | no | 1 |
| `gitlab/runner-metadata` | RUNNER_GENERATE_ARTIFACTS_METADATA | no | 1 |
| `demo-key` | signed with a key that is written in the plug-in | no | 1 |
| `tekton-chains` | Tekton Chains on a cluster; key and configuration are there | yes | 3, external |
| `reusable-workflow` | another organisation's reusable workflow | yes | 3, external |
| `pypi-publish-attestations` | PEP 740: who published, not how it was built | yes | 0 |
| `rubygems-attestation` | what release-gem may attach by itself | yes | 0, external |

`root` is the id of the entry in `rules/trust_roots.toml` that speaks for the mechanism; a test holds the two together.
"""

from __future__ import annotations

from slsacheck.record import record

__all__ = ["MECHANISMS", "Mechanism", "mechanism"]


@record
class Mechanism:
    """How far a mechanism reaches.

    `level` is the highest that configuration with it can give; `refutes` the atoms that its use refutes, each with a
    reason; `external` whether what decides lies elsewhere; `root` the id of the trust root that speaks for it.
    """

    name: str
    signed: bool
    level: int
    refutes: tuple[tuple[str, str], ...] = ()
    external: bool = False
    root: str | None = None


OWN_JOB = (
    (
        "build.provenance-unforgeable.key-not-in-build",
        "a job of this repository's own workflow holds the token that signs, so its steps can sign what they like",
    ),
)
"""Why provenance that the tenant's own workflow signs stays below level 3."""

USER_MADE = (
    (
        "build.provenance-authentic.control-plane",
        "a step that the user wrote makes the provenance, not the build platform",
    ),
    *OWN_JOB,
)
UNSIGNED = (("build.provenance-authentic.integrity", "the provenance is not signed, so anybody can change it"),)

MECHANISMS = {
    row.name: row
    for row in (
        Mechanism("slsa-github-generator/generator_generic", signed=True, level=3, root="slsa-github-generator"),
        Mechanism("slsa-github-generator/generator_container", signed=True, level=3, root="slsa-github-generator"),
        Mechanism("slsa-github-generator/builder_go", signed=True, level=3, root="slsa-github-generator"),
        Mechanism("slsa-github-generator/builder_nodejs", signed=True, level=3, root="slsa-github-generator-byob"),
        Mechanism("slsa-github-generator/builder_maven", signed=True, level=3, root="slsa-github-generator-byob"),
        Mechanism("slsa-github-generator/builder_gradle", signed=True, level=3, root="slsa-github-generator-byob"),
        Mechanism("slsa-github-generator/builder_bazel", signed=True, level=3, root="slsa-github-generator-byob"),
        Mechanism("slsa-github-generator/builder_container-based", signed=True, level=3, root="slsa-github-generator"),
        Mechanism("docker/github-builder", signed=True, level=3, root="docker-github-builder"),
        Mechanism("google-cloud-build/images", signed=True, level=3, external=True, root="google-cloud-build-v1"),
        Mechanism(
            "actions/attest-build-provenance", signed=True, level=2, refutes=OWN_JOB, root="github-hosted-actions"
        ),
        Mechanism("actions/attest", signed=True, level=2, refutes=OWN_JOB, root="github-hosted-actions"),
        Mechanism("npm-provenance", signed=True, level=2, refutes=OWN_JOB, root="npm-provenance-github"),
        Mechanism("gitlab/attest-build-artifacts", signed=True, level=2, root="gitlab-attest-build-artifacts"),
        Mechanism("cosign-attest-provenance", signed=True, level=1, refutes=USER_MADE),
        Mechanism("buildkit", signed=False, level=1, refutes=UNSIGNED),
        Mechanism("gitlab/runner-metadata", signed=False, level=1, refutes=UNSIGNED),
        Mechanism("witness", signed=True, level=1, refutes=USER_MADE),
        Mechanism("demo-key", signed=False, level=1, refutes=UNSIGNED),
        Mechanism("tekton-chains", signed=True, level=3, external=True),
        Mechanism("reusable-workflow", signed=True, level=3, external=True),
        Mechanism("pypi-publish-attestations", signed=True, level=0, root="pypi-publish"),
        Mechanism("rubygems-attestation", signed=True, level=0, external=True),
    )
}


def mechanism(name: str) -> Mechanism:
    """The mechanism of that name; one that nobody knows proves nothing."""
    return MECHANISMS.get(name) or Mechanism(name, signed=False, level=0)
