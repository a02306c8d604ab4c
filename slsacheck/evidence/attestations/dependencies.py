"""Dependencies that verified provenance names, and the levels that their own attestations prove.

Only attestations that were given are looked at; a dependency for which none verifies is counted as not evaluated.
Source: https://slsa.dev/spec/v1.2/verification_summary, field dependencyLevels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.held import subjects_of, verify_held
from slsacheck.evidence.attestations.jsondoc import as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.provenance import PROVENANCE_TYPES
from slsacheck.evidence.attestations.readers import read_attestations
from slsacheck.evidence.attestations.statement import parse_statement, subjects_match
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.attestations.vsa import verified_ladder
from slsacheck.model.attestation import Case
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.model.attestation import Expectations, Verification

__all__ = ["Dependency", "Evaluated", "dependencies_of", "evaluate"]

_STRONG = ("sha256", "sha384", "sha512")
_MAX_DEPENDENCIES = 5_000
"""Dependencies of one artifact that are evaluated; provenance of large images names some hundred."""
UNEVALUATED = "SLSA_BUILD_LEVEL_UNEVALUATED"


@record
class Dependency:
    """A dependency as provenance names it: its address and its digests (algorithm, hexadecimal), strong ones only."""

    uri: str
    digests: tuple[tuple[str, str], ...]


@record
class Evaluated:
    """How many dependencies have which result, and the attestations (name, sha256) that showed it."""

    levels: dict[str, int]
    used: tuple[tuple[str, str], ...]


def dependencies_of(answer: Verification) -> tuple[Dependency, ...]:
    """What the verified provenance names with a digest of its bytes, each once; revisions of source are none."""
    if answer.payload is None or answer.statement.predicate_type not in PROVENANCE_TYPES:
        return ()
    predicate = dig(as_map(parse_json(answer.payload, "the signed statement")), "predicate")
    named = [*as_list(dig(predicate, "buildDefinition", "resolvedDependencies")), *as_list(dig(predicate, "materials"))]
    found: dict[tuple[tuple[str, str], ...], Dependency] = {}
    for one in named[:_MAX_DEPENDENCIES]:
        digests = as_map(dig(one, "digest"))
        strong = tuple((name, as_text(digests[name]).lower()) for name in _STRONG if as_text(digests.get(name)))
        if strong:
            found.setdefault(strong, Dependency(as_text(dig(one, "uri")), strong))
    return tuple(found.values())


def evaluate(
    answer: Verification,
    files: Sequence[str],
    trust: TrustData,
    expected_of: Callable[[str], Expectations],
    public_key: str | None = None,
) -> Evaluated:
    """The levels of the dependencies that the answer's provenance names, by the attestations in the files.

    `expected_of` tells what is expected of a dependency, by its address; `public_key` is a file with the key of its
    signers. Raises RefusedError where a file cannot be read.
    """
    readings = [one for path in files for one in read_attestations(path) if isinstance(one, Attestation)]
    levels: dict[str, int] = {}
    used: dict[tuple[str, str], None] = {}
    for dependency in dependencies_of(answer):
        known: dict[str, int] = {}
        for reading in readings:
            if not subjects_match(subjects_of(reading), dict(dependency.digests)):
                continue
            for track, level in _proved(reading, dependency, trust, expected_of(dependency.uri), public_key):
                known[track] = max(known.get(track, 0), level)
                used[reading.path, reading.digest] = None
        for name in [f"SLSA_{track}_LEVEL_{level}" for track, level in known.items()] or [UNEVALUATED]:
            levels[name] = levels.get(name, 0) + 1
    return Evaluated(dict(sorted(levels.items())), tuple(used))


def _proved(
    reading: Attestation, dependency: Dependency, trust: TrustData, expected: Expectations, public_key: str | None
) -> Iterator[tuple[str, int]]:
    """Each track with the level that this attestation proves of the dependency; nothing unless all of it verifies."""
    try:
        statement = parse_statement(reading)
    except RefusedError:
        return
    summary = "verification_summary" in statement.predicate_type
    if summary and expected.resource_uri is None:
        expected = replace(expected, resource_uri=dependency.uri)
    case = Case(
        "verify-vsa" if summary else "verify-artifact",
        digests=(dependency.digests,),
        public_key=public_key,
        expectations=expected,
    )
    (answer,) = verify_held(case, [reading], trust)
    if answer.verdict != "pass":
        return
    if summary:
        yield from verified_ladder(statement).items()
    elif answer.level is not None:
        yield "BUILD", answer.level
