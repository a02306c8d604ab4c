"""skaffold.yaml: which images are built by which builder, and pushed to which repository.

Rules: `build.artifacts` of Skaffold's configuration reference; `requires` takes in further configurations; a default
repository stands before each image's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.recipes import recipe
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.evidence.publications.scripts.containers import image_acts
from slsacheck.evidence.yaml import read
from slsacheck.model import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["acts_of_skaffold"]

MAX_FILES = 100
"""Configurations that one requires, directly or not; the largest real one takes in 15."""
MAX_ARTIFACTS = 300
BUILDERS = {
    "jib": "jib",
    "buildpacks": "buildpacks",
    "ko": "ko",
    "bazel": "bazel",
    "kaniko": "kaniko",
    "docker": "docker",
}


def acts_of_skaffold(call: Call, named: tuple[str, ...], repository: str) -> list[Act]:
    """The images that `skaffold build` pushes; none where no configuration names one."""
    found: list[Act] = []
    for path, node, cluster in _artifacts(call.context, named or ("skaffold.yaml",)):
        image = node.get("image").text
        name = f"{repository.rstrip('/')}/{image}" if repository and not image.startswith(repository) else image
        facts = {"builds": "yes", **_made(call.context, path, node, cluster=cluster)}
        at = Place(path=path, line=node.get("image").line)
        found += image_acts(call, [name], at=at, provenance="no", facts=facts)
        if len(found) >= MAX_ARTIFACTS:
            break
    return found


def _made(context: Context, path: str, node: Node, *, cluster: bool) -> dict[str, str]:
    """Which builder makes an artifact, and the Dockerfile that it reads, as facts."""
    builder = next((name for key, name in BUILDERS.items() if node.get(key)), "kaniko" if cluster else "docker")
    if builder not in ("docker", "kaniko"):
        return {"made-by": builder}
    said = node.get(builder)
    folder = joined_path(path.rpartition("/")[0], node.get("context").text or ".")
    file = said.get("dockerfile").text or "Dockerfile"
    read_from = recipe(context.tree, folder, files=[file], stage=said.get("target").text)
    return {"made-by": builder, **read_from}


def _artifacts(context: Context, named: tuple[str, ...]) -> Iterator[tuple[str, Node, bool]]:
    """Each artifact with the file that names it, and whether a cluster builds it (with Kaniko)."""
    waiting = [joined_path(context.directory, name) for name in reversed(named)]
    seen: set[str] = set()
    while waiting and len(seen) < MAX_FILES:
        path = waiting.pop()
        if not path.endswith((".yaml", ".yml")):
            path = joined_path(path, "skaffold.yaml")
        if path in seen or not context.tree.exists(path):
            continue
        seen.add(path)
        try:
            documents = read(context.tree.text(path), path).documents
        except SlsacheckError as problem:
            context.problems.add(path, problem.message, problem.advice)
            continue
        for document in documents:
            build = document.get("build")
            for node in build.get("artifacts").elements:
                yield path, node, bool(build.get("cluster"))
            folder = path.rpartition("/")[0]
            required = [item.get("path").text for item in document.get("requires").elements]
            waiting += [joined_path(folder, name) for name in reversed(required) if name]
