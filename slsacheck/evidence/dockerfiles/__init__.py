"""Reads Dockerfiles: stages, the images they rest on, and what is run in them. Nothing is built or fetched."""

from slsacheck.evidence.dockerfiles._model import (
    MAX_DOCKERFILE,
    MAX_INSTRUCTIONS,
    Base,
    Dockerfile,
    Heredoc,
    Instruction,
    Stage,
)
from slsacheck.evidence.dockerfiles._published import Published, published
from slsacheck.evidence.dockerfiles._reader import assignments, parse, triggered
from slsacheck.evidence.dockerfiles._scripts import Shellscript, script_of, scripts_of
from slsacheck.evidence.dockerfiles._uses import ImageUse, images_of, reached, walk
from slsacheck.evidence.dockerfiles._words import expanded

__all__ = [
    "MAX_DOCKERFILE",
    "MAX_INSTRUCTIONS",
    "Base",
    "Dockerfile",
    "Heredoc",
    "ImageUse",
    "Instruction",
    "Published",
    "Shellscript",
    "Stage",
    "assignments",
    "expanded",
    "images_of",
    "parse",
    "published",
    "reached",
    "script_of",
    "scripts_of",
    "triggered",
    "walk",
]
