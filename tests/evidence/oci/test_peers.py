"""cosign, notation, oras, crane, skopeo and syft asked about the same images in the same registries.

Nothing that they find may be missing in what slsacheck says, and nothing that they refuse may pass. Where we differ
on purpose is a table in `docs/containers.md`. The tools take minutes to build, so this runs in `.ci/live`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from tests.conftest import need
from tests.evidence.oci.makers import MAKERS, USER, Workshop

pytestmark = pytest.mark.live

TOOLS = ("buildah", "cosign", "crane", "docker-registry", "go", "ko", "notation", "oras", "skopeo", "tar", "umoci")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
Ask = Callable[..., dict[str, Any]]


class Shelf:
    """One registry with an image of every maker; everything that signs hangs on the image `signed`."""

    def __init__(self, folder: Path, *, referrers: bool) -> None:
        self.shop = Workshop(folder)
        self.host = self.shop.registry(referrers=referrers)
        self.images = {name: f"{self.host}/{name}:1" for name in MAKERS}
        for name, make in MAKERS.items():
            make(self.shop, self.images[name])
        self.signed = self.shop.digest(self.images["ko"])
        self.shop.sign_with_cosign(self.signed, legacy=False)
        self.shop.sign_with_cosign(self.signed, legacy=True)
        self.shop.sign_with_notation(self.signed)
        self.sbom = self.shop.attach(self.signed)
        self.shop.sign_with_cosign(self.sbom, legacy=False, attest=False)
        self.key = str(folder / "cosign.pub")
        self.root = str(folder / ".config" / "notation" / "truststore" / "x509" / "ca" / "t" / "root.pem")

    def manifest(self, image: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.shop.run("crane", "manifest", "--insecure", image))
        return found


@pytest.fixture(scope="module", params=["referrers", "no referrers"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    for tool in TOOLS:
        need(tool)
    found = Shelf(tmp_path_factory.mktemp("shop"), referrers=request.param == "referrers")
    yield found
    found.shop.close()


@pytest.fixture
def ask(shelf: Shelf, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("HOME", str(shelf.shop.folder))
    monkeypatch.setenv("DOCKER_CONFIG", str(shelf.shop.folder))

    def run(command: str, *words: str) -> dict[str, Any]:
        output = ["--report", "json=-"] if command == "scan" else ["--format", "json"]
        main([command, *words, "--plain-http", *output])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def hanging(report: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    (subject,) = report["subjects"]
    return {one["digest"]: (one["kind"], one["format"], one["verified"]) for one in subject["attachments"]}


def test_everything_that_cosign_and_oras_find(shelf: Shelf, ask: Ask) -> None:
    report = ask("scan", shelf.signed, "--key", shelf.key)
    assert report["errors"] == []
    ours = hanging(report)
    tree = shelf.shop.run("cosign", "tree", "--allow-http-registry", shelf.signed)
    theirs = {found[0] for line in tree.splitlines() if "🍒" in line and (found := DIGEST.search(line))}
    listed = DIGEST.findall(shelf.shop.run("oras", "discover", "--plain-http", shelf.signed))[1:]
    assert len(listed) == 6, "two bundles, two signatures of notation, an SBOM, and the signature of that"
    for digest in listed:
        layers = shelf.manifest(f"{shelf.signed.partition('@')[0]}@{digest}")["layers"]
        theirs |= {layer["digest"] for layer in layers}
    assert theirs == set(ours)
    assert sorted(ours.values()) == [
        ("provenance", "cosign-legacy", "pass"),
        ("provenance", "sigstore-bundle", "pass"),
        ("sbom", "cyclonedx", "not-signed"),
        ("sbom", "spdx", "not-signed"),
        ("signature", "cosign-legacy", "pass"),
        ("signature", "notation-cose", "unknown"),
        ("signature", "notation-jws", "unknown"),
        ("signature", "sigstore-bundle", "pass"),
        ("signature", "sigstore-bundle", "pass"),
    ]


@pytest.mark.parametrize("name", MAKERS)
def test_what_crane_and_skopeo_say_of_an_image(shelf: Shelf, ask: Ask, name: str) -> None:
    image = shelf.images[name]
    (subject,) = ask("scan", image)["subjects"]
    said = subject["image"]
    theirs = json.loads(shelf.shop.run("skopeo", "inspect", "--tls-verify=false", f"docker://{image}"))
    assert said["digest"] == theirs["Digest"] == shelf.shop.digest(image).partition("@")[2]
    assert said["created"] == theirs["Created"]
    stated = "/".join(part for part in (theirs["Os"], theirs["Architecture"]) if part)
    assert (said["platform"] or "") == stated
    assert said["media_type"] == shelf.manifest(image).get("mediaType", said["media_type"])
    assert said["builder"]["name"] == {"crane": "unknown"}.get(name, name)
    if name == "buildah":
        assert said["builder"]["version"] == theirs["Labels"]["io.buildah.version"]


def test_the_verdicts_of_cosign(shelf: Shelf, ask: Ask) -> None:
    """The right key, another key, another image, and provenance of another kind than was asked for."""
    shelf.shop.run("cosign", "generate-key-pair", "--output-key-prefix", "other")
    other = str(shelf.shop.folder / "other.pub")
    for image, key in ((shelf.signed, shelf.key), (shelf.signed, other), (shelf.images["crane"], shelf.key)):
        common = ("--key", key, "--insecure-ignore-tlog", "--allow-http-registry", image)
        theirs = shelf.shop.succeeds("cosign", "verify", *common)
        assert theirs == shelf.shop.succeeds("cosign", "verify-attestation", "--type", "slsaprovenance1", *common)
        answer = ask("verify-image", image, "--key", key)
        assert (answer["verdict"] == "pass") == theirs, answer["message"]


def test_the_verdicts_of_notation(shelf: Shelf, ask: Ask) -> None:
    policy = str(shelf.shop.folder / ".config" / "notation" / "trustpolicy.json")
    flags = ("--trusted-root", shelf.root, "--trust-policy", policy)
    for image in (shelf.signed, shelf.images["crane"]):
        theirs = shelf.shop.succeeds("notation", "verify", "--insecure-registry", image)
        answer = ask("verify-image", image, *flags)
        assert (answer["verdict"] == "pass") == theirs, answer["message"]


def test_a_signature_under_another_image_s_tag(shelf: Shelf, ask: Ask) -> None:
    """The tag of a signature copied to another image's name: cosign refuses it, and so do we."""
    image = shelf.shop.digest(shelf.images["umoci"])
    name, _, digest = image.partition("@")
    source = f"{shelf.signed.partition('@')[0]}:{shelf.signed.partition('@')[2].replace(':', '-')}"
    for ending in (".sig", ".att"):
        shelf.shop.run("crane", "copy", "--insecure", source + ending, f"{name}:{digest.replace(':', '-')}{ending}")
    common = ("--key", shelf.key, "--insecure-ignore-tlog", "--allow-http-registry", image)
    assert not shelf.shop.succeeds("cosign", "verify", *common)
    answer = ask("verify-image", image, "--key", shelf.key)
    assert (answer["verdict"], answer["reason_class"]) == ("fail", "hash-mismatch")
    assert {one[2] for one in hanging(ask("scan", image, "--key", shelf.key)).values()} == {"fail"}


@pytest.mark.parametrize("form", ["oci", "oci-archive", "docker-archive"])
def test_copies_that_skopeo_makes(shelf: Shelf, ask: Ask, form: str) -> None:
    image = shelf.images["buildah"]
    place = shelf.shop.folder / f"copied-{form}-{shelf.host.rpartition(':')[2]}"
    target = f"{form}:{place}:r/x:1"
    shelf.shop.run("skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", f"docker://{image}", target)
    (here,) = ask("scan", f"{place}:1")["subjects"]
    (there,) = ask("scan", image)["subjects"]
    same = ("platform", "builder", "created", "base")
    assert {name: here["image"][name] for name in same} == {name: there["image"][name] for name in same}
    if form == "docker-archive":
        config = shelf.manifest(image)["config"]["digest"]
        assert (here["image"]["digest"], here["lookup_complete"]) == (config, False)
    else:
        assert here["image"]["digest"] == there["image"]["digest"]


def test_what_cosign_saves(shelf: Shelf, ask: Ask) -> None:
    """Its older forms, under annotations of its own; bundles it leaves behind."""
    place = f"{shelf.shop.folder}/saved-{shelf.host.rpartition(':')[2]}"
    shelf.shop.run("cosign", "save", "--allow-http-registry", "--dir", place, shelf.signed)
    here = ask("scan", place, "--key", shelf.key)
    assert here["errors"] == []
    found = sorted(hanging(here).values())
    assert found == [("provenance", "cosign-legacy", "pass"), ("signature", "cosign-legacy", "pass")]
    assert ask("verify-image", place, "--key", shelf.key)["verdict"] == "pass"


def test_what_a_copy_by_oras_keeps(shelf: Shelf, ask: Ask) -> None:
    """Referrers come along, and what hangs on them; cosign's tags do not."""
    place = f"{shelf.shop.folder}/oras-{shelf.host.rpartition(':')[2]}"
    shelf.shop.run("oras", "copy", "-r", "--from-plain-http", "--to-oci-layout", shelf.signed, f"{place}:v1")
    here = ask("scan", place, "--key", shelf.key)
    assert here["errors"] == []
    formats = sorted(one[1] for one in hanging(here).values())
    assert formats == ["cyclonedx", "notation-cose", "notation-jws", *["sigstore-bundle"] * 3]
    assert ask("verify-image", f"{place}:v1", "--key", shelf.key)["verdict"] == "pass"


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_syft_reads_what_is_merged(shelf: Shelf, ask: Ask, tmp_path: Path, form: str) -> None:
    """The SBOM that ko wrote and the empty one beside it, as one document."""
    need("syft")
    report = ask("sbom", shelf.signed, "-o", str(tmp_path / "out"), "--merge", form)
    assert report["errors"] == []
    (merged,) = (tmp_path / "out").glob("merged.*")
    read = json.loads(shelf.shop.run("syft", "convert", "--quiet", str(merged), "--output", "syft-json"))
    assert "example.test/hello" in {package["name"] for package in read["artifacts"]}


LOGINS = {
    "crane": ("DOCKER_CONFIG", "", ("crane", "auth", "login", "--insecure")),
    "oras": ("DOCKER_CONFIG", "", ("oras", "login", "--plain-http")),
    "skopeo": ("REGISTRY_AUTH_FILE", "auth.json", ("skopeo", "login", "--tls-verify=false")),
}
"""How tools log in, and by which variable they are told where to write that."""


@pytest.mark.parametrize("tool", LOGINS)
def test_the_logins_of_other_tools(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variable, file, command = LOGINS[tool]
    for program in (tool, "crane", "docker-registry"):
        need(program)
    (tmp_path / "login").mkdir()
    shop = Workshop(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    try:
        host = shop.registry(referrers=False, closed=True)
        shop.run("crane", "auth", "login", "--insecure", "-u", USER[0], "-p", USER[1], host)
        MAKERS["crane"](shop, f"{host}/a:1")
        scan = ["scan", f"{host}/a:1", "--plain-http", "--report", "json=-"]
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nothing"))
        assert main(scan) == 5
        shop.run(*command, "-u", USER[0], "-p", USER[1], host, **{variable: str(tmp_path / "login" / file)})
        monkeypatch.setenv(variable, str(tmp_path / "login" / file))
        capsys.readouterr()
        assert main(scan) == 0
        assert json.loads(capsys.readouterr().out)["errors"] == []
    finally:
        shop.close()
