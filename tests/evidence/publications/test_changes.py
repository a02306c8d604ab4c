"""Commands between an attestation and a publication: those that change what was attested, and those that do not."""

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

HEAD = 'on: {push: {tags: ["v*"]}}\npermissions: {contents: write, id-token: write, attestations: write}\njobs:\n'
CHECKOUT = "      - uses: actions/checkout@v4\n"
UPLOAD = '      - uses: actions/upload-artifact@v4\n        with: {name: dist, path: "dist/*"}\n'
FETCH = "      - uses: actions/download-artifact@v4\n        with: {name: dist, path: dist}\n"
ATTEST = '      - uses: actions/attest-build-provenance@v3\n        with: {subject-path: "dist/*"}\n'
RELEASE = '      - uses: softprops/action-gh-release@v2\n        with: {files: "dist/*"}\n'


def job(name: str, steps: str, *, needs: str = "") -> str:
    needed = f"    needs: [{needs}]\n" if needs else ""
    return f"  {name}:\n    runs-on: ubuntu-latest\n{needed}    steps:\n{steps}"


def run(script: str) -> str:
    return "      - run: |\n" + "".join(f"          {line}\n" for line in script.splitlines())


def claims(folder: Path, *jobs: str, files: dict[str, str] | None = None) -> list[tuple[str, str]]:
    for path, text in {".github/workflows/release.yml": HEAD + "".join(jobs), **(files or {})}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    found = publications_of(folder)
    return [(claim.covers, claim.reason) for one in found for claim in one.claims]


def behind(folder: Path, script: str, files: dict[str, str] | None = None) -> tuple[str, str]:
    """What is claimed of files that a job builds and attests, where a script runs before it publishes them."""
    (claim,) = claims(folder, job("build", CHECKOUT + run("make build") + ATTEST + run(script) + RELEASE), files=files)
    return claim


@pytest.mark.parametrize(
    "script",
    [
        'sed -i "s/@VERSION@/$TAG/" dist/install.sh',
        'perl -pi -e "s/a/b/" dist/app.sh',
        'for f in dist/*; do sed -i s/a/b/ "$f"; done',
        "cd dist && sed -i s/a/b/ app.sh",
        "strip dist/app",
        "find dist -type f -exec strip {} +",
        "ls dist/* | xargs strip",
        "upx --best dist/app",
        "codesign -s ID dist/app",
        "trusted-signing-cli -e URL dist/app",
        "objcopy --add-section x=y dist/app",
        "patchelf --set-rpath x dist/app",
        "truncate -s 0 dist/app",
        "printf x | dd of=dist/app bs=1 seek=4 conv=notrunc",
        "tee dist/app < other",
        'echo "more" >> dist/app.sh',
        "python - <<END > dist/app.py\nprint(1)\nEND",
        'jq ".version=1" dist/manifest.json > tmp && mv tmp dist/manifest.json',
        'awk "1" dist/app > dist/app.new && mv dist/app.new dist/app',
        'yq -i ".a=1" dist/values.yaml',
        "cp build/app dist/app",
        "mv other/app dist/",
        "install -m755 bin/other dist/app",
        "rsync -a other/ dist/",
        "docker cp $(docker create img):/app dist/app",
        "unzip -o other.zip -d dist",
        "tar xf other.tar -C dist",
        "curl -Lo dist/app https://example.com/app",
        "wget -O dist/app https://example.com/app",
        "gh release download v1 -D dist",
        "git apply --directory=dist fix.patch",
        "zip -r dist/app.zip dist/app",
        "tar czf dist/app.tar.gz app extra",
        "gunzip dist/app.gz && gzip -9 dist/app",
        "go build -ldflags '-s -w' -o dist/app .",
        "gpg --clearsign --output dist/app dist/app.raw",
        "auditwheel repair dist/app.whl -w dist/",
        "find dist -name '*.sh' | xargs sed -i 's/a/b/'",
        "wheel tags --remove --python-tag py3 dist/app.whl",
        "jar uf dist/app.jar extra.txt",
        "dpkg-deb --build pkg dist/app.deb",
        "mksquashfs root dist/app.squashfs",
        "git archive -o dist/app.tar.gz HEAD",
        "git checkout main -- dist",
        "scp host:/app dist/app",
        "rclone copy remote:x dist",
        "aws s3 sync s3://bucket/ dist/",
        "cmake --install out --prefix dist",
        "make install DESTDIR=dist",
        "base64 -d blob > dist/app",
        "xcrun stapler staple dist/app.dmg",
        "nix build -o dist",
        "dagger call build export --path dist",
        "fpm -s dir -t deb -p dist/app.deb bin",
        "nfpm pkg --packager deb --target dist/",
        "rpm --addsign dist/app.rpm",
        "dotnet nuget sign dist/app.nupkg --certificate-path c.pfx",
        "cargo build --release --target-dir dist",
        "docker run --rm -v $PWD:/work -w /work img strip dist/app",
        'docker run --rm -v "$(pwd)":/work img sh -c "strip /work/dist/*"',
        "docker run --rm -v ${{ github.workspace }}/dist:/d img upx /d/app",
        'docker run --mount type=bind,source="$PWD"/dist,target=/d img upx /d/app',
        "sudo podman run -v ./dist:/d:Z --entrypoint strip img /d/app",
        'docker run -v "$OUT":/d img strip /d/app',
        "docker run --rm img cat /app > dist/app",
    ],
)
def test_what_changes_attested_files_is_found(tmp_path: Path, script: str) -> None:
    how, why = behind(tmp_path, script)
    assert how == "partial"
    assert why.startswith("files are changed after they were attested: ")


@pytest.mark.parametrize(
    "script",
    [
        "chmod +x dist/app",
        "ls -la dist",
        "sha256sum dist/* > dist/SHA256SUMS",
        "cosign sign-blob --yes dist/app --output-signature dist/app.sig",
        'for f in dist/*; do gpg --detach-sign "$f"; done',
        "cat dist/app.txt > notes.md",
        "sed -i s/a/b/ README.md",
        'sed "s/x/y/" tmpl.md > notes.md',
        'echo "x" >> "$GITHUB_STEP_SUMMARY"\necho "v=$(cat dist/version)" >> $GITHUB_OUTPUT',
        'echo "notes" > $RUNNER_TEMP/notes.txt\ncat $RUNNER_TEMP/notes.txt',
        "cp dist/app /usr/local/bin/app",
        "cp dist/app dist/app-latest",
        "cp dist/app dist-old/",
        "cp LICENSE dist/",
        "mv notes.md /tmp/",
        "tar tzf dist/app.tar.gz",
        "tar czf logs.tgz logs",
        "strip build/app",
        "./dist/app --version",
        "file dist/app > /dev/null 2>&1",
        "rm -f dist/*.tmp",
        "python tools/verify.py dist/app",
        "docker build -t example/app .",
        "make test\nnpm run lint",
        "npm pack --dry-run",
        "make release-notes",
        "tar xzf dist/app.tar.gz -C /tmp && /tmp/app --version",
        "7z t dist/app.7z",
        "gh attestation verify dist/app --repo acme/app",
        "openssl dgst -sha256 -sign key.pem -out dist/app.sig dist/app",
        "curl -sSfL https://example.com/install.sh | sh -s -- -b /usr/local/bin",
        "cd dist && curl -sXPOST --data-binary @app https://example.com/upload/app",
        "jq -n '{version: 1}' > latest.json",
        'for f in dist/*.zip; do echo "- $f" >> notes.md; done',
        "xattr -cr dist/app; spctl -a -v dist/app",
        "docker run --rm img strip dist/app",
        "docker run --rm -v $PWD/dist:/d:ro img anything /d/app",
        "docker run --rm -v $PWD/docs:/docs img mkdocs-strip /docs",
        "docker run --rm -v $PWD:/w -w /w img ./dist/app --version",
        "docker run --rm -v $PWD:/w aquasec/trivy fs /w",
        "docker run --rm -v $HOME/.cache:/c img strip /c/dist/app",
        "apt-get install -y ./dist/app.deb",
        "python -m pip install dist/app.whl",
    ],
)
def test_what_leaves_attested_files_alone_breaks_nothing(tmp_path: Path, script: str) -> None:
    assert behind(tmp_path, script) == ("yes", "it names what is published")


@pytest.mark.parametrize(
    ("script", "path", "text"),
    [
        ("make stamp", "Makefile", "build:\n\tgo build -o dist/app\nstamp:\n\tsed -i s/a/b/ dist/app\n"),
        ("./tools/finish.sh", "tools/finish.sh", "#!/bin/sh\nstrip dist/app\n"),
        ("./tools/edit.sh dist/app.sh", "tools/edit.sh", '#!/bin/sh\nsed -i s/a/b/ "$1"\n'),
        ("npm run finish", "package.json", '{"name": "x", "scripts": {"finish": "sed -i s/a/b/ dist/app.js"}}'),
    ],
)
def test_scripts_and_targets_that_change_files_are_followed(tmp_path: Path, script: str, path: str, text: str) -> None:
    how, why = behind(tmp_path, script, {path: text})
    assert how == "partial"
    assert f"{path}:" in why


@pytest.mark.parametrize(
    "script",
    [
        "python tools/stamp.py dist/app",
        "./tools/stamp.sh dist/app",
        "./tools/stamp dist",
        "npx postject dist/app NODE_SEA_BLOB blob",
        "find dist -type f | xargs some-packer",
        "python sign.py dist/app",
        "python -m stamper dist/app",
        "go run ./tools/stamp dist/app",
        "python - <<END\nopen('dist/app', 'ab').write(b'x')\nEND",
        "docker run --rm -v $PWD/dist:/d example/packs-everything",
        "docker run --rm -v $PWD:/w -w /w example/nfpm pkg -t dist/app.deb",
        "node -e \"require('fs').writeFileSync('dist/app.js', 'x')\"",
        "python -c \"open('dist/app', 'w').write('x')\"",
    ],
)
def test_a_program_that_is_not_read_and_gets_the_files_leaves_it_open(tmp_path: Path, script: str) -> None:
    how, why = behind(tmp_path, script)
    assert how == "unknown"
    assert why.startswith("a program that is not read is given the files")


@pytest.mark.parametrize(
    ("script", "path", "text"),
    [
        ("./tools/stamp dist/app", "tools/stamp", "#!/usr/bin/env python3\nimport sys\n"),
        ("go run tools/stamp.go dist/app", "tools/stamp.go", "package main\n"),
        ("php tools/stamp.php dist/app", "tools/stamp.php", "<?php\n"),
    ],
)
def test_a_program_in_another_language_is_not_read(tmp_path: Path, script: str, path: str, text: str) -> None:
    assert behind(tmp_path, script, {path: text})[0] == "unknown"


@pytest.mark.parametrize(
    "again",
    [
        "make build",
        "make",
        "npm ci && npm run build",
        "./build.sh",
        "cmake --build out",
        "npx webpack",
        "pyinstaller app.spec",
        "earthly +dist",
    ],
)
def test_what_is_built_again_is_not_attested(tmp_path: Path, again: str) -> None:
    how, why = behind(tmp_path, again)
    assert (how, why.partition(":")[0]) == ("partial", "files are built again after they were attested")


def test_a_publishing_job_that_builds_again_publishes_other_files(tmp_path: Path) -> None:
    build = job("build", CHECKOUT + run("make build") + ATTEST + UPLOAD)
    ((again, _),) = claims(tmp_path, build, job("p", CHECKOUT + FETCH + run("make build") + RELEASE, needs="build"))
    assert again == "partial"
    ((genuine, _),) = claims(tmp_path, build, job("p", CHECKOUT + FETCH + run("make notes") + RELEASE, needs="build"))
    assert genuine == "yes"


def test_files_of_earlier_jobs_may_be_moved(tmp_path: Path) -> None:
    build = job("build", CHECKOUT + run("make build") + ATTEST + UPLOAD)
    moved = FETCH.replace("path: dist", "path: raw") + run("mkdir -p dist\nmv raw/* dist/")
    assert [how for how, _ in claims(tmp_path, build, job("p", moved + RELEASE, needs="build"))] == ["yes"]


STEPS = {
    "python": "      - shell: python\n        run: open('dist/app', 'wb').write(b'x')\n",
    "github-script": "      - uses: actions/github-script@v7\n        with: {script: \"fs.appendFileSync('dist/app', 'x')\"}\n",
    "own action": "      - uses: ./.github/actions/stamp\n        with: {path: dist}\n",
}


@pytest.mark.parametrize("name", sorted(STEPS))
def test_code_that_is_not_read_leaves_it_open_where_it_names_the_files(tmp_path: Path, name: str) -> None:
    action = {".github/actions/stamp/action.yml": "name: stamp\nruns: {using: node20, main: index.js}\n"}
    build = job("build", CHECKOUT + run("make build") + ATTEST + STEPS[name] + RELEASE)
    assert [how for how, _ in claims(tmp_path, build, files=action)] == ["unknown"]


def test_code_that_names_no_published_file_breaks_nothing(tmp_path: Path) -> None:
    quiet = "      - uses: actions/github-script@v7\n        with: {script: \"core.summary.addRaw('x').write()\"}\n"
    assert [how for how, _ in claims(tmp_path, job("b", CHECKOUT + run("make build") + ATTEST + quiet + RELEASE))] == [
        "yes"
    ]


def test_powershell_edits_and_packs_too(tmp_path: Path) -> None:
    for number, script in enumerate(
        ("(Get-Content dist/a.ps1) -replace 'a', 'b' | Set-Content dist/a.ps1", "Compress-Archive -Path bin dist/a.zip")
    ):
        step = f"      - shell: pwsh\n        run: {script}\n"
        build = job("build", CHECKOUT + run("make build") + ATTEST + step + RELEASE)
        assert [how for how, _ in claims(tmp_path / str(number), build)] == ["partial"]


def test_checksums_beside_the_files_make_no_publisher_a_maker(tmp_path: Path) -> None:
    build = job("build", CHECKOUT + run("make build") + ATTEST + UPLOAD)
    sums = FETCH + run('cd dist\nfor f in *; do sha256sum "$f" > "$f.sha256"; done') + RELEASE
    assert [how for how, _ in claims(tmp_path, build, job("p", sums, needs="build"))] == ["yes"]


@pytest.mark.parametrize(
    ("use", "how"),
    [
        ("thedoctor0/zip-release@0.7.6, with: {filename: dist/app.zip, path: bin}", "partial"),
        ("jacobtomlinson/gha-find-replace@v3, with: {include: 'dist/*.js', find: a, replace: b}", "partial"),
        ("jacobtomlinson/gha-find-replace@v3, with: {include: README.md, find: a, replace: b}", "yes"),
        ("crazy-max/ghaction-upx@v3, with: {files: 'dist/*'}", "partial"),
        ("nick-fields/retry@v3, with: {max_attempts: 2, command: strip dist/app}", "partial"),
        (
            (
                "addnab/docker-run-action@v3, with: {image: debian, "
                "options: '-v ${{ github.workspace }}:/w', run: strip /w/dist/app}"
            ),
            "partial",
        ),
        ("docker://example/packer:1, with: {args: dist/app}", "unknown"),
        ("docker://example/packer:1, with: {args: --version}", "unknown"),
        ("actions/cache/restore@v4, with: {path: dist, key: k}", "unknown"),
        ("actions/cache@v4, with: {path: ~/.cargo, key: k}", "yes"),
        ("example/obfuscate@v1, with: {path: dist}", "unknown"),
        ("example/obfuscate@v1, with: {path: src, version: 1.2, url: 'https://example.com/dist/app'}", "yes"),
        ("example/virus-scan@v1, with: {path: dist}", "yes"),
    ],
)
def test_actions_are_known_by_their_words_and_their_files(tmp_path: Path, use: str, how: str) -> None:
    step = f"      - {{uses: {use}}}\n"
    build = job("build", CHECKOUT + run("make build") + ATTEST + step + RELEASE)
    assert [one for one, _ in claims(tmp_path, build)] == [how]
