"""The builder step: the builder that the provenance names is the one that signed, is trusted, is the expected one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.consistency import contradictions
from slsacheck.evidence.attestations.provenance import delegated
from slsacheck.evidence.attestations.refs import normal_repository
from slsacheck.evidence.attestations.roots import builder_matches, is_own_workflow, known_signer
from slsacheck.evidence.attestations.steps import shown
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.authenticate import Authenticity
    from slsacheck.evidence.attestations.certificates import Identity
    from slsacheck.evidence.attestations.expectations import Findings
    from slsacheck.evidence.attestations.provenance import Provenance
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.model.attestation import Expectations
    from slsacheck.model.catalogue import TrustRoot

__all__ = ["compare_builder", "compare_identity"]

_GITHUB_ISSUER = regex(r"https://token\.actions\.githubusercontent\.com(/[A-Za-z0-9-]+)?", re.ASCII)
"""GitHub's issuer, and those of enterprises that have one of their own."""

_RUNS = regex(r"(https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._-]+){2,}/(?:actions/runs|-/jobs|-/pipelines)/)\*", re.ASCII)
_RUN = regex(r"\d{1,20}(?:/attempts/\d{1,9})?", re.ASCII)
_RUNNER = "https://github.com/actions/runner"
_RELEASE = regex(r"refs/tags/v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)


def compare_identity(who: Authenticity | None, expected: Expectations, found: Findings) -> None:
    """Signer's identity and issuer, where they were asked for. `regexp:` before a value makes it a pattern."""
    for name, want, have in (
        ("identity", expected.identity, who.identity.name if who and who.identity else None),
        ("issuer", expected.issuer, who.identity.issuer if who and who.identity else None),
    ):
        if want is None:
            continue
        if have is None:
            found.differ(
                "identity", "identity-mismatch", f"no certificate names the signer's {name}, expected was {shown(want)}"
            )
        elif not _named(want, have):
            found.differ(
                "identity", "identity-mismatch", f"the signer's {name} is {shown(have)}, expected was {shown(want)}"
            )
        else:
            found.hold("identity", f"{name} is {shown(have)}")


def _named(want: str, have: str) -> bool:
    if not want.startswith("regexp:"):
        return want == have
    try:
        return re.fullmatch(want.removeprefix("regexp:"), have) is not None
    except re.error:
        return False


def compare_builder(
    provenance: Provenance,
    who: Authenticity | None,
    root: TrustRoot | None,
    expected: Expectations,
    trust: TrustData,
    found: Findings,
) -> None:
    """The builder is the signer, or one that the signer is trusted to speak for; and it is the expected one."""
    problem = _unexpected(expected.builder_id, provenance)
    if problem is not None:
        found.differ("builder", *problem)
        return
    if who is not None and who.identity is not None and not who.family:
        _signing_builder(provenance, who.identity, root, expected, trust, found)
    elif root is None and expected.builder_id is None:
        found.missing.append("--builder-id")
    if who is not None and who.family == "x509" and expected.identity is None:
        found.missing.append("--certificate-identity")  # an authority issues certificates to many
    if not any(problem.step == "builder" for problem in found.problems) and "--builder-id" not in found.missing:
        found.hold("builder", f"built by {shown(provenance.builder_id)}")


def _unexpected(want: str | None, provenance: Provenance) -> tuple[str, str] | None:
    """Why the builder that the provenance names is not the expected one: reason class and message."""
    if want is None or want == provenance.builder_id or _run_of(want, provenance.builder_id):
        return None
    if want.count("@") > 1 or want.endswith("@"):
        told = f"{shown(want)} is no builder; give --builder-id as NAME or NAME@VERSION, as the project documents it"
        return "malformed", told
    if builder_matches(want, provenance.builder_id) or _legacy_runner(want, provenance):
        return None
    have = shown(provenance.builder_id or "(none)")
    return "builder-mismatch", f"the builder is {have}, expected was {shown(want or '(none)')}"


def _run_of(want: str, builder_id: str) -> bool:
    """Whether the builder is one of the runs of the expected repository.

    BuildKit writes the address of the run that called it, which is another one every time. It is expected by what
    does not change: `https://github.com/OWNER/NAME/actions/runs/*`, `https://gitlab.com/GROUP/NAME/-/jobs/*`.
    """
    match = _RUNS.fullmatch(want)
    return match is not None and _RUN.fullmatch(builder_id.removeprefix(match[1])) is not None


def _legacy_runner(want: str, provenance: Provenance) -> bool:
    """The first provenance of npm (v0.2) named the runner without saying who hosts it; it meant GitHub's.

    Whether it was GitHub's is asked of the certificate by the trust root.
    """
    return provenance.version == "v0.2" and {want, provenance.builder_id} == {_RUNNER, f"{_RUNNER}/github-hosted"}


def _signing_builder(
    provenance: Provenance,
    identity: Identity,
    root: TrustRoot | None,
    expected: Expectations,
    trust: TrustData,
    found: Findings,
) -> None:
    outside = not _in_expected_source(identity, expected)
    if root is not None:
        return
    if identity.name.startswith("https://github.com/") and not _GITHUB_ISSUER.fullmatch(identity.issuer):
        found.differ(
            "builder",
            "identity-mismatch",
            f"the certificate names a workflow on GitHub, but {shown(identity.issuer)} vouches for it, not GitHub",
        )
        return
    differs, _ = contradictions(provenance, identity)
    moving = _moving_ref(provenance, identity, expected, trust, outside=outside)
    speaks = provenance.builder_id == identity.name or delegated(provenance)
    if not speaks and expected.identity is None:
        found.differ(
            "builder",
            "untrusted-builder",
            f"the signer {shown(identity.name)} is not trusted to speak for the builder {shown(provenance.builder_id)}"
            + "".join(f"; the certificate contradicts it: {shown(one)}" for one in differs[:1]),
        )
    elif moving is not None:
        found.differ(
            "builder",
            "invalid-ref",
            f"the builder was used at {shown(moving or '(no ref)')}, which can move; "
            "a builder counts only at a release tag vX.Y.Z",
        )
    elif expected.identity is None and ((outside and expected.builder_id is None) or delegated(provenance)):
        found.differ(
            "builder",
            "builder-invalid" if delegated(provenance) else "untrusted-builder",
            f"the signer {shown(identity.name)} lies outside the source repository and no trust root names it "
            f"together with the builder {shown(provenance.builder_id)}; if you expect it, say so with --builder-id",
        )


def _in_expected_source(identity: Identity, expected: Expectations) -> bool:
    """Whether the signing workflow lies in the expected source repository (without one: in its own source)."""
    if expected.source_uri is None:
        return is_own_workflow(identity)
    return is_own_workflow(identity) and normal_repository(identity.source_uri or "") == normal_repository(
        expected.source_uri
    )


def _moving_ref(
    provenance: Provenance, identity: Identity, expected: Expectations, trust: TrustData, *, outside: bool
) -> str | None:
    """The ref that can move at which a builder from elsewhere was used, unless it was expected at exactly that one."""
    refs = [identity.ref]
    if delegated(provenance):
        refs.append(provenance.builder_id.partition("@")[2])
    moving = next((ref for ref in refs if not _RELEASE.fullmatch(ref)), None)
    if moving is None or known_signer(replace(identity, name=f"{identity.workflow}@refs/tags/v0.0.0"), trust):
        return moving
    if not outside or expected.builder_id is None:
        return None
    exact = expected.builder_id.partition("@")[2] == identity.ref and not identity.ref.startswith("refs/heads/")
    return None if exact else identity.ref
