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
from slsacheck.evidence.dockerfiles._reader import parse
from slsacheck.evidence.dockerfiles._scripts import Shellscript, script_of
from slsacheck.evidence.dockerfiles._uses import ImageUse, images_of, walk

__all__ = [
    "MAX_DOCKERFILE",
    "MAX_INSTRUCTIONS",
    "Base",
    "Dockerfile",
    "Heredoc",
    "ImageUse",
    "Instruction",
    "Shellscript",
    "Stage",
    "images_of",
    "parse",
    "script_of",
    "walk",
]
