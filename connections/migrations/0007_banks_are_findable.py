"""Fills what searches compare for the rows that are there."""

from collections import Counter

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from connections.models.institution import bank_key, enclosed, fold

BATCH = 1000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    institutions = apps.get_model("connections", "Institution").objects.using(alias)
    rows = list(institutions.order_by("pk"))
    for row in rows:
        row.folded = fold(f"{row.name} {row.bic}")
        row.bank = bank_key(row.name, row.country)
        row.country_codes = enclosed(row.countries or [row.country])
    institutions.bulk_update(rows, ["folded", "bank", "country_codes"], batch_size=BATCH)
    banks = {(row.bank, code) for row in rows if not row.is_removed for code in row.countries or [row.country]}
    apps.get_model("connections", "DirectoryCursor").objects.using(alias).update(
        banks=len({bank for bank, _country in banks}),
        banks_by_country=Counter(country for _bank, country in banks),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0006_banks_of_several_providers"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
