"""What an image says of its making: builder, base, date. Labels and history are claims that anybody can write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.oci.names import platform_name
from slsacheck.model.image import BaseClaim, BuilderClaim, ImageFacts
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.oci.manifest import Manifest

__all__ = ["facts_of"]

MAX_HISTORY = 1_000
"""Steps of a history that are looked at; images have at most 127 layers."""
_LIFECYCLE = "io.buildpacks.lifecycle.metadata"
_BUILDAH = "io.buildah.version"
_S2I = "io.openshift.s2i.build.image"
_BASE = "org.opencontainers.image.base."
_FIXED = ("0001-01-01T00:00:00", *(f"{year}-01-01T00:00:0{second}" for year in (1970, 1980) for second in (0, 1)))
"""Go's zero time (ko), the epoch (Jib, buildah, Bazel; Nix adds a second), the date of Buildpacks and ZIP archives."""
_FRACTIONS = ("buildkit", "docker", "buildah", "ko", "apko")
"""Tools that write the time to the nanosecond, or never look at a clock: a whole second is SOURCE_DATE_EPOCH."""
_MOMENT = regex(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(?:Z|[+-]00:00)")
_JIB = regex(r"jib-(?:maven-plugin|gradle-plugin|core|cli):([\w.-]{1,40})")
_UMOCI = regex(r"umoci (?:config|insert|repack|unpack|new)\b")
_KO = regex(r"github\.com/[\w.-]+/ko")
"""ko writes its own address as the author of every image that it makes."""
_VERSION = regex(r"[\w.+~-]{1,60}")
_AT = regex(r"[^\s@]{1,300}@(sha256:[0-9a-f]{64})")
_DIGEST = regex(r"sha256:[0-9a-f]{64}")


def facts_of(manifest: Manifest, config: Document, *, platform: str | None, index: str | None) -> ImageFacts:
    """What manifest and configuration say; `platform` is the index's word, used where the image says none."""
    labels = _labels(config)
    created = as_text(config.get("created")) or None
    builder = _builder(labels, config)
    own = platform_name(*(as_text(config.get(name)) for name in ("os", "architecture", "variant")))
    return ImageFacts(
        digest=manifest.digest,
        media_type=manifest.media_type,
        builder=builder,
        platform=shown(own or platform) if own or platform else None,
        index=index,
        base=_base(labels, manifest),
        created=shown(created) if created else None,
        created_is_fixed=_is_fixed(created or "", builder.name),
    )


def _labels(config: Document) -> dict[str, str]:
    labels = as_map(dig(config, "config", "Labels"))
    return {name: value for name, value in labels.items() if isinstance(value, str)}


def _history(config: Document) -> Iterator[tuple[str, str, str]]:
    """Author, command and comment of each step, the last first: the steps of the base come before."""
    steps = as_list(config.get("history"))[-MAX_HISTORY:]
    for step in reversed(steps):
        yield as_text(dig(step, "author")), as_text(dig(step, "created_by")), as_text(dig(step, "comment"))


def _builder(labels: dict[str, str], config: Document) -> BuilderClaim:
    """The tool that made the image; a label of this build counts before its history, which names bases too."""
    if _LIFECYCLE in labels:
        return BuilderClaim("buildpacks", None, f"label {_LIFECYCLE}")
    if _S2I in labels:
        return BuilderClaim("s2i", None, f"label {_S2I}")
    for author, command, comment in _history(config):
        for name, where, recognise in _TRACES:
            version = recognise({"author": author, "created_by": command, "comment": comment}[where])
            if version is not None:
                found = BuilderClaim(name, version or None, f"history {where}")
                return _with_label(found, labels)
    if _BUILDAH in labels:
        return _with_label(BuilderClaim("buildah", None, f"label {_BUILDAH}"), labels)
    return _by_author(as_text(config.get("author")), as_text(config.get("docker_version")))


def _with_label(found: BuilderClaim, labels: dict[str, str]) -> BuilderClaim:
    """Buildah's steps look like docker's; its label, which it writes on what it commits, says which of them it was."""
    version = labels.get(_BUILDAH, "")
    if found.name in ("docker", "buildah") and _BUILDAH in labels:
        return BuilderClaim("buildah", version if _VERSION.fullmatch(version) else None, f"label {_BUILDAH}")
    return found


def _by_author(author: str, docker_version: str) -> BuilderClaim:
    if _KO.fullmatch(author):
        return BuilderClaim("ko", None, "author")
    if docker_version:
        return BuilderClaim("docker", docker_version if _VERSION.fullmatch(docker_version) else None, "docker_version")
    return BuilderClaim("unknown")


def _is(text: str) -> Callable[[str], str | None]:
    return lambda value: "" if value == text else None


def _begins(*texts: str) -> Callable[[str], str | None]:
    return lambda value: "" if value.startswith(texts) else None


def _jib(value: str) -> str | None:
    match = _JIB.match(value)
    return match[1] if match else None


def _umoci(value: str) -> str | None:
    return "" if _UMOCI.match(value) else None


_TRACES: tuple[tuple[str, str, Callable[[str], str | None]], ...] = (
    ("buildkit", "comment", _begins("buildkit.dockerfile.", "buildkit.exporter.")),
    ("jib", "created_by", _jib),
    ("jib", "author", _is("Jib")),
    ("ko", "author", _is("ko")),
    ("kaniko", "author", _is("kaniko")),
    ("apko", "author", _is("apko")),
    ("bazel", "author", _is("Bazel")),
    ("bazel", "created_by", _begins("bazel build ")),
    ("nix", "comment", _begins("store paths: ")),
    ("umoci", "created_by", _umoci),
    ("docker", "created_by", _begins("/bin/sh -c #(nop) ")),
)
"""By what a step of the history shows its tool: name, field, and what gives its version (empty: not said)."""


def _base(labels: dict[str, str], manifest: Manifest) -> BaseClaim | None:
    """The base: what Buildpacks record of the run image, else the standard annotations or labels."""
    if _LIFECYCLE in labels:
        found = _run_image(labels[_LIFECYCLE])
        if found is not None:
            return found
    for claims, where in ((dict(manifest.annotations), "annotation"), (labels, "label")):
        name, digest = claims.get(f"{_BASE}name", ""), claims.get(f"{_BASE}digest", "")
        if name or digest:
            known = digest if _DIGEST.fullmatch(digest) else None
            return BaseClaim(shown(name) if name else None, known, f"{where} {_BASE}{'name' if name else 'digest'}")
    return None


def _run_image(text: str) -> BaseClaim | None:
    try:
        document = parse_json(text.encode("utf-8", "replace"), _LIFECYCLE)
    except RefusedError:
        return None
    image = as_text(dig(document, "runImage", "image")) or as_text(dig(document, "stack", "runImage", "image"))
    exact = as_text(dig(document, "runImage", "reference"))
    match = _AT.fullmatch(exact)
    if not image and not exact:
        return None
    return BaseClaim(shown(image or exact), match[1] if match else None, f"label {_LIFECYCLE}")


def _is_fixed(created: str, builder: str) -> bool:
    """Whether no clock gave the date: a well-known one, or a whole second where the tool's clock writes fractions."""
    match = _MOMENT.fullmatch(created)
    return match is not None and (match[1] in _FIXED or (builder in _FRACTIONS and not match[2]))
