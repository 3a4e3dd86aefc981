"""Topics and propositions get the column that searches look into, and articles a new fold in theirs."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from annotations.text.folding import search_key

#: By model: the columns of which the key is made.
COLUMNS = {
    'Article': ('title', 'external_id', 'author', 'source'),
    'Topic': ('name',),
    'Proposition': ('text',),
}
BATCH = 1000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the keys, a batch of rows at a time."""
    for name, columns in COLUMNS.items():
        model = apps.get_model('annotations', name)
        rows = model.objects.only('pk', 'search_key', *columns).order_by('pk')
        batch = list(rows[:BATCH])
        while batch:
            for row in batch:
                row.search_key = search_key(*(getattr(row, column) or '' for column in columns))
            model.objects.bulk_update(batch, ['search_key'])
            batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0010_statements'),
    ]

    operations = [
        migrations.AddField(
            model_name='topic',
            name='search_key',
            field=models.TextField(default='', editable=False),
        ),
        migrations.AddField(
            model_name='proposition',
            name='search_key',
            field=models.TextField(default='', editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
