"""Make the images of `tests/evidence/oci/samples` again, with the tools that people use.

    python scripts/make_images.py DIR

Needs buildah, cosign, crane, go, ko, notation, oras, skopeo and umoci on PATH (`.ci/live` installs them); asks nobody
beyond this machine, but for the modules of the registry. Each image becomes an OCI layout with everything that hangs
on it; layers above 100 KB are left out. Keys are made anew and thrown away, the public ones are written beside.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.evidence.oci.makers import MAKERS, Workshop  # noqa: E402

MAX_BLOB = 100_000
SIGNED = "ko"
"""The image on which signatures, attestations and SBOMs hang."""


def record(shop: Workshop, image: str, folder: Path) -> None:
    """Writes an image with its referrers and cosign's tags as a layout."""
    name, _, tag = image.rpartition(":")
    digest = shop.digest(image).partition("@")[2]
    shop.run("oras", "copy", "-r", "--from-plain-http", "--to-oci-layout", image, f"{folder}:{tag}")
    for other in shop.run("crane", "ls", "--insecure", name).split():
        if other.startswith(f"{digest.replace(':', '-')}."):
            source, target = f"{name}:{other}", f"{folder}:{other}"
            shop.run("oras", "copy", "--from-plain-http", "--to-oci-layout", source, target)
    for blob in (folder / "blobs" / "sha256").iterdir():
        if blob.stat().st_size > MAX_BLOB:
            blob.unlink()
    shutil.rmtree(folder / "ingest", ignore_errors=True)
    index = json.loads((folder / "index.json").read_bytes())
    index["manifests"].sort(key=lambda one: one["digest"] != digest)
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n")


def main(target: Path) -> None:
    """Makes, signs and records."""
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(Path(folder))
        try:
            host = shop.registry(referrers=True)
            for name, make in MAKERS.items():
                make(shop, f"{host}/{name}:1")
            signed = shop.digest(f"{host}/{SIGNED}:1")
            shop.sign_with_cosign(signed, legacy=False)
            shop.sign_with_cosign(signed, legacy=True)
            shop.sign_with_notation(signed)
            shop.sign_with_cosign(shop.attach(signed), legacy=False, attest=False)
            for name in MAKERS:
                record(shop, f"{host}/{name}:1", target / name)
            shutil.copy(shop.folder / "cosign.pub", target)
            shutil.copy(next(shop.folder.rglob("root.pem")), target / "notation.pem")
            shutil.copy(next(shop.folder.rglob("trustpolicy.json")), target)
        finally:
            shop.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
