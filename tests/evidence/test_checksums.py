"""Checksum files: read in both forms, and a set is complete only when every listed digest is there."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.checksums import expected_counts, listed
from slsacheck.evidence.tree import Problems
from slsacheck.model import Artifact

WHEELS = "publication:python-package:x@w#j"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def artifact(name: str, text: str, publication: str | None = WHEELS) -> Artifact:
    digests = (("sha256", digest(text)),)
    return Artifact(f"artifact:{name}", name, "python-package", digests, (), publication=publication)


def count(artifacts: list[Artifact], text: str) -> tuple[dict[str, int], dict[str, str]]:
    problems = Problems()

    def told(name: str) -> str | None:
        return WHEELS if name.endswith(".whl") else None

    found = expected_counts(artifacts, [("SHA256SUMS", text.encode())], told, problems)
    return found, {problem.where: problem.reason for problem in problems.items()}


def test_both_forms_are_read() -> None:
    text = f"{digest('a')}  a.whl\n{digest('b')} *./b.whl\nSHA256 (c.whl) = {digest('c')}\nnonsense\n"
    assert listed(text.encode()) == {"a.whl": digest("a"), "b.whl": digest("b"), "c.whl": digest("c")}


def test_a_complete_set() -> None:
    text = f"{digest('a')}  a.whl\n{digest('b')}  b.whl\n"
    assert count([artifact("a.whl", "a"), artifact("b.whl", "b")], text) == ({WHEELS: 2}, {})


@pytest.mark.parametrize(
    "given_artifacts",
    [
        [artifact("a.whl", "a")],
        [artifact("a.whl", "a"), artifact("copy.whl", "a")],
        [artifact("a.whl", "a"), artifact("other.whl", "z")],
    ],
)
def test_a_set_with_a_file_missing_is_never_complete(given_artifacts: list[Artifact]) -> None:
    found, _ = count(given_artifacts, f"{digest('a')}  a.whl\n{digest('b')}  b.whl\n")
    assert found[WHEELS] > len(given_artifacts)


def test_a_missing_file_of_unknown_kind_is_missing_everywhere() -> None:
    found, _ = count([artifact("a.whl", "a")], f"{digest('a')}  a.whl\n{digest('b')}  what\n")
    assert found == {WHEELS: 2}


def test_another_digest_under_the_same_name_is_told() -> None:
    found, problems = count([artifact("a.whl", "changed")], f"{digest('a')}  a.whl\n")
    assert found == {WHEELS: 2}
    assert problems == {"a.whl": "does not have the digest that SHA256SUMS lists"}


@given(st.binary(max_size=300))
def test_never_fails(data: bytes) -> None:
    for name, value in listed(data).items():
        assert name
        assert len(value) in (64, 128)
