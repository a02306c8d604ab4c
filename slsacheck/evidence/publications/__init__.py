"""What the build configuration publishes: which jobs make which thing, and which provenance it gets."""

from slsacheck.evidence.publications.tracing import external, publishing, trace

__all__ = ["external", "publishing", "trace"]
