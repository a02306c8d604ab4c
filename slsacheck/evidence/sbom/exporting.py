"""SBOMs as files of a folder: names that lead nowhere else, nothing overwritten, all or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from slsacheck.errors import InputError
from slsacheck.evidence.sbom.composing import PREDICATES, compose, statement_of
from slsacheck.evidence.sbom.documents import ending_of
from slsacheck.evidence.sbom.limits import MAX_COMPONENTS
from slsacheck.evidence.sbom.merging import merge, root_of
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.sbom.bills import Bill
    from slsacheck.evidence.sbom.inventory import Inventory, Whole

__all__ = ["Output", "merged_output", "outputs_of", "statement_outputs"]

_ODD = regex(r"[^A-Za-z0-9._+-]+")
_ENDINGS = regex(r"(?:\.(?:spdx|cdx|syft|cyclonedx|sbom|bom))?(?:\.json|\.xml|\.spdx)?$")
_LONGEST = 120
"""Characters of a name: file systems take 255 bytes."""


@record
class Output:
    """A file to be written; `bill` is the document that it holds, None for what was made of them.

    `form` is the format of a document, `statement` for a statement; `note` says what a merged one leaves out.
    """

    name: str
    data: bytes
    bill: Bill | None = None
    inventory: Inventory | None = None
    form: str = ""
    note: str = ""


def outputs_of(whole: Whole) -> tuple[Output, ...]:
    """A file for each document that could be kept, the same one once for each place inside the image."""
    several = sum(one.kind == "image" for one in whole.inventories) > 1
    found: list[Output] = []
    taken: set[str] = set()
    for inventory in whole.inventories:
        attached: set[str] = set()
        for bill in inventory.bills:
            if not bill.packed or (bill.layer is None and bill.digest in attached):
                continue
            attached.add(bill.digest)
            name = _free(_name(bill, inventory, several=several), ending_of(bill.form), taken)
            found.append(Output(name, bill.data, bill, inventory, bill.form))
    return tuple(found)


def _name(bill: Bill, inventory: Inventory, *, several: bool) -> str:
    if bill.layer is None and bill.found_by != "beside":
        digest = bill.digest.partition(":")[2][:12]
        own = f"{'attested' if bill.predicate_type else 'attached'}-{digest}"
    else:
        own = _ENDINGS.sub("", bill.place.rpartition("/")[2] if bill.found_by == "beside" else bill.place)
    part = inventory.platform or inventory.kind
    return _safe(f"{part}_{own}" if several else own)


def _safe(text: str) -> str:
    """A name of plain characters that is no option, no hidden file and no way out."""
    return _ODD.sub("_", text.strip("/"))[-_LONGEST:].lstrip("._-") or "sbom"


def _free(name: str, ending: str, taken: set[str]) -> str:
    number, found = 1, f"{name}{ending}"
    while found.lower() in taken:
        number += 1
        found = f"{name}-{number}{ending}"
    taken.add(found.lower())
    return found


def merged_output(whole: Whole, form: str, outputs: Iterable[Output]) -> Output:
    """All documents as one, `cyclonedx` or `spdx`. Equal input gives equal bytes (SOURCE_DATE_EPOCH)."""
    from slsacheck.evidence.contents import now

    merged = merge(whole)
    left = f"{merged.left_out} components more than the {MAX_COMPONENTS:,} of one document are left out"
    document = compose(merged, form, now())
    return Output(
        _free("merged", ending_of(form), {one.name.lower() for one in outputs}),
        _as_bytes(document),
        form=form,
        note=left if merged.left_out else "",
    )


def statement_outputs(whole: Whole, outputs: tuple[Output, ...], merged: Output | None) -> tuple[Output, ...]:
    """A statement of the merged document about what was named, else of each document about its image.

    Raises InputError for an image without a manifest, of whose digest no attestation can speak.
    """
    if whole.by_configuration:
        raise InputError(
            "has no manifest, whose digest a statement names: `docker save` kept the configuration alone",
            where=whole.name,
            advice="name the image in its registry, or an OCI layout; -o and --merge work without --statement",
        )
    taken = {one.name.lower() for one in (*outputs, *((merged,) if merged else ()))}
    found = []
    for one in (merged,) if merged else outputs:
        form = one.form.partition("-")[0]
        if form not in PREDICATES or one.form in ("spdx-tag-value", "cyclonedx-xml"):
            continue
        digest = one.inventory.digest if one.inventory is not None else whole.digest
        statement = statement_of(form, json.loads(one.data), root_of(whole).name, digest)
        stem = one.name.removesuffix(ending_of(one.form))
        name = _free(stem, ending_of(one.form).removesuffix(".json") + ".intoto.json", taken)
        found.append(Output(name, _as_bytes(statement), form="statement"))
    return tuple(found)


def _as_bytes(document: Any) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=True).encode() + b"\n"
