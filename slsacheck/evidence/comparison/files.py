"""Two files side by side: archives by their entries, compressed files by what is in them, others by their bytes."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from slsacheck.errors import InputError, SlsacheckError
from slsacheck.evidence.comparison.ars import ArSeries, members_of, stem
from slsacheck.evidence.comparison.entries import compare_entries
from slsacheck.evidence.comparison.findings import Comparison, Tally
from slsacheck.evidence.comparison.opened import Opened, Part, TarSeries, form_of
from slsacheck.evidence.comparison.squashed import compare_squashed, compare_streams
from slsacheck.evidence.comparison.zips import ZipSeries, compare_zips
from slsacheck.evidence.hashing import digests_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.comparison.ars import Member

    Add = Callable[..., None]

__all__ = ["compare_files", "kinds_inside"]

_NESTED = frozenset({"control.tar", "data.tar"})
"""Members of a Debian package that are archives."""


def compare_files(first: str, second: str) -> Comparison:
    """The answer for two files. Raises Absent, InputError or Unavailable where one of them cannot be read."""
    before, after = (f"sha256:{dict(digests_of(path))['sha256']}" for path in (first, second))
    tally, form = Tally(), "file"
    if before != after:
        try:
            form = _compare(Part(first, first), Part(second, second), tally.add)
        except InputError as problem:
            raise _of_a_file(problem) from problem
        if not tally.kinds:
            tally.add("archive-format", before=before, after=after)
    return tally.comparison(first, second, form, (before, after))


def kinds_inside(first: bytes, second: bytes) -> tuple[tuple[str, int], ...]:
    """What differs inside two archives, by kind; nothing where they are none, or cannot be read."""
    tally = Tally()
    left, right = (Part("", "an archive inside", data=data) for data in (first, second))
    try:
        form = _compare(left, right, tally.add)
    except SlsacheckError:
        return ()
    return () if form == "bytes" else tally.counted()


def _of_a_file(problem: InputError) -> InputError:
    """The same error of a file, where the reader of layers speaks of images."""
    message = problem.message.replace("out of the image", "out of the archive")
    advice = (
        "nothing was unpacked; leave the file out, or get it again" if "image" in problem.advice else problem.advice
    )
    return InputError(message, where=problem.where, advice=advice)


def _compare(left: Part, right: Part, add: Add) -> str:
    """Compares two files of which the bytes may differ; what they are."""
    ours, theirs = form_of(left), form_of(right)
    if {ours, theirs} <= {"bytes", "compressed"}:
        ours = theirs = min(ours, theirs)
    if ours != theirs:
        add("type", before=ours, after=theirs)
        return "bytes"
    _BY_FORM[ours](left, right, add)
    return "compressed" if ours == "bytes" and form_of(left) == "compressed" else ours


def _compare_tars(left: Part, right: Part, add: Add) -> None:
    with Opened(left) as one, Opened(right) as two:
        found = _Watched(add)
        compare_entries(TarSeries(one), TarSeries(two), found)
        if one.digest != two.digest and not found.seen:
            add("archive-format", before=one.digest, after=two.digest)
        compare_squashed(one, two, add)


def _compare_plain(left: Part, right: Part, add: Add) -> None:
    with Opened(left) as one, Opened(right) as two:
        compare_streams(one, two, add)
        compare_squashed(one, two, add)


def _compare_zips(left: Part, right: Part, add: Add) -> None:
    with closing(ZipSeries(left)) as one, closing(ZipSeries(right)) as two:
        compare_entries(one, two, add)
        compare_zips(one, two, add)


def _compare_ars(left: Part, right: Part, add: Add) -> None:
    ours, theirs = members_of(left), members_of(right)
    one, two = _archives(ours), _archives(theirs)
    apart = frozenset(one.keys() & two.keys())
    compare_entries(ArSeries(ours, apart), ArSeries(theirs, apart), add)
    for name in sorted(apart):
        inner, outer = one[name].part, two[name].part

        def below(what: str, path: str | None = None, *, name: str = name, **more: Any) -> None:
            add(what, f"{name}/{path}" if path else name, **more)

        _compare(inner, outer, below)


def _archives(members: tuple[Member, ...]) -> dict[str, Member]:
    """The members that are compared as archives, each by its name without compression; none that comes twice."""
    names = [stem(member.entry.path) for member in members]
    return {
        name: member for name, member in zip(names, members, strict=True) if name in _NESTED and names.count(name) == 1
    }


_BY_FORM: dict[str, Callable[[Part, Part, Add], None]] = {
    "tar": _compare_tars,
    "zip": _compare_zips,
    "ar": _compare_ars,
    "bytes": _compare_plain,
    "compressed": _compare_plain,
}


class _Watched:
    """Passes differences on, and knows whether there were any."""

    def __init__(self, add: Add) -> None:
        self._add = add
        self.seen = False

    def __call__(self, what: str, path: str | None = None, **more: Any) -> None:
        self.seen = True
        self._add(what, path, **more)
