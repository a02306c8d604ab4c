"""Tools that make images and much else: Packer's templates with the docker builder, Dagger's functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts.containers import image_acts
from slsacheck.evidence.publications.scripts.indirect import not_followed
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

MAX_TEMPLATES = 50
"""Packer templates of one folder that are read."""
COMMENT = regex(r"^\s*(?:#|//).*$", re.MULTILINE)
PUSHES = regex(r"post-processor\s+\"docker-push\"|\"type\"\s*:\s*\"docker-push\"")
DOCKER = regex(r"source\s+\"docker\"|\"type\"\s*:\s*\"docker\"")
TAGGED = regex(
    r"post-processor\s+\"docker-tag\"\s*\{[^}]{0,2000}?\brepository\s*=\s*(?:\"([^\"\n]+)\"|([\w.]+))|"
    r"\"type\"\s*:\s*\"docker-tag\"[^}]{0,2000}?\"repository\"\s*:\s*\"([^\"\n]+)\""
)
IMAGE_FUNCTION = regex(
    r"(?:publish|push|release)[\w-]*(?:docker|image|container|oci)|(?:docker|image|container)[\w-]*-(?:publish|push)"
)
MODULE = regex(r"^(?:\.dagger|dagger|ci)/[^/]*(?:/[^/]*)?\.(?:go|py|ts)$")
"""The sources of a Dagger module, where `dagger init` puts them."""
PUSHED = regex(r"\.[pP]ublish\(\s*(?:ctx\s*,\s*)?f?[\"'`]([^\"'`\s]{3,300})[\"'`]")
PUBLISHES = regex(r"^(?:publish|push|release)(?:-[\w-]+)?$")
IMAGE_OPTIONS = ("--address", "--image", "--image-ref", "--ref", "--repository", "--image-repository")
REFERENCE = regex(r"^[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S+$")


def _packer(call: Call) -> list[Act]:
    if call.word(1) != "build":
        return []
    options = call.options(2, option_names("-var -var-file -only -except -on-error -parallel-builds"))
    texts = [text for word in options.words or ["."] for text in _templates(call, word)]
    found: list[Act] = []
    for text in texts:
        plain = COMMENT.sub("", text)
        if not DOCKER.search("\n".join(texts)):
            continue
        names = [f"${{{match[2]}}}" if match[2] else match[1] or match[3] for match in TAGGED.finditer(plain)]
        if PUSHES.search(plain):
            facts = {"builds": "yes", "made-by": "packer"}
            nameless = call.act(ActKind.PUBLISH, type="container-image", provenance="no", facts=facts)
            found += image_acts(call, names, provenance="no", facts=facts) or ([] if names else [nameless])
        elif names or DOCKER.search(plain):
            facts = {"made-by": "packer"}
            found.append(call.act(ActKind.BUILD, type="container-image", what=tuple(names), facts=facts))
    return list(dict.fromkeys(found))


def _templates(call: Call, word: str) -> list[str]:
    """The templates that a word names: a file, or every one of a folder."""
    tree = call.context.tree
    path = joined_path(call.context.directory, word)
    if unresolved(word):
        return []
    if tree.exists(path):
        paths = [path]
    else:
        start = f"{path}/" if path else ""
        paths = [
            name
            for name in tree.paths()
            if name.startswith(start) and "/" not in name[len(start) :] and name.endswith((".pkr.hcl", ".pkr.json"))
        ]
    found: list[str] = []
    for name in paths[:MAX_TEMPLATES]:
        try:
            found.append(tree.text(name))
        except SlsacheckError as problem:
            call.context.problems.add(name, problem.message, problem.advice)
    return found


def _of_module(call: Call) -> tuple[str, ...]:
    """The images that the programs of the repository's own module push under a name that is written there."""
    tree = call.context.tree
    paths = [path for path in tree.paths() if MODULE.search(path)] if tree.exists("dagger.json") else []
    found: dict[str, None] = {}
    for path in paths[:MAX_TEMPLATES]:
        try:
            text = tree.text(path)
        except SlsacheckError as problem:
            call.context.problems.add(path, problem.message, problem.advice)
            continue
        found |= dict.fromkeys(match[1] for match in PUSHED.finditer(text) if REFERENCE.match(match[1]))
    return tuple(found)


def _dagger(call: Call) -> list[Act]:
    """`dagger call publish --address=…`: an image where a function or its argument says so; the steps are a program."""
    words = call.argv[1:]
    if "call" not in words:
        return not_followed(call)
    functions = [word for word in words[words.index("call") + 1 :] if not word.startswith("-")]
    options = call.options(1, option_names(" ".join((*IMAGE_OPTIONS, "-m", "--mod"))))
    names = [value for value in options.values(*IMAGE_OPTIONS) if REFERENCE.match(value)]
    if not names and not options.value("-m", "--mod"):
        names = list(_of_module(call))
    speaks = any(IMAGE_FUNCTION.search(word) for word in functions)
    if not speaks and not (names and any(PUBLISHES.match(word) for word in functions)):
        return not_followed(call)
    module = options.value("-m", "--mod") or "of this repository"
    external = (f"the Dagger module {module}, which is a program",)
    facts = {"builds": "yes", "made-by": "dagger", "guessed": "yes"}
    return [
        call.act(
            ActKind.PUBLISH,
            type="container-image",
            channel=channel_of_image(name) if name else None,
            name=image_name(name) if name else None,
            provenance="unknown",
            external=external,
            facts=facts,
        )
        for name in names or [""]
    ]


READERS = {"packer": _packer, "dagger": _dagger}
