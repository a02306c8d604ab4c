"""Helm charts: to an OCI registry, to a chart repository on GitHub pages, to ChartMuseum."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image
from slsacheck.evidence.publications.scripts._call import option_names
from slsacheck.evidence.publications.scripts.containers import local_registry

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_HELM_VALUES = option_names(
    "--version --username --password --ca-file --cert-file --key-file -d --destination --app-version --key "
    "--keyring --registry-config"
)
_CR_VALUES = option_names(
    "-o --owner -r --git-repo -t --token -p --package-path --config --charts-repo -b --git-base-url -u "
    "--git-upload-url -c --commit -i --index-path --pages-branch"
)


def _helm(call: Call) -> list[Act]:
    options = call.options(2, _HELM_VALUES)
    if call.word(1) == "package":
        acts = [call.act(ActKind.BUILD, type="helm-chart", what=("*.tgz",))]
        return [*acts, call.act(ActKind.SIGN, type="helm-chart", signing="key")] if options.on("--sign") else acts
    if call.word(1) in ("push", "cm-push") and len(options.words) > 1:
        target = options.words[1]
        where = re.sub(r"^oci://", "", target)
        if local_registry(where):
            return []
        channel = channel_of_image(f"{where}/x") if target.startswith(("oci://", "$")) else where
        return [call.publish("helm-chart", channel, where, tuple(options.words[:1]))]
    if call.word(1) == "s3" and call.word(2) == "push":
        return [call.publish("helm-chart", "object-storage", None, call.argv[3:4])]
    return []


def _chart_releaser(call: Call) -> list[Act]:
    options = call.options(2, _CR_VALUES)
    if call.word(1) == "upload":
        where = options.value("-p", "--package-path") or ".cr-release-packages"
        return [call.publish("helm-chart", "github-release", None, (f"{where}/*.tgz",))]
    return [call.act(ActKind.BUILD, type="helm-chart", what=("*.tgz",))] if call.word(1) == "package" else []


READERS = {"helm": _helm, **dict.fromkeys(("cr", "chart-releaser"), _chart_releaser)}
