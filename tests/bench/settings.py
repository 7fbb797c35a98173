"""The site's settings with one difference: the addresses of the limit views are added."""

from csportal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.limits"
