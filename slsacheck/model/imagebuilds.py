"""How images are made: what builders record by themselves, and which of them makes a published image."""

from __future__ import annotations

from slsacheck.model.places import Place
from slsacheck.record import record

__all__ = ["ImageBuild", "ImageBuilder"]


@record
class ImageBuilder:
    """A tool that makes container images: a row of `rules/image_builders.toml`.

    `provenance`, `sbom`, `signs` and `reproducible` are yes, no, or asked (only where it is asked for), each with a
    note; `cannot` says what nobody can tell from what it makes.
    """

    id: str
    title: str
    means: str
    dockerfile: bool
    provenance: str
    sbom: str
    signs: str
    reproducible: str
    cannot: str
    sources: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()

    def note(self, what: str) -> str:
        """What there is to say about one of them."""
        return dict(self.notes).get(what, "")


@record
class ImageBuild:
    """How a published image is made: the builder's id, where that is seen, and the Dockerfile that it reads.

    `dockerfile` is a path in the target, None where there is none or only a run can tell; `stage` the target asked
    for, `arguments` the build arguments whose value is known, `contexts` names that stand for something given. `says`
    is what the builder records by itself and what it cannot tell, in a sentence each.
    """

    builder: str
    at: Place
    dockerfile: str | None = None
    stage: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    contexts: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
