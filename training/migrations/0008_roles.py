"""The roles again, with approval, teams and deadlines. Who was a trainer before may go on publishing directly."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def make_roles(apps, schema_editor):
    from accounts.roles import PUBLISHER, TRAINER, sync_roles

    for label in ("accounts", "knowledge", "training"):
        create_permissions(live_apps.get_app_config(label), verbosity=0)
    sync_roles()
    publisher = apps.get_model("auth", "Group").objects.get(name=PUBLISHER)
    for person in apps.get_model("accounts", "User").objects.filter(groups__name=TRAINER):
        person.groups.add(publisher)


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0007_assignments"),
        ("knowledge", "0006_workflow_and_exchange"),
        ("accounts", "0002_teams_and_audit"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
