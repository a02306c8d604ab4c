"""Commands about images, each with the acts that they stand for (in the words of `brief`)."""

from __future__ import annotations

__all__ = ["IMAGES"]

IMAGES = [
    ("docker push ghcr.io/o/app:1.0", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("docker push o/app", ["publish container-image docker.io o/app -"]),
    ("docker push docker.io/o/app:x", ["publish container-image docker.io docker.io/o/app -"]),
    ("docker push index.docker.io/o/app", ["publish container-image docker.io index.docker.io/o/app -"]),
    ("docker push quay.io:443/o/app@sha256:aa", ["publish container-image quay.io:443 quay.io:443/o/app -"]),
    ("docker image push quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    ("docker --config /tmp/x push quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    ("docker push --all-tags quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    ("docker push localhost:5000/o/app:1", []),
    ("docker push kind-registry:5000/app", []),
    ("docker push registry:5000/app", []),
    ("docker push ttl.sh/app:1h", []),
    ("docker pull ghcr.io/o/app", []),
    ("docker build -t ghcr.io/o/app .", ["build container-image - ghcr.io/o/app -"]),
    ("docker build --push -t ghcr.io/o/app .", ["publish container-image ghcr.io ghcr.io/o/app yes"]),
    ("docker buildx build --push -t ghcr.io/o/app:1 .", ["publish container-image ghcr.io ghcr.io/o/app yes"]),
    ("docker buildx build --push=false -t ghcr.io/o/app:1 .", ["build container-image - ghcr.io/o/app -"]),
    ("docker buildx build --load -t ghcr.io/o/app:1 .", ["build container-image - ghcr.io/o/app -"]),
    (
        "docker buildx build --push --provenance=false -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    (
        "docker buildx build --push --provenance false --tag=ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --push --provenance=mode=max -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --push --provenance=$P -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app unknown"],
    ),
    (
        "docker buildx build --push --attest type=provenance,mode=max -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --push --attest type=provenance,disabled=true -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    (
        "BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker buildx build --push -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    (
        "docker buildx build -o type=image,name=ghcr.io/o/app,push=true .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --output=type=registry -t ghcr.io/o/app -t o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes", "publish container-image docker.io o/app yes"],
    ),
    (
        "docker buildx imagetools create -t ghcr.io/o/app:1 ghcr.io/o/app:amd64 ghcr.io/o/app:arm64",
        ["publish container-image ghcr.io ghcr.io/o/app -"],
    ),
    ("docker buildx imagetools create --dry-run -t ghcr.io/o/app:1 x", []),
    ("docker buildx imagetools inspect ghcr.io/o/app", []),
    ("docker manifest push ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("docker manifest create ghcr.io/o/app:1 a b", []),
    ("podman push app quay.io/o/app:1", ["publish container-image quay.io quay.io/o/app -"]),
    ("podman push quay.io/o/app:1", ["publish container-image quay.io quay.io/o/app -"]),
    ("podman push app dir:/tmp/app", []),
    ("buildah push app docker://quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    ("buildah --storage-driver vfs push quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    (
        "buildah ${OPTIONS} push --digestfile d x docker://quay.io/o/app",
        ["publish container-image quay.io quay.io/o/app -"],
    ),
    (
        "buildah manifest push --all app docker://quay.io/o/app:1",
        ["publish container-image quay.io quay.io/o/app -"],
    ),
    ("buildah bud -t app .", ["build container-image - app -"]),
    (
        "skopeo copy docker://a.io/x:1 docker://quay.io/o/app:1",
        ["publish container-image quay.io quay.io/o/app -"],
    ),
    ("skopeo copy docker://a.io/x:1 oci:dir", []),
    ("skopeo copy docker://a.io/x:1 dir:$folder", []),
    ("skopeo copy docker://a.io/x:1 $target", ["publish container-image - $target -"]),
    (
        "tkn bundle push --annotate a=b quay.io/o/task:1 -f t.yaml",
        ["publish container-image quay.io quay.io/o/task -"],
    ),
    ("tkn bundle list quay.io/o/task:1", []),
    ("skopeo inspect docker://a.io/x", []),
    ("crane push image.tar ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane copy a.io/x:1 ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    (
        "timoni mod push ./modules/app oci://ghcr.io/o/modules/app --sign cosign --version 1.0.0",
        ["publish other ghcr.io ghcr.io/o/modules/app no"],
    ),
    ("timoni mod push ./modules/app oci://localhost:5000/app --version 1.0.0", []),
    ("timoni mod vet ./modules/app", []),
    ("cosign copy a.io/x:1 ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("cosign copy --only sig a.io/x:1 ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane tag ghcr.io/o/app:1 latest", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane append -b base -t ghcr.io/o/app:1 -f l.tar", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane digest ghcr.io/o/app", []),
    ("oras push ghcr.io/o/thing:1 file.txt", ["publish other ghcr.io ghcr.io/o/thing no"]),
    ("oras cp a.io/x:1 ghcr.io/o/thing:1", ["publish other ghcr.io ghcr.io/o/thing no"]),
    ("oras pull ghcr.io/o/thing:1", []),
    (
        "KO_DOCKER_REPO=ghcr.io/o ko build --bare ./cmd/app",
        ["publish container-image ghcr.io ghcr.io/o no"],
    ),
    (
        "export KO_DOCKER_REPO=ghcr.io/o\nko build ./cmd/app",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    ("ko publish -B ./cmd/app", ["publish container-image - $KO_DOCKER_REPO no"]),
    ("KO_DOCKER_REPO=ko.local ko build ./cmd/app", ["build container-image - - -"]),
    ("ko build --push=false ./cmd/app", ["build container-image - - -"]),
    ("ko version", []),
    ("pack build ghcr.io/o/app --publish", ["publish container-image ghcr.io ghcr.io/o/app no"]),
    ("pack build app", ["build container-image - app -"]),
    (
        "/kaniko/executor --context . --destination ghcr.io/o/app:1",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    ("/kaniko/executor --no-push --destination ghcr.io/o/app:1", []),
    ("apko publish apko.yaml ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app no"]),
    (
        "docker run --rm -v $PWD:/w gcr.io/kaniko-project/executor:v1 --destination=ghcr.io/o/app",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
]
