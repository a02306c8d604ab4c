"""docker-bake.hcl, docker-bake.json and compose files: which images `docker buildx bake --push` pushes."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import false_word, joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts.containers import buildkit_provenance, image_acts
from slsacheck.evidence.yaml import load
from slsacheck.patterns import regex
from slsacheck.record import field, record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = ["acts_of_bake", "images_of_compose", "read_bake"]

_FILES = (
    "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-bake.json", "docker-bake.hcl",
    "docker-bake.override.json", "docker-bake.override.hcl",
)  # fmt: skip
_VALUES = option_names("-f --file --set --builder --progress --metadata-file --allow --call --var")
_MAX_TARGETS = 500
"""Targets of one file; the largest real one has 150."""
_MAX_INHERITED = 20
"""Targets that one inherits from, one after the other; people use 3."""
_BLOCK = regex(r'^\s*(target|group|variable|function)\s+"([^"]+)"\s*\{', re.MULTILINE)
_ATTRIBUTE = regex(r"^\s*([\w-]+)\s*=\s*", re.MULTILINE)
_CALLED = regex(r"([A-Za-z_]\w*)\(")
_STRING = regex(r'"((?:[^"\\]|\\.)*)"')
_TEMPLATE = regex(r"\$\{(\w+)\}")


@record(frozen=False)
class _Target:
    """One target: tags, outputs, attestations, and the names of the targets that it inherits from."""

    tags: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attests: list[str] = field(default_factory=list)
    inherits: list[str] = field(default_factory=list)


@record(frozen=False)
class Bake:
    """What the files say together."""

    targets: dict[str, _Target] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)


def acts_of_bake(call: Call, start: int) -> list[Act]:
    """The acts of `docker buildx bake [--push] target…`."""
    options = call.options(start, _VALUES)
    if options.on("--print") or options.value("--call") not in (None, "build"):
        return []
    bake = read_bake(call.context, options.values("-f", "--file"))
    for name, value in call.context.env.items():
        bake.variables[name] = value
    for option in options.values("--var"):
        name, _, value = option.partition("=")
        bake.variables[name] = value
    named = [word for word in options.words if not unresolved(word)]
    chosen = _chosen(bake, named or ["default"]) or list(bake.targets if len(named) < len(options.words) else ())
    found: dict[tuple[object, ...], Act] = {}
    for name in chosen[:_MAX_TARGETS]:
        for act in _target_acts(call, options, bake, name):
            key = (act.kind, act.name if act.kind is ActKind.PUBLISH else None, act.provenance)
            before = found.get(key)
            found[key] = act if before is None else replace(before, what=(*before.what, *act.what)[:100])
    if found or chosen:
        return list(found.values())
    pushes = options.on("--push")
    kind = ActKind.PUBLISH if pushes else ActKind.BUILD
    makes = buildkit_provenance(call, options) if pushes else None
    root = "buildkit" if makes in ("yes", "unknown") else None
    at = options.place("--push")
    unread = call.act(kind, type="container-image", provenance=makes, root=root, at=at, builds="yes")
    return [unread]


def _target_acts(call: Call, options: Options, bake: Bake, name: str) -> list[Act]:
    target = _inherited(bake, name, 0)
    settings = [value.partition("=") for value in options.values("--set") if fnmatchcase(name, value.partition(".")[0])]
    given = [value for key, _, value in settings if key.endswith((".tags", ".tags+"))]
    outputs = [*target.outputs, *(value for key, _, value in settings if key.endswith((".output", ".outputs")))]
    pushes = options.on("--push") or any("type=registry" in one or "push=true" in one for one in outputs)
    tags = [_filled(tag, bake.variables) for tag in given or target.tags]
    tags = tags or list(call.context.values.get("metadata.images", ()))
    if not pushes:
        return [call.act(ActKind.BUILD, type="container-image", name=name)]
    makes = _provenance(call, options, target, [value for key, _, value in settings if ".attest" in key])
    root = "buildkit" if makes in ("yes", "unknown") else None
    facts = {
        "builds": "yes",
        "sbom": "yes" if options.on("--sbom") or any("type=sbom" in one for one in target.attests) else "",
        "uses-line": str(call.at.line or ""),
    }
    at = options.place("--push")
    if not tags:
        kind = "container-image"
        return [call.act(ActKind.PUBLISH, type=kind, at=at, provenance=makes, root=root, facts=facts, target=name)]
    return image_acts(call, tags, at=at, provenance=makes, root=root, facts=facts)


def _provenance(call: Call, options: Options, target: _Target, settings: list[str]) -> str:
    if options.all("--provenance"):
        return buildkit_provenance(call, options)
    for stated in (*settings, *target.attests):
        if "provenance" in stated:
            return "no" if "disabled=true" in stated or false_word(stated.rpartition("=")[2]) else "yes"
    return buildkit_provenance(call, options)


def _chosen(bake: Bake, names: list[str]) -> list[str]:
    found: dict[str, None] = {}
    stack = list(reversed(names))
    seen: set[str] = set()
    while stack and len(found) < _MAX_TARGETS:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in bake.groups:
            stack += reversed(bake.groups[name])
        elif name in bake.targets:
            found[name] = None
        elif name == "default" and not bake.groups:
            found.update(dict.fromkeys(bake.targets))
    return list(found)


def _inherited(bake: Bake, name: str, depth: int) -> _Target:
    own = bake.targets.get(name, _Target())
    if depth >= _MAX_INHERITED:
        return own
    result = _Target()
    for parent in own.inherits[:_MAX_INHERITED]:
        base = _inherited(bake, parent, depth + 5)
        for part in ("tags", "outputs", "attests"):
            if getattr(base, part):
                setattr(result, part, getattr(base, part))
    return _Target(own.tags or result.tags, own.outputs or result.outputs, own.attests or result.attests, own.inherits)


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
                bake.targets[name] = _Target(tags=[node.get("image").text] if node.get("image") else [])
    elif path.endswith(".json"):
        _read_json(json.loads(text), bake)
    else:
        _read_hcl(text, bake)


def _read_json(data: Any, bake: Bake) -> None:
    if not isinstance(data, dict):
        return
    for name, value in _table(data, "target").items():
        table = value if isinstance(value, dict) else {}
        bake.targets[name] = _Target(
            _strings(table.get("tags")),
            _strings(table.get("output")),
            _strings(table.get("attest")),
            _strings(table.get("inherits")),
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
    for block in list(_BLOCK.finditer(text))[: _MAX_TARGETS * 2]:
        body = _body(text, block.end())
        kind, name = block[1], block[2]
        if kind == "target":
            lists = {key: _listed(body, key) for key in ("output", "attest", "inherits")}
            bake.targets[name] = _Target([], lists["output"], lists["attest"], lists["inherits"])
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
    for name in called[:_MAX_INHERITED]:
        found += _tags(functions[name], functions, inner)
    return list(dict.fromkeys(found))[:_MAX_TARGETS]


def _body(text: str, start: int) -> str:
    """The text up to the brace that closes a block."""
    depth, position = 1, start
    for found in re.finditer(r'"(?:[^"\\\n]|\\.)*"|[{}]', text[start : start + 100_000]):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return text[start : start + found.start()]
        position = start + found.end()
    return text[start:position]


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


def _filled(text: str, variables: dict[str, str]) -> str:
    for _ in range(4):
        after = _TEMPLATE.sub(lambda match: variables.get(match[1]) or match[0], text)[:4_000]
        if after == text:
            break
        text = after
    return text


def images_of_compose(call: Call, named: tuple[str, ...], services: list[str]) -> list[str]:
    """The images of a compose file's services that are built."""
    context = call.context
    found: list[str] = []
    for name in named or _FILES[:4]:
        path = joined_path(context.directory, name)
        if not context.tree.exists(path):
            continue
        try:
            root = load(context.tree.text(path), path)
        except SlsacheckError as problem:
            context.problems.add(path, problem.message, problem.advice)
            continue
        for service, node in root.get("services").items():
            if node.get("build") and node.get("image").text and (not services or service in services):
                found.append(_filled(node.get("image").text, dict(context.env)))
    return found
