"""The images that a provenance names among what went into the build (SLSA: resolvedDependencies, materials).

Builders write them in several ways: package URLs of type docker and oci, BuildKit's `docker-image://`, `oci://`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from slsacheck.evidence.attestations.jsondoc import as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.model import Verification

__all__ = ["ImageInput", "image_of", "inputs_of", "with_registry"]

MAX_INPUTS = 2_000
"""Dependencies of one provenance that are looked through; a build of a large product names some hundred."""
_SCHEMES = ("docker-image://", "oci://", "docker://")
_DIGEST = regex(r"sha256:[0-9a-f]{64}")
_HUB = "docker.io"


@record
class ImageInput:
    """An image by name (host and repository, with the tag where one is said) and digest, either perhaps unknown."""

    reference: str
    digest: str | None = None

    @property
    def repository(self) -> str:
        """The name without the tag."""
        return self.reference if ":" not in self.reference.rpartition("/")[2] else self.reference.rpartition(":")[0]


def inputs_of(verification: Verification) -> tuple[ImageInput, ...]:
    """The images that a provenance says went into the build, each once, in its order."""
    try:
        predicate = dig(parse_json(verification.payload or b"{}", "the statement"), "predicate")
    except RefusedError:
        return ()
    listed = as_list(dig(predicate, "buildDefinition", "resolvedDependencies")) or as_list(dig(predicate, "materials"))
    found = []
    for one in listed[:MAX_INPUTS]:
        sha256 = as_text(as_map(dig(one, "digest")).get("sha256"))
        image = image_of(as_text(dig(one, "uri")), sha256)
        if image is not None:
            found.append(image)
    return tuple(dict.fromkeys(found))


def image_of(uri: str, sha256: str = "") -> ImageInput | None:
    """The image that a URI names; None where it names something else."""
    if uri.startswith(("pkg:docker/", "pkg:oci/")):
        name, tag, stated = _package_url(uri)
    elif uri.startswith(_SCHEMES):
        name, at, rest = uri.partition("://")[2].partition("@")
        stated, tag = (rest if at else ""), ""
    else:
        return None
    digest = f"sha256:{sha256}" if sha256 else stated
    whole = with_registry(name) + (f":{tag}" if tag else "")
    return ImageInput(whole, digest if _DIGEST.fullmatch(digest) else None) if name else None


def _package_url(uri: str) -> tuple[str, str, str]:
    """Name, tag and digest of a package URL (purl-types docker and oci)."""
    path, _, query = uri.partition("?")
    kind, _, rest = path.removeprefix("pkg:").partition("/")
    qualifiers = {name: values[0] for name, values in parse_qs(query, max_num_fields=20).items()}
    name, _, version = rest.partition("@")
    name, version = unquote(name), unquote(version)
    place = qualifiers.get("repository_url", "")
    if kind == "oci" and place:
        name = place
    elif place:
        name = f"{place.rstrip('/')}/{name}"
    stated = qualifiers.get("digest", "")
    if version.startswith("sha256:"):
        return name, qualifiers.get("tag", ""), version
    return name, version or qualifiers.get("tag", ""), stated


def with_registry(name: str) -> str:
    """The name with its registry; one without is Docker Hub's, as every tool that writes it means."""
    name = name.removeprefix("https://").removeprefix("http://")
    first = name.partition("/")[0]
    if "/" in name and ("." in first or ":" in first or first == "localhost"):
        return name
    return f"{_HUB}/{name}" if "/" in name else f"{_HUB}/library/{name}"
