"""What a level is of: a revision, a publication, an artifact, a platform."""

from __future__ import annotations

from slsacheck.model.attestation import Verification
from slsacheck.model.image import Attachment, ImageFacts
from slsacheck.model.pipeline import Job
from slsacheck.model.places import Place
from slsacheck.model.repository import Finding
from slsacheck.record import record

__all__ = [
    "Artifact",
    "BuildInput",
    "Claim",
    "ImageBuild",
    "PathPart",
    "Platform",
    "Production",
    "Publication",
    "Revision",
    "Subject",
]


@record
class Production:
    """Whether something (provenance, signature, SBOM) is made: yes, partial, no or unknown, how, and where.

    For signatures `made` is keyless, key, registry, none or unknown.
    """

    made: str
    how: str = ""
    at: tuple[Place, ...] = ()


@record
class Claim:
    """One way in which the configuration makes provenance for a publication.

    `mechanism` is the tool or action; `root` the id of the trust root that speaks for it, None where there is none;
    `covers` says how much of the publication: yes, partial, no, unknown; `signed` whether the statement is signed;
    `refuted` are atom ids that the configuration itself refutes, `unknown` those it leaves open, each with a reason
    and places; `external` names what decides and lies elsewhere.
    """

    mechanism: str
    root: str | None
    covers: str
    signed: bool
    at: tuple[Place, ...] = ()
    reason: str = ""
    refuted: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    external: tuple[str, ...] = ()


@record
class PathPart:
    """A station on the way of a publication: trigger, build, publish, provenance, channel; `broken` says why not."""

    kind: str
    label: str
    at: Place | None = None
    broken: str = ""


@record
class ImageBuild:
    """How a published image is made: the builder's id, where that is seen, and the Dockerfile that it reads.

    `dockerfile` is a path in the target, None where there is none or only a run can tell; `stage` the target asked
    for, `arguments` the build arguments whose value is known, `contexts` names that stand for something given. `says`
    is what the builder records by itself and what it cannot tell, in a sentence each; `reproducible` is yes, no, or
    asked (only where it is asked for). `mode` is how much BuildKit's provenance tells where that is stated: off, min
    (neither steps nor build arguments) or max.
    """

    builder: str
    at: Place
    dockerfile: str | None = None
    stage: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    contexts: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    reproducible: str = "no"
    mode: str = ""


@record
class BuildInput:
    """Something that a build takes in and that its configuration does not fix: v0.1's hermetic builds have none.

    `publication` is the id of what is built; `kind` is reference (an action, an image or a template by a name that can
    move), lockless (dependencies without a lock file), or download (fetched from the network by a step of the build).
    """

    publication: str
    kind: str
    name: str
    at: Place


@record
class Publication:
    """A thing that the build configuration publishes. Types and channels are the output contract's words.

    `read` is full, or partial where a part of the path could not be followed; `applies` is False for what is not
    built (committed files used from git). `build_jobs` make it, `publish_jobs` send it out. `source` is `configuration`
    or the name of the plug-in that found it. `image_builds` say how an image is made.
    """

    id: str
    name: str
    type: str
    channel: str | None
    at: tuple[Place, ...]
    provenance: Production
    signing: Production
    sbom: Production
    claims: tuple[Claim, ...] = ()
    build_jobs: tuple[Job, ...] = ()
    publish_jobs: tuple[Job, ...] = ()
    path: tuple[PathPart, ...] = ()
    external: tuple[str, ...] = ()
    read: str = "full"
    applies: bool = True
    scripted: str = "unknown"
    scripted_at: tuple[Place, ...] = ()
    parameters_at: tuple[Place, ...] = ()
    caches_at: tuple[Place, ...] = ()
    platform: str = "any"
    image_builds: tuple[ImageBuild, ...] = ()
    kind: str = "publication"
    target: str | None = None


@record
class Rebuild:
    """Something built again from an artifact's source: its place, and in what it differs (nothing: the same bytes)."""

    name: str
    differences: str = ""


@record
class Artifact:
    """Bytes with digests: a file, an image, a package file; with every attestation found for it, each verified.

    `findings` are what is wrong with it apart from levels, which they never move. `rebuilds` are what the user built
    again of it.
    """

    id: str
    name: str
    type: str
    digests: tuple[tuple[str, str], ...]
    at: tuple[Place, ...]
    verifications: tuple[Verification, ...] = ()
    looked_at: tuple[str, ...] = ()
    lookup_complete: bool = False
    publication: str | None = None
    channel: str | None = None
    purl: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    kind: str = "artifact"
    target: str | None = None
    image: ImageFacts | None = None
    attachments: tuple[Attachment, ...] = ()
    findings: tuple[Finding, ...] = ()
    rebuilds: tuple[Rebuild, ...] = ()


@record
class Revision:
    """A source revision of the target."""

    id: str
    name: str
    commit: str | None
    at: tuple[Place, ...]
    tag: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    kind: str = "revision"
    target: str | None = None


@record
class Platform:
    """A build platform that the configuration uses (draft tracks)."""

    id: str
    name: str
    at: tuple[Place, ...]
    kind: str = "platform"
    target: str | None = None


Subject = Revision | Publication | Artifact | Platform
