"""What actions tell later steps, as far as their inputs say it: names of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsacheck.evidence.publications.actions.call import Call
    from slsacheck.evidence.publications.values import Values

__all__ = ["told"]


def told(call: Call) -> Values:
    """The outputs of a step, by the names that expressions use; the names of docker/metadata-action's images too."""
    if call.name == "docker/metadata-action":
        from slsacheck.evidence.publications.actions.containers import outputs_of_metadata

        found = outputs_of_metadata(call)
        more = {"metadata.images": found["tags"]} if found.get("tags") else {}
    else:
        found = {"image": call.choices("image"), "tags": call.choices("tags", default="latest")}
        more = {}
    named = {f"steps.{call.id}.outputs.{key}".lower(): known for key, known in found.items() if known and call.id}
    return {**named, **more}
