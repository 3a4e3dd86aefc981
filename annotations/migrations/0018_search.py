"""The index of the words of articles, and saved searches."""

import annotations.models.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.models import uuid7
from annotations.models.term_index import TERM_INDEXES


def create_terms(apps, schema_editor):
    """Create what holds the terms on this engine."""
    for statement in TERM_INDEXES[schema_editor.connection.vendor].create():
        schema_editor.execute(statement)


def drop_terms(apps, schema_editor):
    """Drop what holds the terms."""
    for statement in TERM_INDEXES[schema_editor.connection.vendor].drop():
        schema_editor.execute(statement)


def schedule_indexing(apps, schema_editor):
    """Let jobs index what is stored already."""
    jobs = apps.get_model("annotations", "Job")
    for corpus in apps.get_model("annotations", "Corpus").objects.filter(articles__isnull=False).distinct():
        jobs.objects.create(id=uuid7(), corpus=corpus, kind="search")


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0017_text_order'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('query', models.CharField(max_length=1000)),
                ('filters', models.JSONField(default=dict)),
                ('shared', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name_plural': 'saved searches',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='SearchPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(choices=[('text', 'text'), ('title', 'title')], max_length=10)),
                ('revision', models.UUIDField(null=True)),
                ('number', models.PositiveIntegerField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.RemoveConstraint(
            model_name='job',
            name='job_kind',
        ),
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('import', 'import'), ('release', 'release'), ('export', 'export'), ('duplicates', 'duplicates'), ('fingerprint', 'fingerprint'), ('search', 'search')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['import', 'release', 'export', 'duplicates', 'fingerprint', 'search'])), name='job_kind'),
        ),
        migrations.AddField(
            model_name='savedsearch',
            name='corpus',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus'),
        ),
        migrations.AddField(
            model_name='savedsearch',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='searchpart',
            name='article',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.article'),
        ),
        migrations.AddField(
            model_name='searchpart',
            name='corpus',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus'),
        ),
        migrations.AddIndex(
            model_name='savedsearch',
            index=models.Index(fields=['corpus', 'id'], name='saved_search_corpus'),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.UniqueConstraint(fields=('corpus', 'owner', 'name'), name='saved_search_once'),
        ),
        migrations.AddConstraint(
            model_name='searchpart',
            constraint=models.CheckConstraint(condition=models.Q(('place__in', ['text', 'title'])), name='search_part_place'),
        ),
        migrations.AddConstraint(
            model_name='searchpart',
            constraint=models.UniqueConstraint(fields=('article', 'place', 'number'), name='search_part_once'),
        ),
        migrations.RunPython(create_terms, drop_terms),
        migrations.RunPython(schedule_indexing, migrations.RunPython.noop),
    ]
