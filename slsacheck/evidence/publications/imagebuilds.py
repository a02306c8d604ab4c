"""How a published image is made: its builder, the Dockerfile that the builder reads, and what the builder records.

Acts say it in facts: `made-by` (an id of `rules/image_builders.toml`), `dockerfile` (paths in the target, joined by
SEPARATOR where a matrix gives several), `stage`, `arguments` and `contexts`. Imported only where an image is published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.images import image_name, same_image
from slsacheck.model import ImageBuild
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.deeds import Run
    from slsacheck.evidence.publications.parts import Part
    from slsacheck.model import ImageBuilder

__all__ = ["SEPARATOR", "image_builds", "records"]

SEPARATOR = "\x1f"
"""Between the values of a fact that has several."""
MAX_BUILDS = 50
"""Ways of making one publication that are kept; a matrix of images has at most 30."""
MODE = regex(r"\bmode=(min|max)\b")
TOOLS = {  # a program or the beginning of an action's name: who makes the image
    "docker/build-push-action": "buildkit",
    "docker/bake-action": "buildkit",
    "docker/github-builder": "buildkit",
    "depot": "buildkit",
    "useblacksmith/": "buildkit",
    "buildctl": "buildkit",
    "nerdctl": "buildkit",
    "docker-compose": "buildkit",
    "docker": "docker",
    "img": "img",
    "podman": "buildah",
    "buildah": "buildah",
    "redhat-actions/buildah-build": "buildah",
    "kaniko": "kaniko",
    "executor": "kaniko",
    "gcr.io/kaniko-project/": "kaniko",
    "aevea/action-kaniko": "kaniko",
    "int128/kaniko-action": "kaniko",
    "plugins/kaniko": "kaniko",
    "pack": "buildpacks",
    "kpack": "buildpacks",
    "s2i": "s2i",
    "ko": "ko",
    "apko": "apko",
    "melange": "apko",
    "bazel": "bazel",
    "bazelisk": "bazel",
    "packer": "packer",
    "dagger": "dagger",
    "earthly": "earthly",
    "werf": "werf",
    "skaffold": "skaffold",
    "plugins/docker": "docker",
    "woodpeckerci/plugin-docker-buildx": "buildkit",
}


def image_builds(parts: Sequence[Part], makers: Sequence[Run]) -> tuple[ImageBuild, ...]:
    """How the image of a publication is made: by the acts that publish it, else by those that build it before."""
    acts = [part.deed.act for part in parts]
    made = (act for act in acts if not act.fact("index"))
    own = [act for act in made if act.fact("made-by") or (act.fact("builds") and builder_of(act))]
    found = [build for act in own or list(_built(acts, makers)) for build in _builds(act)]
    return tuple({(one.builder, one.dockerfile, one.stage): one for one in reversed(found)}.values())[::-1][:MAX_BUILDS]


def builder_of(act: Act) -> str:
    """The id of the builder behind an act, `""` for one that only moves images."""
    stated = act.fact("made-by")
    if stated:
        return stated
    if act.root == "buildkit":
        return "buildkit"
    exact = TOOLS.get(act.tool)
    return exact or next((name for tool, name in TOOLS.items() if len(tool) > 7 and act.tool.startswith(tool)), "")  # noqa: PLR2004 - short names are whole words


def _built(acts: Sequence[Act], makers: Sequence[Run]) -> Iterator[Act]:
    """The acts that build what others push: those of the same name, else all that build an image there."""
    named = {image_name(act.name) for act in acts if act.name}
    built = [
        act
        for run in makers
        for act in run.acts
        if act.type == "container-image" and (act.kind is ActKind.BUILD or act.fact("dockerfile")) and builder_of(act)
    ]
    same = [act for act in built if any(_tagged(act, name) for name in named)]
    yield from same or (built if len({act.name for act in built}) <= 1 else ())


def _tagged(act: Act, name: str) -> bool:
    return any(same_image(tag, name) for tag in (*act.what, act.name or "") if tag)


def _builds(act: Act) -> Iterator[ImageBuild]:
    builder = builder_of(act)
    files = (act.fact("dockerfile") or "").split(SEPARATOR)
    for file in files:
        yield ImageBuild(
            builder=builder,
            at=act.at,
            dockerfile=file or None,
            stage=act.fact("stage") or "",
            arguments=tuple(_pairs(act.fact("arguments"))),
            contexts=tuple(text for text in (act.fact("contexts") or "").split(SEPARATOR) if text),
            says=records(builder),
            reproducible=_reproducible(builder),
            mode=_mode(act) if builder == "buildkit" else "",
        )


def _mode(act: Act) -> str:
    """How much BuildKit's provenance tells, as far as it is stated; the default differs by tool and repository."""
    if act.provenance == "no":
        return "off"
    match = MODE.search(act.fact("asked") or "")
    return match[1] if match is not None else ""


def _pairs(text: str | None) -> Iterable[tuple[str, str]]:
    for item in (text or "").split(SEPARATOR):
        name, equals, value = item.partition("=")
        if equals:
            yield name, value


def records(builder: str) -> tuple[str, ...]:
    """What a builder records by itself, and what cannot be told from what it makes: a sentence each."""
    from slsacheck.catalog import image_builders

    row = image_builders().get(builder)
    if row is None:
        return ()
    return (f"{row.title}: {'; '.join(_said(row))}.", row.cannot)


def _reproducible(builder: str) -> str:
    from slsacheck.catalog import image_builders

    row = image_builders().get(builder)
    return row.reproducible if row is not None else "no"


def _said(row: ImageBuilder) -> Iterator[str]:
    words = {"yes": "{} by itself", "asked": "{} where asked for", "no": "no {}"}
    for what, name in (("provenance", "provenance"), ("sbom", "SBOM"), ("signs", "signature")):
        note = row.note(what)
        yield words[getattr(row, what)].format(name) + (f" ({note})" if note else "")
    note = row.note("reproducible")
    same = {"yes": "reproducible", "asked": "reproducible where asked for", "no": "not reproducible"}[row.reproducible]
    yield same + (f" ({note})" if note else "")
