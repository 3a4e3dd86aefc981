"""Give each entry of the registry the key of the entry that it stands for after all merges."""

from django.db import migrations
from django.db.models import F

from annotations.models.fields import CanonicalKey

TABLES = ("Actor", "Topic", "Proposition")


def fill_canonical(apps, schema_editor):
    """Follow the merges step by step; an entry that is not merged, or in a circle, stands for itself."""
    for table in TABLES:
        rows = apps.get_model("annotations", table).objects
        rows.update(canonical_id=F("id"))
        merged = dict(rows.filter(merged_into__isnull=False).values_list("id", "merged_into_id"))
        for pk in merged:
            end, seen = pk, set()
            while end in merged and end not in seen:
                seen.add(end)
                end = merged[end]
            rows.filter(pk=pk).update(canonical_id=end if end not in merged else pk)
    if schema_editor.connection.vendor == "postgresql":
        # the columns cannot be altered while checks of their keys are pending
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    """The columns are filled before they refuse null."""

    dependencies = [("annotations", "0008_sign_in_failures")]

    operations = [
        *(migrations.AddField(table, "canonical", CanonicalKey(null=True)) for table in TABLES),
        migrations.RunPython(fill_canonical, migrations.RunPython.noop),
        *(migrations.AlterField(table, "canonical", CanonicalKey()) for table in TABLES),
    ]
