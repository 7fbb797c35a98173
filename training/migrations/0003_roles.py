"""The roles again, for a database that had them before there were courses."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def make_roles(apps, schema_editor):
    from accounts.roles import sync_roles

    # All that the table of today names, or the way up from an old database ends here.
    for label in ("accounts", "knowledge", "training"):
        create_permissions(live_apps.get_app_config(label), verbosity=0)
    sync_roles()


class Migration(migrations.Migration):
    dependencies = [("training", "0002_lesson_segments")]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
