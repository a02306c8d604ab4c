"""What the user pointed at."""

from __future__ import annotations

from slsacheck.model.attestation import Expectations
from slsacheck.record import field, record

__all__ = ["ArtifactInput", "Target"]


@record
class ArtifactInput:
    """A file, image or package to assess, and the publication that it belongs to where the user said so."""

    reference: str
    publication: str | None = None
    kind: str = "file"


@record
class Target:
    """One target: a repository, a file, an image, a package, or a repository together with artifacts (an audit).

    `kind` is repository, file, image or package; `path` is a path of this machine, None where there is none.
    `revision` is the revision that the user asked for (`--revision`). `url` is a git URL as the user typed it, which
    may hold credentials and is never shown. `platform` chooses one image of an index, `provenance_repository` is where
    the attestations of images are kept if that is not beside them. `complete`: the user says that the artifacts are all
    that the release has. `rebuilt` are files and images that the user built again from the source.
    """

    kind: str
    name: str
    path: str | None = None
    artifacts: tuple[ArtifactInput, ...] = ()
    attestations: tuple[str, ...] = ()
    expectations: Expectations = field(default_factory=Expectations)
    revision: str | None = None
    trusted_root: str | None = None
    public_key: str | None = None
    url: str | None = None
    platform: str | None = None
    provenance_repository: str | None = None
    complete: bool = False
    rebuilt: tuple[str, ...] = ()
