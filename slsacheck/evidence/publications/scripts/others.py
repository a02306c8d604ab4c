"""Commands of everyday that matter for what is published: removed files, compilers, caches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import option_names
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_PROVENANCE = regex(r"intoto|provenance|attestation|sigstore|\.att\b|slsa", re.IGNORECASE)
_IMAGE = regex(r"(?:docker|container|oci|image)(?:[\w-]*)(?:$|\.nix|\.x86|\.aarch)|streamed-?image", re.IGNORECASE)
"""Names of attributes and files that make an image (`.#dockerImage`, `-A image`, `docker.nix`)."""
_GO_VALUES = option_names("-o -ldflags -tags -trimpath= -mod -gcflags -asmflags -buildmode -C -p -pkgdir")


def _rm(call: Call) -> list[Act]:
    words = [word for word in call.argv[1:] if not word.startswith("-")]
    removed = tuple(word for word in words if _PROVENANCE.search(word))
    return [call.act(ActKind.DELETE, what=removed)] if removed else []


def _go(call: Call) -> list[Act]:
    if call.word(1) != "build":
        return []
    options = call.options(2, _GO_VALUES)
    return [call.act(ActKind.BUILD, type="binary", what=options.values("-o"))] if options.values("-o") else []


def _nix(call: Call) -> list[Act]:
    if call.program == "cachix":
        return (
            [call.publish("other", "cachix.org", call.word(2) or None)]
            if call.word(1) in ("push", "watch-exec", "pin")
            else []
        )
    copies = call.word(1) == "copy" and "--to" in call.argv
    if copies:
        target = call.word(list(call.argv).index("--to") + 1)
        return [call.publish("other", "nix-cache", target, bucket="yes")]
    builds = call.program == "nix-build" or call.word(1) == "build"
    if builds and any(_IMAGE.search(word) for word in call.argv[1:]):
        return [call.act(ActKind.BUILD, type="container-image", facts={"made-by": "nix"})]
    return []


def _buildkite(call: Call) -> list[Act]:
    """`buildkite-agent artifact upload GLOB` and `… download GLOB FOLDER`."""
    what = call.options(3, option_names("--step --build --job --content-type --concurrency")).words[:1]
    kind = {"upload": ActKind.PASS_ON, "download": ActKind.FETCH}.get(call.word(2))
    if call.word(1) != "artifact" or not what or kind is None:
        return []
    other = "other-run" if kind is ActKind.FETCH and "--build" in call.argv else ""
    return [call.act(kind, name=f"buildkite:{what[0].removeprefix('./')}", what=tuple(what), run=other)]


READERS = {
    "buildkite-agent": _buildkite,
    "rm": _rm,
    "go": _go,
    **dict.fromkeys(("nix", "nix-build", "cachix"), _nix),
}
