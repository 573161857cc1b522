from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0008_lines_keep_what_they_said")]

    operations = [
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["journal", "booking_date", "id", "amount"], name="line_amount_by_day"),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["statement", "booking_date", "id", "amount"], name="line_amount_by_statement"),
        ),
        migrations.RemoveIndex(model_name="statementline", name="line_by_day"),
        migrations.RemoveIndex(model_name="statementline", name="line_by_statement"),
    ]
