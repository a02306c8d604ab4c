"""Commits and tags as git stores them, parsed from their bytes."""

from slsacheck.record import record

__all__ = ["Commit", "parse_commit", "tag_is_signed"]


@record
class Commit:
    """The headers of a commit object (gitformat-commit): parents, who and when, whether it carries a signature.

    `author` and `committer` are as written, empty where the header is missing; `time` is the committer's, in seconds
    since 1970, None where it cannot be read. `signed` says that a signature header is there; nobody verified it.
    """

    parents: tuple[str, ...]
    author: str
    committer: str
    time: int | None
    signed: bool


def parse_commit(data: bytes) -> Commit:
    """Reads a commit object; what is missing stays empty."""
    headers, _, _ = data.partition(b"\n\n")
    parents: list[str] = []
    fields: dict[bytes, str] = {}
    for line in headers.split(b"\n"):
        name, _, value = line.partition(b" ")
        if name == b"parent":
            parents.append(value.decode("ascii", "replace"))
        elif name:  # the lines of a signature begin with a blank
            fields.setdefault(name, value.decode("utf-8", "replace"))
    committer = fields.get(b"committer", "")
    signed = b"gpgsig" in fields or b"gpgsig-sha256" in fields
    return Commit(tuple(parents), _who(fields.get(b"author", "")), _who(committer), _time(committer), signed)


def tag_is_signed(data: bytes) -> bool:
    """Whether a tag object ends in a signature (OpenPGP, SSH or X.509); nobody verified it."""
    kinds = (b"PGP SIGNATURE", b"SSH SIGNATURE", b"SIGNED MESSAGE")
    return any(b"\n-----BEGIN " + kind + b"-----" in data for kind in kinds)


def _who(value: str) -> str:
    """`Name <address>` without time; empty where neither name nor address is there."""
    who = value.rpartition(">")[0] + ">" if ">" in value else value
    return "" if not who.strip(" <>") else who


def _time(value: str) -> int | None:
    words = value.rpartition(">")[2].split()
    return int(words[0]) if words and words[0].isascii() and words[0].isdigit() and len(words[0]) < 12 else None  # noqa: PLR2004 - until the year 5138
