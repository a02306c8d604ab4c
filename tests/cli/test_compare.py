"""`slsacheck compare` as its users meet it: answers, exit statuses, JSON, and the next step."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jsonschema import Draft202012Validator

from slsacheck.evidence.attestations.signing import sign_statement
from slsacheck.evidence.comparison.findings import MEANING
from tests.evidence.comparison.sides import archive, layered, layout, tar
from tests.evidence.comparison.test_promotions import refuse
from tests.evidence.oci.shop import Registry, Store, digest_of, provenance

from .conftest import Ended

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., Ended]
BASE: dict[str, Any] = {"mode": 0o644, "mtime": 100}
TAR = tar(("bin/app", b"one", BASE), ("etc/x", b"two", BASE))
MOVED = tar(("bin/app", b"one", BASE | {"mtime": 7}), ("etc/x", b"two", BASE))
OTHER = tar(("bin/app", b"One", BASE), ("etc/x", b"two", BASE))
EXPECTED = (
    "--source-uri", "github.com/o/r", "--builder-id", "https://example.org/builder", "--build-type", "https://example.org/b",
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, data in (("a.tar", TAR), ("moved.tgz", gzip.compress(MOVED, mtime=0)), ("other.tar", OTHER)):
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture
def registry() -> Iterator[Registry]:
    found = Registry(Store())
    yield found
    found.close()


def asked(command: Command, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and document, which must fit the published schema."""
    ended = command("compare", *words, "--format", "json")
    document: dict[str, Any] = json.loads(ended.out)
    schema = json.loads((ROOT / "reports" / "comparison.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    return ended.status, document


def test_the_schema_knows_every_kind() -> None:
    schema = json.loads((ROOT / "reports" / "comparison.schema.json").read_text(encoding="utf-8"))
    assert set(schema["$defs"]["difference"]["properties"]["what"]["enum"]) == set(MEANING)


@pytest.mark.usefixtures("here")
def test_three_answers(command: Command) -> None:
    assert asked(command, "a.tar", "a.tar")[1]["verdict"] == "identical"
    status, found = asked(command, "a.tar", "moved.tgz")
    assert (status, found["verdict"], found["kinds"]) == (0, "reproducible", {"mtime": 1, "compression": 1})
    status, found = asked(command, "a.tar", "other.tar")
    assert (status, found["verdict"]) == (1, "different")
    (first,) = found["differences"]
    assert (first["layer"], first["path"], first["what"], first["metadata"]) == (None, "bin/app", "content", False)
    assert found["errors"] == []


@pytest.mark.usefixtures("here")
def test_what_people_read(command: Command) -> None:
    text = command("compare", "a.tar", "moved.tgz").out
    assert text.startswith("reproducible: the same but for metadata: mtime, compression\n")
    assert "bin/app: 1970-01-01T00:01:40Z -> 1970-01-01T00:00:07Z" in text
    assert "SOURCE_DATE_EPOCH" in text
    text = command("compare", "a.tar", "other.tar").out
    assert text.startswith("different: 1 difference\n")
    assert "content  bin/app: 3 bytes, sha256:" in text
    assert command("compare", "a.tar", "a.tar").out.startswith("identical: the same bytes\n")


def test_images_name_layer_file_and_platform(command: Command, here: Path) -> None:
    layout(here / "one", archive(("base", b"x")), TAR)
    layout(here / "two", archive(("base", b"x")), OTHER)
    status, found = asked(command, "one", "two")
    assert (status, found["verdict"], found["form"]) == (1, "different", "image")
    assert [(one["layer"], one["path"], one["what"]) for one in found["differences"]] == [(1, "bin/app", "content")]
    assert found["platforms"] == [{"platform": "linux/amd64", "verdict": "different"}]
    assert "layer 1 bin/app" in command("compare", "one", "two").out
    assert asked(command, "one", "two", "--platform", "linux/arm64")[0] == 5


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["a.tar"], 4),
        (["a.tar", "none"], 4),
        (["a.tar", "empty"], 4),
        (["a.tar", "image"], 4),
        (["a.tar", "a.tar", "--platform", "linux/amd64"], 4),
        (["a.tar", "a.tar", "--promotion"], 4),
        (["image", "image", "--promotion", "--platform", "linux/amd64"], 4),
        (["a.tar", "a.tar", "--provenance", "a.tar"], 4),
        (["a.tar", "--provenance", "none"], 4),
        (["a.tar", "a.tar", "--original", "a.tar"], 4),
        (["image", "image", "--promotion", "--provenance", "a.tar"], 4),
        (["a.tar", "cut.tar"], 3),
        (["image", "image:none"], 5),
        (["image", "broken"], 3),
        (["image", "127.0.0.1:1/o/r:1", "--plain-http"], 5),
        (["image", "127.0.0.1:1/o/r:1", "--offline"], 5),
        (["image", "127.0.0.1:1/o/r:1", "--promotion", "--plain-http"], 5),
    ],
)
def test_what_cannot_be_compared(command: Command, here: Path, words: list[str], status: int) -> None:
    (here / "cut.tar").write_bytes(gzip.compress(TAR, mtime=0)[:-20])
    (here / "empty").mkdir()
    layout(here / "image", TAR)
    layout(here / "broken", OTHER)
    (here / "broken" / "index.json").write_text("{")
    ended = command("compare", *words)
    assert ended.status == status
    assert ended.err.startswith("slsacheck: error: ")
    assert "Traceback" not in ended.err
    assert ended.out == ""
    if status != 4:
        status_again, found = asked(command, *words)
        assert (status_again, found["verdict"], len(found["errors"])) == (status, None, 1)


def test_a_promotion(command: Command, here: Path, registry: Registry) -> None:
    store = registry.store
    image = layered(store, TAR, tag="v1")
    kept = provenance(image["digest"])
    lost = provenance(image["digest"], "https://example.org/other")
    first = store.attach(image, kept)
    second = store.attach(image, lost)
    store.write(here / "all", image, first, second)
    store.write(here / "some", image, first)
    status, found = asked(command, "--promotion", "all", "some")
    assert (status, found["verdict"]) == (1, "identical")
    assert found["kept"] == [digest_of(kept)]
    assert found["lost"] == [digest_of(lost)]
    assert (found["broken"], found["unknown"], found["errors"]) == ([], [], [])
    assert found["remedies"][0]["commands"][0]["tool"] == "oras"
    status, found = asked(command, "--promotion", "all", f"{registry.host}/o/r:v1", "--plain-http")
    assert (status, len(found["kept"])) == (0, 2)
    assert [found["image"][end]["tag"] for end in ("source", "destination")] == [None, "v1"]
    tagged = image | {"annotations": {"org.opencontainers.image.ref.name": "v0"}}
    store.write(here / "tagged", tagged, first, second)
    status, found = asked(command, "--promotion", "tagged", "all")
    assert (status, found["image"]["source"]["tag"], found["image"]["destination"]["tag"]) == (0, "v0", None)
    assert "tagged v0 at the source; no tag led to it" in command("compare", "--promotion", "tagged", "all").out
    assert "Only at the destination\n  - provenance" in command("compare", "--promotion", "some", "all").out
    text = command("compare", "--promotion", "all", "some").out
    assert text.startswith("not kept: 1 lost, 1 kept\n")
    assert f"    oras cp -r --from-oci-layout --to-oci-layout all@{image['digest']}" in text


@pytest.fixture
def signed(here: Path) -> Path:
    """Provenance of `published`, signed by the key of `key.pub`; `a.tar` is the same file built again."""
    (here / "published").write_bytes(TAR)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (here / "key.pub").write_bytes(pem)
    (here / "p.json").write_text(json.dumps(sign_statement(provenance(digest_of(TAR)), key)))
    return here


@pytest.mark.usefixtures("signed")
def test_a_rebuild_counts_only_with_verified_provenance(command: Command) -> None:
    known = ("--provenance", "p.json", "--key", "key.pub")
    status, found = asked(command, "a.tar", *known, *EXPECTED)
    assert (status, found["verdict"], found["rebuild"]["reproduced"]) == (0, "identical", True)
    assert found["requirement"] == {
        "id": "v01.build.reproducible",
        "outcome": "PASS",
        "reason": "verified provenance names the very digest of the rebuild",
    }
    for missing in (
        ("--provenance", "p.json", *EXPECTED),
        known,
        (*known, *EXPECTED[2:], "--source-uri", "github.com/x/y"),
    ):
        status, found = asked(command, "a.tar", *missing)
        assert (status, found["verdict"], found["rebuild"]["reproduced"]) == (1, None, None)
        assert found["requirement"]["outcome"] == "UNKNOWN"
        assert "the digests are equal, but the provenance is not verified" in found["rebuild"]["reason"]


@pytest.mark.usefixtures("signed")
def test_a_rebuild_that_differs_refutes_nothing(command: Command) -> None:
    words = ("--provenance", "p.json", "--key", "key.pub", *EXPECTED)
    status, found = asked(command, "other.tar", *words)
    assert (status, found["verdict"], found["rebuild"]["reproduced"]) == (1, "different", False)
    assert found["requirement"]["outcome"] == "UNKNOWN"
    status, found = asked(command, "moved.tgz", *words, "--original", "published")
    assert (status, found["verdict"], found["kinds"]["mtime"]) == (1, "reproducible", 1)
    assert found["requirement"]["outcome"] == "UNKNOWN"
    status, found = asked(command, "other.tar", *words, "--original", "moved.tgz")
    assert (status, found["rebuild"]["reproduced"]) == (1, None)
    assert "not what the provenance is about" in found["rebuild"]["reason"]
    text = command("compare", "other.tar", *words, "--original", "published").out
    assert text.startswith("not reproduced: ")
    assert "Beside the original: different" in text
    assert "bin/app" in text


def test_an_image_that_was_built_again(command: Command, signed: Path) -> None:
    folder = layout(signed / "image", TAR)
    index = json.loads((folder / "index.json").read_text())
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (signed / "image.pub").write_bytes(pem)
    statement = provenance(index["manifests"][0]["digest"])
    (signed / "image.json").write_text(json.dumps(sign_statement(statement, key)))
    words = ("--provenance", "image.json", "--key", "image.pub", *EXPECTED)
    assert asked(command, "image", *words)[1]["rebuild"]["reproduced"] is True
    layout(signed / "again", TAR, created="2026-01-01T00:00:00Z")
    status, found = asked(command, "again", *words, "--original", "image")
    assert (status, found["verdict"], found["kinds"]) == (1, "reproducible", {"created": 1})


def test_provenance_that_hangs_on_the_original(command: Command, signed: Path) -> None:
    store = Store()
    image = layered(store, TAR)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (signed / "image.pub").write_bytes(pem)
    envelope = json.dumps(sign_statement(provenance(image["digest"]), key)).encode()
    attached = store.attach(image, envelope, "application/vnd.dsse.envelope.v1+json")
    store.write(signed / "original", image, attached)
    layout(signed / "again", TAR)
    layout(signed / "later", TAR, created="2026-01-01T00:00:00Z")
    words = ("--provenance", "original", "--key", "image.pub", *EXPECTED)
    assert asked(command, "again", *words)[1]["rebuild"]["reproduced"] is True
    status, found = asked(command, "later", *words)
    assert (status, found["verdict"], found["rebuild"]["reproduced"]) == (1, "reproducible", False)
    status, found = asked(command, "later", "--provenance", "again", *EXPECTED)
    assert (status, found["rebuild"]["reproduced"]) == (1, None)
    assert "no provenance" in found["rebuild"]["reason"]


def test_a_long_answer_is_cut_and_says_so(command: Command, here: Path) -> None:
    status = "Package: tool\nStatus: install ok installed\nVersion: {}\n"
    for name, version in (("one", "1"), ("two", "2")):
        store = Store()
        files = [(f"f{number}", version.encode()) for number in range(30)]
        image = layered(store, archive(("var/lib/dpkg/status", status.format(version).encode()), *files))
        arm = layered(store, archive(("x", b"x")), architecture="arm64")
        index = store.index(
            [one | {"platform": {"os": "linux", "architecture": a}} for one, a in ((image, "amd64"), (arm, "arm64"))]
        )
        store.write(here / name, index)
    text = command("compare", "one", "two").out
    assert "Platforms\n  linux/amd64  different\n  linux/arm64  identical\n" in text
    assert "Packages\n  tool  1 -> 2\n" in text
    assert "and 11 more; -v shows more" in text
    assert "slsacheck sbom IMAGE" in text
    assert command("compare", "one", "two", "-v").out.count("\n  content  linux/amd64 layer 0 f") == 30
    assert "the image for linux/arm64 is the same" in command("compare", "one", "two", "--platform", "linux/arm64").out


def test_what_people_read_of_a_copy_that_went_wrong(command: Command, here: Path, registry: Registry) -> None:
    store = registry.store
    images = [layered(store, TAR, architecture=name) for name in ("amd64", "arm64")]
    index = store.index(
        [
            one | {"platform": {"os": "linux", "architecture": name}}
            for one, name in zip(images, ("amd64", "arm64"), strict=True)
        ],
        "v1",
    )
    document = json.loads(store.blobs[index["digest"]]) | {"annotations": {"a": "b"}}
    whole = store.put(document, "v1")
    store.attach(whole, provenance(whole["digest"]))
    store.attach(images[0], b"damaged")
    store.tags["picked"] = images[0]["digest"]
    words = ("--promotion", f"{registry.host}/o/r:v1", f"{registry.host}/o/r:picked", "--plain-http")
    text = command("compare", *words).out
    assert text.startswith("not kept: 2 broken\n")
    assert "tagged v1 at the source; the tag picked led to it" in text
    assert "platforms that are not there as they were: linux/arm64" in text
    assert "index.annotations.a" in text
    assert "or with crane, skopeo: -v shows the commands" in text
    assert "    skopeo copy --all --preserve-digests" in command("compare", *words, "-v").out
    refuse(registry, "/referrers/")
    ended = command("compare", "--promotion", f"{registry.host}/o/r:v1", f"{registry.host}/o/r:v1", "--plain-http")
    assert ended.status == 1
    assert ended.out.startswith("unknown: not everything could be looked at; nothing was seen\n")
    assert "not looked at: " in ended.out


@pytest.mark.usefixtures("signed")
def test_what_people_read_of_a_rebuild(command: Command) -> None:
    words = ("--provenance", "p.json", "--key", "key.pub")
    text = command("compare", "a.tar", *words, *EXPECTED).out
    assert text.startswith("reproduced: ")
    assert "v01.build.reproducible  PASS" in text
    text = command("compare", "a.tar", *words).out
    assert text.startswith("unknown: the digests are equal, but the provenance is not verified")
    assert "To decide it, give:" in text
    assert "--source-uri" in text
    text = command("compare", "other.tar", *words, *EXPECTED).out
    assert "--original FILE, what was published" in text


def test_names_of_strangers_cannot_steer_the_terminal(command: Command, here: Path) -> None:
    (here / "x.tar").write_bytes(tar(("\x1b[31mred\u202e", b"1", BASE)))
    ended = command("compare", "a.tar", "x.tar", "--colour", "never")
    assert "\x1b" not in ended.out
    assert "\\x1b[31mred" in ended.out
