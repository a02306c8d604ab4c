"""Whether a path that a command writes is among the files that are published: folders count where they are known."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.flows import FOLDERS, pattern
from slsacheck.evidence.publications.kinds import is_side, split_sides
from slsacheck.patterns import regex
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.deeds import Run
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Place

__all__ = ["Names", "beside", "overlap", "same_place", "touches"]

WORKSPACE = regex(r"^(?:\$\{\{ *github\.workspace *\}\}|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|PWD)\}?)/?|^\./")
DOCUMENTS = regex(r"(?i)(?:^|/)(?:licen[cs]e|readme|changelog|notice|copying|authors)[^/]*$|\.(?:md|txt|adoc|rst)$")
"""What lies beside programs and is none."""
WRITES = regex(r"(?:>|\b(?:cp|mv|tee|install|ln)\b[^;&|]*)\s*[\"']?$")
"""What stands before a file that a command writes."""
MAX_HEAD = 500
"""Characters before a file's name in which the command that writes it is looked for."""
EDITORS = frozenset(("sed", "gsed", "perl", "ruby", "yq", "sponge", "truncate", "patch", "dos2unix"))
"""Programs that change a file which is there already."""


@record
class Names:
    """The files that are published and those that are attested, as globs; `fetched` are folders of earlier jobs' files.

    `exact` says that the published names are paths from the root; else they may be relative to some folder. `loose`
    that the root is not where the repository was checked out. `handed` is what a run hands on that does not publish.
    """

    published: tuple[str, ...]
    attested: tuple[str, ...] = ()
    fetched: tuple[str, ...] = ()
    exact: bool = False
    loose: bool = False
    tree: Tree | None = None
    handed: tuple[str, ...] = ()


def same_place(one: Place, other: Place) -> bool:
    """Whether two acts stand on the same line of the same file."""
    return one.path == other.path and one.line == other.line


def beside(run: Run, names: Names, *, publishes: bool) -> Names:
    """The names in the words of a run: what it hands on where it does not publish itself, what it fetched."""
    fetched = tuple(path for deed in run.of(ActKind.FETCH) for path in deed.act.what)
    tree = next((deed.scene.tree for deed in run.deeds if deed.scene is not None), None)
    here = replace(names, fetched=fetched, tree=tree, loose=bool(run.checkouts))
    handed = tuple(path for deed in run.of(ActKind.PASS_ON) for path in deed.act.what)
    return here if publishes or not handed else replace(here, handed=handed, exact=True)


def touches(act: Act, names: Names, text: str) -> bool:
    """Whether what an act changes may be among what is published, and is not only moved there.

    `text` is the script that it stands in: a document that is read and written again is changed, not put beside.
    """
    published = [name for name in names.handed or names.published if pattern(name) != "*"]
    if not act.what:
        packs = act.fact("packs")
        return not packs or any(fnmatchcase("x.tar.gz", _last(name)) for name in names.published)
    found = [path for path in act.what if not _aside(path, act, names.published, text)]
    if not any(not published or any(_among(path, name, names) for name in published) for path in found):
        return False
    sources = [path for path in (act.fact("from") or "").split("\n") if path]
    return not sources or not all(_known(path, names) for path in sources)


def _aside(path: str, act: Act, published: tuple[str, ...], text: str) -> bool:
    """Whether a file is one of checksums, signatures or documents that are put beside what is published."""
    ending = path.rpartition(".")[2]
    if any(pattern(name) == pattern(path) or name.endswith(f".{ending}") for name in published):
        return False
    if is_side(path):
        return True
    document = DOCUMENTS.search(path) is not None or bool(split_sides((path,))[1])
    return document and act.tool not in EDITORS and not _read_before(path, text)


def _read_before(path: str, text: str) -> bool:
    """Whether a script names a file twice, and does not begin by writing it."""
    head = text[: text.find(path)].rpartition("\n")[2][-MAX_HEAD:]
    return text.count(path) > 1 and WRITES.search(head) is None


def _known(source: str, names: Names) -> bool:
    """Whether a file that is copied was attested, or came from an earlier job."""
    if any(
        _among(source, name, names)
        for name in (*names.attested, *names.published, *names.handed)
        if pattern(name) != "*"
    ):
        return True
    if names.tree is not None and names.tree.exists(source):
        return False
    within = any(
        where.strip("./") == "" or _parts(source)[: len(_parts(where))] == _parts(where) for where in names.fetched
    )
    return within or (not names.attested and not names.published)


def _among(path: str, name: str, names: Names) -> bool:
    """Whether a path (which may hold what is not known) is one that a glob names."""
    folder, last = _split(name)
    where, own = _split(path)
    if not (fnmatchcase(own.replace("*", "x"), last) or fnmatchcase(last.replace("*", "x"), own)):
        return False
    if path.startswith("$") and not where:
        return True
    return _same_folder(where, folder, names)


def _same_folder(path: str, named: str, names: Names) -> bool:
    """Whether a folder from the root may be that of a name, whose own folder may be one that is not known."""
    if "*" in path + named and names.exact and not (path and named):
        return (path or named).startswith("*")  # one of them is the root itself
    if "*" in path + named:
        return _open(path, named) or _open(named, path)
    if path == named:
        return True
    if names.loose and path and named.endswith(f"/{path}"):
        return True
    return not names.exact and (not named or path.endswith(f"/{named}"))


def overlap(one: str, other: str, names: Names) -> bool:
    """Whether two globs from the root (the other's root is not known unless `names.exact`) may name the same files."""
    first, second = (pattern(WORKSPACE.sub("", path.strip())).strip("/") for path in (one, other))
    for folder, inside in ((first, second), (second, first)):
        if "." not in folder.rpartition("/")[2] and "*" not in folder and inside.startswith(f"{folder}/"):
            return True
    return _among(one, other, names)


def _open(one: str, other: str) -> bool:
    """Whether a folder with a `*` in it may be another one, or lie around or below it."""
    head = one.partition("*")[0].rstrip("/")
    begins = other == head or other.startswith(f"{head}/") or head.startswith(f"{other}/")
    return not head or not other or begins or fnmatchcase(other, one)


def _parts(path: str) -> list[str]:
    return [part for part in WORKSPACE.sub("", path.strip()).split("/") if part not in ("", ".")]


def _split(name: str) -> tuple[str, str]:
    """Folder and last part of a glob; a folder is its own with everything in it."""
    text = pattern(WORKSPACE.sub("", name.strip()))
    folder, _, last = text.rstrip("/").rpartition("/")
    if text.endswith("/") or last in ("", ".", "..", *FOLDERS):
        return text.strip("/").removesuffix("/.").strip("."), "*"
    return folder, last


def _last(name: str) -> str:
    return _split(name)[1]
