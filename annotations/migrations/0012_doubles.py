"""Affiliations, the index of the names of the registry, pairs that look alike, and judgements of them."""

import annotations.models.fields
import annotations.models.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.models import bulk, uuid7
from annotations.text.names import distinct_names, name_grams

#: The tables with the column of their names; the index knows a kind by its first letter.
TABLES = {"Actor": "name", "Topic": "name", "Proposition": "text"}
BATCH_SIZE = 2_000


def fill_index(apps, schema_editor):
    """Index the names of all entries that are not merged; jobs find the pairs."""
    names, grams, jobs = (apps.get_model("annotations", name) for name in ("RegistryName", "NameGram", "Job"))
    aliases = {}
    for actor, text in apps.get_model("annotations", "Alias").objects.order_by("pk").values_list("actor_id", "text"):
        aliases.setdefault(actor, []).append((text, True))
    for table, column in TABLES.items():
        rows = apps.get_model("annotations", table).objects.filter(merged_into__isnull=True).order_by("pk")
        found = (
            (corpus, table.lower(), pk, *name)
            for pk, corpus, text in rows.values_list("pk", "corpus_id", column).iterator()
            for name in distinct_names([(text, False), *(aliases.get(pk, []) if table == "Actor" else [])])
        )
        bulk.insert_rows(names, ("corpus_id", "kind", "entry", "text", "folded", "is_alias"), list(found))
    last = 0
    while batch := list(names.objects.filter(pk__gt=last).order_by("pk")[:BATCH_SIZE]):
        last = batch[-1].pk
        found = (
            (row.corpus_id, row.kind[0] + gram, row.pk) for row in batch for gram in name_grams(row.folded)
        )
        bulk.insert_rows(grams, ("corpus_id", "gram", "name_id"), list(found))
    for corpus in names.objects.order_by().values_list("corpus_id", flat=True).distinct():
        jobs.objects.create(id=uuid7(), corpus_id=corpus, kind="duplicates")


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0011_search_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Affiliation',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('role', models.CharField(blank=True, default='', max_length=200)),
                ('kind', models.CharField(choices=[('member', 'member'), ('leads', 'leads'), ('speaks_for', 'speaks for'), ('works_for', 'works for'), ('part_of', 'part of')], max_length=20)),
                ('since', models.CharField(blank=True, default='', max_length=10)),
                ('until', models.CharField(blank=True, default='', max_length=10)),
                ('note', annotations.models.fields.VerbatimText(blank=True, default='')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='DuplicatePair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('actor', 'actor'), ('topic', 'topic'), ('proposition', 'proposition')], max_length=20)),
                ('left', models.UUIDField()),
                ('right', models.UUIDField(db_index=True)),
                ('score', models.PositiveSmallIntegerField()),
                ('reasons', models.JSONField(default=list)),
                ('together', models.BooleanField(default=False)),
                ('rank', models.CharField(max_length=67)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Judgement',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('actor', 'actor'), ('topic', 'topic'), ('proposition', 'proposition')], max_length=20)),
                ('left', models.UUIDField()),
                ('right', models.UUIDField()),
                ('verdict', models.CharField(choices=[('different', 'different'), ('unsure', 'unsure')], max_length=20)),
                ('reason', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='NameGram',
            fields=[
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
                ('pk', models.CompositePrimaryKey('corpus', 'gram', 'name_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('gram', models.CharField(max_length=4)),
                ('name_id', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='RegistryName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('actor', 'actor'), ('topic', 'topic'), ('proposition', 'proposition')], max_length=20)),
                ('entry', models.UUIDField(db_index=True)),
                ('text', models.CharField(max_length=500)),
                ('folded', models.CharField(max_length=600)),
                ('is_alias', models.BooleanField(default=False)),
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
            field=models.CharField(choices=[('import', 'import'), ('release', 'release'), ('export', 'export'), ('duplicates', 'duplicates')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='actor',
            index=models.Index(condition=models.Q(('qid', ''), _negated=True), fields=['corpus', 'qid'], name='actor_qid'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['import', 'release', 'export', 'duplicates'])), name='job_kind'),
        ),
        migrations.AddField(
            model_name='affiliation',
            name='actor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affiliations', to='annotations.actor'),
        ),
        migrations.AddField(
            model_name='affiliation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affiliates', to='annotations.actor'),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='corpus',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='judgement',
            name='corpus',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus'),
        ),
        migrations.AddField(
            model_name='registryname',
            name='corpus',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus'),
        ),
        migrations.AddConstraint(
            model_name='affiliation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['member', 'leads', 'speaks_for', 'works_for', 'part_of'])), name='affiliation_kind'),
        ),
        migrations.AddConstraint(
            model_name='affiliation',
            constraint=models.CheckConstraint(condition=models.Q(('actor', models.F('organisation')), _negated=True), name='affiliation_not_itself'),
        ),
        migrations.AddIndex(
            model_name='duplicatepair',
            index=models.Index(fields=['corpus', 'kind', 'rank'], name='duplicate_pair_rank'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepair',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['actor', 'topic', 'proposition'])), name='duplicate_pair_kind'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepair',
            constraint=models.UniqueConstraint(fields=('left', 'right'), name='duplicate_pair_once'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['actor', 'topic', 'proposition'])), name='judgement_kind'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['different', 'unsure'])), name='judgement_verdict'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.UniqueConstraint(fields=('left', 'right'), name='judgement_once'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.CheckConstraint(condition=models.Q(('left__lt', models.F('right'))), name='judgement_order'),
        ),
        migrations.AddIndex(
            model_name='registryname',
            index=models.Index(fields=['corpus', 'kind', 'folded'], name='registry_name_folded'),
        ),
        migrations.AddConstraint(
            model_name='registryname',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['actor', 'topic', 'proposition'])), name='registry_name_kind'),
        ),
        migrations.RunPython(fill_index, migrations.RunPython.noop),
    ]
