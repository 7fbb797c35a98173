"""The same without middleware: what Django itself costs, printed beside the ratios."""

from tests.bench.settings import *  # noqa: F403

MIDDLEWARE: list[str] = []
