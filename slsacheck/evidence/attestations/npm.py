"""npm packages: the provenance that the publisher made and the registry's own publish attestation, together."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from slsacheck.evidence.attestations.jsondoc import as_text
from slsacheck.evidence.attestations.judge import judge_provenance, judge_signature
from slsacheck.evidence.attestations.provenance import PROVENANCE_TYPES
from slsacheck.evidence.attestations.statement import Statement, parse_statement
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.model.attestation import Expectations, Step, Verification
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.evidence.attestations.judge import Question
    from slsacheck.evidence.attestations.readers import Reading

__all__ = ["judge_npm"]

_PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/"


def _pick(readings: Sequence[Reading]) -> tuple[Attestation, Attestation]:
    """The provenance and the publish attestation of the registry's answer."""
    provenance = publish = None
    broken: RefusedError | None = None
    for reading in readings:
        try:
            if isinstance(reading, RefusedError):
                raise reading
            declared = reading.declared_type or parse_statement(reading).predicate_type
        except RefusedError as problem:
            broken = broken or problem
            continue
        if declared in PROVENANCE_TYPES:
            provenance = reading
        elif declared.startswith(_PUBLISH):
            publish = reading
    if provenance is None or publish is None:
        if broken is not None:
            raise broken
        what = "provenance" if provenance is None else "publish attestation"
        raise RefusedError(
            "malformed",
            f"the registry's answer holds no {what}; fetch /-/npm/v1/attestations/PACKAGE@VERSION again",
            step="read",
        )
    return provenance, publish


def judge_npm(readings: Sequence[Reading], question: Question) -> Verification:
    """The verdict on an npm package. npm's rule: the builder must be named. Raises RefusedError on a broken answer."""
    provenance, publish = _pick(readings)
    answer = judge_provenance(provenance, question)
    if answer.verdict != "fail" and question.expected.builder_id is None:
        answer = _refused(
            answer, "builder-invalid", "an npm package needs a --builder-id: several builders can make it"
        )
    if answer.verdict == "fail":
        return answer
    return _with_publish(answer, provenance, publish, question)


def _refused(answer: Verification, reason_class: str, message: str, verdict: str = "fail") -> Verification:
    outcome = "fail" if verdict == "fail" else "not-possible"
    return replace(
        answer,
        verdict=verdict,
        reason_class=reason_class,
        message=message,
        steps=(*answer.steps, Step("npm", outcome, message)),
        level=None,
        slsa_level=None,
        expectations="fail" if verdict == "fail" else answer.expectations,
        level_why="the package is not verified, so no level is proved",
    )


def _with_publish(
    answer: Verification, provenance: Attestation, publish: Attestation, question: Question
) -> Verification:
    registry = judge_signature(publish, replace(question, case=replace(question.case, expectations=Expectations())))
    if registry.verdict != "pass":
        if answer.verdict == "unknown" and registry.verdict == "unknown":
            return answer
        message = f"the registry's publish attestation: {registry.message}"
        return _refused(answer, registry.reason_class or "no-valid-signature", message, registry.verdict)
    problem = _declared(provenance, publish) or _package(
        parse_statement(provenance), parse_statement(publish), question
    )
    if problem is not None:
        return _refused(answer, problem.reason_class, problem.message)
    detail = "signed by the registry, about the same package"
    return replace(answer, steps=(*answer.steps, Step("publish-attestation", "pass", detail)))


def _declared(*attestations: Attestation) -> RefusedError | None:
    """The registry calls each attestation what it is."""
    for one in attestations:
        stated = parse_statement(one).predicate_type
        if one.declared_type not in (None, stated):
            message = f"the registry calls it {shown(one.declared_type)}, the signed statement is {shown(stated)}"
            return RefusedError("statement-mismatch", message, step="package")
    return None


def _named(statement: Statement) -> tuple[str, str]:
    """Package name and version of the first subject, a purl."""
    purl = unquote(statement.subjects[0][0]) if statement.subjects else ""
    name, _, version = purl.removeprefix("pkg:npm/").rpartition("@")
    return name, version


def _package(provenance: Statement, publish: Statement, question: Question) -> RefusedError | None:
    """Both statements are about one package, whose name and version are the same and what was asked for."""
    for count in (len(provenance.subjects), len(publish.subjects)):
        if count != 1:
            return RefusedError("malformed", f"npm attests one package each, this one is about {count}", step="package")
    name, version = _named(provenance)
    stated = (as_text(publish.predicate.get("name")), as_text(publish.predicate.get("version")))
    expected = question.expected
    for what, reason, want, both in (
        ("package name", "package-name-mismatch", expected.package_name, (name, _named(publish)[0], stated[0])),
        (
            "package version",
            "package-version-mismatch",
            expected.package_version,
            (version, _named(publish)[1], stated[1]),
        ),
    ):
        have = set(both) | ({want} if want is not None else set())
        if len(have) > 1:
            said = ", ".join(shown(one) for one in dict.fromkeys(both))
            wanted = f", expected was {shown(want)}" if want is not None else ""
            return RefusedError(reason, f"the {what} in the attestations is {said}{wanted}", step="package")
    return None
