from django.db import migrations, models


class Migration(migrations.Migration):
    """What the wording rules found in a rewritten reply stays with its answer: no rule edited later changes it."""

    dependencies = [("training", "0011_roles")]

    operations = [
        migrations.AddField(
            model_name="attemptitem",
            name="found",
            field=models.JSONField(blank=True, default=list, editable=False, verbose_name="findings"),
        ),
    ]
