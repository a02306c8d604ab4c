"""Actions and reusable workflows that make provenance, signatures or SBOMs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.actions.containers import image_acts
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.actions.call import Call

__all__ = ["HANDLERS", "attest_subjects", "docker_builder", "generator"]

GENERATOR = "slsa-framework/slsa-github-generator/.github/workflows/"
RETIRED = regex(r"^v(?:0\.\d+\.\d+|1\.[01]\.\d+|1\.2\.[01]|1\.3\.0)$")
"""Versions that cannot sign: they do not understand the keys of Sigstore's trust root since October 2022."""
DOCKER_BUILDER = "docker/github-builder/.github/workflows/"
NOT_PROVENANCE = ("sbom-path", "sbom")


def attest_subjects(call: Call, root: str, at_names: tuple[str, ...] = ()) -> list[Act]:
    """The acts of an attestation action: one for each kind of subject (files, checksums, image digest)."""
    at = call.place(*at_names) if at_names else call.at
    if what := call.lines("subject-path", separator=",\n"):
        return [call.act(ActKind.ATTEST, what=what, at=at, root=root, provenance="yes", subject="files")]
    if sums := call.text("subject-checksums"):
        what = (sums,)
        return [call.act(ActKind.ATTEST, what=what, at=at, root=root, provenance="yes", subject="checksums")]
    if call.text("subject-digest", "subject-name"):
        names = call.choices("subject-name", default="*")
        return [
            call.act(
                ActKind.ATTEST,
                name=name,
                what=(call.text("subject-digest"),),
                at=at,
                root=root,
                provenance="yes",
                subject="digest",
            )
            for name in names
        ]
    return [call.act(ActKind.ATTEST, what=(), at=at, root=root, provenance="yes", subject="unknown")]


def _attest(call: Call) -> list[Act]:
    if any(call.has(name) for name in NOT_PROVENANCE):
        return [call.act(ActKind.SBOM, signing="keyless", provenance="no")]
    stated = call.text("predicate-type")
    if stated and "slsa.dev/provenance" not in stated:
        return [call.act(ActKind.SIGN, signing="keyless", provenance="no")]
    if call.has("predicate") or call.has("predicate-path"):
        if "slsa.dev/provenance" in stated:
            return attest_subjects(call, "cosign-attest-provenance")
        return [call.act(ActKind.SIGN, signing="keyless", provenance="no")]
    version = call.version
    if version is not None and version[0] < 4:  # noqa: PLR2004 - provenance is the default from v4 on
        return [call.act(ActKind.SIGN, signing="keyless", provenance="no")]
    return attest_subjects(call, "actions/attest")


def generator(call: Call) -> list[Act]:
    """slsa-github-generator: generators over hashes or a digest, and builders that build, attest and may attach."""
    kind = re.sub(r"(_slsa3)?\.ya?ml$", "", call.name.removeprefix(GENERATOR))
    root = f"slsa-github-generator/{kind}"
    broken = "" if re.fullmatch(r"v\d+\.\d+\.\d+", call.uses.ref) or "${{" in call.uses.ref else "not-by-tag"
    broken = broken or ("retired" if RETIRED.match(call.uses.ref) else "")
    if kind == "generator_generic":
        what = (call.text("base64-subjects", "base64-subjects-as-file"),)
        at = call.place("base64-subjects", "base64-subjects-as-file") if call.has("base64-subjects") else call.at
        return [
            call.act(
                ActKind.ATTEST,
                what=what,
                root=root,
                provenance="yes",
                subject="hashes",
                broken=broken,
                kept="yes" if call.flag("upload-assets", default=False) is False else "",
                by_tag="" if call.has("upload-tag-name") else "yes",
                input_line=str(at.line),
            )
        ]
    if kind == "generator_container":
        name, digest = call.text("image"), call.text("digest")
        return [
            call.act(
                ActKind.ATTEST, name=name, what=(digest,), root=root, provenance="yes", subject="digest", broken=broken
            )
        ]
    return _builder(call, kind, root, broken)


BUILT = {
    "builder_go": "binary",
    "builder_nodejs": "npm-package",
    "builder_maven": "maven-artifact",
    "builder_gradle": "maven-artifact",
    "builder_bazel": "binary",
    "builder_container-based": "binary",
}


def _builder(call: Call, kind: str, root: str, broken: str) -> list[Act]:
    made = BUILT.get(kind, "other")
    acts = [
        call.act(ActKind.BUILD, type=made),
        call.act(ActKind.ATTEST, what=("*",), root=root, provenance="yes", subject="files", broken=broken, own="yes"),
        call.act(ActKind.PASS_ON, name="*", what=("*",)),
    ]
    attaches = call.flag("upload-assets", default=kind == "builder_go")
    if attaches is not False:
        acts.insert(
            2,
            call.act(
                ActKind.PUBLISH,
                type=made,
                channel="github-release",
                what=("*",),
                provenance="yes",
                root=root,
                broken=broken,
            ),
        )
    return acts


def docker_builder(call: Call) -> list[Act]:
    """docker/github-builder: builds with BuildKit and signs in Docker's own reusable workflow."""
    root = "docker/github-builder"
    signs = call.flag("sign", default=True)
    makes = "no" if signs is False else "yes"
    attest = call.act(
        ActKind.ATTEST,
        what=("*",),
        root=root,
        provenance="yes",
        subject="all",
        own="yes",
        input_line=str(call.place("sign").line),
    )
    acts = [call.act(ActKind.BUILD, type="container-image" if call.text("output") == "image" else "archive")]
    if makes == "yes":
        acts.append(attest)
    if call.text("output") == "image":
        if call.flag("push", default=False) is False:
            return []
        names = call.lines("meta-images", separator=",\n") or ("",)
        registry = _registry_of_builder(call)
        acts += [
            replace(act, root=root if makes == "yes" else "buildkit", channel=act.channel or registry)
            for act in image_acts(call, names, at=call.place("push", "output"), provenance=makes)
        ]
    elif call.flag("artifact-upload", default=False) is not False:
        acts.append(call.act(ActKind.PASS_ON, name=call.text("artifact-name", default="*"), what=("*",)))
    if call.flag("sbom", default=False) is not False:
        acts.append(call.act(ActKind.SBOM, at=call.place("sbom")))
    return acts


def _registry_of_builder(call: Call) -> str | None:
    """The registry of docker/github-builder's logins, where there is exactly one."""
    texts = [call.text("registry-identities"), *(item.value for item in call.context.job.secrets)]
    named = [match for text in texts for match in re.findall(r"registry:\s*[\"']?([\w.-]+\.\w+)", text)]
    return named[0] if len(set(named)) == 1 else None


def _inspected(call: Call) -> list[Act]:
    suffix = call.text("upload-name-suffix")
    acts = [call.act(ActKind.BUILD, type="python-package", what=("dist/*",))]
    if call.flag("attest-build-provenance-github", default=False) is not False:
        acts.append(
            call.act(
                ActKind.ATTEST,
                what=("dist/*",),
                at=call.place("attest-build-provenance-github"),
                root="actions/attest-build-provenance",
                provenance="yes",
                subject="files",
            )
        )
    acts.append(call.act(ActKind.PASS_ON, name=f"Packages{suffix}", what=("dist/*",)))
    return acts


def _sbom(call: Call) -> list[Act]:
    if call.name.endswith(("/download-syft", "/publish-sbom")):
        return []
    return [call.act(ActKind.SBOM, name=call.text("image", "path") or None)]


def _sign(call: Call) -> list[Act]:
    what = call.lines("inputs", "path", "file", separator=" \n")
    return [call.act(ActKind.SIGN, signing="keyless", what=what)]


def _witness(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.actions.scripted import run_script

    acts = run_script(call.text("command"), call) if call.has("command") else []
    attest = call.act(ActKind.ATTEST, what=("*",), root="witness", provenance="yes", subject="files")
    return [*acts, attest]


def _unsigned(call: Call) -> list[Act]:
    what = call.lines("artifact-path", "subjects", "artifact_path") or ("*",)
    return [call.act(ActKind.ATTEST, what=what, root="demo-key", provenance="yes", subject="files")]


HANDLERS: dict[str, Callable[[Call], list[Act]]] = {
    "actions/attest-build-provenance": lambda call: attest_subjects(call, "actions/attest-build-provenance"),
    "actions/attest": _attest,
    "actions/attest-sbom": lambda call: [call.act(ActKind.SBOM, signing="keyless", provenance="no")],
    "hynek/build-and-inspect-python-package": _inspected,
    "anchore/sbom-action": _sbom,
    "anchore/sbom-action/download-syft": _sbom,
    "cyclonedx/gh-node-module-generatebom": _sbom,
    "cyclonedx/gh-gomod-generate-sbom": _sbom,
    "cyclonedx/gh-python-generate-sbom": _sbom,
    "microsoft/sbom-action": _sbom,
    "sigstore/gh-action-sigstore-python": _sign,
    "actions4git/cosign-sign": _sign,
    "testifysec/witness-run-action": _witness,
    "philips-labs/slsa-provenance-action": _unsigned,
    "gossts/slsa-provenance-action": _unsigned,
    "slsa-framework/github-actions-demo": _unsigned,
}
