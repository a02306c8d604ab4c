"""The facts of a repository's git history, from a handful of plumbing commands."""

from slsacheck.errors import Absent, SlsacheckError
from slsacheck.evidence.contents import shown
from slsacheck.evidence.git.commits import Commit, parse_commit, tag_is_signed
from slsacheck.evidence.git.listing import Listing
from slsacheck.evidence.git.remotes import origin_host, strip_credentials
from slsacheck.evidence.git.repository import Plumbing
from slsacheck.model import GitFacts, Place
from slsacheck.record import field, record

__all__ = ["NO_REPOSITORY", "facts"]

MAX_COMMITS = 100
"""First-parent commits whose headers are read; enough for a habit to show, and 10 ms of work."""
MAX_COUNT = 10_000
"""Commits that are counted; beyond, the number says nothing more about a level."""
MAX_REFERENCES = 10_000
"""Tags and notes that are listed; the largest public repositories have some 5,000 tags."""
MAX_TAGS = 50
"""Tags at HEAD that are named; monorepos tag a release of every package."""
MAX_ASKED = 500
"""Changed files whose attributes are asked for; as arguments they stay far below the kernel's limit."""

NO_REPOSITORY = GitFacts(present=False)

_REFERENCES = ("for-each-ref", f"--count={MAX_REFERENCES}")
_FORMAT = "--format=%(objectname) %(objecttype) %(*objectname) %(refname)"


@record(frozen=False)
class _History:
    """What a walk over first parents saw; `commits` is None unless the walk saw all of them."""

    looked_at: int = 0
    signed: int = 0
    without_author: int = 0
    commits: int | None = None
    time: int | None = None


@record(frozen=False)
class _Tags:
    at_head: list[tuple[str, str]] = field(default_factory=list)
    notes: bool = False


def facts(git: Plumbing, listing: Listing | None = None, revision: str = "HEAD") -> GitFacts:
    """The facts of a repository at a revision; `listing` is what git said of the work tree, None without one.

    Nothing is raised: what could not be read is None and named in `problems`.
    """
    problems: list[str] = []
    commit = _resolve(git, revision, problems)
    shallow = git.has("shallow")
    history = _history(git, commit, shallow, problems) if commit else _History()
    tags = _tags(git, commit, problems)
    branch = _branch(git.head()) if revision == "HEAD" else None
    origin = git.setting("remote.origin.url")
    return GitFacts(
        present=True,
        commit=commit,
        branch=branch,
        tags=tuple(name for name, _ in tags.at_head),
        tag_kinds=tuple(tags.at_head),
        dirty=_dirty(git, commit, listing, problems) if revision == "HEAD" else None,
        untracked=listing.untracked if listing else 0,
        origin=strip_credentials(origin) if origin else None,
        host=origin_host(origin) if origin else None,
        bare=git.bare,
        shallow=shallow,
        partial=git.setting("extensions.partialclone") is not None,
        commits=history.commits,
        committed_at=_iso(history.time),
        looked_at=history.looked_at,
        signed=history.signed,
        without_author=history.without_author,
        submodules=tuple(shown(name) for name in listing.submodules) if listing else (),
        object_format=(git.setting("extensions.objectformat") or "sha1").lower(),
        notes=tags.notes,
        at=(Place(digest=f"gitCommit:{commit}"),) if commit else (),
        problems=tuple(problems),
    )


def _resolve(git: Plumbing, revision: str, problems: list[str]) -> str | None:
    try:
        found = git.object(revision + "^{commit}")
    except Absent:
        problems.append(_why_absent(git, revision))
    except SlsacheckError as error:
        problems.append(f"{revision} cannot be read: {error.message}")
    else:
        return found.name
    return None


def _why_absent(git: Plumbing, revision: str) -> str:
    try:
        broken = git.status("rev-parse", "--verify", "--quiet", "--end-of-options", revision) == 0
    except SlsacheckError:
        broken = False
    if broken:
        return f"{revision} names a commit that is missing from the object store"
    return "there is no commit yet" if revision == "HEAD" else f"there is no revision {revision}"


def _branch(head: str) -> str | None:
    """The branch that HEAD names; None where HEAD names a commit."""
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else None


def _history(git: Plumbing, commit: str, shallow: bool, problems: list[str]) -> _History:
    seen = _History()
    merges = False
    name: str | None = commit
    while name is not None and seen.looked_at < MAX_COMMITS:
        found = _commit(git, name, shallow and seen.looked_at > 0, problems)
        if found is None:
            break
        seen.time = found.time if seen.looked_at == 0 else seen.time
        seen.looked_at += 1
        seen.signed += found.signed
        seen.without_author += not (found.author and found.committer)
        merges = merges or len(found.parents) > 1
        name = found.parents[0] if found.parents else None
    if name is None and not merges:
        seen.commits = seen.looked_at
    else:
        seen.commits = _count(git, commit, problems)
    return seen


def _commit(git: Plumbing, name: str, may_lack: bool, problems: list[str]) -> Commit | None:
    try:
        found = git.object(name)
    except Absent:
        if not may_lack:
            problems.append(f"commit {name} is missing from the object store")
        return None
    except SlsacheckError as error:
        problems.append(f"commit {name} cannot be read: {error.message}")
        return None
    return parse_commit(found.data) if found.type == "commit" else None


def _count(git: Plumbing, commit: str, problems: list[str]) -> int | None:
    """The number of commits, None where there are more than `MAX_COUNT`."""
    try:
        answer = git.ask("rev-list", "--count", f"--max-count={MAX_COUNT + 1}", commit)
    except SlsacheckError as error:
        problems.append(f"the commits cannot be counted: {error.message}")
        return None
    number = int(answer) if answer.strip().isdigit() else MAX_COUNT + 1
    return number if number <= MAX_COUNT else None


def _tags(git: Plumbing, commit: str | None, problems: list[str]) -> _Tags:
    tags = _Tags()
    try:
        answer = git.ask(*_REFERENCES, _FORMAT, "refs/notes", "refs/tags")
    except SlsacheckError as error:
        problems.append(f"the tags cannot be listed: {error.message}")
        return tags
    for line in shown(answer).splitlines():
        target, kind, peeled, name = line.split(" ", 3)
        if name.startswith("refs/notes/"):
            tags.notes = True
        elif commit in (target, peeled) and len(tags.at_head) < MAX_TAGS:
            tags.at_head.append((name.removeprefix("refs/tags/"), _tag_kind(git, target, kind)))
    return tags


def _tag_kind(git: Plumbing, target: str, kind: str) -> str:
    """lightweight, annotated or signed."""
    if kind != "tag":
        return "lightweight"
    try:
        return "signed" if tag_is_signed(git.object(target).data) else "annotated"
    except SlsacheckError:
        return "annotated"


def _dirty(git: Plumbing, commit: str | None, listing: Listing | None, problems: list[str]) -> bool | None:
    """Whether the work tree differs from the commit, untracked files included; None where that cannot be told."""
    if listing is None or commit is None:
        return None
    if listing.untracked or _changed(git, listing, problems):
        return True
    try:
        staged = git.status("diff-index", "--cached", "--quiet", "--no-ext-diff", "--no-textconv", commit, "--")
    except SlsacheckError as error:
        problems.append(f"the index cannot be compared with the commit: {error.message}")
        return None
    if staged:
        return True if staged == 1 else None
    unseen = listing.changed or listing.hidden or listing.sparse
    if listing.hidden:
        problems.append(f"git was told not to compare {listing.hidden} files (assume-unchanged)")
    return None if unseen else False


def _changed(git: Plumbing, listing: Listing, problems: list[str]) -> bool:
    """Whether a file surely differs: those with a filter (git-lfs) cannot be compared, since filters are not run."""
    if not listing.changed:
        return False
    names = [name.decode("utf-8", "surrogateescape") for name in listing.changed[:MAX_ASKED]]
    try:
        answer = git.ask("check-attr", "-z", "filter", "--", *names)
    except SlsacheckError:
        return True
    values = answer.decode("utf-8", "surrogateescape").split("\0")[2::3]
    if len(values) < len(listing.changed) or any(value in ("unspecified", "unset") for value in values):
        return True
    problems.append(f"{len(values)} files pass through a filter (such as git-lfs), which is not run to compare them")
    return False


def _iso(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
