import foundation.money
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0009_lines_are_added_up_in_the_index")]

    operations = [
        migrations.AddField(model_name="journal", name="agreed_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model_name="statement", name="bank_balance", field=foundation.money.MoneyField(null=True)),
        migrations.AddField(model_name="statement", name="bank_balance_day", field=models.DateField(null=True)),
        migrations.AddField(model_name="statement", name="our_balance", field=foundation.money.MoneyField(null=True)),
        migrations.AddField(model_name="statement", name="proven_on", field=models.DateField(null=True)),
        migrations.AddField(model_name="statementline", name="created_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="syncrun", name="skipped", field=models.PositiveIntegerField(db_default=0, default=0)
        ),
    ]
