"""Whatever is damaged in an image or in what hangs on it: an answer, or one error that was foreseen."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.errors import SlsacheckError
from tests.evidence.comparison.sides import archive, images, layered
from tests.evidence.comparison.test_promotions import copied, two_platforms
from tests.evidence.oci.shop import Store, provenance

COMMON = settings(max_examples=80)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two layouts of one index with platforms, statements, a referrer; and another image behind it."""
    folder = tmp_path_factory.mktemp("pair")
    store = Store()
    index, images_ = two_platforms(store)
    attached = store.attach(images_[0], provenance(images_[0]["digest"], "https://example.org/other"))
    other = layered(store, archive(("x", b"other"), ("var/lib/dpkg/status", b"Package: a\nVersion: 1\n")))
    return tuple(store.write(folder / name, index, attached, other) for name in "ab")  # type: ignore[return-value]


@COMMON
@given(st.data())
def test_any_byte_of_any_blob(pair: tuple[Path, Path], data: st.DataObject) -> None:
    good, bad = pair
    names = sorted(path.relative_to(bad) for path in bad.rglob("*") if path.is_file() and path.name != "oci-layout")
    path = bad / data.draw(st.sampled_from(names))
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    cut = data.draw(st.booleans())
    changed = before[:place] if cut else before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :]
    path.write_bytes(changed)
    try:
        _ask(good, bad)
    finally:
        path.write_bytes(before)


def _ask(good: Path, bad: Path) -> None:
    for first, second in ((good, bad), (bad, good)):
        with suppress(SlsacheckError):
            assert images(first, second).verdict in ("identical", "reproducible", "different")
        with suppress(SlsacheckError):
            fates = copied(first, second).fates
            assert {fate.state for fate in fates} <= {"kept", "lost", "broken", "unknown"}


@COMMON
@given(st.binary(max_size=200).filter(lambda data: not data.strip().startswith(b"{")))
def test_any_configuration(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    """Bytes that are no configuration, by the right digest."""
    folder, store = tmp_path_factory.mktemp("x"), Store()
    good = layered(store, archive(("x", b"x")))
    document = json.loads(store.blobs[good["digest"]])
    kind = document["config"]["mediaType"]
    bad = store.put(document | {"config": store.descriptor(store.blob(noise), kind)})
    with pytest.raises(SlsacheckError):
        images(store.write(folder / "a", good), store.write(folder / "b", bad))
