"""`bazel run //path:push`: the rule behind the target, read from its BUILD file (Starlark is close to Python)."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import image_name
from slsacheck.evidence.publications.scripts._bazelmacros import (
    called,
    keyword,
    of_macro,
    parsed,
    repository_of,
    string,
)
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts.containers import image_acts
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_SPEAKING = regex(r"push|publish|deploy|upload|release", re.IGNORECASE)
_IMAGE_RULE = regex(
    r"(oci|container|docker|image|img).*push|push.*(oci|container|docker|image|all)|^push$", re.IGNORECASE
)
_REFERENCE = regex(
    r"^(?:[\w.-]+\.[a-z]{2,}|\{\w+\}|\$\{?\w+\}?)(?::\d+)?(?:/[\w.{}$-]+)+(?::[\w.{}$-]*)?(?:@[\w:{}$-]*)?$"
)
_STAMP = regex(r"\{+(?:STABLE_)?([A-Z_]+)\}+")
_MAX_NAMES = 40
"""Images of one target that become publications of their own; the largest real one has 30."""
_VALUES = option_names("--config -c --compilation_mode --jobs --platforms --define")
_OTHERS = (  # a word in the rule's or the target's name: type, channel
    (regex(r"npm", re.IGNORECASE), "npm-package", "npm"),
    (regex(r"py_?(wheel|package|pi)|twine", re.IGNORECASE), "python-package", "pypi"),
    (regex(r"java|maven|pom|kt_|artifact", re.IGNORECASE), "maven-artifact", "maven-central"),
    (regex(r"helm|chart", re.IGNORECASE), "helm-chart", None),
    (regex(r"crate|rust", re.IGNORECASE), "crate", "crates.io"),
)


def _bazel(call: Call) -> list[Act]:
    index = 1
    while call.word(index).startswith("-"):
        index += 1
    if call.word(index) != "run":
        return []
    options = call.options(index + 1, _VALUES)
    label = next(iter(options.words), "")
    name = label.rpartition(":")[2] if ":" in label else label.rpartition("/")[2]
    if not _SPEAKING.search(name) or unresolved(label):
        return []
    base = "" if label.startswith("//") else call.context.directory
    folder = joined_path(base, label.removeprefix("//").partition(":")[0])
    for file in ("BUILD.bazel", "BUILD"):
        path = joined_path(folder, file)
        if call.context.tree.exists(path) and not label.startswith("@"):
            return _read(call, path, name)
    return not_understood(call, label, name)


def _read(call: Call, path: str, name: str) -> list[Act]:
    tree = parsed(call, path)
    if tree is None:
        call.context.problems.add(path, "this BUILD file could not be read", "read this part by hand")
        return []
    base = name.removesuffix(".publish").removesuffix(".push")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and string(keyword(node, "name")) in (name, base):
            return _rule(call, Place(path=path, line=node.lineno), node, tree, name)
    found = of_macro(call, path, tree, name)
    return found or not_understood(call, next(iter(call.options(2, _VALUES).words), name), name)


def not_understood(call: Call, label: str, name: str) -> list[Act]:
    """A target whose rule is nowhere in the BUILD files: named, and an image where its name says so."""
    call.context.problems.add(
        str(call.at),
        f"the Bazel target `{label}` is not understood: a macro or another repository defines it",
        "read what it pushes by hand",
    )
    if not _IMAGE_RULE.search(name):
        return []
    facts = {"builds": "yes", "guessed": "yes", "made-by": "bazel"}
    external = (f"the Bazel target {label}, which is not understood",)
    return [call.act(ActKind.PUBLISH, type="container-image", provenance="no", external=external, facts=facts)]


def _rule(call: Call, at: Place, node: ast.Call, tree: ast.Module, name: str) -> list[Act]:
    rule = called(node)
    facts = {"builds": "yes", "via": str(call.at), "rule": rule}
    if _IMAGE_RULE.search(rule) or _IMAGE_RULE.search(name):
        images = _images(call, node, tree)
        return image_acts(call, images or [f"${{{name}}}"], at=at, provenance="no", facts=facts)
    for pattern, kind, channel in _OTHERS:
        if pattern.search(rule) or pattern.search(name):
            return [call.publish(kind, channel, None, at=at, facts=facts)]
    return []


def _images(call: Call, node: ast.Call, tree: ast.Module) -> list[str]:
    """The images that a rule names itself, else those that the file names at all."""
    if repository := repository_of(node):
        return [repository]
    strings = [inner.value for scope in (node, tree) for inner in ast.walk(scope) if isinstance(inner, ast.Constant)]
    whole = (
        text for text in strings if isinstance(text, str) and _REFERENCE.match(text) and not text.endswith(("-", "/"))
    )
    return list(dict.fromkeys(image_name(_stamped(call, text)) for text in whole))[:_MAX_NAMES]


def _stamped(call: Call, text: str) -> str:
    """The text with Bazel's stamp variables put in where the environment knows them."""
    return _STAMP.sub(lambda match: call.env(match[1]) or f"${{{match[1]}}}", text)


READERS = dict.fromkeys(("bazel", "bazelisk"), _bazel)
