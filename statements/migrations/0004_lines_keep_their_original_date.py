from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("statements", "0003_lines_know_their_origin"),
    ]

    operations = [
        migrations.AddField(
            model_name="statementline",
            name="original_date",
            field=models.DateField(null=True),
        ),
    ]
