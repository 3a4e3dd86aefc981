"""Fingerprints of texts, and stories: articles that are copies of one text."""

import annotations.models.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.models import uuid7


def find_stories(apps, schema_editor):
    """Leave the articles that exist already to jobs."""
    articles, jobs = (apps.get_model("annotations", name) for name in ("Article", "Job"))
    for corpus in articles.objects.order_by().values_list("corpus_id", flat=True).distinct():
        jobs.objects.create(id=uuid7(), corpus_id=corpus, kind="fingerprint")


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0015_carry_over'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Fingerprint',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='fingerprint', serialize=False, to='annotations.article')),
                ('digest', models.CharField(max_length=32)),
                ('size', models.PositiveIntegerField()),
                ('place', models.PositiveSmallIntegerField()),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.revision')),
            ],
            options={
                'ordering': ('article',),
            },
        ),
        migrations.CreateModel(
            name='FingerprintHash',
            fields=[
                ('pk', models.CompositePrimaryKey('article', 'hash', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hash', models.BigIntegerField()),
                ('place', models.PositiveSmallIntegerField()),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.article')),
            ],
        ),
        migrations.CreateModel(
            name='Story',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('is_lead_chosen', models.BooleanField(default=False)),
                ('size', models.PositiveIntegerField(default=1)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stories', to='annotations.corpus')),
                ('lead', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='led_story', to='annotations.article')),
            ],
            options={
                'verbose_name_plural': 'stories',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='StoryMember',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('found', 'found'), ('confirmed', 'confirmed'), ('proposed', 'proposed'), ('apart', 'apart')], max_length=20)),
                ('containment', models.FloatField()),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='story_members', to='annotations.article')),
                ('story', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='annotations.story')),
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
            field=models.CharField(choices=[('import', 'import'), ('release', 'release'), ('export', 'export'), ('duplicates', 'duplicates'), ('fingerprint', 'fingerprint')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['import', 'release', 'export', 'duplicates', 'fingerprint'])), name='job_kind'),
        ),
        migrations.AddIndex(
            model_name='fingerprint',
            index=models.Index(fields=['corpus', 'digest'], name='fingerprint_digest'),
        ),
        migrations.AddIndex(
            model_name='fingerprint',
            index=models.Index(condition=models.Q(('place', 1)), fields=['corpus'], name='fingerprint_waiting'),
        ),
        migrations.AddIndex(
            model_name='fingerprinthash',
            index=models.Index(fields=['corpus', 'hash', 'place', 'article'], name='fingerprint_hash_place'),
        ),
        migrations.AddIndex(
            model_name='story',
            index=models.Index(fields=['corpus', 'id'], name='story_corpus'),
        ),
        migrations.AddIndex(
            model_name='storymember',
            index=models.Index(fields=['article', 'state'], name='story_member_of_article'),
        ),
        migrations.AddConstraint(
            model_name='storymember',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['found', 'confirmed', 'proposed', 'apart'])), name='story_member_state'),
        ),
        migrations.AddConstraint(
            model_name='storymember',
            constraint=models.UniqueConstraint(fields=('story', 'article'), name='story_member_once'),
        ),
        migrations.AddConstraint(
            model_name='storymember',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['found', 'confirmed'])), fields=('article',), name='story_member_article'),
        ),
        migrations.RunPython(find_stories, migrations.RunPython.noop),
    ]
