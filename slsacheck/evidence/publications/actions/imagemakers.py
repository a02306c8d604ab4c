"""Actions of builders that read no Dockerfile: apko and melange, Source-to-Image, werf.

Inputs are those of each action's own `action.yml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.actions.containers import image_acts
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import image_name
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.actions.call import Call

__all__ = ["HANDLERS"]


def _apko(call: Call) -> list[Act]:
    """chainguard-images/actions/apko-publish: `apko publish` of one configuration."""
    return image_acts(call, call.lines("tag", separator=" \n"), provenance="no", made_by="apko", sbom="yes")


def _apko_snapshot(call: Call) -> list[Act]:
    """chainguard-images/actions/apko-snapshot: publishes, signs with the job's identity and attests where asked."""
    names = call.lines("base-tag", default="ghcr.io/${{ github.repository }}")
    asked = call.flag("slsa-attest", default=False) is not False
    made = image_acts(call, names, provenance="no", made_by="apko", sbom="yes")
    if asked:
        external = (f"{call.name}, whose own program attests",)
        made = [replace(act, provenance="unknown", external=external) for act in made]
    return [*made, call.act(ActKind.SIGN, signing="keyless", what=names)]


def _melange(call: Call) -> list[Act]:
    return [call.act(ActKind.BUILD, type="os-package", what=("packages/*.apk",))]


def _s2i(call: Call) -> list[Act]:
    """redhat-actions/s2i-build: an image that a later step pushes."""
    name = call.text("image", "image_name")
    named = image_name(name) if name else None
    return [call.act(ActKind.BUILD, type="container-image", name=named, facts={"made-by": "s2i"})]


def _werf(call: Call) -> list[Act]:
    """werf/actions: they run `werf ci-env github`, which says where to push unless `WERF_REPO` does."""
    from slsacheck.evidence.publications.scripts._werf import NOT_UNDERSTOOD, werf_facts

    env = call.context.env
    name = env.get("WERF_FINAL_REPO") or env.get("WERF_REPO") or "ghcr.io/${{ github.repository }}"
    call.context.problems.add(
        str(call.at), f"{call.name} pushes what is made of {NOT_UNDERSTOOD}", "read werf.yaml by hand"
    )
    found = image_acts(call, [name], provenance="no", facts=werf_facts(call.context))
    return [replace(act, external=(NOT_UNDERSTOOD,)) for act in found]


HANDLERS: dict[str, Callable[[Call], list[Act]]] = {
    "chainguard-images/actions/apko-publish": _apko,
    "chainguard-images/actions/apko-snapshot": _apko_snapshot,
    "chainguard-dev/actions/apko-publish": _apko,
    "chainguard-images/actions/melange-build": _melange,
    "chainguard-dev/actions/melange-build": _melange,
    "redhat-actions/s2i-build": _s2i,
    **dict.fromkeys(
        (f"werf/actions/{name}" for name in ("converge", "build", "publish", "build-and-publish", "bundle-publish")),
        _werf,
    ),
}
