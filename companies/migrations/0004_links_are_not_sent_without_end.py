from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0003_settings_and_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="reset_sent_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
