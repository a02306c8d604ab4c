"""The atoms of the Build track that checks of publications and of artifacts both decide."""

SIGNATURE = ("build.provenance-authentic.integrity", "build.provenance-authentic.trust")
CONTROL = ("build.provenance-authentic.control-plane", "build.provenance-authentic.tamper-control")
UNFORGEABLE = (
    "build.provenance-unforgeable.key-storage",
    "build.provenance-unforgeable.key-not-in-build",
    "build.provenance-unforgeable.all-fields",
    "build.provenance-unforgeable.external-params",
)
ISOLATED = (
    "build.isolated.secrets",
    "build.isolated.concurrent",
    "build.isolated.ephemeral",
    "build.isolated.cache",
    "build.isolated.remote-influence",
)
