"""The four roles, with the permissions of accounts/roles.py.

Django creates permissions only after all migrations, so they are asked for first.
"""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def make_roles(apps, schema_editor):
    from accounts.roles import sync_roles

    for label in ("accounts", "knowledge", "training"):
        create_permissions(live_apps.get_app_config(label), verbosity=0)
    sync_roles()


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0002_search_index"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
