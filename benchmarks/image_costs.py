"""What looking at images costs: requests, bytes, time beside cosign, a hundred at once, and one of two gigabytes.

    python benchmarks/image_costs.py [--runs 5]

Images are made here, signed by a private Sigstore instance, and served by a registry on loopback. cosign is the one on
PATH; without it its row is missing. Of the large image nothing but its documents should be read, unless its layers
are what is asked about.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import Measured, measure  # noqa: E402
from tests.evidence.attestations.private_sigstore import GENERATOR, Instance, generator_statement  # noqa: E402
from tests.evidence.oci.shop import CONFIG, LAYER, MANIFEST, Handler, Registry, Store, provenance  # noqa: E402
from tests.evidence.oci.tars import archive, info, layered  # noqa: E402

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
ISSUER = "https://token.actions.githubusercontent.com"
SLSACHECK = (sys.executable, "-P", "-m", "slsacheck")
ANYBODY = ("--certificate-identity", GENERATOR, "--certificate-oidc-issuer", ISSUER)
FAR = 0.05
"""Seconds that an answer of a registry on another continent takes at least."""
LARGE = 2 << 30
"""Bytes of the large layer; the file has holes and takes no room."""


@contextmanager
def served(store: Store) -> Iterator[Registry]:
    """A registry with these images."""
    registry = Registry(store)
    try:
        yield registry
    finally:
        registry.close()


def signed_image(folder: Path) -> tuple[Store, str]:
    """An image with one bundle of provenance, and the trusted root of its signer."""
    store, instance = Store(), Instance(witness=False)
    image = store.image("latest")
    about = {"subject": [{"name": "x", "digest": {"sha256": image["digest"][7:]}}]}
    store.attach(image, json.dumps(instance.bundle(generator_statement() | about)).encode(), BUNDLE)
    (folder / "root.json").write_text(json.dumps(instance.trusted_root()))
    return store, str(folder / "root.json")


def line(name: str, measured: Measured, *more: object) -> None:
    """A row of a table: time, processor time, memory, and what else there is to say."""
    cells = (name, f"{measured.seconds:.2f} s", f"{measured.cpu:.2f} s", f"{measured.memory:.0f} MiB", *more)
    print("| " + " | ".join(map(str, cells)) + " |")


def verification(folder: Path, runs: int) -> None:
    """One image with one bundle: requests, bytes, and the time beside cosign's."""
    store, root = signed_image(folder)
    with served(store) as registry:
        image = f"{registry.host}/o/r:latest"
        ours = [*SLSACHECK, "verify-image", image, "--plain-http", "--trusted-root", root, *ANYBODY]
        print("| one image, one bundle | time | processor | memory | requests | bytes | status |")
        print("|---|---|---|---|---|---|---|")
        times = {"slsacheck verify-image": _verified(ours, registry, runs)}
        cosign = shutil.which("cosign")
        if cosign is not None:
            flags = ["--allow-http-registry", "--trusted-root", root, *ANYBODY, "--type", "slsaprovenance02"]
            theirs = [cosign, "verify-attestation", *flags, image]
            times["cosign verify-attestation"] = _verified(theirs, registry, runs)
        scan = [*SLSACHECK, "scan", image, "--plain-http", "--trusted-root", root]
        times["slsacheck scan"] = _verified(scan, registry, runs)
        for name, (measured, requests, size) in times.items():
            line(name, measured, requests, size, measured.status)
        if cosign is not None:
            ours_took, theirs_took = times["slsacheck verify-image"][0], times["cosign verify-attestation"][0]
            print(
                f"\nslsacheck verify-image takes {ours_took.seconds / theirs_took.seconds:.2f} of cosign's time, ",
                end="",
            )
            print(f"{ours_took.cpu / theirs_took.cpu:.2f} of its processor time")


def _verified(command: list[str], registry: Registry, runs: int) -> tuple[Measured, int, int]:
    """The command measured, with the requests and bytes of one run."""
    registry.asked.clear()
    registry.sent = 0
    measure(command, 1)
    requests, size = len(registry.asked), registry.sent
    return measure(command, runs), requests, size


def hundred(folder: Path, runs: int) -> None:
    """A hundred images in one call, from a registry and from layouts."""
    store, cases, layouts = Store(), folder / "cases.jsonl", []
    for number in range(100):
        image = store.image(f"v{number}", text=str(number))
        store.attach(image, provenance(image["digest"]))
        alone = Store()
        own = alone.image(text=str(number))
        layouts.append(str(alone.write(folder / f"l{number}", own, alone.attach(own, provenance(own["digest"])))))
    cases.write_text("".join(json.dumps({"command": "verify-image", "oci_layout": one}) + "\n" for one in layouts))
    print("\n| a hundred images | time | processor | memory | requests |")
    print("|---|---|---|---|---|")
    with served(store) as registry:
        images = [f"{registry.host}/o/r:v{number}" for number in range(100)]
        common = ["-q", "--report", "json=/dev/null"]
        command = [*SLSACHECK, "scan", *images, "--plain-http", *common]
        measured, requests, _ = _verified(command, registry, runs)
        line("scan of 100 references", measured, requests)
        registry.fault = _far
        for jobs in ("1", "6"):
            command = [*SLSACHECK, "scan", *images[:20], "--plain-http", "--jobs", jobs, *common]
            measured, requests, _ = _verified(command, registry, 1)
            line(f"scan of 20 references, each answer {FAR * 1000:.0f} ms away, {jobs} at once", measured, requests)
        line("scan of 100 layouts", measure([*SLSACHECK, "scan", *layouts, "--offline", *common], runs), 0)
        line("verify-batch of 100 layouts", measure([*SLSACHECK, "verify-batch", str(cases)], runs), 0)


def _far(_path: str, _handler: Handler) -> bool:
    """Waits as long as an answer from far away takes, and lets the registry answer."""
    time.sleep(FAR)
    return False


def large(folder: Path, runs: int) -> None:
    """An image whose layer has two gigabytes, in a layout: assessed, verified, and read through."""
    store, place = Store(), folder / "large"
    header = info("large", LARGE).tobuf()
    whole, zeros = hashlib.sha256(header), bytes(1 << 20)
    for _ in range(LARGE >> 20):
        whole.update(zeros)
    layer = f"sha256:{whole.hexdigest()}"
    settings = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [layer]}}
    config = store.blob(json.dumps(settings).encode())
    parts: dict[str, Any] = {
        "config": store.descriptor(config, CONFIG),
        "layers": [{"mediaType": LAYER.removesuffix("+gzip"), "digest": layer, "size": len(header) + LARGE}],
    }
    image = store.put({"schemaVersion": 2, "mediaType": MANIFEST} | parts)
    store.write(place, image, store.attach(image, provenance(image["digest"])))
    with (place / "blobs" / "sha256" / layer[7:]).open("wb") as stream:
        stream.write(header)
        stream.truncate(len(header) + LARGE)
    other = Store()
    small = other.write(folder / "small", layered(other, archive(("large", b"x"))))
    print("\n| an image of 2 GiB in a layout | time | processor | memory |")
    print("|---|---|---|---|")
    for command in (["scan", str(place), "--report", "json=/dev/null"], ["verify-image", str(place)]):
        line(f"slsacheck {command[0]}", measure([*SLSACHECK, *command], runs))
    for command in (["sbom", str(place)], ["compare", str(place), str(small)]):
        line(f"slsacheck {command[0]}, which reads the layer", measure([*SLSACHECK, *command], 1))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs of each command; the shortest counts")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        for part in (verification, hundred, large):
            own = Path(folder) / part.__name__
            own.mkdir()
            part(own, runs)


if __name__ == "__main__":
    main()
