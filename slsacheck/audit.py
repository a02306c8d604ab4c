"""The pre-release audit: what is missing between a repository and what is given of its release.

Everything that the configuration publishes needs an artifact; each artifact needs verified provenance whose source is
this repository at this revision; versions, SBOMs and signatures have to agree with the tag and with what the
configuration makes. Levels are not touched: they are judged as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.model import Artifact, AuditItem, Publication, Revision
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.model import Attachment, Problem, Subject, Target, Verification

__all__ = ["audit_of"]

_NOT_RELEASED = ("checksums", "metadata", "committed-file")
"""Publications that go with the others, or are used from git: nobody hands them in."""
_PROVENANCE = ("https://slsa.dev/provenance/", "https://in-toto.io/Provenance/")
_SBOM = ("https://spdx.dev/", "https://cyclonedx.org/")
MOST_PLACES = 2
"""Places that are named one by one."""
_VERSION = regex(r"(?<![0-9A-Za-z.])v?(\d+\.\d+(?:\.\d+)*(?:-?(?:a|b|c|rc|alpha|beta|dev|post|pre)[.-]?\d*)?)(?![0-9])")
"""A version in a name: at least two numbers; dates and hashes have other signs around them."""
_TAG = regex(r"(?:.*[/@_-])?v?(\d+\.\d+(?:\.\d+)*(?:[-.+]?[0-9A-Za-z][0-9A-Za-z.+-]*)?)")
_SYSTEM = regex(
    r"(?:ubuntu|debian|alpine|fedora|centos|rhel|rocky|macos|darwin|osx|windows|win|glibc|musl|python|py|cuda|jdk|java|node|go)[-_]?v?$"
)
"""Words before the version of a system or language for which something was built."""
_STAGE = regex(r"[-_.]?(alpha|beta|preview|pre|rc|post|dev|a|b|c)[-_.]?(\d*)")
_STAGES = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_COMMIT = regex(r"[0-9a-f]{7,64}")
_FLAGS = {
    "container-image": "--image",
    "python-package": "--artifact 'dist/*.whl'",
    "npm-package": "--artifact '*.tgz'",
    "ruby-gem": "--artifact '*.gem'",
    "crate": "--artifact '*.crate'",
    "helm-chart": "--artifact '*.tgz'",
}
_INSIDE = ("buildpacks", "apko")
_OPEN = ("$", "{", "*", "<")
"""Signs of a name that only a run fills in."""


def audit_of(
    target: Target, found: Sequence[Subject], expected: dict[str, int], problems: Sequence[Problem] = ()
) -> tuple[AuditItem, ...] | None:
    """What is missing of a release, the most serious first; None where nothing was handed in, so that it is no audit.

    `expected` says how many artifacts each publication has, where a checksum file lists them; `problems` may hide more.
    """
    if target.kind != "repository" or not target.artifacts:
        return None
    artifacts = [one for one in found if isinstance(one, Artifact)]
    publications = [one for one in found if isinstance(one, Publication) and _is_released(one)]
    revision = next((one for one in found if isinstance(one, Revision)), None)
    items = [
        *_unknown(target.complete or any(isinstance(one, Publication) for one in found), problems),
        *_without_artifacts(publications, artifacts, expected, revision),
        *(item for artifact in artifacts for item in _of_artifact(artifact, publications)),
        *_versions(artifacts, revision),
        *_claims(artifacts, revision),
        *_sboms(artifacts),
        *_rebuilds(artifacts),
        *_extras(publications, artifacts),
        *_revision(revision),
    ]
    return tuple(sorted(dict.fromkeys(items), key=lambda item: not item.blocking))


def _unknown(stated: bool, problems: Sequence[Problem]) -> Iterator[AuditItem]:
    """Why it is not known what the release must have: then nothing may be called complete."""
    broken = next((one for one in problems if one.fatal), None)
    if broken is not None:
        told = f"what the release must have is not fully known: {broken.where} ended in an error"
        yield AuditItem("evidence-unread", None, told, "see the errors")
    if not stated:
        told = "what the release must have is not known: the build configuration shows nothing that it publishes"
        yield AuditItem("publication-unseen", None, told, "see for yourself that all is given", blocking=False)


def _is_released(publication: Publication) -> bool:
    return publication.applies and publication.type not in _NOT_RELEASED


def _without_artifacts(
    publications: list[Publication], artifacts: list[Artifact], expected: dict[str, int], revision: Revision | None
) -> Iterator[AuditItem]:
    for one in publications:
        given = sum(artifact.publication == one.id for artifact in artifacts)
        wanted = expected.get(one.id)
        where = f" on {one.channel}" if one.channel and one.channel not in one.name else ""
        if given == 0:
            yield AuditItem(
                "artifact-missing",
                one.id,
                f"{one.name}{where} ({one.type}): nothing of it was given",
                _give(one, revision),
            )
        elif wanted is not None and given < wanted:
            told = f"{one.name}{where}: {given} of {wanted} artifacts were given"
            yield AuditItem("artifact-missing", one.id, told, "give the others: --artifact 'dist/*'")


def _give(publication: Publication, revision: Revision | None) -> str:
    """The flag that hands it in."""
    flag = _FLAGS.get(publication.type, "--artifact FILE")
    known = not any(sign in publication.name for sign in _OPEN)
    if publication.type == "container-image":
        tag = revision.tag if revision is not None and revision.tag else "TAG"
        return f"{flag} {publication.name}:{tag}" if known else f"{flag} REF (its name is made in the run)"
    from shlex import quote

    return f"{flag} (or --artifact {quote(f'FILE={publication.name}') if known else 'FILE=PUBLICATION'})"


def _of_artifact(artifact: Artifact, publications: list[Publication]) -> Iterator[AuditItem]:
    """What keeps an artifact from being a part of this release, proved."""
    if not artifact.digests:
        what = "is known by name alone" if artifact.purl else "could not be read"
        flag = "--online looks it up, --artifact FILE hands it in" if artifact.purl else "see the errors"
        yield AuditItem("artifact-unread", artifact.id, f"{artifact.name}: {what}", flag)
        return
    if artifact.publication is None and publications and artifact.type not in _NOT_RELEASED:
        names = ", ".join(dict.fromkeys(one.name for one in publications))[:200]
        told = f"{artifact.name}: belongs to none, or to more than one, of {names}"
        flag = "--artifact FILE=NAME says to which" if artifact.image is None else "is it published elsewhere?"
        yield AuditItem("artifact-unplaced", artifact.id, told, flag, blocking=False)
    if artifact.type in _NOT_RELEASED:
        return
    found = [one for one in artifact.verifications if _says(one, _PROVENANCE)]
    if any(one.verdict == "pass" and one.authentic and one.expectations == "pass" for one in found):
        return
    if not found:
        told = f"{artifact.name}: no provenance was given or found, {_looked(artifact)}"
        yield AuditItem("provenance-missing", artifact.id, told, "--attestation FILE, or publish it with the artifact")
        return
    best = max(found, key=lambda one: (not _is_of_another(one), one.authentic, one.signed, one.expectations != "fail"))
    yield _unproved(artifact, best)


def _looked(artifact: Artifact) -> str:
    """Where provenance was looked for, in a few words; the artifact's own section names each place."""
    places = artifact.looked_at
    if len(places) > MOST_PLACES:
        return f"at {len(places)} places where it may be"
    return f"at {', '.join(places)}" if places else "and nowhere was looked"


def _is_of_another(verification: Verification) -> bool:
    """Whether it speaks of another artifact than the one at which it was found."""
    return verification.reason_class in ("hash-mismatch", "subject-missing")


def _unproved(artifact: Artifact, best: Verification) -> AuditItem:
    if _is_of_another(best):
        told = f"{artifact.name}: what was given as its provenance is of another artifact: {best.message}"
        return AuditItem("provenance-of-another", artifact.id, told, "--attestation FILE with its own")
    if not best.authentic or best.expectations == "pass":
        told = f"{artifact.name}: its provenance is not verified: {best.message}"
        command = "verify-artifact" if artifact.image is None else "verify-image"
        return AuditItem("provenance-unverified", artifact.id, told, f"`slsacheck {command}` shows step by step why")
    if best.expectations == "fail":
        failed = [step.detail for step in best.steps if step.outcome == "fail"]
        told = f"{artifact.name}: its provenance is not of this release: {failed[-1] if failed else best.message}"
        return AuditItem(
            "provenance-of-another", artifact.id, told, "build it again from this revision, or audit that one"
        )
    told = f"{artifact.name}: its provenance is verified, and not everything that it must say is expected"
    missing = ", ".join(best.missing_expectations) or "--source-uri, --builder-id"
    return AuditItem("expectations-missing", artifact.id, told, missing)


def _says(verification: Verification, begins: tuple[str, ...]) -> bool:
    return (verification.statement.predicate_type or "").startswith(begins)


def _versions(artifacts: list[Artifact], revision: Revision | None) -> Iterator[AuditItem]:
    """Versions in names, image tags and labels that are not the one of the tag at this revision."""
    match = _TAG.fullmatch(revision.tag) if revision is not None and revision.tag else None
    if match is None:
        return
    assert revision is not None
    for artifact in artifacts:
        for version, where in _stated(artifact):
            if not _agrees(version, match[1]):
                told = (
                    f"{artifact.name}: its {where} says version {version}, the tag at this revision is {revision.tag}"
                )
                yield AuditItem("version-differs", artifact.id, told, "build it from the tag, or audit --revision TAG")
                break


def _claims(artifacts: list[Artifact], revision: Revision | None) -> Iterator[AuditItem]:
    """Labels of images that say another revision than the one that is released."""
    commit = revision.commit if revision is not None else None
    for artifact in artifacts:
        for claim in artifact.image.claims if artifact.image is not None and commit else ():
            value = claim.value.strip().lower()
            if claim.name == "revision" and _COMMIT.fullmatch(value) and not str(commit).startswith(value):
                told = f"{artifact.name}: the {claim.claimed_by} says revision {value}, released is {commit}"
                yield AuditItem("revision-differs", artifact.id, told, "build this revision, or audit that one")
                break


def _stated(artifact: Artifact) -> Iterator[tuple[str, str]]:
    """The versions that an artifact shows, and where."""
    if artifact.image is not None:
        tag = artifact.name.partition(" ")[0].partition("@")[0].rpartition("/")[2].partition(":")[2]
        found = _VERSION.fullmatch(tag)
        if found:
            yield found[1], "tag"
        yield from ((claim.value, claim.claimed_by) for claim in artifact.image.claims if claim.name == "version")
        return
    name = artifact.name
    if artifact.type == "python-package" and name.endswith(".whl"):
        name = "-".join(name.split("-")[:2])  # behind them stand versions of Python and of systems
    for found in _VERSION.finditer(name):
        if not _SYSTEM.search(name[: found.start()].lower()):
            yield found[1], "file name"
            return


def _agrees(version: str, tag: str) -> bool:
    """Whether a version is that of a tag: spelling apart (v, -, .), and as far as it is written (`1.4` for 1.4.2)."""
    if not version.removeprefix("v")[:1].isdigit():
        return True
    one, other = _canonical(version), _canonical(tag)
    return one == other or other.startswith(f"{one}.") or one.startswith(f"{other}+")


def _canonical(version: str) -> str:
    """A version in one spelling: `v1.4.0-rc.1` and `1.4.0rc1` are the same."""
    plain = version.strip().lower().removeprefix("v")
    return _STAGE.sub(lambda found: _STAGES.get(found[1], found[1]) + found[2], plain, count=1)


def _sboms(artifacts: list[Artifact]) -> Iterator[AuditItem]:
    """SBOMs that hang on an image and describe another one: whoever reads them is told of other packages."""
    for artifact in artifacts:
        for sbom in artifact.image.sboms if artifact.image is not None else ():
            if sbom.describes == "other":
                named = ", ".join(sbom.described[:2]) or "another image"
                told = f"{artifact.name}: an SBOM that hangs on it ({sbom.form} {sbom.version}) describes {named}"
                yield AuditItem("sbom-differs", artifact.id, told, "make it of this image (`slsacheck sbom` shows it)")


def _rebuilds(artifacts: list[Artifact]) -> Iterator[AuditItem]:
    """Artifacts that came out otherwise when they were built again."""
    for artifact in artifacts:
        other = next(iter(artifact.rebuilds), None)
        if other is not None and all(one.differences for one in artifact.rebuilds):
            told = f"{artifact.name}: {other.name}, built again, is not the same: {other.differences}"
            flag = "`slsacheck compare` shows every difference"
            yield AuditItem("rebuild-differs", artifact.id, told, flag, blocking=False)


def _extras(publications: list[Publication], artifacts: list[Artifact]) -> Iterator[AuditItem]:
    """SBOMs and signatures that the configuration makes, and that are not at the artifacts given."""
    for one in publications:
        for artifact in artifacts:
            if artifact.publication != one.id or not artifact.digests:
                continue
            if one.sbom.made == "yes" and not _has_sbom(artifact):
                told = f"{artifact.name}: the build makes an SBOM ({one.sbom.how}), and none is at it"
                yield AuditItem(
                    "sbom-missing", artifact.id, told, "attach or publish it with the artifact", blocking=False
                )
            if one.signing.made in ("keyless", "key") and not _is_signed(artifact):
                told = f"{artifact.name}: the build signs it ({one.signing.how}), and no signature of it is verified"
                flag = "--key FILE, --trusted-root FILE or --attestation FILE verifies it"
                yield AuditItem("signature-missing", artifact.id, told, flag, blocking=False)


def _has_sbom(artifact: Artifact) -> bool:
    """Whether an SBOM is at the artifact; Buildpacks and apko put theirs into the image, where no audit looks."""
    if artifact.image is not None and artifact.image.builder.name in _INSIDE:
        return True
    if artifact.image is not None and artifact.image.sboms:
        return True
    return any(one.kind == "sbom" for one in _own(artifact)) or any(
        _says(one, _SBOM) and not _is_of_another(one) for one in artifact.verifications
    )


def _is_signed(artifact: Artifact) -> bool:
    return any(one.verified == "pass" for one in _own(artifact)) or any(
        one.authentic and not _is_of_another(one) for one in artifact.verifications
    )


def _own(artifact: Artifact) -> list[Attachment]:
    """What hangs on an image and speaks of it, or of the index that names it."""
    image = artifact.image
    about = {image.digest, image.index} - {None} if image is not None else set()
    return [one for one in artifact.attachments if one.subject in about]


def _revision(revision: Revision | None) -> Iterator[AuditItem]:
    if revision is None:
        told = "what is released cannot be compared with a revision: the target is no git repository"
        yield AuditItem("revision-unknown", None, told, "audit a checkout", blocking=True)
        return
    if revision.dirty:
        told = "the work tree has uncommitted changes, which no provenance speaks of"
        yield AuditItem("revision-dirty", revision.id, told, "commit them, or audit --revision TAG", blocking=False)
    if revision.tag is None:
        told = f"there is no tag at {(revision.commit or 'HEAD')[:12]}, so versions were not compared"
        yield AuditItem(
            "revision-untagged", revision.id, told, "tag the release, or audit --revision TAG", blocking=False
        )
