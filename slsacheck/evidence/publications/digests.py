"""Digests that a script finds for an attestation of an image: those of other images, and those of no image at all."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.images import same_image
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.deeds import Deed, Run

__all__ = ["DIGEST_FILES", "ID_FILE", "lists_all", "odd_digest"]

MAX_ASKED = 20
"""Questions of one script that are looked at; the most seen are 3."""
MAX_REST = 2_000
"""Characters behind a program in which its image is looked for."""
ASKS = regex(
    r"\b(?:crane|gcrane)\s+digest|\bskopeo\s+inspect|\bimagetools\s+inspect|\b(?:docker|podman)\s+(?:image\s+|manifest\s+)?"
    r"inspect|\bregctl\s+image\s+digest|\boras\s+(?:resolve|manifest\s+fetch)"
)
"""Programs that are asked for the digest of an image."""
DIGEST_FILES = ("--metadata-file", "--digestfile", "--digest-file", "--image-refs")
"""Options by which a builder is told where to write a digest."""
ID_FILE = "--iidfile"
"""The one for the id of the image."""
WRITTEN = regex(rf"(?:{'|'.join((ID_FILE, *DIGEST_FILES))})[ =]\S+")
TEMPLATE = regex(r"\{\{.*?\}\}", re.DOTALL)
REFERENCE = regex(r"^(?:docker://)?[a-z0-9][\w.-]*(?::\d+)?(?:/[\w.-]+)*(?::[\w.-]+)?$")
OTHERS = regex(
    r"\b(?:sha\d+sum|shasum|openssl\s+dgst|git\s+rev-parse|hashFiles|uuidgen|date)\b|\bGITHUB_SHA\b|github\.sha"
)
"""What has the look of a digest and is not one of an image."""
TELLS = regex(r"digest|\bneeds\.|\bsteps\.|\bjq\b|\bcat\b|manifest|\bpush\b|oci", re.IGNORECASE)

PICKS = regex(
    r"\bselect\s*\((?!\s*\.type\s*==\s*[\"']Docker Manifest)|"
    r"\b(?:head|tail|first|last|limit|nth|grep|sed|awk)\b|\.\[-?\d"
)
"""What leaves some of a list of images out; GoReleaser's indexes may be asked for (`.type == "Docker Manifest"`)."""


def lists_all(run: Run, step: str, published: Deed) -> bool:
    """Whether a script lists, with their digests, all images that the publishing step says that it pushed."""
    found = next((one for one in run.all_steps if one.id == step and one.script), None)
    pushing = published.act.fact("step")
    if found is None or not pushing:
        return False
    said = [found.script or "", *(item.value for item in found.env)]
    names = any(re.search(rf"\bsteps\.{re.escape(pushing)}\.outputs\.", text) for text in said)
    return names and "digest" in said[0].lower() and PICKS.search(said[0]) is None


def odd_digest(run: Run, step: str, image: str) -> str:
    """Why the digest that a script of a step sets is not that of an image; nothing where that is not seen."""
    script = next((deed.script for deed in run.of(ActKind.SCRIPT) if deed.act.fact("step") == step), "")
    if not script:
        return ""
    asked = [match.end() for match in islice(ASKS.finditer(script), MAX_ASKED)]
    if other := _of_other_build(run, script, image):
        return other
    if not asked:
        said = re.sub(r"\b[\w-]{0,40}digest[\w-]{0,40}=", "", script)
        odd = OTHERS.search(said) is not None and TELLS.search(said) is None
        return "what is attested as a digest is not made from an image" if odd else ""
    if "{{.Id}}" in re.sub(r"\s", "", script) and "RepoDigests" not in script:
        return "what is attested is the id of an image on the machine, not its digest in the registry"
    references = [word for end in asked for word in _references(script[end : end + MAX_REST].partition("\n")[0])]
    if not references or "$" in image or any("$" in word for word in references):
        return ""
    if any(same_image(word, image) for word in references):
        return ""
    return f"the digest that is attested is that of {references[0]}"


def _of_other_build(run: Run, script: str, image: str) -> str:
    """Whose digest a script reads from the file that a builder wrote: another image's, or the id of one."""
    read = WRITTEN.sub("", script)
    built = [act for act in run.acts if act.type == "container-image"]
    if any(_reads(read, act.fact("id-file")) for act in built):
        return "what is attested is the id of an image on the machine, not its digest in the registry"
    told = [act for act in built if any(_reads(read, file) for file in (act.fact("digest-file") or "").split("\n"))]
    named = [tag for act in told for tag in (*act.what, act.name or "") if tag]
    if not named or "$" in image or any("$" in tag or same_image(tag, image) for tag in named):
        return ""
    return f"the digest that is attested is that of {named[0]}"


def _reads(script: str, file: str | None) -> bool:
    """Whether a script names a file, by the last part of its path."""
    last = (file or "").rpartition("/")[2]
    return len(last) > 1 and re.search(rf"(?<![\w-]){re.escape(last)}(?![\w-])", script) is not None


def _references(rest: str) -> list[str]:
    """The first image that is named behind a program."""
    words = (word.strip("\"'") for word in re.split(r"[\s|;&)>]+", TEMPLATE.sub("", rest)))
    found = [word for word in words if "$" in word or (("/" in word or ":" in word) and REFERENCE.match(word))]
    return found[:1]
