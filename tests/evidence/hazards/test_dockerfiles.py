"""Dockerfiles of published images: each rule on a file that has it and on a look-alike that has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.hazards import hazards, hints
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.quoting import Quoter
from slsacheck.evidence.tree import Problems
from slsacheck.model import Finding

PIN = "sha256:" + "ab" * 32
BASE = f"FROM cgr.dev/acme/base@{PIN}\n"
TOKEN = "ghp_" + "a1B2" * 9
WORKFLOW = """\
on: {push: {tags: ['v*']}}
permissions: {}
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@0123456789abcdef0123456789abcdef01234567
        with: {push: true, context: ., tags: ghcr.io/acme/widget, TARGET}
"""


def found(folder: Path, dockerfile: str, target: str = "", files: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """The findings in the Dockerfile of a release."""
    path = folder / ".github" / "workflows" / "release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(WORKFLOW.replace("TARGET", f"target: {target}" if target else ""))
    (folder / "Dockerfile").write_text(dockerfile)
    (folder / "test.Dockerfile").write_text("FROM never\nRUN curl https://never.example | sh\n")
    for name in files:
        (folder / name).write_text("")
    return scanned(folder)[0]


def scanned(folder: Path) -> tuple[tuple[Finding, ...], Problems]:
    from slsacheck.evidence.dockerfiles import published

    tree, problems = WorkTree(str(folder)), Problems()
    pipelines = read_all(tree, problems, "acme/widget")
    publications = trace(tree, pipelines, problems, "acme/widget")
    dockerfiles = published(tree, publications, problems)
    every = (
        *hazards(tree, pipelines, publications, dockerfiles),
        *hints(tree, pipelines, publications, dockerfiles),
    )
    return tuple(one for one in every if any(at.path != ".github/workflows/release.yml" for at in one.at)), problems


HAS: list[tuple[str, str, int, str]] = [
    ("unpinned-reference-in-dockerfile", "low", 1, "FROM alpine:3.20\n"),
    ("unpinned-reference-in-dockerfile", "low", 1, "FROM alpine\n"),
    ("unpinned-reference-in-dockerfile", "low", 2, f"ARG V=3.20\nFROM alpine:$V\nUSER 1\nCOPY --from=a@{PIN} / /\n"),
    ("unpinned-reference-in-dockerfile", "low", 1, "# syntax=docker/dockerfile:1\n" + BASE),
    ("unpinned-reference-in-dockerfile", "low", 2, BASE + "COPY --from=busybox:1 /bin/true /\n"),
    ("unpinned-reference-in-dockerfile", "low", 2, BASE + "RUN --mount=type=bind,from=tools:1,target=/t /t/x\n"),
    ("unverified-download-in-dockerfile", "low", 2, BASE + "ADD https://example.org/a.tgz /\n"),
    ("unverified-download-in-dockerfile", "medium", 2, BASE + "ADD http://example.org/a.tgz /\n"),
    ("unverified-download-in-dockerfile", "low", 3, BASE + "ARG U=https://example.org\nADD $U/a.tgz /\n"),
    ("unverified-download-in-dockerfile", "low", 2, BASE + "ADD https://example.org/a/b.git#main /src\n"),
    (
        "unverified-download-in-dockerfile",
        "low",
        3,
        BASE + "RUN true && \\\n  curl -L https://example.org/x | tar xz\n",
    ),
    ("unverified-download-in-dockerfile", "low", 2, BASE + "RUN wget https://example.org/a.tar.gz\n"),
    ("curl-pipe-shell-in-dockerfile", "medium", 2, BASE + "RUN curl -fsSL https://example.org/x | sh\n"),
    ("curl-pipe-shell-in-dockerfile", "medium", 3, BASE + "RUN <<EOF\nwget -qO- https://example.org/x | bash\nEOF\n"),
    ("curl-pipe-shell-in-dockerfile", "medium", 2, BASE + 'RUN ["sh", "-c", "curl https://example.org/x | sh"]\n'),
    ("curl-pipe-shell-in-dockerfile", "medium", 3, BASE + "ONBUILD RUN true && \\\n  curl https://example.org | sh\n"),
    ("unverified-download-in-dockerfile", "low", 2, BASE + "ONBUILD ADD https://example.org/a.tgz /\n"),
    ("secret-exposure-in-dockerfile", "medium", 2, BASE + "ENV DB_PASSWORD=correct-horse\n"),
    ("secret-exposure-in-dockerfile", "medium", 2, BASE + "ENV API_KEY correct-horse\n"),
    ("secret-exposure-in-dockerfile", "low", 2, BASE + "ARG NPM_TOKEN\n"),
    ("secret-exposure-in-dockerfile", "high", 2, BASE + f"ENV NAME={TOKEN}\n"),
    ("secret-exposure-in-dockerfile", "high", 2, BASE + f"RUN git clone https://u:{TOKEN}@github.com/a/b\n"),
    ("weakened-isolation-in-dockerfile", "medium", 2, BASE + "RUN --security=insecure make\n"),
    ("weakened-isolation-in-dockerfile", "low", 2, BASE + "RUN --network=host make\n"),
    ("base-image-by-argument", "low", 2, "ARG BASE\nFROM $BASE\n"),
    ("image-runs-as-root", "low", 1, f"FROM debian@{PIN}\n"),
    ("image-runs-as-root", "low", 1, "FROM registry.access.redhat.com/ubi9/ubi-minimal:9\n"),
    ("image-runs-as-root", "low", 1, f"FROM gcr.io/distroless/static@{PIN}\n"),
    ("image-runs-as-root", "low", 2, f"FROM golang@{PIN} AS b\nFROM scratch\n"),
    ("image-runs-as-root", "low", 3, BASE + "USER 1\nUSER root\n"),
    ("image-holds-build-tools", "info", 2, BASE + "RUN go build -o /x .\n"),
    ("image-holds-build-tools", "info", 1, f"FROM golang@{PIN}\nUSER 1\n"),
    (
        "package-of-any-version",
        "info",
        2,
        BASE + "RUN apt-get update && apt-get install -y --no-install-recommends curl\n",
    ),
    ("package-of-any-version", "info", 2, BASE + "RUN apk add --no-cache git\n"),
    ("package-of-any-version", "low", 2, BASE + "RUN pip install --no-cache-dir flask\n"),
    ("package-of-any-version", "low", 2, BASE + "RUN npm install -g typescript\n"),
    ("package-of-any-version", "low", 2, BASE + "RUN go install example.org/x@latest\n"),
]

HAS_NOT: list[tuple[str, str]] = [
    ("unpinned-reference-in-dockerfile", f"ARG B=alpine@{PIN}\nFROM $B AS b\nFROM scratch\nCOPY --from=b / /\n"),
    ("unpinned-reference-in-dockerfile", BASE + "# syntax=docker/dockerfile:1\n"),
    ("unpinned-reference-in-dockerfile", f"FROM alpine AS test\nFROM alpine@{PIN}\n"),
    ("unverified-download-in-dockerfile", BASE + f"ADD --checksum={PIN} https://example.org/a.tgz /\n"),
    ("unverified-download-in-dockerfile", BASE + "ADD https://example.org/a/b.git#" + "0a" * 20 + " /src\n"),
    (
        "unverified-download-in-dockerfile",
        BASE + "ADD https://example.org/a.tgz /tmp/a.tgz\nRUN cd /tmp && echo 'ab  a.tgz' | sha256sum -c\n",
    ),
    ("unverified-download-in-dockerfile", BASE + "ADD a.tgz /\nCOPY https /\n"),
    (
        "unverified-download-in-dockerfile",
        BASE + "RUN wget https://example.org/a.tgz\nRUN echo 'ab  a.tgz' | sha256sum -c\n",
    ),
    ("curl-pipe-shell-in-dockerfile", BASE + "RUN cat <<EOF >/usage\ncurl https://example.org | sh\nEOF\n"),
    ("curl-pipe-shell-in-dockerfile", BASE + "RUN echo 'curl https://example.org | sh'\n"),
    ("curl-pipe-shell-in-dockerfile", BASE + "RUN curl https://example.org | jq .\n"),
    ("secret-exposure-in-dockerfile", BASE + "RUN --mount=type=secret,id=npm_token npm ci\n"),
    (
        "secret-exposure-in-dockerfile",
        BASE + "ENV PASSWORD_FILE=/run/secrets/p TOKENIZERS_PARALLELISM=false GPG_KEY=ABCDEF\n",
    ),
    ("secret-exposure-in-dockerfile", BASE + "ENV DB_PASSWORD= PUBLIC_KEY=abc TOKEN=/run/secrets/token\n"),
    ("weakened-isolation-in-dockerfile", BASE + "RUN --network=none make\n"),
    ("base-image-by-argument", "ARG V=3\nFROM alpine:$V\n"),
    ("image-runs-as-root", BASE),
    ("image-runs-as-root", f"FROM prom/prometheus@{PIN}\n"),
    ("image-runs-as-root", "FROM $BASE\n"),
    ("image-runs-as-root", f"FROM debian@{PIN} AS one\nUSER app\nFROM one\nRUN true\n"),
    ("image-runs-as-root", f"FROM gcr.io/distroless/static:nonroot@{PIN}\n"),
    ("image-holds-build-tools", f"FROM golang@{PIN} AS b\nRUN go build\nFROM scratch\nCOPY --from=b /x /\n"),
    ("image-holds-build-tools", BASE + "RUN apk add make gcc\n"),
    ("builder-without-dockerfile", f"FROM alpine@{PIN} AS a\nRUN adduser x\nFROM a\nRUN apk add nginx\n"),
    ("builder-without-dockerfile", f"FROM alpine@{PIN}\nRUN apk add nginx && adduser x\n"),
    ("package-of-any-version", BASE + "RUN apt-get install curl=8.0-1 && pip install -r requirements.txt flask==3.0\n"),
    ("package-of-any-version", BASE + "RUN npm ci && npm install && go install ./cmd/x && cargo install --locked x\n"),
]


@pytest.mark.parametrize(("rule", "severity", "line", "text"), HAS)
def test_the_rule_finds_it(tmp_path: Path, rule: str, severity: str, line: int, text: str) -> None:
    one = next(one for one in found(tmp_path, text) if one.rule == rule)
    assert (one.severity, one.at[0].path, one.at[0].line) == (severity, "Dockerfile", line)
    assert one.reason
    assert one.remedy


@pytest.mark.parametrize(("rule", "text"), HAS_NOT)
def test_the_look_alike_is_left_alone(tmp_path: Path, rule: str, text: str) -> None:
    assert [one for one in found(tmp_path, text) if one.rule == rule] == []


def test_only_the_stage_that_is_published_counts(tmp_path: Path) -> None:
    text = f"FROM a@{PIN} AS one\nUSER 1\nFROM two\nRUN curl https://example.org | sh\n"
    assert found(tmp_path, text, target="one") == ()


@pytest.mark.parametrize(
    ("text", "file", "word"),
    [
        (
            f"FROM golang@{PIN} AS b\nRUN CGO_ENABLED=0 go build -o /x\nFROM scratch\nUSER 1\nCOPY --from=b /x /\n",
            "go.mod",
            "ko",
        ),
        (f"FROM maven@{PIN} AS b\nRUN mvn package\nFROM a@{PIN}\nUSER 1\nCOPY --from=b /x.jar /\n", "pom.xml", "Jib"),
        (f"FROM alpine@{PIN}\nRUN apk add --no-cache nginx && rm -rf /tmp/x\nUSER 1\n", "README", "apko"),
    ],
)
def test_a_builder_without_dockerfile_is_a_hint_with_its_price(tmp_path: Path, text: str, file: str, word: str) -> None:
    (one,) = (one for one in found(tmp_path, text, files=(file,)) if one.rule == "builder-without-dockerfile")
    assert one.severity == "info"
    assert word in one.reason
    assert "the price" in one.reason


@pytest.mark.parametrize(
    "line", [f"ENV NAME={TOKEN}", "ENV DB_PASSWORD=correct-horse", f"RUN curl https://u:{TOKEN}@h/x | sh"]
)
def test_what_is_secret_is_never_shown(tmp_path: Path, line: str) -> None:
    told = found(tmp_path, BASE + line + "\n")
    quoter = Quoter(WorkTree(str(tmp_path)))
    shown = " ".join(f"{one.reason} {one.remedy} {quoter.places(one.at)}" for one in told)
    assert "secret-exposure-in-dockerfile" in {one.rule for one in told}
    assert TOKEN not in shown
    assert "correct-horse" not in shown


def test_a_dockerfile_that_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    assert found(tmp_path, "FROM a\nRUN <<EOF\n") == ()
    (problem,) = scanned(tmp_path)[1].items()
    assert problem.where == "Dockerfile"
    assert "never closed" in problem.reason
    assert problem.advice


def test_ten_megabytes_in_one_line_are_refused(tmp_path: Path) -> None:
    assert found(tmp_path, "FROM a\nRUN " + "x" * 10_000_000) == ()
    (problem,) = scanned(tmp_path)[1].items()
    assert problem.where == "Dockerfile"
