"""Artifacts that were built again from their source: whether they have the same bytes, and in what they differ."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from slsacheck.errors import InputError, SlsacheckError
from slsacheck.model.subjects import Rebuild
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.tree import Problems
    from slsacheck.model import Artifact, ArtifactInput, Target

__all__ = ["with_rebuilds"]

FIRST = 3
"""Differences that are told in words; `slsacheck compare` shows all."""


@record
class _Again:
    """Something that was built again: its place, and every digest by which an artifact may be the same."""

    text: str
    image: bool
    digests: frozenset[str]


def with_rebuilds(
    artifacts: Sequence[Artifact], target: Target, access: Access, problems: Problems
) -> tuple[Artifact, ...]:
    """The artifacts, each with what was built again of it; what cannot be read of that is in `problems`."""
    again = []
    for text in target.rebuilt:
        try:
            again.append(_read(text, target.artifacts, access))
        except SlsacheckError as problem:
            problems.add(problem.where or text, problem.message, problem.advice)
    found = [(artifact, _of(artifact, again, problems)) for artifact in artifacts]
    used = {one.name for _, rebuilds in found for one in rebuilds}
    for one in again:
        if one.text not in used:
            advice = "it is compared with the artifact of its name; of several images, with the one of its digest"
            problems.add(one.text, "was built again, and is none of the artifacts", advice)
    return tuple(_with(artifact, rebuilds) for artifact, rebuilds in found)


def _is_same(text: str, given: str) -> bool:
    """Whether two words of the command line name one thing."""
    return text == given or (os.path.exists(text) and os.path.exists(given) and os.path.samefile(text, given))  # noqa: PTH110, PTH121 - as everywhere in the evidence


def _read(text: str, given: Sequence[ArtifactInput], access: Access) -> _Again:
    """Raises Absent, InputError or Unavailable; also where an index names an image that is not there."""
    if any(_is_same(text, item.reference) for item in given):
        advice = "build it once more, into a folder or under a tag of its own"
        raise InputError("is the artifact itself, and was not built again", where=text, advice=advice)
    from slsacheck.evidence.comparison.operands import image_of, is_image, opened
    from slsacheck.evidence.hashing import digests_of

    if not is_image(text):
        return _Again(text, False, _named(digests_of(text)))
    from slsacheck.evidence.oci.images import platforms_of

    source = opened(text, access)
    image = image_of(source, text)
    children = platforms_of(source, image) if image.is_index else ()
    return _Again(text, True, frozenset({image.digest, *(source.manifest(child).digest for child in children)}))


def _named(digests: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(f"{algorithm}:{value}" for algorithm, value in digests)


def _with(artifact: Artifact, found: tuple[Rebuild, ...]) -> Artifact:
    if not found:
        return artifact
    told = "; ".join(f"{one.name}: {one.differences or 'the same bytes'}" for one in found)
    return replace(artifact, rebuilds=found, facts=(*artifact.facts, ("built again", told)))


def _of(artifact: Artifact, again: Sequence[_Again], problems: Problems) -> tuple[Rebuild, ...]:
    """What was built again of this artifact: what has its digest, else what has its name, or is the only image."""
    same = tuple(Rebuild(one.text) for one in again if _named(artifact.digests) & one.digests)
    if same or not artifact.digests:
        return same
    candidates = [one for one in again if one.image is (artifact.image is not None)]
    if artifact.image is None:
        candidates = [one for one in candidates if os.path.basename(one.text) == artifact.name]  # noqa: PTH119 - a name
    elif len(candidates) > 1:
        return ()
    return tuple(Rebuild(one.text, _difference(artifact, one, problems)) for one in candidates)


def _difference(artifact: Artifact, again: _Again, problems: Problems) -> str:
    """In what the two differ, in words."""
    path = artifact.at[0].path if artifact.at else None
    if again.image or path is None or not os.path.isfile(path):  # noqa: PTH113 - as everywhere in the evidence
        return "another digest; `slsacheck compare` shows in what they differ"
    from slsacheck.evidence.comparison.files import compare_files

    try:
        found = compare_files(path, again.text)
    except SlsacheckError as problem:
        problems.add(problem.where or again.text, problem.message, problem.advice)
        return "other bytes"
    if found.digests[0] not in _named(artifact.digests):
        return "other bytes"  # and so has what lies there by now: the artifact was read before, or is in evidence
    kinds = ", ".join(f"{kind} {count}" for kind, count in found.kinds)
    alone = " (metadata alone)" if found.verdict == "reproducible" else ""
    return f"{kinds}{alone}{_places(one.path for one in found.differences)}"


def _places(paths: Iterable[str | None]) -> str:
    named = list(dict.fromkeys(path for path in paths if path))
    more = f" and {len(named) - FIRST} more" if len(named) > FIRST else ""
    return f", in {', '.join(named[:FIRST])}{more}" if named else ""
