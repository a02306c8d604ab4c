"""The engine: evidence on a bench, a plan that is proved before it runs, and results."""

from slsacheck.engine.bench import Bench, problem_of
from slsacheck.engine.planning import Plan, Planned, plan
from slsacheck.engine.running import items, run, run_item, subjects

__all__ = ["Bench", "Plan", "Planned", "items", "plan", "problem_of", "run", "run_item", "subjects"]
