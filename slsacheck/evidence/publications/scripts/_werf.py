"""werf: what it makes and pushes stands in werf.yaml, by rules of its own that are not read here.

Known are the repository that it pushes to (`--repo`, `WERF_REPO`, what `werf ci-env` sets on GitHub) and the
Dockerfiles that werf.yaml names; stages, templates and the images' names are said not to be understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import joined_path, option_names
from slsacheck.evidence.publications.scripts.containers import image_acts
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["NOT_UNDERSTOOD", "READERS", "werf_facts"]

NOT_UNDERSTOOD = "werf.yaml, whose templates, stages and names of images are not understood"
PUSHES = frozenset({"converge", "export", "publish", "build-and-publish"})
VALUED = option_names(
    "--repo --final-repo --add-custom-tag --tag --to --env --namespace --release --values --set --dir --config "
    "--kube-context --platform --secondary-repo --cache-repo --synchronization --timeout --parallel-tasks-limit"
)
DOCKERFILE = regex(r"^dockerfile:[ \t]*[\"']?([\w./-]{1,200})")
CONTEXT = regex(r"^context:[ \t]*[\"']?([\w./-]{1,200})")
MAX_TEXT = 400_000
"""Characters of werf.yaml that are read; the longest seen has 30,000."""


def werf_facts(context: Context) -> dict[str, str]:
    """What is known of an image of werf's: its builder and the Dockerfiles that werf.yaml names."""
    from slsacheck.evidence.publications.recipes import dockerfiles, joined

    facts = {"builds": "yes", "made-by": "werf", "guessed": "yes"}
    path = next((one for one in _configurations(context) if context.tree.exists(one)), None)
    if path is None:
        return facts
    try:
        text = context.tree.text(path)[:MAX_TEXT]
    except SlsacheckError as problem:
        context.problems.add(path, problem.message, problem.advice)
        return facts
    found: dict[str, None] = {}
    for document in text.split("\n---"):
        lines = [line.strip() for line in document.splitlines()]
        files = [match[1] for line in lines if (match := DOCKERFILE.match(line)) is not None]
        folders = [match[1] for line in lines if (match := CONTEXT.match(line)) is not None]
        found |= dict.fromkeys(dockerfiles(context.tree, context.directory, files, folders) if files else ())
    return {**facts, "dockerfile": joined(found)} if found else facts


def _configurations(context: Context) -> tuple[str, ...]:
    return tuple(joined_path(context.directory, name) for name in ("werf.yaml", "werf.yml"))


def _werf(call: Call) -> list[Act]:
    word = call.word(2) if call.word(1) in ("bundle", "stages", "images") else call.word(1)
    if word not in PUSHES and word != "build":
        return []
    options = call.options(2, VALUED)
    known = [call.env("WERF_FINAL_REPO") or call.env("WERF_REPO")]
    names = (
        options.values("--tag")
        if word == "export"
        else options.values("--final-repo") or options.values("--repo", "--to") or [name for name in known if name]
    )
    facts = werf_facts(call.context)
    if word == "build" and not names:
        return [call.act(ActKind.BUILD, type="container-image", facts={"made-by": "werf"})]
    call.context.problems.add(
        str(call.at), f"`werf {word}` pushes what is made of {NOT_UNDERSTOOD}", "read werf.yaml by hand"
    )
    found = image_acts(call, names or ["$WERF_REPO"], provenance="no", facts=facts)
    return [replace(act, external=(NOT_UNDERSTOOD,)) for act in found]


READERS = {"werf": _werf}
