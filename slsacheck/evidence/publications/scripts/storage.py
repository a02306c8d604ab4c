"""Buckets and servers: files that are copied to where the public fetches them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.model import Place

__all__ = ["READERS", "SITE"]

_AWS_VALUES = option_names(
    "--profile --region --endpoint-url --acl --exclude --include --cache-control --content-type --metadata "
    "--storage-class --sse --sse-kms-key-id --grants --expires --metadata-directive --output --bucket --key "
    "--body --query --cli-read-timeout --content-encoding"
)
_GCLOUD_VALUES = option_names(
    "--project --config --tag -t --region --account --substitutions --repository --location --package --version "
    "--source --timeout --machine-type"
)
_GS_VALUES = option_names(
    "-h -a -z -j -x -m= -o -u -i --cache-control --content-type --project --account --impersonate-service-account "
    "--predefined-acl -s"
)
_AZ_VALUES = option_names(
    "--account-name --account-key --container-name -c -n --name -f --file -s --source -d --destination "
    "--connection-string --sas-token --auth-mode --content-type --pattern --tier --destination-path --image -t "
    "--registry -r --resource-group -g --platform"
)  # fmt: skip
_RCLONE_VALUES = option_names(
    "--config --include --exclude --transfers --checkers --filter --filter-from --s3-acl --log-level --retries "
    "--include-from --header-upload"
)
_SCP_VALUES = option_names(
    "-i -o -P -p= -F -l -c -S -J -e --rsh --exclude --include --chmod --filter --rsync-path --port"
)
SITE = regex(
    r"(^|[/_.-])(site|docs?|html|public|coverage|book|gh-pages|reports?|website|storybook|cache|logs?)([/_.-]|$)",
    re.IGNORECASE,
)
"""Folders of documentation, caches and reports: what is copied there is no artifact."""
_REMOTE = regex(r"^(?:[^/\s:]+@)?([^/\s:]+):(?!/{2})(.*)$")


def _copied(call: Call, sources: list[str], target: str, scheme: str) -> list[Act]:
    """Files that go to a bucket; its name is the channel as long as nothing tells its public host."""
    if any(SITE.search(source) for source in sources):
        return []
    where = target.removeprefix(scheme)
    bucket = where.split("/")[0]
    channel = bucket if bucket and not unresolved(bucket) else "object-storage"
    return [call.publish(None, channel, where or None, tuple(sources), bucket="yes")]


def _aws(call: Call) -> list[Act]:
    options = call.options(1, _AWS_VALUES)
    parts = options.words
    if parts[:2] in (["s3", "cp"], ["s3", "sync"], ["s3", "mv"]):
        sources, target = parts[2:-1], parts[-1]
        if options.on("--dryrun") or not sources or not target.startswith(("s3://", "$")):
            return []
        mirrored = sources[0].startswith("s3://")
        if (chosen := options.values("--include")) and "*" in options.values("--exclude"):
            sources = [f"{sources[0].rstrip('/')}/{name}" for name in chosen]
        return _mirrored(call, sources, target) if mirrored else _copied(call, sources, target, "s3://")
    if parts[:2] == ["s3api", "put-object"]:
        body, bucket = options.value("--body") or "", options.value("--bucket") or ""
        return _copied(call, [body], f"s3://{bucket}/{options.value('--key') or ''}", "s3://")
    return []


def _mirrored(call: Call, sources: list[str], target: str) -> list[Act]:
    """From one bucket to another: promoted, not built here."""
    return [
        call.publish(
            None, "object-storage", target.removeprefix("s3://"), tuple(sources), bucket="yes", copied_from=sources[0]
        )
    ]


def _gsutil(call: Call) -> list[Act]:
    words = call.options(1, _GS_VALUES).words
    if words[:1] not in (["cp"], ["rsync"], ["mv"]) or not words[1:-1] or not words[-1].startswith("gs://"):
        return []
    return _copied(call, words[1:-1], words[-1], "gs://")


def _gcloud(call: Call) -> list[Act]:
    options = call.options(1, _GCLOUD_VALUES)
    words = [word for word in options.words if word not in ("beta", "alpha")]
    if words[:2] in (["storage", "cp"], ["storage", "rsync"], ["storage", "mv"]):
        copies = words[2:-1] and words[-1].startswith(("gs://", "$"))
        return _copied(call, words[2:-1], words[-1], "gs://") if copies else []
    if words[:2] == ["builds", "submit"]:
        return _submitted(call)
    if words[:2] == ["artifacts", "generic"] and "upload" in words:
        return [call.publish(None, "pkg.dev", None, options.values("--source"))]
    return []


def _submitted(call: Call) -> list[Act]:
    """`gcloud builds submit`: Cloud Build builds, and may attest, under the project's own rules."""
    options = call.options(
        3,
        option_names("--tag -t --config --project --substitutions --region --machine-type --timeout"),
    )
    tag = options.value("--tag", "-t")
    outside = ("the Cloud Build project that this is submitted to",)
    if tag is not None:
        return [_attested_there(call, tag, call.at, outside)]
    path = joined_path(call.context.directory, options.value("--config") or "cloudbuild.yaml")
    return _images_of_cloud_build(call, path, outside)


def _images_of_cloud_build(call: Call, path: str, outside: tuple[str, ...]) -> list[Act]:
    from slsacheck.errors import SlsacheckError
    from slsacheck.evidence.yaml import load

    if not call.context.tree.exists(path):
        return []
    try:
        root = load(call.context.tree.text(path), path)
    except SlsacheckError as problem:
        call.context.problems.add(path, problem.message, problem.advice)
        return []
    return [_attested_there(call, node.text, node.at, outside) for node in root.get("images").each() if node.text]


def _attested_there(call: Call, image: str, at: Place, outside: tuple[str, ...]) -> Act:
    return call.act(
        ActKind.PUBLISH,
        type="container-image",
        channel=channel_of_image(image),
        name=image_name(image),
        at=at,
        provenance="unknown",
        root="google-cloud-build/images",
        external=outside,
        builds="yes",
    )


def _az(call: Call) -> list[Act]:
    options = call.options(1, _AZ_VALUES)
    words = options.words
    if words[:3] in (["storage", "blob", "upload"], ["storage", "blob", "upload-batch"], ["storage", "blob", "sync"]):
        account = options.value("--account-name") or ""
        container = options.value("-c", "--container-name", "-d", "--destination") or ""
        host = f"{account}.blob.core.windows.net" if account and not unresolved(account) else "object-storage"
        what = list(options.values("-f", "--file", "-s", "--source"))
        return (
            []
            if any(SITE.search(name) for name in what)
            else [call.publish(None, host, container or None, tuple(what), bucket="yes")]
        )
    if words[:2] == ["acr", "build"] and not options.on("--no-push"):
        from slsacheck.evidence.publications.scripts.containers import image_acts

        registry = options.value("-r", "--registry") or "$REGISTRY"
        host = f"{registry}.azurecr.io" if "." not in registry and not unresolved(registry) else registry
        return image_acts(
            call, [f"{host}/{tag}" for tag in options.values("-t", "--image")], provenance="no", builds="yes"
        )
    return []


def _rclone(call: Call) -> list[Act]:
    options = call.options(1, _RCLONE_VALUES)  # its options may stand before the verb
    verb, words = options.words[:1], options.words[1:]
    if (
        verb not in (["copy"], ["sync"], ["copyto"], ["move"], ["moveto"])
        or ":" not in "".join(words[1:2])
        or options.on("--dry-run", "-n")
    ):
        return []
    return _copied(call, words[:1], words[1].removeprefix(":").partition(":")[2], "")


def _over_ssh(call: Call, target: str) -> bool:
    """Whether rsync is told to use ssh while the place is only known in a run."""
    return unresolved(target) and ":" not in target and any(re.match(r"ssh\b", word) for word in call.argv)


def _scp(call: Call) -> list[Act]:
    options = call.options(1, _SCP_VALUES)
    words = options.words
    if call.program == "rsync" and len(words) > 1 and _over_ssh(call, words[-1]) and not options.on("--dry-run", "-n"):
        sites = any(SITE.search(word) for word in words[:-1])
        return [] if sites else [call.publish(None, None, None, tuple(words[:-1]), server="yes")]
    remote = _REMOTE.match(words[-1]) if len(words) > 1 else None
    if remote is None or options.on("--dry-run", "-n") or _REMOTE.match(words[0]):
        return []
    if any(SITE.search(word) for word in words[:-1]):
        return []
    host = remote[1] if not unresolved(remote[1]) and "." in remote[1] else None
    return [call.publish(None, host, None, tuple(words[:-1]), server="yes")]


def _s3cmd(call: Call) -> list[Act]:
    words = call.options(1, option_names("-c --config --access_key --secret_key --host --host-bucket")).words
    if words[:1] not in (["put"], ["sync"]) or not words[1:-1] or not words[-1].startswith("s3://"):
        return []
    return _copied(call, words[1:-1], words[-1], "s3://")


def _minio(call: Call) -> list[Act]:
    words = call.options(1).words
    if words[:1] not in (["cp"], ["mirror"]) or not words[1:-1] or words[1].startswith("/dev"):
        return []
    return _copied(call, words[1:-1], words[-1].partition("/")[2], "")


def _b2(call: Call) -> list[Act]:
    words = call.options(1).words
    if words[:1] == ["upload-file"]:
        return _copied(call, words[2:3], words[1], "b2://")
    return (
        _copied(call, words[1:-1], words[-1], "b2://")
        if words[:1] == ["sync"] and words[-1].startswith("b2://")
        else []
    )


def _azcopy(call: Call) -> list[Act]:
    words = call.options(1).words
    if words[:1] not in (["copy"], ["sync"]) or not words[1:-1] or "blob.core" not in words[-1]:
        return []
    host = re.match(r"https?://([\w.-]+)/", words[-1])
    return [call.publish(None, host[1] if host else "object-storage", None, tuple(words[1:-1]), bucket="yes")]


READERS = {
    "aws": _aws,
    "gsutil": _gsutil,
    "gcloud": _gcloud,
    "az": _az,
    "rclone": _rclone,
    **dict.fromkeys(("scp", "rsync"), _scp),
    "s3cmd": _s3cmd,
    "mc": _minio,
    "b2": _b2,
    "azcopy": _azcopy,
}
