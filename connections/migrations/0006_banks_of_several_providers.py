from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0005_outages_are_noticed_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="institution",
            name="bank",
            field=models.CharField(default="", max_length=600),
        ),
        migrations.AddField(
            model_name="institution",
            name="country_codes",
            field=models.CharField(default="", max_length=1000),
        ),
        migrations.AddField(
            model_name="directorycursor",
            name="banks",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="directorycursor",
            name="banks_by_country",
            field=models.JSONField(default=dict),
        ),
        migrations.AddIndex(
            model_name="institution",
            index=models.Index(fields=["bank"], name="institution_by_bank"),
        ),
    ]
