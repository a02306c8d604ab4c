"""Which files a command changes: edited in place, written over, moved there, packed or built anew.

Asked for the scripts alone that run between an attestation and a publication (`Context.watches`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.code import path_like
from slsacheck.evidence.publications.scripts._call import HERE, TEMPORARY, joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts._outputs import (
    DESCRIBED,
    cloned,
    copied,
    fetched,
    from_network,
    into_folder,
    outputs,
    packed,
    unpacked,
)
from slsacheck.evidence.publications.scripts._unwrap import program_name, unwrapped
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["changes_of"]

_IN_PLACE = option_names(
    "strip llvm-strip upx install_name_tool patchelf stapler editbin rcedit codesign signtool osslsigncode "
    "azuresigntool jsign rcodesign gon apksigner jarsigner zipalign rpmsign debsign debsigs dpkg-sig "
    "trusted-signing-cli smctl signcode set-authenticodesignature truncate shred dos2unix unix2dos sponge ranlib "
    "objcopy llvm-objcopy lipo dd tee patch ex ed wheel advzip strip-nondeterminism set-content add-content out-file"
)
"""Programs whose operands are the files that they change."""
_EDITORS = {
    **dict.fromkeys(("sed", "gsed", "perl", "ruby"), regex(r"^-(?!-)\w*i|^--in-place")),
    **dict.fromkeys(("yq", "dasel", "sd", "clang-format", "gofmt", "prettier"), regex(r"^(-i|--inplace|-w|--write)\b")),
    **dict.fromkeys(("awk", "gawk"), regex(r"^inplace$")),
    **dict.fromkeys(("rpm", "nuget", "dotnet"), regex(r"^--(?:add|re)sign$|^sign$")),
}
"""Programs that change their operands where an option says so."""
_VERIFIES = regex(
    r"^(?:verify|--verify|-v|-d|--display|validate|--version|-h|--help|timestamp|attach|detach|--dry-run|-t|--test)$"
)
_BUILDERS = option_names(
    "tsc vite webpack rollup esbuild parcel tsup ncc ninja meson scons msbuild bazel bazelisk earthly earth "
    "pyinstaller nuitka electron-builder electron-packager wails iscc makensis"
)
_RUNNERS = option_names("make gmake npm pnpm yarn bun just task mage rake invoke gradle gradlew mvn mvnw cmake nox tox")
_VERB = regex(r"(?:^|[/_:.-])(?:re)?(?:build|compile|package|bundle|dist|assemble|pack|all)(?:[_:.-]|$)")
_NO_BUILD = regex(
    r"docker|image|container|docs?\b|site\b|pages|test|lint|notes|changelog|check|verify|version|packages?[_:-]\w*(push|publish)",
    re.IGNORECASE,
)
_SUMS = option_names(
    "sha256sum sha512sum sha384sum sha224sum sha1sum shasum b2sum gsha256sum sha256 rhash get-filehash certutil"
)
_NOT_FILES = regex(r"^(?:/dev/|&|\d$|\$\{?GITHUB_|\$env:GITHUB_)")


def changes_of(call: Call, before: Iterable[Act], outside: Context) -> list[Act]:
    """What a command changes, its wrappers taken off; `before` are the acts that its reader found in it.

    `outside` is where the shell stands that starts it, which is elsewhere than a command in a container.
    """
    told = list(before)
    sent = "yes" if from_network(call) else ""
    found = [_act(replace(call, context=outside), path, fetched=sent) for path in _redirected(call)]
    if call.shares == ():
        return found
    if call.program == "find":
        inner = _executed(call)
        return [*found, *(changes_of(inner, (), outside) if inner is not None else [])]
    if call.program == "xcrun":
        return [*found, *changes_of(call.from_word(1), told, outside)]
    if any(_VERIFIES.match(word) for word in call.argv[1:3]) and program_name(call.program) in _IN_PLACE:
        return found
    name = program_name(call.program).lower()
    if name in _SUMS or (name == "openssl" and call.word(1) in ("dgst", "sha256", "sha512")):
        return [*found, *_hashed(call)]
    for reader in (_edited, _moved, _written):
        found += reader(call, name)
    if not found and not any(act.kind in (ActKind.ALTER, ActKind.BUILD) for act in told):
        found += _opaque(call, name)
    return found


def _act(call: Call, *paths: str, **facts: str) -> Act:
    what = tuple(dict.fromkeys(path for word in paths for path in _places(call, word)))
    return call.act(ActKind.ALTER, what=what, facts=facts)


def _places(call: Call, word: str) -> list[str]:
    """A word as paths from the target's root; absolute ones stay so, and what is not known is left in them."""
    found = []
    for choice in call.choices(word):
        path = choice.strip("\"'").replace("\\", "/")
        if TEMPORARY.match(path):
            found.append(TEMPORARY.sub("/tmp", path))  # noqa: S108 - nothing is written there
        elif HERE.match(path):
            found.append(HERE.sub("", path) or ".")
        elif path.startswith(("/", "~", "$")):
            found.append(path)
        else:
            base = joined_path(call.context.directory, path)
            found.append(f"{base}/" if path.endswith("/") and base else base)
    return found


def _redirected(call: Call) -> list[str]:
    return [
        target
        for operator, target in call.command.redirects
        if ">" in operator and not operator.startswith(("2", ">&", "<")) and not _NOT_FILES.match(target)
    ]


def _executed(call: Call) -> Call | None:
    """The command behind `find FOLDER -name GLOB … -exec`, with what is found in the place of `{}`."""
    words = call.argv
    index = next((index for index, word in enumerate(words) if word in ("-exec", "-execdir", "-ok")), None)
    if index is None or index + 1 >= len(words):
        return None
    folder = words[1] if not words[1].startswith("-") else "."
    named = next((words[at + 1] for at, word in enumerate(words[:index]) if word in ("-name", "-iname")), "*")
    given = tuple(f"{folder.rstrip('/')}/{named}" if word == "{}" else word for word in words if word not in (";", "+"))
    return unwrapped(replace(call, argv=given).from_word(index + 1))


def _operands(call: Call, valued: frozenset[str] = frozenset()) -> list[str]:
    """The words that are no options; for `xargs` those that it is given."""
    words = [word for word in call.options(1, valued).words if word]
    return [*words, *_piped(call)] if "xargs" in call.command.argv else words


def _piped(call: Call) -> list[str]:
    """The files that come through a pipe: those that `find FOLDER -name GLOB` finds, or that other commands name."""
    words = call.piped
    if "-name" in words[:-1]:
        return [f"{words[0].rstrip('/')}/{words[words.index('-name') + 1]}"]
    return [path_like(word) for word in words if path_like(word)]


def _hashed(call: Call) -> list[Act]:
    """Hashes that are computed: of files, or of what comes through a pipe."""
    options = call.options(2 if call.program == "openssl" else 1, option_names("-a --algorithm -Algorithm -out -r="))
    if any(re.fullmatch(r"--check|--status|-[a-z]*c[a-z]*", option.name) for option in options.found):
        return []
    words = [word for word in options.words if word != "-"]
    if not words and "xargs" in call.command.argv and "ls-files" not in call.piped:
        words = _piped(call)[:20]
    what = tuple(path for word in words for path in _places(call, word))
    return [call.act(ActKind.HASH, what=what)]


def _edited(call: Call, name: str) -> list[Act]:
    """Programs that change a file where it lies."""
    if name in _IN_PLACE:
        words = [word.partition("=")[2] if word.startswith("of=") else word for word in _operands(call)]
        paths = [word for word in words if "=" not in word and not word.startswith("-")]
        looks = name == "tee" and all(_NOT_FILES.match(path) for path in paths)
        return [] if looks else [_act(call, *paths)]
    marked = _EDITORS.get(name)
    if marked is None or not any(marked.match(word) for word in call.argv[1:]):
        return []
    scripted = any(re.match(r"^(-\w*e|--expression|-f|--file)", word) for word in call.argv[1:])
    paths = _operands(call, option_names("-e -f --expression --file -pe -ne -pie -ie -i.bak=")) or [""]
    return [_act(call, *(paths if scripted or len(paths) == 1 else paths[1:]))]


def _moved(call: Call, name: str) -> list[Act]:
    """Programs that put files somewhere: copies, archives that are taken apart, downloads."""
    readers: tuple[Callable[[Call, str], tuple[tuple[str, ...], tuple[str, ...]] | None], ...] = (copied, unpacked)
    for reader in readers:
        found = reader(call, name)
        if found is not None:
            sources, paths = found
            known = (path for word in sources for path in _places(call, word))
            network = "yes" if any("://" in word for word in call.piped) else ""
            facts = {"from": "\n".join(known), "fetched": network, "unpacks": "yes" if reader is unpacked else ""}
            return [_act(call, *paths, **facts)] if paths else []
    if paths := cloned(call, name):
        return [_act(call, *paths, fetched="yes", may="yes")]
    if paths := fetched(call, name):
        return [_act(call, *paths, fetched="yes" if name != "git" else "")]
    paths = into_folder(call, name)
    return [_act(call, *paths)] if paths else []


def _written(call: Call, name: str) -> list[Act]:
    """Archives that are made, and files that options name as output."""
    archives = packed(call, name)
    if archives is not None:
        return [_act(call, *archives, packs="yes")]
    paths = [path for path in outputs(call) if not unresolved(path) and not _NOT_FILES.match(path)]
    return [_act(call, *paths)] if paths else []


def _opaque(call: Call, name: str) -> list[Act]:
    """Commands that cannot be followed: those that build again to judge by their words, and those handed a file."""
    words = [word for word in call.argv[1:] if not word.startswith("-") and "=" not in word]
    if {"--dry-run", "--help", "-n"} & set(call.argv):
        return []
    image = call.shares is not None and not call.program.startswith((".", "/", "$"))
    if name in _RUNNERS or (not image and (call.program.endswith(".sh") or "/" in call.program)):
        targets = words if name in _RUNNERS else [call.program.rpartition("/")[2]]
        if name == "cmake":
            targets = ["build"] if "--build" in call.argv else []
        speaks = [word for word in targets if _VERB.search(word) and not _NO_BUILD.search(word)]
        if speaks or (name in ("make", "gmake") and not words):
            return [_act(call, builds="yes")]
    if name in _BUILDERS and not any(_NO_BUILD.search(word) for word in words[:1]):
        return [_act(call, builds="yes")]
    if name in DESCRIBED or name in _IN_PLACE or name in _EDITORS:
        return []
    from slsacheck.evidence.publications.scripts._strangers import given

    paths = given(call, [word for word in _operands(call) if "=" not in word])
    return [_act(call, *paths, may="yes")] if paths else []
