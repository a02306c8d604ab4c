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
    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = ["READERS"]

MAX_TEMPLATES = 50
"""Packer templates of one folder that are read."""
MAX_ROUNDS = 4
"""Variables inside variables; people write 2."""
MAX_NAME = 1_000
"""Characters that a name may grow to."""
COMMENT = regex(r"^\s*(?:#|//).*$", re.MULTILINE)
VARIABLE = regex(r"\bvariable\s+\"(\w{1,100})\"\s*\{[^{}]{0,2000}?\bdefault\s*=\s*\"([^\"\n]*)\"")
LOCALS = regex(r"\blocals?\s*(?:\"(\w{1,100})\"\s*)?\{([^{}]{0,4000})\}")
LOCAL = regex(r"^\s*(\w{1,100})\s*=\s*\"((?:[^\"\n{]|\$\{[^}\n]*\})*)\"", re.MULTILINE)
ASSIGNED = regex(r"^\s*(\w{1,100})\s*=\s*\"([^\"\n]*)\"", re.MULTILINE)
MENTIONED = regex(r"\$\{\s*(var|local)\.(\w+)\s*\}|\{\{\s*user\s+`(\w+)`\s*\}\}")
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
SENDS = regex(r"(?:^|-)(?:publish|push|release)(?:-|$)")
REGISTRY = ("--registry", "--registry-address", "--registry-url")
NAME = ("--image-name", "--name", "--repository", "--repo", "--image")
IMAGE_OPTIONS = ("--address", "--image", "--image-ref", "--ref", "--repository", "--image-repository")
REFERENCE = regex(r"^[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S+$")


def _packer(call: Call) -> list[Act]:
    if call.word(1) != "build":
        return []
    options = call.options(2, option_names("-var -var-file -only -except -on-error -parallel-builds"))
    texts = [text for word in options.words or ["."] for text in _templates(call, word)]
    if not DOCKER.search("\n".join(texts)):
        return []
    templates = [COMMENT.sub("", text) for text in texts]
    known = _variables(call, templates, options)
    found: list[Act] = []
    for plain in templates:
        written = [f"${{{match[2]}}}" if match[2] else match[1] or match[3] for match in TAGGED.finditer(plain)]
        names = [_filled(name, known) for name in written]
        if PUSHES.search(plain):
            facts = {"builds": "yes", "made-by": "packer"}
            nameless = call.act(ActKind.PUBLISH, type="container-image", provenance="no", facts=facts)
            found += image_acts(call, names, provenance="no", facts=facts) or ([] if names else [nameless])
        elif names or DOCKER.search(plain):
            facts = {"made-by": "packer"}
            found.append(call.act(ActKind.BUILD, type="container-image", what=tuple(names), facts=facts))
    return list(dict.fromkeys(found))


def _variables(call: Call, templates: list[str], options: Options) -> dict[str, str]:
    """What `var.NAME` and `local.NAME` are: defaults, then files of values, then the environment, then `-var`."""
    known: dict[str, str] = {}
    for plain in templates:
        known |= {f"var.{name}": value for name, value in VARIABLE.findall(plain)}
        for block in LOCALS.finditer(plain):
            known |= {f"local.{name}": value for name, value in LOCAL.findall(block[2])}
    for file in options.values("-var-file"):
        for text in _templates(call, file):
            known |= {f"var.{name}": value for name, value in ASSIGNED.findall(text)}
    prefix = "PKR_VAR_"
    env = call.context.env
    known |= {f"var.{name.removeprefix(prefix)}": env[name] for name in env if name.startswith(prefix)}
    given = [text.partition("=") for text in options.values("-var")]
    known |= {f"var.{name}": value for name, equals, value in given if equals}
    return known


def _filled(text: str, known: dict[str, str]) -> str:
    """A name with variables put in; what is not known stays as it is written."""
    for _ in range(MAX_ROUNDS):
        after = MENTIONED.sub(lambda match: known.get(f"{match[1] or 'var'}.{match[2] or match[3]}", match[0]), text)
        if after == text or len(after) > MAX_NAME:
            break
        text = after
    return text


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


def _put_together(options: Options) -> list[str]:
    """A registry and a name that a function is given apart."""
    registry = (options.value(*REGISTRY) or "").rstrip("/")
    names = [value for value in options.values(*NAME) if value]
    return [f"{registry}/{name}" for name in names[:1]] if registry else []


def _dagger(call: Call) -> list[Act]:
    """`dagger call publish --address=…`: an image where a function or its argument says so; the steps are a program."""
    words = call.argv[1:]
    if "call" not in words:
        return not_followed(call)
    functions = [word for word in words[words.index("call") + 1 :] if not word.startswith("-")]
    options = call.options(1, option_names(" ".join((*IMAGE_OPTIONS, *REGISTRY, *NAME, "-m", "--mod"))))
    names = [value for value in options.values(*IMAGE_OPTIONS) if REFERENCE.match(value)] or _put_together(options)
    if not names and not options.value("-m", "--mod"):
        names = list(_of_module(call))
    speaks = any(IMAGE_FUNCTION.search(word) for word in functions)
    speaks = speaks or (bool(options.values(*REGISTRY)) and any(SENDS.search(word) for word in functions))
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
