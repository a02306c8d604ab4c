"""`docker buildx bake` and compose: which images are built and pushed, and from which Dockerfiles."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.imagebuilds import SEPARATOR
from slsacheck.evidence.publications.scripts._bakefiles import (
    COMPOSE_FILES,
    MAX_INHERITED,
    MAX_TARGETS,
    Bake,
    BakeTarget,
    filled,
    read_bake,
    read_of_service,
)
from slsacheck.evidence.publications.scripts._call import false_word, joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts.containers import buildkit_provenance, image_acts
from slsacheck.evidence.yaml import load
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = ["acts_of_bake", "images_of_compose", "read_bake"]

_VALUES = option_names("-f --file --set --builder --progress --metadata-file --allow --call --var")


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
    for name in chosen[:MAX_TARGETS]:
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
    tags = [filled(tag, bake.variables) for tag in given or target.tags]
    tags = tags or list(call.context.values.get("metadata.images", ()))
    if not pushes:
        read = {"made-by": "buildkit", **_recipe(call, target, bake)}
        return [call.act(ActKind.BUILD, type="container-image", name=name, what=tuple(tags), facts=read)]
    makes = _provenance(call, options, target, [value for key, _, value in settings if ".attest" in key])
    root = "buildkit" if makes in ("yes", "unknown") else None
    facts = {
        "builds": "yes",
        "made-by": "buildkit",
        "asked": " ".join((*options.values("--provenance"), *(one for one in target.attests if "provenance" in one))),
        **_recipe(call, target, bake),
        "sbom": "yes" if options.on("--sbom") or any("type=sbom" in one for one in target.attests) else "",
        "uses-line": str(call.at.line or ""),
    }
    at = options.place("--push")
    if not tags:
        kind = "container-image"
        return [call.act(ActKind.PUBLISH, type=kind, at=at, provenance=makes, root=root, facts=facts, target=name)]
    return image_acts(call, tags, at=at, provenance=makes, root=root, facts=facts)


def _recipe(call: Call, target: BakeTarget, bake: Bake) -> dict[str, str]:
    """Which Dockerfile a target reads, as facts."""
    from slsacheck.evidence.publications.recipes import recipe

    read = {name: filled(value, bake.variables) for name, value in target.read.items()}
    if read.get("dockerfile-inline"):
        return {}
    return recipe(
        call.context.tree,
        call.context.directory,
        files=[_beside(read.get("context", ""), read.get("dockerfile", ""))],
        contexts=[read.get("context", "")],
        stage=read.get("target", ""),
        arguments=read.get("args", "").split(SEPARATOR),
        names=[name for name in read.get("contexts", "").split(SEPARATOR) if name],
    )


def _beside(context: str, file: str) -> str:
    """A Dockerfile of a bake or compose file, which is named relative to its context."""
    return f"{context}/{file}" if file and context and not file.startswith("/") else file


def _provenance(call: Call, options: Options, target: BakeTarget, settings: list[str]) -> str:
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
    while stack and len(found) < MAX_TARGETS:
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


def _inherited(bake: Bake, name: str, depth: int) -> BakeTarget:
    own = bake.targets.get(name, BakeTarget())
    if depth >= MAX_INHERITED:
        return own
    result = BakeTarget()
    for parent in own.inherits[:MAX_INHERITED]:
        base = _inherited(bake, parent, depth + 5)
        for part in ("tags", "outputs", "attests"):
            if getattr(base, part):
                setattr(result, part, getattr(base, part))
        result.read.update(base.read)
    read = {**result.read, **own.read}
    tags, outputs, attests = own.tags or result.tags, own.outputs or result.outputs, own.attests or result.attests
    return BakeTarget(tags, outputs, attests, own.inherits, read)


def images_of_compose(call: Call, named: tuple[str, ...], services: list[str]) -> dict[str, dict[str, str]]:
    """The images of a compose file's services that are built, each with the facts of its Dockerfile."""
    context = call.context
    found: dict[str, dict[str, str]] = {}
    for name in named or COMPOSE_FILES:
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
                target = BakeTarget(read=read_of_service(node.get("build")))
                image = filled(node.get("image").text, dict(context.env))
                found[image] = _recipe(call, target, Bake(variables=dict(context.env)))
    return found
