"""Actions that hand files to other jobs, and actions that attach files to a release or put them into a bucket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.actions.call import Call

__all__ = ["HANDLERS"]

RELEASES = {  # action: inputs that name the files, the separator
    "softprops/action-gh-release": (("files",), "\n"),
    "ncipollo/release-action": (("artifacts", "artifact"), ",\n"),
    "svenstaro/upload-release-action": (("file",), "\n"),
    "actions/upload-release-asset": (("asset_path",), "\n"),
    "shogo82148/actions-upload-release-asset": (("asset_path",), "\n"),
    "alexellis/upload-assets": (("asset_paths",), ",\n"),
    "xresloader/upload-to-github-release": (("file",), ";\n"),
    "abutler/upload-release-assets": (("files",), ";\n"),
    "meedamian/github-release": (("files",), " \n"),
    "marvinpinto/action-automatic-releases": (("files",), "\n"),
    "skx/github-action-publish-binaries": (("args",), " \n"),
    "csexton/release-asset-action": (("files", "file", "pattern"), "\n"),
    "tix-factory/release-manager": (("files",), "\n"),
    "eloquent/github-release-action": (("assets",), "\n"),
    "fnkr/github-action-ghr": (("path",), "\n"),
    "termux/upload-release-action": (("file",), "\n"),
    "joutvhu/create-release": (("files",), "\n"),
    "lee-dohm/upload-release-asset": (("path",), "\n"),
    "python-semantic-release/publish-action": (("directory",), "\n"),
    "python-semantic-release/upload-to-gh-release": (("directory",), "\n"),
    "cb80/publish": (("files",), "\n"),
    "anton-yurchenko/git-release": (("args",), " \n"),
    "ghalactic/github-release-from-tag": (("assets",), "\n"),
    "galargh/action-gh-release": (("files",), "\n"),
    "nekotsu/upload-release": (("files",), "\n"),
    "johnwbyrd/update-release": (("files",), " \n"),
    "andelf/nightly-release": (("files",), "\n"),
    "thewh1teagle/upload-release": (("files",), "\n"),
    "charmbracelet/.github/upload": (("files",), "\n"),
}
BUILD_AND_RELEASE = {  # builds and attaches in one step: what it makes
    "wangyoucao577/go-release-action": "archive",
    "taiki-e/upload-rust-binary-action": "archive",
    "houseabsolute/actions-rust-release": "archive",
    "rust-build/rust-build.action": "archive",
    "tauri-apps/tauri-action": "installer",
    "samuelmeuli/action-electron-builder": "installer",
    "cli/gh-extension-precompile": "binary",
    "jaxxstorm/action-gh-release": "archive",
    "ngs/go-release.action": "archive",
    "cloudflare/wrangler-action": "",
}
FETCHERS = {  # action: the input that names the folder
    "robinraju/release-downloader": "out-file-path",
    "dsaltares/fetch-gh-release-asset": "target",
    "i3h/download-release-asset": "path",
    "carlosperate/download-file-action": "location",
    "suisei-cn/actions-download-file": "target",
}
"""Actions that fetch a file from the web or from a release."""
OTHER_RUN = ("dawidd6/action-download-artifact", "actions/github-script/download", "aochmann/actions-download-artifact")


def _upload(call: Call) -> list[Act]:
    fallback = "github-pages" if call.name.endswith("upload-pages-artifact") else "artifact"
    names = call.choices("name", default=fallback)
    what = call.lines("path")
    over = "yes" if call.flag("overwrite", default=False) else ""
    return [call.act(ActKind.PASS_ON, name=name, what=what, at=call.place("path"), overwrites=over) for name in names]


def _download(call: Call) -> list[Act]:
    foreign = call.has("run-id") and "github.run_id" not in call.text("run-id")
    foreign = foreign or call.has("repository")
    where = call.text("path", default=".")
    names = call.lines("name") or call.lines("pattern") or call.lines("artifact-ids") or ("*",)
    detail = "other-run" if foreign else ""
    return [call.act(ActKind.FETCH, name=name, what=(where,), run=detail) for name in names]


def _from_other_run(call: Call) -> list[Act]:
    names = call.lines("name") or ("*",)
    where = call.text("path", default=".")
    return [call.act(ActKind.FETCH, name=name, what=(where,), run="other-run") for name in names]


def _fetch(call: Call) -> list[Act]:
    folder, name = call.text(FETCHERS[call.name], default="."), call.text("filename", "file", "file-name", default="*")
    where = name if folder.strip("./") == "" else f"{folder.rstrip('/')}/{name}"
    own = call.text("repository", "repo") in ("", "${{ github.repository }}", call.context.origin)
    here = own and not any("url" in one for one in call.inputs)
    return [call.act(ActKind.FETCH, name="release", what=(where,), run="release" if here else "elsewhere")]


def _cache(call: Call) -> list[Act]:
    """Files of a cache, which lie there again where it is found."""
    return [call.act(ActKind.ALTER, what=what, may="yes", cached="yes")] if (what := call.lines("path")) else []


def _checkout(call: Call) -> list[Act]:
    """A checkout takes away all that lies in its folder and is not in the repository, unless it is told not to."""
    folder = call.text("path").removeprefix("./").strip("/")
    if call.flag("clean", default=True) is False and not folder:
        return []
    return [call.act(ActKind.ALTER, what=(f"{folder}/*/*",) if folder else (), resets="yes")]


def _release(call: Call) -> list[Act]:
    inputs, separator = RELEASES[call.name]
    folder = call.text("working_directory").strip("./")
    what = tuple(f"{folder}/{name}" if folder else name for name in call.lines(*inputs, separator=separator))
    if not what:
        return []
    return [
        call.act(
            ActKind.PUBLISH,
            channel="github-release",
            what=what,
            at=call.at,
            input_line=str(call.place(*inputs).line or ""),
            repository=call.text("repository", "repo"),
            own_tag=call.text("tag_name", "tag"),
        )
    ]


def _build_and_release(call: Call) -> list[Act]:
    kind = BUILD_AND_RELEASE[call.name]
    if not kind:
        return []
    if call.name == "tauri-apps/tauri-action" and not (
        call.has("tagName") or call.has("tagname") or call.has("releaseid")
    ):
        return [call.act(ActKind.BUILD, type=kind)]
    if call.name.startswith("samuelmeuli/") and call.flag("release", default=False) is False:
        return [call.act(ActKind.BUILD, type=kind)]
    facts = {}
    if call.name == "cli/gh-extension-precompile" and call.flag("generate_attestations", default=False):
        facts["attests"] = "actions/attest-build-provenance"
    published = call.act(ActKind.PUBLISH, type=kind, channel="github-release", what=("*",), builds="yes")
    acts = [call.act(ActKind.BUILD, type=kind), published]
    if facts:
        acts.append(
            call.act(
                ActKind.ATTEST,
                provenance="yes",
                root=facts["attests"],
                what=("*",),
                subject="files",
                at=call.place("generate_attestations"),
            )
        )
    return acts


def _bucket(call: Call) -> list[Act]:
    path = call.text("destination", "dest", "bucket", "aws_bucket", "destination-bucket")
    what = call.lines("path", "source_dir", "source", "local_dir")
    bucket = re.sub(r"^(gs|s3)://", "", path).split("/")[0] or "object-storage"
    return [call.act(ActKind.PUBLISH, channel=bucket, name=path or None, what=what, bucket="yes")]


HANDLERS: dict[str, Callable[[Call], list[Act]]] = {
    "actions/upload-artifact": _upload,
    "actions/upload-artifact/merge": lambda call: [
        call.act(ActKind.FETCH, name=call.text("pattern", default="*"), what=(".",)),
        call.act(ActKind.PASS_ON, name=call.text("name", default="merged-artifacts"), what=("*",)),
    ],
    "actions/download-artifact": _download,
    **dict.fromkeys(RELEASES, _release),
    **dict.fromkeys(BUILD_AND_RELEASE, _build_and_release),
    **dict.fromkeys(OTHER_RUN, _from_other_run),
    **dict.fromkeys(FETCHERS, _fetch),
    "actions/cache": _cache,
    "actions/checkout": _checkout,
    "actions/cache/restore": _cache,
    "google-github-actions/upload-cloud-storage": _bucket,
    "jakejarvis/s3-sync-action": _bucket,
    "shallwefootball/s3-upload-action": _bucket,
    "shallwefootball/upload-s3-action": _bucket,
    "tpaschalis/s3-sync-action": _bucket,
    "reggionick/s3-deploy": _bucket,
    "keithweaver/aws-s3-github-action": _bucket,
}
