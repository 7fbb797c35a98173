"""The database itself refuses to change an entry of the audit log (docs/decisions/0016-audit.md).

On SQLite a later migration that remakes the table drops the trigger: it has to call `guard` again.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

SQLITE = """
CREATE TRIGGER audit_stays BEFORE UPDATE ON accounts_auditentry
BEGIN SELECT RAISE(ABORT, 'The audit log is only ever added to.'); END
"""
POSTGRESQL = (
    """
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'The audit log is only ever added to.'; END $$
""",
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON accounts_auditentry FOR EACH ROW EXECUTE FUNCTION audit_stays()",
)


def guard(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in POSTGRESQL if vendor == "postgresql" else (SQLITE,):
        schema_editor.execute(statement, params=None)


def unguard(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER audit_stays ON accounts_auditentry")
        schema_editor.execute("DROP FUNCTION audit_stays()")
    else:
        schema_editor.execute("DROP TRIGGER audit_stays")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_teams_and_audit")]

    operations = [migrations.RunPython(guard, unguard)]
