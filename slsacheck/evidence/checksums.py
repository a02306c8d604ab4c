"""Checksum files that were given with artifacts: which set they list, and whether all of it is here."""

from collections.abc import Callable, Iterable, Sequence

from slsacheck.evidence.tree import Problems
from slsacheck.model import Artifact
from slsacheck.patterns import regex

__all__ = ["expected_counts", "listed"]

MAX_BYTES = 4 << 20
"""Bytes of a checksum file that are read; the list of a distribution's release of 20,000 files has 2 MB."""
MAX_LINES = 20_000

_GNU = regex(r"\\?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})[ \t]+\*?(?:\./)?(.+)")
_BSD = regex(r"SHA(?:256|512) \((?:\./)?(.+)\) = ([0-9a-fA-F]{64}|[0-9a-fA-F]{128})")
_ASIDE = ("checksums", "metadata")


def listed(data: bytes) -> dict[str, str]:
    """The files that a checksum file lists, with their SHA-256 or SHA-512 (sha256sum's form, or BSD's)."""
    found: dict[str, str] = {}
    for line in data[:MAX_BYTES].decode("utf-8", "backslashreplace").splitlines()[:MAX_LINES]:
        if (gnu := _GNU.fullmatch(line.strip())) is not None:
            found[gnu[2]] = gnu[1].lower()
        elif (bsd := _BSD.fullmatch(line.strip())) is not None:
            found[bsd[1]] = bsd[2].lower()
    return found


def expected_counts(
    artifacts: Sequence[Artifact],
    files: Iterable[tuple[str, bytes]],
    publication_of: Callable[[str], str | None],
    problems: Problems,
) -> dict[str, int]:
    """How many artifacts each publication has, by the checksum files among them; none where no file lists the set.

    A listed file counts as given only where an artifact has its very digest, so copies never make a set complete. One
    that is not here and that no publication can be told for is missing everywhere. `publication_of` tells the
    publication of a file by its name.
    """
    by_digest = {value: artifact for artifact in artifacts for _, value in artifact.digests}
    named = {artifact.name: artifact for artifact in artifacts}
    given = {artifact.publication for artifact in artifacts if artifact.publication and artifact.type not in _ASIDE}
    seen: dict[str, int] = {}
    missing: dict[str, int] = {}
    for path, data in files:
        for name, digest in listed(data).items():
            artifact = by_digest.get(digest)
            if artifact is None and name in named:
                problems.add(name, f"does not have the digest that {path} lists", "is it of the same build?")
            if artifact is not None and artifact.publication is not None:
                seen[artifact.publication] = seen.get(artifact.publication, 0) + 1
            elif artifact is None:
                told = publication_of(name)
                for publication in [told] if told is not None else given:
                    missing[publication] = missing.get(publication, 0) + 1
    counts = {name: sum(1 for artifact in artifacts if artifact.publication == name) for name in {*seen, *missing}}
    return {name: counts[name] + missing.get(name, 0) for name in sorted(counts)}
