"""What the real images of the shared corpus hold, by the words of whoever made them; see `benchmarks/images.py`.

Each row says what the tool that made the image is known to write (its README and a look into the files), not what
slsacheck said once. What lies in `index.json` of a layout is found there by its subject; at a registry by its list of
referrers or its tags.
"""

from __future__ import annotations

from typing import Any

from slsacheck.record import record

__all__ = ["EMPTY", "IMAGES", "Expected", "facts_of"]

V1, V02 = "https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"
SIGN, SPDX, CYCLONEDX = "https://sigstore.dev/cosign/sign/v1", "https://spdx.dev/Document", "https://cyclonedx.org/bom"
EMPTY = "(empty)"
"""A `builder.id` that BuildKit leaves empty where nobody gives one."""
BUILT = "2026-11-21T00:5"
"""When the images without a fixed date were built, to ten minutes."""
RUN = "https://github.com/example-org/hello/actions/runs/123456/attempts/1"
GENERIC = "https://example.test/builder@v1"
KEYLESS = ("--trusted-root", "sigstore/tr.json")
KEY = ("--key", "cosign.pub")
NOTATION = ("--trusted-root", "notation-ca.crt")
Hanging = tuple[str, str, str | None, str]
"""Kind, format, predicate type, and whether it verifies under the row's flags."""


@record
class Expected:
    """One image. `levels` are (configured, possible) as a layout gives them; proved is 0 without expectations.

    `verify` is the verdict of `verify-image` with the row's flags: what cosign or notation answer. `builder_ids` are
    those of its provenance, in any order.
    """

    name: str
    builder: str
    created: str
    fixed: bool = False
    version: str | None = None
    base: str | None = None
    platforms: tuple[str | None, ...] = ("linux/amd64",)
    hanging: tuple[Hanging, ...] = ()
    builder_ids: tuple[str, ...] = ()
    levels: tuple[int, int] = (0, 3)
    flags: tuple[str, ...] = ()
    verify: str = "unknown"

    @property
    def anybody(self) -> tuple[str, ...]:
        """Flags by which every signer under the trusted root counts: keyless signers have to be named."""
        anybody = ("--certificate-identity-regexp", ".*", "--certificate-oidc-issuer-regexp", ".*")
        return anybody if self.flags == KEYLESS else ()


def _statement(kind: str, predicate: str) -> Hanging:
    return kind, "in-toto-statement", predicate, "not-signed"


def _bundle(kind: str, predicate: str) -> Hanging:
    return kind, "sigstore-bundle", predicate, "pass"


def _buildkit(name: str, predicate: str = V1, builder_id: str = EMPTY, *more: Hanging, **fields: Any) -> Expected:
    levels = (0, 0) if builder_id == EMPTY else (1, 3)
    usual: dict[str, Any] = {
        "created": BUILT,
        "levels": levels,
        "builder_ids": (builder_id,),
        "verify": "unknown",
    } | fields
    return Expected(f"buildkit-{name}", "buildkit", hanging=(_statement("provenance", predicate), *more), **usual)


_FIXED: dict[str, Any] = {"created": "2023-11-14T22:13:20Z", "fixed": True}
"""SOURCE_DATE_EPOCH=1700000000."""
_INDEX_SIGNED = (_bundle("signature", SIGN), _bundle("provenance", V1), _bundle("sbom", CYCLONEDX))
_SIGNED: dict[str, Any] = {"flags": KEYLESS, "levels": (1, 0), "builder_ids": (EMPTY, GENERIC), "verify": "pass"}
"""The signed provenance names another source than its certificate: level 1 is not possible with it."""

IMAGES = (
    _buildkit("max"),
    _buildkit("max-v1"),
    _buildkit("max-v02", V02),
    _buildkit("min"),
    _buildkit("min-v1-builderid", V1, "https://ci.example.test/runs/77"),
    _buildkit("git-v1"),
    _buildkit("git-v02", V02),
    _buildkit("ghalike-v1", V1, RUN),
    _buildkit("ghalike-v02", V02, RUN, **_FIXED),
    _buildkit("sbom", V1, EMPTY, _statement("sbom", SPDX)),
    _buildkit("secret-v1"),
    _buildkit("artifact-style", **_FIXED),
    _buildkit("multiplatform-v1", platforms=("linux/amd64", "linux/arm64")),
    Expected("buildkit-none", "buildkit", BUILT),
    *(
        Expected(name, "buildkit", BUILT, hanging=(_statement("provenance", V1), _statement("sbom", SPDX), *_INDEX_SIGNED), **_SIGNED)
        for name in ("buildkit-signed-keyless-oci", "oras-cp-oci")
    ),
    Expected(
        "cosign-key-referrers-oci", "ko", **_FIXED, base="127.0.0.1:5003/base:1", flags=KEY, verify="pass",
        levels=(1, 3), builder_ids=(GENERIC, GENERIC),
        hanging=(
            _bundle("signature", SIGN), _bundle("provenance", V1), _bundle("sbom", SPDX),
            ("signature", "cosign-legacy", None, "pass"), ("provenance", "cosign-legacy", V02, "pass"),
            ("sbom", "spdx", None, "not-signed"),
        ),
    ),
    Expected(
        "cosign-key-fallbacktag-oci", "ko", **_FIXED, base="127.0.0.1:5003/base:1", flags=KEY, verify="pass",
        levels=(1, 3), builder_ids=(GENERIC,), hanging=(_bundle("signature", SIGN), _bundle("provenance", V1)),
    ),
    Expected(
        "notation-referrers-oci", "unknown", "0001-01-01T00:00:00Z", fixed=True, platforms=(None,),
        hanging=(("signature", "notation-jws", None, "pass"), ("signature", "notation-cose", None, "pass")),
        flags=NOTATION, verify="pass",
    ),
    Expected("cnb-oci", "buildpacks", "1980-01-01T00:00:01Z", fixed=True, base="127.0.0.1:5099/cnbrun:1"),
    Expected(
        "ko-oci", "ko", "0001-01-01T00:00:00Z", fixed=True, base="127.0.0.1:5003/base:1",
        platforms=("linux/amd64", "linux/arm64"),
    ),
    Expected("jib-oci", "jib", "1970-01-01T00:00:00Z", fixed=True, version="3.4.6"),
    Expected("buildah-oci", "buildah", "1970-01-01T00:00:00Z", fixed=True, version="1.28.2"),
    Expected("umoci-oci", "umoci", "2026-01-01T00:00:00Z"),
)  # fmt: skip


def facts_of(expected: Expected, report: dict[str, Any], *, whole: bool) -> dict[str, tuple[object, object]]:
    """Each fact as (expected, said); what lies in layers is another table's.

    `whole`: the place holds everything that there is (a registry), so that no provenance there is none at all.
    """
    at_best = 0 if whole and not expected.builder_ids else expected.levels[1]
    images = [subject["image"] for subject in report["subjects"]]
    hanging = [
        (one["kind"], one["format"], one["predicate_type"], one["verified"])
        for one in report["subjects"][0]["attachments"]
        if one["found_by"] not in ("image-layer", "label")
    ]
    ids = [one["builder_id"] or EMPTY for one in report["subjects"][0]["attestations"]]
    levels = {(one["levels"]["build"]["proved"], one["levels"]["build"]["configured"]) for one in report["subjects"]}
    possible = {one["levels"]["build"]["possible"] for one in report["subjects"]}
    return {
        "platforms": (_sorted(expected.platforms), _sorted(image["platform"] for image in images)),
        "builder": (
            {(expected.builder, expected.version)},
            {(image["builder"]["name"], image["builder"]["version"]) for image in images},
        ),
        "base": ({expected.base}, {image["base"]["reference"] if image["base"] else None for image in images}),
        "created": ({expected.created}, {image["created"][: len(expected.created)] for image in images}),
        "fixed date": ({expected.fixed}, {image["created_is_fixed"] for image in images}),
        "hanging": (_sorted(expected.hanging), _sorted(hanging)),
        "builder.id": (_sorted(expected.builder_ids), _sorted(ids)),
        "proved, configured": ({(0, expected.levels[0])}, levels),
        "possible": ({at_best}, possible),
        "errors": ([], [one["reason"] for one in report["errors"]]),
    }


def _sorted(values: Any) -> list[Any]:
    return sorted(values, key=repr)
