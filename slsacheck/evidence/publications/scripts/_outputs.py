"""Where the programs of everyday put files: copies, archives, downloads, and options that name an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.code import path_like
from slsacheck.evidence.publications.scripts._call import option_names
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = [
    "DESCRIBED",
    "cloned",
    "copied",
    "exported",
    "fetched",
    "from_network",
    "into_folder",
    "outputs",
    "packed",
    "saves",
    "unpacked",
]

_COPIERS = option_names("cp gcp mv install ginstall rsync ln ditto copy move xcopy robocopy copy-item move-item")
_COPY_VALUES = option_names("-t --target-directory -m --mode -o -g --owner --group -S --suffix -e --exclude --include")
_PACKERS = option_names("tar gtar bsdtar zip 7z 7za gzip pigz xz zstd bzip2 hdiutil compress-archive ar cpio jar")
_SINGLE = {"gzip": ".gz", "pigz": ".gz", "xz": ".xz", "zstd": ".zst", "bzip2": ".bz2"}
_UNPACKERS = option_names("unzip gunzip unxz bunzip2 unzstd expand-archive")
DESCRIBED = _COPIERS | _PACKERS | _UNPACKERS
"""Programs of which all is said here that they write."""
_UNPACKS = regex(r"^(?:-{1,2}extract|--get|-?[a-zA-Z]*x[a-zA-Z]*|-{1,2}decompress|--uncompress|-d\w*|[ex])$")
_LISTS = regex(r"^(?:-{1,2}list|-{1,2}test|-?[a-zA-Z]*t[a-zA-Z]*|[lt]|--version|--help|-l)$")
_ARCHIVE = regex(r"\.(?:tar(?:\.\w+)?|tgz|txz|tbz2?|zip|7z|gz|xz|zst|bz2|dmg|a|whl|jar|deb)$")
_NO_OUTPUT = option_names(
    "set ssh scp grep egrep rg ps find tar kubectl az docker podman mount shopt gh helm ls git unzip rsync install "
    "test echo printf curl wget pip oras"
)
"""Programs for which `-o` says something else, or whose output lies beside what they read."""
_FOLDER_OPTIONS = {
    **dict.fromkeys(("auditwheel", "delocate-wheel", "delvewheel"), ("-w", "--wheel-dir")),
    "cmake": ("--prefix",),
    "stack": ("--local-bin-path",),
    "cargo": ("--target-dir", "--artifact-dir", "--out-dir"),
    "dagger": ("--path", "-o", "--output"),
    "fpm": ("-p", "--package"),
    "nfpm": ("-t", "--target"),
    "zig": ("-p", "--prefix"),
}
"""Tools of which no reader tells it: the options that name the file, or the folder, for what they make."""
_LAST = option_names("dpkg-deb mksquashfs appimagetool genisoimage")
"""Tools whose last word is the file that they make."""
_CURL = "[#0-46aBfgGiIjJklLMnNOpqRsSvVZ]*"
"""Options of curl without a value (curl(1)): others may be bundled behind them, as in `-sSfLo FILE`."""
_SAVES = {"curl": regex(rf"^-{_CURL}o$|^--output$"), "wget": regex(r"^-[a-zA-Z]*O$|^--output-document$")}
_REMOTE_NAME = regex(rf"^-{_CURL}O{_CURL}$|^--remote-name(?:-all)?$")
_DESTINATION = regex(r"\bdest=([^,\"\n]+)")
_CLONE_VALUES = option_names("-b --branch --depth -c --config -o --origin --filter -j --jobs --reference")
_PACKAGE = regex(r"^(?:@[\w.-]+/)?[\w.-]+@[\w.^~-]+$")
"""A package of a registry, with its version."""
_OUTPUTS = option_names("-o --output --out -out --outfile --output-file --outputfile")

Found = tuple[tuple[str, ...], tuple[str, ...]] | None


def copied(call: Call, name: str) -> Found:
    """The sources and targets of a copy; None for other programs."""
    if name not in _COPIERS:
        return _out_of_container(call, name)
    options = call.options(1, _COPY_VALUES if name != "rsync" else frozenset({"--exclude", "--include", "-e"}))
    if name in ("install", "ginstall") and options.on("-d", "--directory"):
        return (), ()
    target = options.value("-t", "--target-directory")
    words = [word for word in options.words if word]
    if target is None:
        if len(words) < 2:  # noqa: PLR2004 - a source and a target
            return (), ()
        *words, target = words
    if name == "rsync" and ":" in target:
        return (), ()
    return tuple(words), _below(target, words)


def _below(target: str, sources: list[str]) -> tuple[str, ...]:
    """The target, which may be a file, and what the sources are called in it, where it may be a folder."""
    folder = target.rstrip("/") or "."
    names = ("*" if source.endswith(("/", "/.")) else source.rpartition("/")[2] for source in sources)
    inside = tuple(f"{folder}/{name or '*'}" for name in names)
    return inside if target.endswith(("/", "/.")) or target == "." else (target, *inside)


def _out_of_container(call: Call, name: str) -> Found:
    if name not in ("docker", "podman", "nerdctl") or call.word(1) != "cp":
        return None
    words = call.options(2).words
    if len(words) != 2 or ":" in words[1]:  # noqa: PLR2004 - a source and a target
        return (), ()
    return (), _below(words[1], [words[0].partition(":")[2]])


def _takes_apart(call: Call, name: str) -> bool:
    flags = name in _PACKERS and name not in ("zip", "ar", "compress-archive", "hdiutil")
    return name in _UNPACKERS or (flags and _UNPACKS.match(call.word(1)) is not None)


def unpacked(call: Call, name: str) -> Found:
    """The archive and the folder that it is taken apart in, where that is named; None where nothing is unpacked."""
    words = call.argv[1:]
    if not _takes_apart(call, name):
        return None
    archives = tuple(word for word in words if _ARCHIVE.search(word))
    if name in _SINGLE or name in ("gunzip", "unxz", "bunzip2", "unzstd"):
        return archives, tuple(word.rpartition(".")[0] for word in archives)
    options = call.options(1, frozenset({"-C", "--directory", "-d", "-f", "-DestinationPath"}))
    folder = options.value("-C", "--directory", "-d", "-DestinationPath")
    folder = folder or next((word[2:] for word in words if word.startswith("-o") and len(word) > 2), None)  # noqa: PLR2004
    return archives, ((f"{folder.rstrip('/')}/*",) if folder else ())


def packed(call: Call, name: str) -> tuple[str, ...] | None:
    """The archives that a command makes, none where they have no name in it; None where it makes none."""
    words = [word for word in call.argv[1:] if word]
    if name == "helm" and words[:1] == ["package"]:
        folder = call.options(2, frozenset({"-d", "--destination"})).value("-d", "--destination") or "."
        return (f"{folder.rstrip('/')}/*.tgz",)
    lists = name not in ("compress-archive", "hdiutil") and bool(words) and _LISTS.match(words[0])
    if name not in _PACKERS or not words or lists or "-" in words or _takes_apart(call, name):
        return None
    if name in _SINGLE:
        keeps = [word for word in words if not word.startswith("-")]
        return tuple(f"{word}{_SINGLE[name]}" for word in keeps)
    found = tuple(word for word in words if _ARCHIVE.search(word.rpartition("=")[2]))
    return found[:1] if found else ()


def fetched(call: Call, name: str) -> tuple[str, ...]:
    """Files that are downloaded to a place that is named."""
    options = call.options(1, frozenset({"-o", "--output", "-O", "-P", "--directory-prefix", "-D", "--dir", "-d"}))
    if name in ("curl", "wget"):
        return _downloads(call, name, options)
    if name == "gh" and call.argv[1:3] in (("release", "download"), ("run", "download")):
        folder = options.value("-D", "--dir")
        return (f"{folder.rstrip('/')}/*",) if folder else ()
    if name in ("aws", "gsutil") and {"cp", "sync", "rsync"} & set(call.argv[1:4]):
        words = [word for word in options.words if path_like(word)]
        local = len(words) == 2 and ":" in words[0] and ":" not in words[1]  # noqa: PLR2004 - a source and a target
        return _below(words[1], [words[0]]) if local else ()
    if name == "oras" and call.word(1) == "pull":
        return (f"{(options.value('-o', '--output') or '.').rstrip('/')}/*",)
    if name == "pip" and call.word(1) == "download":
        return (f"{(options.value('-d') or '.').rstrip('/')}/*",)
    if name == "git":
        return _from_git(call)
    if name in ("scp", "rclone"):
        *sources, target = [word for word in options.words if ":" in word or path_like(word)] or [""]
        remote = any(":" in source for source in sources) and ":" not in target
        return _below(target, [source.rpartition(":")[2] for source in sources]) if remote else ()
    return ()


def saves(word: str) -> bool:
    """Whether an option of curl says that a file is written."""
    return bool(_SAVES["curl"].match(word) or _REMOTE_NAME.match(word))


def _downloads(call: Call, name: str, options: Options) -> tuple[str, ...]:
    """What curl and wget write: the file that is named, else one that is called as the address ends."""
    if name == "wget" and (folder := options.value("-P", "--directory-prefix")):
        return (f"{folder.rstrip('/')}/*",)
    named = [call.word(at + 1) for at, word in enumerate(call.argv) if _SAVES[name].match(word) and call.word(at + 1)]
    if named or (name == "curl" and not any(_REMOTE_NAME.match(word) for word in call.argv)):
        return tuple(path for path in named if path != "-")
    return tuple(word.partition("?")[0].rstrip("/").rpartition("/")[2] for word in call.argv if "://" in word)


def from_network(call: Call) -> bool:
    """Whether what a command prints comes from the network."""
    return call.program in ("curl", "wget") or (call.program, call.word(1)) == ("gh", "api")


def cloned(call: Call, name: str) -> tuple[str, ...]:
    """Where a repository is cloned to, or a package of a registry is put."""
    if name == "git" and call.word(1) == "clone":
        words = call.options(2, _CLONE_VALUES).words
        last = words[-1].rstrip("/") if words else ""
        return (f"{last if len(words) > 1 else last.rpartition('/')[2].removesuffix('.git')}/*",) if last else ()
    packed = name == "npm" and call.word(1) == "pack" and _PACKAGE.match(call.word(2)) is not None
    return ("*.tgz",) if packed else ()


def _from_git(call: Call) -> tuple[str, ...]:
    """Files that git puts somewhere: patched, taken from another commit, packed into an archive."""
    if call.word(1) == "apply":
        folder = next((word.partition("=")[2] for word in call.argv if word.startswith("--directory=")), "")
        return (f"{folder}/*",) if folder else ()
    if call.word(1) in ("checkout", "restore") and "--" in call.argv:
        return tuple(path for word in call.argv[call.argv.index("--") + 1 :] for path in (word, f"{word}/*"))
    if call.word(1) == "archive":
        return call.options(2, frozenset({"-o", "--output"})).values("-o", "--output")
    return ()


def into_folder(call: Call, name: str) -> tuple[str, ...]:
    """What a tool puts into the folder that an option of its own names."""
    wanted = _FOLDER_OPTIONS.get(name, ())
    found = call.options(1, frozenset(wanted)).values(*wanted) if wanted else ()
    if name in ("make", "gmake"):
        found = tuple(
            word.partition("=")[2] for word in call.argv if word.startswith(("DESTDIR=", "PREFIX=", "prefix="))
        )
    if name in _LAST and len(call.argv) > 2:  # noqa: PLR2004 - a source and a target
        return (call.argv[-1],)
    return tuple(path for folder in found for path in (folder, f"{folder.rstrip('/')}/*"))


def exported(values: Iterable[str]) -> tuple[str, ...]:
    """The files and folders that BuildKit exports to (`type=local,dest=FOLDER`, or the folder alone)."""
    found = [value if "=" not in value else next(iter(_DESTINATION.findall(value)), "") for value in values]
    named = [place.rstrip("/") for place in found if place.strip("-")]
    return tuple(path for place in named for path in (place, f"{place}/*"))


def outputs(call: Call) -> list[str]:
    """The files that an option of whatever program names as its output."""
    if call.program in ("docker", "buildctl", "depot", "nerdctl") and {"build", "b", "bake", "image"} & {
        *call.argv[1:4]
    }:
        return list(exported(call.options(1, frozenset({"-o", "--output"})).values("-o", "--output")))
    if call.program in _NO_OUTPUT:
        return []
    found = call.options(1, _OUTPUTS).values(*_OUTPUTS)
    return [path for word in found if (path := path_like(word))]
