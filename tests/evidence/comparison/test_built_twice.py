"""Images that real builders make twice, a second apart: what slsacheck says of each pair. Runs in `.ci/live`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slsacheck.evidence.comparison.images import compare_images
from slsacheck.evidence.oci import Access, open_image
from tests.conftest import need
from tests.evidence.comparison.sides import kinds
from tests.evidence.oci.makers import MAKERS, Workshop

EXPECTED = {
    "crane": ("reproducible", {"mtime"}),
    "ko": ("different", {"annotation", "mtime"}),  # it names its base by digest, and the base is another
    "buildah": ("identical", set[str]()),  # --timestamp 0
    "umoci": ("reproducible", {"history", "mtime"}),
}


@pytest.mark.live
@pytest.mark.parametrize("name", MAKERS)
def test_an_image_that_was_built_twice(tmp_path: Path, name: str) -> None:
    for tool in (name, "crane", "docker-registry", "skopeo", "tar"):
        need(tool)
    shop = Workshop(tmp_path)
    try:
        host = shop.registry(referrers=False)
        MAKERS[name](shop, f"{host}/{name}:1")
        os.utime(tmp_path / "hello.txt", (1_700_000_000, 1_700_000_000))
        MAKERS[name](shop, f"{host}/{name}:2")
        one, two = (open_image(f"{host}/{name}:{tag}", Access(plain_http=True)) for tag in "12")
        found = compare_images(one, two)
    finally:
        shop.close()
    assert (found.verdict, set(kinds(found))) == EXPECTED[name]
