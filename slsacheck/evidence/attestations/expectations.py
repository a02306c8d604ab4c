"""Expectations: is this the provenance that was expected of this package? Apart from who signed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.buildtypes import build_type, flatten
from slsacheck.evidence.attestations.jsondoc import as_map, as_text, dig
from slsacheck.evidence.attestations.provenance import delegated, repository_of
from slsacheck.evidence.attestations.refs import (
    branch_of,
    normal_repository,
    parse_semver,
    split_ref,
    tag_of,
    version_matches,
)
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.certificates import Identity
    from slsacheck.evidence.attestations.provenance import Provenance
    from slsacheck.model.attestation import Expectations

__all__ = [
    "Findings",
    "compare_named_refs",
    "compare_parameters",
    "compare_refs",
    "compare_source",
    "compare_workflow_inputs",
    "source_ref",
]


@record(frozen=False)
class Findings:
    """What the comparison found: what differs (in order), what was not given, and what held."""

    problems: list[RefusedError] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)

    def differ(self, step: str, reason_class: str, message: str) -> None:
        """Note an expectation that is not met."""
        self.problems.append(RefusedError(reason_class, message, step=step))

    def hold(self, step: str, detail: str) -> None:
        """Note an expectation that is met."""
        self.held.append((step, detail))

    @property
    def outcome(self) -> str:
        """pass, fail or unknown."""
        if self.problems:
            return "fail"
        return "unknown" if self.missing else "pass"


def compare_source(provenance: Provenance, identity: Identity | None, expected: Expectations, found: Findings) -> None:
    """Source repository, as certificate, provenance and first dependency name it, and revision are as expected."""
    if expected.source_uri is None:
        found.missing.append("--source-uri")
    elif not _repository_held(provenance, identity, expected.source_uri, found):
        return
    want = expected.source_revision
    if want and provenance.digest != want:
        have = shown(provenance.digest or "(none)")
        found.differ("source", "source-mismatch", f"built from revision {have}, expected was {shown(want)}")


def _repository_held(provenance: Provenance, identity: Identity | None, expected: str, found: Findings) -> bool:
    want = normal_repository(expected)
    stated = {
        "the certificate": normal_repository(identity.source_uri) if identity and identity.source_uri else None,
        "the provenance": repository_of(provenance) or "(none)",
    }
    started = identity.claim("build_config_uri") if identity else None
    if identity is not None and started and started.startswith("https://github.com/"):
        stated["the workflow that was started"] = "/".join(started.split("/")[:5])
    if provenance.material.startswith("git+") and provenance.version != "v0.1":
        stated["the first dependency"] = normal_repository(split_ref(provenance.material)[0])
    for who, have in stated.items():
        if have is not None and have != want and not _gcloud_source(provenance, want):
            told = f"{who} names the source {shown(have)}, expected was {shown(want if expected else '(none)')}"
            found.differ("source", "source-mismatch", told)
            return False
    found.hold("source", f"built from {shown(want)}")
    return True


def _gcloud_source(provenance: Provenance, want: str) -> bool:
    """Cloud Build's v0.1 provenance writes `https://host/o/r/commit/REVISION` or `https://host/o/r#REVISION`."""
    return provenance.version == "v0.1" and provenance.material.removeprefix("git+").startswith(
        (f"{want}/commit/", f"{want}#")
    )


def source_ref(provenance: Provenance, identity: Identity | None) -> str:
    """The ref that was built: a builder made with the delegator may build another one than it was started on."""
    if delegated(provenance):
        return split_ref(provenance.material)[1]
    return provenance.ref or (identity.claim("source_ref") if identity else "") or ""


def _github(provenance: Provenance, name: str) -> object:
    """What the run's environment says of GitHub's event, as `github_NAME` or `GITHUB_NAME`."""
    said = provenance.environment
    return said.get(f"github_{name}", said.get(f"GITHUB_{name.upper()}"))


def compare_named_refs(provenance: Provenance, found: Findings) -> None:
    """The provenance names one ref of its source: as configuration, as what was fetched, and as the event's."""
    repository, fetched = split_ref(provenance.material)
    if not repository.startswith("git+") or normal_repository(repository) != repository_of(provenance):
        fetched = ""
    refs = dict.fromkeys((provenance.ref, fetched, as_text(_github(provenance, "ref"))))
    named = [ref for ref in refs if ref.startswith("refs/")]
    if len(named) > 1:
        told = f"the provenance contradicts itself: its source has the refs {shown(' and '.join(named))}"
        found.differ("source", "malformed", told)


def _branch(provenance: Provenance, ref: str) -> str:
    """The branch that was built, for a tag the one it was pushed from where the event says so; empty if unknown.

    Of a pull request's merge the base is not what was built.
    """
    if tag_of(ref) is None:
        return branch_of(ref) or ""
    base = as_text(_github(provenance, "base_ref"))
    if base:
        return branch_of(base) or ""
    event, payload = _github(provenance, "event_name"), as_map(_github(provenance, "event_payload"))
    if event == "push":
        return branch_of(as_text(payload.get("base_ref"))) or ""
    if event == "release":
        return as_text(dig(payload, "release", "target_commitish"))
    return ""


def _gcb_tag(provenance: Provenance) -> str | None:
    """Cloud Build's tag: a substitution, which in v1 must agree with the ref of the configuration."""
    name = provenance.parameters.get("substitutions.TAG_NAME") or as_text(
        dig(provenance.environment, "systemSubstitutions", "TAG_NAME")
    )
    if provenance.version == "v1" and provenance.ref != f"refs/tags/{name}":
        return None
    return name or None


def compare_refs(provenance: Provenance, identity: Identity | None, expected: Expectations, found: Findings) -> None:
    """Branch, tag and versioned tag, each where it was asked for."""
    ref = source_ref(provenance, identity)
    cloud = provenance.build_type.startswith(("https://cloudbuild.googleapis.com/", "https://cloud.google.com/build/"))
    if expected.source_branch is not None:
        _compare_branch(provenance, ref, expected.source_branch, found, cloud=cloud)
    tag = _gcb_tag(provenance) if cloud else tag_of(ref)
    if expected.source_tag is not None:
        _compare_tag(tag, expected.source_tag, tag == expected.source_tag, "tag-mismatch", found)
    if expected.source_versioned_tag is not None:
        _compare_version(tag, expected.source_versioned_tag, found)


def _compare_branch(provenance: Provenance, ref: str, want: str, found: Findings, *, cloud: bool) -> None:
    if cloud:
        found.differ(
            "branch", "unsupported", "Cloud Build's provenance does not name the branch; leave --source-branch out"
        )
        return
    branch = _branch(provenance, ref)
    if branch != want or not branch:
        found.differ(
            "branch",
            "branch-mismatch",
            f"built from {shown(branch or ref or 'no branch')}, expected was branch {shown(want)}",
        )
    else:
        found.hold("branch", f"built from branch {shown(want)}")


def _compare_tag(tag: str | None, want: str, held: bool, reason: str, found: Findings) -> None:
    if held:
        found.hold("tag", f"built from tag {shown(tag)}")
    else:
        found.differ(
            "tag", reason, f"built from {'tag ' + shown(tag) if tag else 'no tag'}, expected was {shown(want)}"
        )


def _compare_version(tag: str | None, want: str, found: Findings) -> None:
    if parse_semver(want) is None:
        told = f"{shown(want or '(none)')} is no version; give --source-versioned-tag as v1, v1.2 or v1.2.3"
        found.differ("tag", "versioned-tag-mismatch", told)
    else:
        held = tag is not None and version_matches(tag, want)
        _compare_tag(tag, want, held, "versioned-tag-mismatch", found)


def compare_workflow_inputs(provenance: Provenance, expected: Expectations, found: Findings) -> None:
    """Each input that was asked for has that value in the event, or else in the external parameters.

    A parameter may be given by its whole path (`inputs.name`), too: a builder's input may have the name of the event's.
    """
    if not expected.build_workflow_input:
        return
    known = build_type(provenance.build_type)
    have = dict(provenance.parameters)
    have |= {known.input_name(path): value for path, value in provenance.parameters.items()} if known else {}
    if _github(provenance, "event_name") == "workflow_dispatch":
        inputs = as_map(dig(_github(provenance, "event_payload"), "inputs"))
        have |= {name: "" for name, value in inputs.items() if value == ""} | flatten(inputs)
    for name, want in expected.build_workflow_input:
        if name not in have:
            found.differ("inputs", "workflow-input-mismatch", f"the build had no input {shown(name)}")
        elif have[name] != want:
            found.differ(
                "inputs",
                "workflow-input-mismatch",
                f"input {shown(name)} was {shown(have[name])}, expected was {shown(want)}",
            )
        else:
            found.hold("inputs", f"input {shown(name)} is {shown(want)}")


def compare_parameters(provenance: Provenance, expected: Expectations, found: Findings) -> None:
    """Compare buildType and every external parameter: given, compared elsewhere, or safe by the buildType's data."""
    if expected.build_type and expected.build_type != provenance.build_type:
        found.differ(
            "build-type",
            "builder-mismatch",
            f"the buildType is {shown(provenance.build_type)}, expected was {shown(expected.build_type)}",
        )
        return
    known = build_type(provenance.build_type)
    given = dict(expected.build_workflow_input)
    if known is None:
        if not expected.build_type:
            found.missing.append(f"--build-type {shown(provenance.build_type)}")
        found.missing.extend(
            f"--build-workflow-input {shown(path)}=…" for path in provenance.parameters if path not in given
        )
        return
    for path in sorted(provenance.parameters):
        _judge(path, known.treatment(path), known.input_name(path), given, found)


def _judge(path: str, treatment: str, name: str, given: dict[str, str], found: Findings) -> None:
    if name in given or path in given:
        return
    if treatment == "expected":
        found.missing.append(f"--build-workflow-input {shown(name)}=…")
    elif treatment == "unrecognised":
        found.differ(
            "parameters",
            "workflow-input-mismatch",
            f"the external parameter {shown(path)} is not one of this buildType; was it expected?",
        )
