"""Which builder an image is built with: Docker's own keeps BuildKit's attestations with containerd's image store alone.

buildx attests by default, but Docker's own builder (the `docker` driver) cannot export attestations to the classic
image store and leaves them away without a word. A builder of its own (`docker/setup-buildx-action`, `docker buildx
create`), several platforms at once and provenance that is asked for by name all need another builder, or fail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.deeds import Deed, Run
    from slsacheck.evidence.tree import Tree

__all__ = ["IMAGE_STORE", "chooses_builder", "outdated", "sets_up", "stored"]

IMAGE_STORE = (
    "the Docker that builds: without a builder of its own it keeps attestations in containerd's image store only"
)
BUILDER = regex(
    r"buildx\s+(?:create|use)\b|--builder[= ]|BUILDX_BUILDER|containerd-snapshotter|--driver[= ]|"
    r"--platform[= ](?:\S*,|\S*platforms|[\"']?\$\{?\(?\w*(?:platforms|arches|archs)\b)|PLATFORMS?\s*[:?]?=\s*\S+,\S+|"
    r"platforms\s*=\s*\[[^\]]*,|docker-container|buildkitd|buildctl|--provenance|type=provenance",
    re.IGNORECASE,
)
OLD_BUILDX = regex(r"^v?0\.[0-9](?:\.|$)")
OLD_BUILDKIT = regex(r"\bbuildkit:v0\.(?:[0-9]|10)(?:\.|-|$)", re.MULTILINE)
CREATES = regex(r"buildx\s+(?:create|use)\b")
MAKE = regex(r"(?:^|[;&|\s])make\s", re.MULTILINE)
SETS_UP = regex(r"buildx|buildkit|depot/|useblacksmith/|namespacelabs/|setup-docker|docker-setup")
FREE = ("docker", "podman", "docker/build-push-action", "docker/bake-action")
"""Tools that use whatever builder there is."""
MAX_TEXT = 400_000
"""Characters of a file that leads to a build in which words are looked for."""


def outdated(version: str, options: str) -> bool:
    """Whether a builder is set up that knows no attestations: buildx before 0.10 or BuildKit before 0.11."""
    return OLD_BUILDX.match(version) is not None or OLD_BUILDKIT.search(options) is not None


def sets_up(name: str) -> bool:
    """Whether an action's name says that it sets up a builder."""
    return SETS_UP.search(name) is not None


def chooses_builder(text: str, acts: Iterable[Act], tree: Tree) -> bool:
    """Whether a script, or a file of the repository through which it builds, chooses a builder that attests."""
    if BUILDER.search(text):
        return True
    paths = {act.at.path for act in acts if act.root == "buildkit" and act.at.path}
    if any(BUILDER.search(_text(tree, path)) for path in sorted(paths) if not path.endswith((".yml", ".yaml"))):
        return True
    called = ["Makefile"] if MAKE.search(text) else []
    return any(CREATES.search(_text(tree, path)) for path in called if tree.exists(path))


def _text(tree: Tree, path: str) -> str:
    try:
        return tree.text(path)[:MAX_TEXT]
    except SlsacheckError:
        return ""


def stored(deed: Deed, run: Run) -> Deed:
    """The deed, its default provenance unknown where Docker's own builder may leave it away."""
    act = deed.act
    if act.root != "buildkit" or act.provenance != "yes" or (run.buildx and run.driver != "old"):
        return deed
    if run.driver == "old" and act.tool in FREE:
        return replace(deed, act=replace(act, provenance="no", root=None))
    if run.driver == "docker" and act.tool in FREE:
        return replace(deed, act=replace(act, provenance="unknown", external=(*act.external, IMAGE_STORE)))
    if act.fact("by-digest"):
        return deed
    asked = act.fact("builder") != "any" if act.tool.startswith("docker/") else bool(act.fact("provenance-line"))
    if asked or act.tool not in FREE or act.fact("index"):
        return deed
    return replace(deed, act=replace(act, provenance="unknown", external=(*act.external, IMAGE_STORE)))
