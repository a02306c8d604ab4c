"""git, read without running anything that the target brings."""

from slsacheck.evidence.git.remotes import origin_name, source_uri, strip_credentials

__all__ = ["origin_name", "source_uri", "strip_credentials"]
