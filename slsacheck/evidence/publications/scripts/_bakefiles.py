"""What docker-bake.hcl, docker-bake.json and compose files say of their targets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.imagebuilds import SEPARATOR
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.evidence.yaml import load
from slsacheck.patterns import regex
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.yaml import Node

__all__ = [
    "COMPOSE_FILES",
    "MAX_INHERITED",
    "MAX_TARGETS",
    "Bake",
    "BakeTarget",
    "filled",
    "read_bake",
    "read_of_service",
]

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_FILES = (
    *COMPOSE_FILES, "docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"
)  # fmt: skip
MAX_TARGETS = 500
"""Targets of one file; the largest real one has 150."""
MAX_INHERITED = 20
"""Targets that one inherits from, one after the other; people use 3."""
_READ = ("context", "dockerfile", "dockerfile-inline", "target")
_PAIR = regex(r'"?([\w.:/@-]+)"?\s*=\s*(?:"((?:[^"\\\n]|\\.)*)")?')
_BLOCK = regex(r'^\s*(target|group|variable|function)\s+"([^"]+)"\s*\{', re.MULTILINE)
_ATTRIBUTE = regex(r"^\s*([\w-]+)\s*=\s*", re.MULTILINE)
_CALLED = regex(r"([A-Za-z_]\w*)\(")
_STRING = regex(r'"((?:[^"\\]|\\.)*)"')
_TEMPLATE = regex(r"\$\{(\w+)\}")


@record(frozen=False)
class BakeTarget:
    """One target: tags, outputs, attestations, the targets that it inherits from, and what it builds from."""

    tags: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attests: list[str] = field(default_factory=list)
    inherits: list[str] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)


@record(frozen=False)
class Bake:
    """What the files say together."""

    targets: dict[str, BakeTarget] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)


def read_bake(context: Context, named: tuple[str, ...]) -> Bake:
    """The bake files of the working directory, or those that were named."""
    bake = Bake()
    for name in named or _FILES:
        path = joined_path(context.directory, name)
        if not context.tree.exists(path):
            continue
        try:
            _read_one(context.tree.text(path), path, bake)
        except (SlsacheckError, ValueError, RecursionError) as problem:
            context.problems.add(path, str(problem), "correct this file")
    return bake


def _read_one(text: str, path: str, bake: Bake) -> None:
    if path.endswith((".yml", ".yaml")):
        for name, node in load(text, path).get("services").items():
            if node.get("build"):
                tags = [node.get("image").text] if node.get("image") else []
                bake.targets[name] = BakeTarget(tags=tags, read=read_of_service(node.get("build")))
    elif path.endswith(".json"):
        _read_json(json.loads(text), bake)
    else:
        _read_hcl(text, bake)


def read_of_service(build: Node) -> dict[str, str]:
    """What `build:` of a compose service says of its Dockerfile."""
    if build.is_scalar:
        return {"context": build.text}
    names = ("context", "dockerfile", "target")
    found = {name: build.get(name).text for name in names if build.get(name).text}
    args = [f"{name}={value.text}" for name, value in build.get("args").items() if value.is_scalar]
    args += [word for word in build.get("args").strings() if "=" in word]
    contexts = [name for name, _ in build.get("additional_contexts").items()]
    contexts += [word.partition("=")[0] for word in build.get("additional_contexts").strings()]
    found |= _maps(args, contexts)
    return found | ({"dockerfile-inline": "yes"} if build.get("dockerfile_inline") else {})


def _maps(args: list[str], contexts: list[str]) -> dict[str, str]:
    """Build arguments and named contexts, each in one text."""
    found = {"args": SEPARATOR.join(args[:MAX_TARGETS]), "contexts": SEPARATOR.join(contexts[:MAX_TARGETS])}
    return {name: text for name, text in found.items() if text}


def _read_json(data: Any, bake: Bake) -> None:
    if not isinstance(data, dict):
        return
    for name, value in _table(data, "target").items():
        table = value if isinstance(value, dict) else {}
        bake.targets[name] = BakeTarget(
            _strings(table.get("tags")),
            _strings(table.get("output")),
            _strings(table.get("attest")),
            _strings(table.get("inherits")),
            {name: value for name in _READ if isinstance(value := table.get(name), str)}
            | _maps(
                [f"{name}={value}" for name, value in _table(table, "args").items() if isinstance(value, str)],
                list(_table(table, "contexts")),
            ),
        )
    for name, value in _table(data, "group").items():
        bake.groups[name] = _strings(value.get("targets") if isinstance(value, dict) else None)
    for name, value in _table(data, "variable").items():
        default = value.get("default") if isinstance(value, dict) else None
        if isinstance(default, str):
            bake.variables[name] = default


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _read_hcl(text: str, bake: Bake) -> None:
    text = re.sub(r"(?m)^\s*(#|//).*$", "", text)
    for block in list(_BLOCK.finditer(text))[: MAX_TARGETS * 2]:
        body = _body(text, block.end())
        kind, name = block[1], block[2]
        if kind == "target":
            lists = {key: _listed(body, key) for key in ("output", "attest", "inherits")}
            written = {key: match[1] for key in _READ if (match := _STRING.match(_attribute(body, key))) is not None}
            written |= _maps(
                [f"{pair[1]}={pair[2]}" for pair in _PAIR.finditer(_map(body, "args")) if pair[2] is not None],
                [pair[1] for pair in _PAIR.finditer(_map(body, "contexts"))],
            )
            bake.targets[name] = BakeTarget([], lists["output"], lists["attest"], lists["inherits"], written)
            bake.written[name] = _attribute(body, "tags")
        elif kind == "function":
            bake.functions[name] = body
        elif kind == "group":
            bake.groups[name] = _listed(body, "targets")
        elif kind == "variable" and (default := _STRING.search(_attribute(body, "default"))) is not None:
            bake.variables[name] = default[1]

    for name, value in bake.written.items():
        bake.targets[name].tags[:] = _tags(value, bake.functions, frozenset())


def _tags(value: str, functions: dict[str, str], seen: frozenset[str]) -> list[str]:
    """The images that an expression names: its strings, or those in the functions that it calls."""
    called = [name for name in dict.fromkeys(_CALLED.findall(value)) if name in functions and name not in seen]
    strings = [match[1] for match in _STRING.finditer(value)]
    if not called and not seen:
        return [text for text in strings if text]
    inner = frozenset({*seen, *called})
    found = [text for text in strings if "/" in text and " " not in text]
    for name in called[:MAX_INHERITED]:
        found += _tags(functions[name], functions, inner)
    return list(dict.fromkeys(found))[:MAX_TARGETS]


def _body(text: str, start: int) -> str:
    """The text up to the brace that closes a block."""
    depth, position = 1, start
    for found in re.finditer(r'"(?:[^"\\\n]|\\.)*"|[{}]', text[start : start + 100_000]):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return text[start : start + found.start()]
        position = start + found.end()
    return text[start:position]


def _map(body: str, key: str) -> str:
    """What stands between the braces of an attribute."""
    found = re.search(rf"^\s*{key}\s*=\s*\{{", body, re.MULTILINE)
    return _body(body, found.end()) if found is not None else ""


def _attribute(body: str, key: str) -> str:
    """The text of an attribute's value: up to the next attribute of the block."""
    found = next((match for match in _ATTRIBUTE.finditer(body) if match[1] == key), None)
    if found is None:
        return ""
    following = _ATTRIBUTE.search(body, found.end())
    return body[found.end() : following.start() if following else len(body)]


def _listed(body: str, key: str) -> list[str]:
    value = _attribute(body, key)
    attested = re.findall(r"\btype\s*=\s*\"(\w+)\"([^}]*)", value) if key == "attest" else []
    if attested:
        return [f"type={kind}," + re.sub(r'[\s"]', "", rest) for kind, rest in attested]
    return [match[1] for match in _STRING.finditer(value)]


def filled(text: str, variables: dict[str, str]) -> str:
    """A text with the values of variables filled in."""
    for _ in range(4):
        after = _TEMPLATE.sub(lambda match: variables.get(match[1]) or match[0], text)[:4_000]
        if after == text:
            break
        text = after
    return text
