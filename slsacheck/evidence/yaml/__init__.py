"""YAML with places: libyaml's events, our own nodes, YAML 1.2 booleans, and a bound on everything.

`read` gives every document of a text as `Node`s and says where it stopped; `load` gives the first document or
raises. Plain scalars stay text, so `on`, `no` and `1.10` are what the file says.
"""

from slsacheck.evidence.yaml.nodes import MISSING, Duplicate, Kind, Node
from slsacheck.evidence.yaml.reader import MAX_BYTES, MAX_DEPTH, MAX_NODES, Documents, load, read

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "MISSING", "Documents", "Duplicate", "Kind", "Node", "load", "read"]
