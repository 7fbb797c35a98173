"""The environment the settings read, set before pytest-django reads them (pyproject: -p tests.env)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Each worker of a parallel run has its own data folder, so that bundles and databases never meet.
_FOLDER = tempfile.TemporaryDirectory(prefix="academy-", ignore_cleanup_errors=True)
os.environ["DATA_DIR"] = str(Path(_FOLDER.name))
# WhiteNoise warns of a missing folder at every client.
(Path(_FOLDER.name) / "static").mkdir()
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["SITE_URL"] = "http://127.0.0.1:8000"
os.environ["LOG_LEVEL"] = "WARNING"
os.environ.pop("REDIS_URL", None)
os.environ.pop("DEBUG", None)
# Playwright's event loop runs in the test thread; Django would refuse to touch the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
