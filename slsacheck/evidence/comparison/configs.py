"""Configurations and annotations side by side: only a date of creation and the history are metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import as_list, as_map, dig
from slsacheck.evidence.attestations.steps import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from slsacheck.evidence.attestations.jsondoc import Document

__all__ = ["compare_annotations", "compare_configs", "compare_fields", "only_layers"]

CREATED = "org.opencontainers.image.created"
"""A label or annotation that holds a date (image specification, annotations)."""
_STAMPS = frozenset({CREATED, "buildkit/rewritten-timestamp"})
_CREATED = (("created",), ("config", "Labels", CREATED))
_EMPTY: tuple[object, ...] = (None, "", [], {})
_COMPARED = frozenset({"annotations", "config", "mediaType"})
"""Fields of a manifest that are compared apart."""
_BY_LAYERS = ("rootfs", "diff_ids")
"""The digests of the layers, which are compared layer by layer."""


def compare_configs(first: Document, second: Document, add: Callable[..., None]) -> None:
    """Adds what differs between two configurations by `add(what, path, before=, after=)`."""
    steps = first.get("history"), second.get("history")
    if steps[0] != steps[1]:
        said = [f"{len(as_list(one))} steps" for one in steps]
        add("history", "config.history", before=said[0], after=said[1])
    before, after = dict(_leaves(first)), dict(_leaves(second))
    for keys in dict.fromkeys((*before, *after)):
        one, two = before.get(keys), after.get(keys)
        if (one != two or type(one) is not type(two)) and keys not in (_BY_LAYERS, ("history",)):
            what = "created" if keys in _CREATED else "config"
            path = keys if keys[0] == "config" else ("config", *keys)
            add(what, shown(".".join(path)), before=_said(one), after=_said(two))


def only_layers(first: Document, second: Document) -> bool:
    """Whether two configurations differ in the digests of the layers, and in nothing else."""
    one, two = (as_map(document.get("rootfs")) for document in (first, second))
    rest = (document | {"rootfs": roots | {"diff_ids": None}} for document, roots in ((first, one), (second, two)))
    return one.get("diff_ids") != two.get("diff_ids") and next(rest) == next(rest)


def compare_annotations(
    first: Mapping[str, str], second: Mapping[str, str], add: Callable[..., None], where: str = "annotations"
) -> None:
    """Adds what differs between the annotations of two manifests, indexes or descriptors."""
    for name in dict.fromkeys((*first, *second)):
        one, two = first.get(name), second.get(name)
        if one != two:
            what = "created" if name in _STAMPS else "annotation"
            add(what, shown(f"{where}.{name}"), before=_said(one), after=_said(two))


def _leaves(document: Document, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """The values that are no objects, by their keys; depth was bounded when the document was read.

    What is empty is as good as absent: some tools write empty lists, some nothing.
    """
    for name, value in document.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, name))
        elif value not in _EMPTY:
            yield (*above, name), value


def _said(value: object) -> str | None:
    if value is None:
        return None
    import json

    return shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def compare_fields(first: Document, second: Document, add: Callable[..., None]) -> None:
    """Adds what differs in the other fields of two manifests or indexes, and of their parts.

    Platforms of an index are compared in any order; attestation manifests are no platforms.
    """
    for name in dict.fromkeys((*first, *second)):
        one, two = first.get(name), second.get(name)
        if name in _COMPARED or one == two:
            continue
        if name == "manifests":
            one, two = (sorted(_rest(part) for part in as_list(value) if not _attests(part)) for value in (one, two))
        elif name == "layers":
            one, two = ([_rest(part) for part in as_list(value)] for value in (one, two))
        if name in ("manifests", "layers") and len(as_list(one)) != len(as_list(two)):
            continue  # that is a difference of its own
        if one != two:
            add("fields", shown(f"manifest.{name}"), before=_said(one), after=_said(two))


def _attests(part: object) -> bool:
    return dig(part, "annotations", "vnd.docker.reference.type") == "attestation-manifest"


def _rest(part: object) -> str:
    """A part without what is compared elsewhere, or follows from its contents."""
    import json

    said = {key: value for key, value in as_map(part).items() if key not in ("digest", "size", "mediaType")}
    notes = {name: text for name, text in as_map(said.pop("annotations", None)).items() if name not in _STAMPS}
    return json.dumps(said | ({"annotations": notes} if notes else {}), sort_keys=True)
