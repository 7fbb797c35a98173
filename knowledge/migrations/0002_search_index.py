"""The search index: raw tables of each database, below the models (knowledge/search/schema.py)."""

from django.db import migrations

from knowledge.search.schema import create_index, drop_index


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]

    operations = [migrations.RunPython(create_index, drop_index)]
