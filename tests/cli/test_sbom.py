"""`slsacheck sbom`: documents taken out, one more by --merge, statements, findings; nothing written where it should not be."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.attestations import default_trust
from slsacheck.evidence.oci import Access, open_image
from slsacheck.evidence.oci.judged import Judge
from slsacheck.evidence.sbom import merging, read_sbom
from slsacheck.evidence.sbom.collecting import of_image
from slsacheck.model import Expectations
from tests.cli.conftest import Ended
from tests.clock import HANGS
from tests.conftest import ROOT
from tests.evidence.oci.shop import Registry, Store, digest_of
from tests.evidence.oci.tars import archive, info, layered
from tests.evidence.sbom.documents import cyclonedx, library, package, spdx

Run = Callable[..., Ended]
OTHER = "sha256:" + "9" * 64
LAYER = archive(("layers/sbom/launch/bp/dep/sbom.cdx.json", cyclonedx(library())))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def image(store: Store, tmp_path: Path) -> Path:
    """A layout of an image with an SBOM in a layer and one that hangs on it and is about another image."""
    found = layered(store, LAYER, tag="v1")
    beside = store.attach(found, spdx(package("right"), root={"versionInfo": OTHER}), "text/spdx+json")
    return store.write(tmp_path / "image", found, beside)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def digest_at(image: Path) -> str:
    found: str = json.loads((image / "index.json").read_text())["manifests"][0]["digest"]
    return found


IN_LAYER = "layers_sbom_launch_bp_dep_sbom.cdx.json"


def test_documents_come_out_as_they_are(image: Path, command: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = command("sbom", str(image), "-o", str(out))
    assert ended.status == 0, ended.err
    names = names_in(out)
    assert names[1] == IN_LAYER
    assert (out / IN_LAYER).read_bytes() == cyclonedx(library())
    assert names[0].startswith("attached-")
    assert "describes ANOTHER digest" in ended.out
    assert "2 files in" in ended.out
    assert "1 component, 1 with a purl" in ended.out
    assert ended.out.count("-> let a tool of the build write them") == 1


@pytest.mark.parametrize(("form", "name"), [("cyclonedx", "merged.cdx.json"), ("spdx", "merged.spdx.json")])
def test_merging_writes_exactly_one_more(
    form: str, name: str, image: Path, command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")
    plain, merged, again = tmp_path / "plain", tmp_path / "merged", tmp_path / "again"
    command("sbom", str(image), "-o", str(plain))
    assert command("sbom", str(image), "-o", str(merged), "--merge", form).status == 0
    command("sbom", str(image), "-o", str(again), "--merge", form)
    assert {path.name for path in merged.iterdir()} - {path.name for path in plain.iterdir()} == {name}
    assert (merged / name).read_bytes() == (again / name).read_bytes()
    found = read_sbom((merged / name).read_bytes(), name)
    assert found.form == form
    assert found.digests == (digest_at(image),)
    assert {one.purl for one in found.components if one.purl} == {"pkg:pypi/left-pad@1.2.3", "pkg:pypi/right@1.2.3"}


def test_what_a_merged_document_leaves_out_is_said(
    image: Path, command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "MAX_COMPONENTS", 1)
    ended = command("sbom", str(image), "-o", str(tmp_path / "o"), "--merge", "spdx", "--format", "json")
    assert [one["where"] for one in json.loads(ended.out)["errors"]] == ["merged.spdx.json"]


def test_a_statement_is_ready_to_be_signed(image: Path, command: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert command("sbom", str(image), "-o", str(out), "--merge", "cyclonedx", "--statement").status == 0
    statement = json.loads((out / "merged.cdx.intoto.json").read_text())
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://cyclonedx.org/bom"
    assert statement["subject"] == [{"name": "image", "digest": {"sha256": digest_at(image).partition(":")[2]}}]
    assert statement["predicate"] == json.loads((out / "merged.cdx.json").read_text())
    assert len([path for path in out.iterdir() if path.name.endswith(".intoto.json")]) == 1


def test_json_names_documents_findings_and_files(image: Path, command: Run, tmp_path: Path) -> None:
    ended = command("sbom", str(image), "-o", str(tmp_path / "out"), "--format", "json")
    found: dict[str, Any] = json.loads(ended.out)
    assert (found["format"], found["format_version"]) == ("slsacheck-sbom", "1.0")
    assert found["target"]["digest"] == found["images"][0]["digest"] == digest_at(image)
    first, second = found["images"][0]["documents"]
    assert (first["describes"], second["describes"]["what"]) == ({"what": "other", "digests": [OTHER]}, "part")
    assert (second["file"], second["layer"], second["components"]["with_purl"]) == (IN_LAYER, 0, 1)
    assert found["findings"][0]["rule"] == "sbom-of-another-image"
    assert sorted(found["written"]) == names_in(tmp_path / "out")
    assert found["errors"] == []


def test_json_is_as_its_schema_says(image: Path, command: Run, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "reports" / "sbom.schema.json").read_text())
    for target in (str(image), "no-such-thing", "r.example/x:1"):
        found = json.loads(command("sbom", target, "--offline", "--format", "json").out)
        jsonschema.validate(found, schema)
        assert found["format"] == schema["properties"]["format"]["const"]
    missing = set(schema["properties"]["images"]["items"]["properties"]) - {"digest"}
    assert missing < json.loads(command("sbom", str(image), "--format", "json").out)["images"][0].keys()


def test_findings_fail_a_strict_run(image: Path, command: Run) -> None:
    assert command("sbom", str(image)).status == 0
    assert command("sbom", str(image), "--strict").status == 1


def test_an_image_without_any(store: Store, command: Run, tmp_path: Path) -> None:
    folder = store.write(tmp_path / "l", layered(store, archive(("x", b""))))
    ended = command("sbom", str(folder))
    assert ended.status == 1
    assert "no SBOM was found" in " ".join(ended.out.split())


def test_nothing_is_overwritten_unasked(image: Path, command: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / IN_LAYER).write_text("mine")
    ended = command("sbom", str(image), "-o", str(out))
    assert (ended.status, names_in(out)) == (4, [IN_LAYER])
    assert "has " + IN_LAYER in ended.err
    assert command("sbom", str(image), "-o", str(out), "--force").status == 0
    assert (out / IN_LAYER).read_bytes() == cyclonedx(library())
    assert command("sbom", str(image), "-o", str(out)).status == 0, "the same documents may be there already"


def test_a_link_in_the_folder_is_not_followed(image: Path, command: Run, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.write_text("precious")
    (out / IN_LAYER).symlink_to(elsewhere)
    assert command("sbom", str(image), "-o", str(out)).status == 4
    assert command("sbom", str(image), "-o", str(out), "--force").status == 0
    assert elsewhere.read_text() == "precious"


def test_usage(image: Path, command: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for more in (("--merge", "spdx"), ("--statement",), ("-o", str(tmp_path / "file"))):
        assert command("sbom", str(image), *more).status == 4


def test_beside_a_file(command: Run, tmp_path: Path) -> None:
    (tmp_path / "app.tar.gz").write_bytes(b"release")
    (tmp_path / "app.tar.gz.cdx.json").write_bytes(cyclonedx(library()))
    out = tmp_path / "out"
    ended = command("sbom", str(tmp_path / "app.tar.gz"), "-o", str(out), "--merge", "cyclonedx")
    assert (ended.status, names_in(out)) == (0, ["app.tar.gz.cdx.json", "merged.cdx.json"])
    root = json.loads((out / "merged.cdx.json").read_text())["metadata"]["component"]
    assert (root["type"], root["name"]) == ("file", "app.tar.gz")


def test_beside_an_image_and_given_for_it(image: Path, command: Run, tmp_path: Path) -> None:
    (tmp_path / "image.spdx.json").write_bytes(spdx(root={"versionInfo": digest_at(image)}))
    (tmp_path / "other.cdx.json").write_bytes(cyclonedx(library()))
    ended = command("sbom", str(image), "--document", str(tmp_path / "other.cdx.json"), "--format", "json")
    documents = json.loads(ended.out)["images"][0]["documents"]
    assert [(one["found_by"], one["describes"]["what"]) for one in documents][-2:] == [
        ("beside", "this"),
        ("beside", "unnamed"),
    ]
    for wrong in (tmp_path / "nothing", image / "oci-layout"):
        assert command("sbom", str(image), "--document", str(wrong)).status == 3


@pytest.mark.parametrize("kind", ["missing", "damaged", "offline"])
def test_what_cannot_be_looked_at(kind: str, command: Run, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "oci-layout").write_text("{}")
    (tmp_path / "broken" / "index.json").write_text("{")
    target = {"missing": "no-such-thing", "damaged": str(tmp_path / "broken"), "offline": "r.example/x:1"}[kind]
    more = ("--offline",) if kind == "offline" else ()
    ended = command("sbom", target, *more)
    assert ended.status == (5 if kind == "offline" else 3)
    assert "error: " in ended.err
    as_json = command("sbom", target, "--format", "json", *more)
    assert as_json.status == ended.status
    assert json.loads(as_json.out)["errors"][0]["reason"]


def test_hostile_names_and_layers(store: Store, command: Run, tmp_path: Path) -> None:
    good = archive(("a/\x1b[31m-bom.json", cyclonedx(library())), (".hidden/bom.json", cyclonedx()))
    image = layered(store, good, archive(("../../bom.json", cyclonedx())), archive(info("b/bom.json", 1 << 40)))
    folder, out = store.write(tmp_path / "l", image), tmp_path / "out"
    ended = command("sbom", str(folder), "-o", str(out))
    assert ended.status == 0
    assert names_in(out) == ["a_31m-bom.cdx.json", "hidden_bom.cdx.json"]
    assert "\x1b[31m" not in ended.out
    said = " ".join(ended.out.split())
    assert "leads out of the image" in said
    assert "layer 2" in said
    assert names_in(tmp_path) == ["l", "out"]


def test_over_a_registry(store: Store, image: Path, command: Run, tmp_path: Path) -> None:
    registry = Registry(store)
    try:
        ended = command(
            "sbom", f"{registry.host}/o/r:v1", "--plain-http", "-o", str(tmp_path / "out"), "--merge", "spdx"
        )
        assert ended.status == 0, ended.err
        document = json.loads((tmp_path / "out" / "merged.spdx.json").read_text())
        assert f"repository_url={registry.host.replace(':', '%3A')}%2Fo%2Fr" in json.dumps(document)
        registry.asked.clear()
        command("sbom", f"{registry.host}/o/r:v1", "--plain-http", "--layers", "none")
        layers = [path for path in registry.paths() if "/blobs/" in path]
        assert len(layers) == 2, "the configuration and what hangs on the image, no layer"
    finally:
        registry.close()


def test_archives(image: Path, command: Run, tmp_path: Path) -> None:
    """A layout as a tar is the same image; what `docker save` wrote has no digest that a statement could name."""
    config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": [digest_of(LAYER)]}}).encode()
    name = digest_of(config).partition(":")[2] + ".json"
    manifest = json.dumps([{"Config": name, "RepoTags": ["x:1"], "Layers": ["a/layer.tar"]}]).encode()
    saved, layout = tmp_path / "saved.tar", tmp_path / "layout.tar"
    saved.write_bytes(archive((name, config), ("manifest.json", manifest), ("a/layer.tar", LAYER)))
    subprocess.run(["tar", "-cf", str(layout), "-C", str(image), "."], check=True)
    for target in (saved, layout):
        assert command("sbom", str(target), "-o", str(tmp_path / target.stem), "--merge", "spdx").status == 0
        assert IN_LAYER in names_in(tmp_path / target.stem)
    assert "pkg:oci/" not in (tmp_path / "saved" / "merged.spdx.json").read_text()
    refused = command("sbom", str(saved), "-o", str(tmp_path / "no"), "--merge", "spdx", "--statement")
    assert (refused.status, (tmp_path / "no").exists()) == (3, False)
    assert "has no manifest" in refused.err


def test_a_platform_that_it_is_not_for(image: Path, command: Run) -> None:
    assert command("sbom", str(image), "--platform", "linux/amd64").status == 0
    ended = command("sbom", str(image), "--platform", "linux/arm64")
    assert (ended.status, "is an image for linux/amd64" in ended.err) == (3, True)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured by /proc")
def test_memory_stays_bounded(store: Store, tmp_path: Path) -> None:
    """A document of 200 MB is named and not read; another of 20 MB is."""
    large = cyclonedx(*(library(f"package-{number}", padding="x" * 900) for number in range(18_000)))
    zeros = info("huge/bom.json", 200 << 20)
    folder = store.write(tmp_path / "l", layered(store, archive(("a/bom.json", large)), _with_zeros(zeros)))
    code = (
        "import sys; from slsacheck.__main__ import main; main(sys.argv[1:]);"
        "sizes = dict(line.split(':') for line in open('/proc/self/status'));"
        "print(int(sizes['VmHWM'].split()[0]) // 1024, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "sbom", str(folder), "--format", "json"],
        capture_output=True,
        check=True,
        timeout=HANGS,
    )
    documents = json.loads(ended.stdout)["images"][0]["documents"]
    assert [(one["place"], one["components"]["total"]) for one in documents] == [
        ("a/bom.json", 18_000),
        ("huge/bom.json", 0),
    ]
    assert "is larger than 64 MiB" in documents[1]["problem"]
    assert int(ended.stderr.split()[-1]) < 200


def _with_zeros(header: Any) -> bytes:
    return bytes(header.tobuf()) + bytes(header.size) + bytes(1024)


def test_access_is_the_users(store: Store, image: Path) -> None:
    """Nothing is asked of a registry that --offline forbids."""
    judge = Judge(Expectations(), default_trust())
    with pytest.raises(SlsacheckError, match="--offline"):
        of_image(open_image("r.example/x:1", Access(offline=True)), judge)
