"""Whatever a document says, it can be judged, merged, composed and written; and read again."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.cli.sbom_answer import document_of
from slsacheck.evidence.sbom import read_sbom
from slsacheck.evidence.sbom.assessing import summarise
from slsacheck.evidence.sbom.bills import bill_of
from slsacheck.evidence.sbom.composing import compose
from slsacheck.evidence.sbom.exporting import outputs_of
from slsacheck.evidence.sbom.inventory import Inventory, Whole
from slsacheck.evidence.sbom.merging import merge
from tests.evidence.sbom.test_reading import KEYS, KINDS, VALUES

DIGEST = "sha256:" + "a" * 64


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8), st.sampled_from(KINDS)), max_size=3),
    st.sampled_from(["cyclonedx", "spdx"]),
)
def test_any_document_goes_all_the_way(documents: list[tuple[dict[str, Any], dict[str, Any]]], form: str) -> None:
    bills = tuple(
        bill_of(json.dumps(value | kind).encode(), f"place-{number}", "referrers", "x")
        for number, (value, kind) in enumerate(documents)
    )
    whole = Whole("r.example/x:1", DIGEST, (Inventory(DIGEST, (DIGEST,), bills),), ())
    outputs = outputs_of(whole)
    answer = document_of(summarise(whole), outputs)
    assert len(answer["images"][0]["documents"]) == len(documents)
    assert json.dumps(answer)
    again = read_sbom(json.dumps(compose(merge(whole), form, "2026-01-02T03:04:05Z")).encode(), "merged")
    assert again.digests == (DIGEST,)
    assert len({one.name for one in outputs}) == len(outputs)
