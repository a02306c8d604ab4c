"""Actions that build, push, copy or name container images, and charts in registries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from slsacheck.evidence.publications.actions.call import Call
    from slsacheck.model import Place

__all__ = ["HANDLERS", "image_acts", "outputs_of_metadata"]

BUILDKIT = {"docker/build-push-action", "depot/build-push-action", "useblacksmith/build-push-action"}
OUTPUT_NAME = regex(r"(?:^|,)\"?name=([^\"\n]+?)(?=\"|,[a-z-]+=|$)")
MAKES_PROVENANCE = regex(r"^(true|mode=|type=|builder-id|version=|yes|1)", re.IGNORECASE)


def image_acts(
    call: Call,
    references: Iterable[str],
    *,
    at: Place | None = None,
    provenance: str | None = None,
    facts: Mapping[str, str] | None = None,
    **more: str,
) -> list[Act]:
    """A publication for each registry and repository among these references."""
    names = dict.fromkeys(image_name(reference) for reference in references if reference.strip())
    return [
        call.act(
            ActKind.PUBLISH,
            type="container-image",
            channel=channel_of_image(name),
            name=name,
            at=at,
            provenance=provenance,
            root="buildkit" if provenance in ("yes", "unknown") else None,
            facts={"builds": "yes", **(facts or {}), **more},
        )
        for name in names
    ]


def outputs_of_metadata(call: Call) -> dict[str, tuple[str, ...]]:
    """What docker/metadata-action gives to later steps, as far as names of images go."""
    names = tuple(
        re.sub(r"^name=", "", line).split(",", 1)[0]
        for line in call.lines("images", separator=",\n" if _bare(call) else "\n")
    )
    enabled = tuple(name for name in names if not name.startswith("enable="))
    return {"tags": tuple(f"{name}:tag" for name in enabled), "json": (), "version": ()} if enabled else {}


def _bare(call: Call) -> bool:
    return "enable=" not in call.text("images")


def _build_push(call: Call) -> list[Act]:
    outputs = call.text("outputs")
    pushes = call.flag("push", default=False)
    if re.search(r"push=true|type=registry", outputs):
        pushes = True
    read = recipe_of(call, "file")
    if pushes is False:
        return [call.act(ActKind.BUILD, type="container-image", name=name, facts=read) for name in _tags(call)[:1]]
    references = _tags(call) or tuple(match[1] for match in OUTPUT_NAME.finditer(outputs.replace('\\"', '"')))
    by_digest = "yes" if "push-by-digest=true" in outputs else ""
    at = call.place("tags") if not call.has("push") else call.place("push")
    return image_acts(
        call,
        references,
        at=at,
        provenance=_provenance(call),
        by_digest=by_digest,
        provenance_line=str(call.place("provenance", "attests").line or ""),
        sbom="yes" if call.flag("sbom", default=False) is not False else "",
        builder="any" if builder_is_free(call) else "",
        asked=call.text("provenance", "attests"),
        push_if=call.inputs["push"].value if pushes is None else "",
        uses_line=str(call.at.line or ""),
        facts=read,
    )


def recipe_of(call: Call, *files: str, context: tuple[str, ...] = ("context",), default: str = "") -> dict[str, str]:
    """Which Dockerfile an action's step reads, as facts; `files` are the names of the input that says it."""
    from slsacheck.evidence.publications.recipes import recipe

    return recipe(
        call.context.tree,
        "",
        files=call.choices(*files, default=default),
        contexts=call.choices(*context),
        stage=call.text("target"),
        arguments=call.lines("build-args", "build_args", "buildargs"),
        names=call.lines("build-contexts"),
    )


def builder_is_free(call: Call) -> bool:
    """Whether provenance is the default alone, so that Docker's own builder may leave it away without a word."""
    stated = call.has("provenance") or call.has("attests") or call.has("builder") or call.has("builders")
    several = "," in call.text("platforms") or len(call.lines("platforms")) > 1 or "${{" in call.text("platforms")
    return call.name.startswith("docker/") and not stated and not several


def _tags(call: Call) -> tuple[str, ...]:
    return call.lines("tags", "images", separator=",\n")


def _provenance(call: Call) -> str:
    stated = call.text("provenance")
    attests = [line for line in call.lines("attests", separator="\n") if "type=provenance" in line]
    if attests and all("disabled=true" in line for line in attests):
        return "no"
    if attests:
        return "yes"
    if stated.lower() in ("false", "disabled=true") or "disabled=true" in stated.lower():
        return "no"
    if MAKES_PROVENANCE.match(stated):
        return "yes"
    if stated:
        known = call.flag("provenance", default=True)
        return {True: "yes", False: "no", None: "unknown"}[known]
    if call.context.env.get("BUILDX_NO_DEFAULT_ATTESTATIONS", "") in ("1", "true"):
        return "no"
    version = call.version
    return "no" if call.name == "docker/build-push-action" and version is not None and version < (3, 3) else "yes"


def _exports(call: Call) -> list[Act]:
    """Files that a build leaves on the machine."""
    lines = call.lines("outputs", "set")
    if not any("dest=" in line for line in lines):
        return []
    from slsacheck.evidence.publications.scripts._outputs import exported

    return [call.act(ActKind.ALTER, what=exported(lines))]


def _bake(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.actions.scripted import run_script

    pushes = call.flag("push", default=False)
    settings = call.lines("set")
    if any(re.search(r"output=.*(push=true|type=registry)", line) for line in settings):
        pushes = True
    if pushes is False:
        return []
    files = call.lines("files", separator=",\n")
    targets = call.lines("targets", separator=",\n")
    words = [
        "docker",
        "buildx",
        "bake",
        *(f"--file={name}" for name in files if "${{" not in name and not name.startswith("cwd://")),
    ]
    words += ["--push", *(f"--set={line}" for line in settings), *targets]
    if call.has("provenance"):
        words.append(f"--provenance={call.text('provenance')}")
    import shlex

    found = [act for act in run_script(shlex.join(words), call) if act.kind is ActKind.PUBLISH]
    if found:
        return found
    named = tuple(name for name in call.context.values.get("metadata.images", ()))
    return image_acts(call, named or ("",), at=call.place("push"), provenance=_provenance(call)) or [
        call.act(
            ActKind.PUBLISH,
            type="container-image",
            channel=None,
            name=targets[0] if targets else None,
            provenance=_provenance(call),
            root="buildkit",
            builds="yes",
        )
    ]


def _registry_push(call: Call) -> list[Act]:
    registry, image = (
        call.text("registry", "registries"),
        call.text("image", "images", "imagename", "repository", "name"),
    )
    if not (registry or image):
        return []
    if registry and not image.startswith(registry):
        image = f"{registry.rstrip('/')}/{image}"
    if call.flag("push", default=True) is False or call.flag("no_push", default=False) is True:
        return []
    return image_acts(call, (image,), provenance="no")


def _elgohr(call: Call) -> list[Act]:
    if call.flag("no_push", default=False) is True:
        return []
    name, registry = call.text("name", "repository", "image"), call.text("registry")
    return image_acts(
        call,
        (f"{registry}/{name}" if registry and not name.startswith(registry) else name,),
        provenance="no",
        made_by="docker",
        facts=recipe_of(call, "dockerfile", "build_file", context=("workdir", "context", "path")),
    )


def _kaniko(call: Call) -> list[Act]:
    if call.flag("push", default=True) is False:
        return []
    names = call.lines("tags", "image", "destination", separator=",\n")
    registry = call.text("registry")
    return image_acts(
        call,
        tuple(f"{registry}/{name}" if registry and registry not in name else name for name in names),
        provenance="no",
        facts=recipe_of(call, "file", "dockerfile", "build_file", context=("context", "path")),
    )


def _buildah(call: Call) -> list[Act]:
    """redhat-actions/buildah-build: an image that a later step pushes."""
    read = recipe_of(call, "containerfiles", "dockerfiles")
    name = call.text("image") or image_name(next(iter(call.lines("tags", separator=" \n")), "")) or None
    return [call.act(ActKind.BUILD, type="container-image", name=name, facts=read)]


def _helm_oci(call: Call) -> list[Act]:
    registry, repository = call.text("registry"), call.text("repository")
    name = "/".join(part for part in (registry, repository, call.text("name")) if part)
    return [
        call.act(ActKind.PUBLISH, type="helm-chart", channel=channel_of_image(f"{registry}/x"), name=name, builds="yes")
    ]


HANDLERS: dict[str, Callable[[Call], list[Act]]] = {
    **dict.fromkeys(BUILDKIT, lambda call: [*_build_push(call), *_exports(call)]),
    **dict.fromkeys(("docker/bake-action", "depot/bake-action"), lambda call: [*_bake(call), *_exports(call)]),
    "redhat-actions/push-to-registry": _registry_push,
    "redhat-actions/buildah-build": _buildah,
    "mr-smithers-excellent/docker-build-push": _registry_push,
    "macbre/push-to-ghcr": lambda call: image_acts(
        call, (f"ghcr.io/{call.text('image_name', default='${{ github.repository }}')}",), provenance="no"
    ),
    "elgohr/publish-docker-github-action": _elgohr,
    "whoan/docker-build-with-cache-action": _elgohr,
    "docker/build-push-action/v1": _elgohr,
    "aevea/action-kaniko": _kaniko,
    "int128/kaniko-action": _kaniko,
    "appany/helm-oci-chart-releaser": _helm_oci,
    "bitdeps/helm-oci-charts-releaser": _helm_oci,
}
