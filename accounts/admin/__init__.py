"""People and teams in the admin, and the one door to it."""

from accounts.admin import audit, door, people, teams  # noqa: F401
