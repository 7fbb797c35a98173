"""The roles again, with wording rules, dialogues and runs."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def make_roles(apps, schema_editor):
    from accounts.roles import sync_roles

    for label in ("accounts", "knowledge", "training"):
        create_permissions(live_apps.get_app_config(label), verbosity=0)
    sync_roles()


class Migration(migrations.Migration):
    dependencies = [("training", "0010_practice"), ("knowledge", "0009_wording_rules")]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
