"""People and teams in the admin, and the one door to it."""

from accounts.admin import door, people, teams  # noqa: F401
