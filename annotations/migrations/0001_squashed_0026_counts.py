"""All tables at once, for a new database; one that has begun with the migrations before goes on with those."""

import annotations.enums
import annotations.models.corpora
import annotations.models.fields
import annotations.models.ids
import annotations.models.jobs
import annotations.models.ordering
import annotations.models.registry
import annotations.models.releases
import annotations.models.webhooks
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from annotations.models.term_index import TERM_INDEXES

#: Each transaction that adds events says above which ``seq`` they will be (ADR 0025).
EVENT_FLOOR = """
CREATE FUNCTION standpoint_event_floor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('standpoint.event_floor', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(
            (21328::bigint << 48) + last_value - (NOT is_called)::int
        ) FROM annotations_event_seq_seq;
        PERFORM set_config('standpoint.event_floor', 'taken', true);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER event_floor BEFORE INSERT ON annotations_event
    FOR EACH STATEMENT EXECUTE FUNCTION standpoint_event_floor();
"""


def create_what_engines_have(_apps, schema_editor):
    """Create what models do not describe: the index of words, plain texts and the floor of events."""
    vendor = schema_editor.connection.vendor
    for statement in TERM_INDEXES[vendor].create():
        schema_editor.execute(statement)
    if vendor == 'postgresql':
        # texts of articles are a few kilobytes: packing them costs an import and an export more than the disk
        schema_editor.execute('ALTER TABLE annotations_revision ALTER COLUMN text SET STORAGE EXTERNAL')
        schema_editor.execute(EVENT_FLOOR)


def drop_what_engines_have(_apps, schema_editor):
    """Drop it again; what stands on a table goes with the table."""
    vendor = schema_editor.connection.vendor
    for statement in TERM_INDEXES[vendor].drop():
        schema_editor.execute(statement)
    if vendor == 'postgresql':
        schema_editor.execute('DROP FUNCTION standpoint_event_floor() CASCADE')


class Migration(migrations.Migration):

    replaces = [
        ('annotations', '0001_initial'),
        ('annotations', '0002_teams'),
        ('annotations', '0003_releases'),
        ('annotations', '0004_one_index_each'),
        ('annotations', '0005_one_queue'),
        ('annotations', '0006_export_jobs'),
        ('annotations', '0007_event_floor'),
        ('annotations', '0008_sign_in_failures'),
        ('annotations', '0009_canonical'),
        ('annotations', '0010_statements'),
        ('annotations', '0011_search_keys'),
        ('annotations', '0012_doubles'),
        ('annotations', '0013_derive_statements'),
        ('annotations', '0014_merges'),
        ('annotations', '0015_carry_over'),
        ('annotations', '0016_stories'),
        ('annotations', '0017_text_order'),
        ('annotations', '0018_search'),
        ('annotations', '0019_comment_range'),
        ('annotations', '0020_rights'),
        ('annotations', '0021_erasure'),
        ('annotations', '0022_webhooks'),
        ('annotations', '0023_sso'),
        ('annotations', '0024_scale'),
        ('annotations', '0025_feeds'),
        ('annotations', '0026_counts'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('prefix', models.CharField(editable=False, max_length=12)),
                ('scopes', models.JSONField(default=list)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='access_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'access token',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Corpus',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('slug', models.CharField(max_length=50, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(?:-[a-z0-9]+)*\\Z', 'A slug has lower-case letters a to z, digits and single hyphens between them.')])),
                ('name', models.CharField(max_length=200)),
                ('description', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('guideline', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('guideline_version', models.PositiveIntegerField(default=1, editable=False)),
                ('depth', models.CharField(choices=[('spans', 'spans'), ('statements', 'statements')], default=annotations.models.corpora.Depth['SPANS'], max_length=20)),
                ('annotators_per_article', models.PositiveSmallIntegerField(default=1)),
                ('same_label_overlap', models.BooleanField(default=False)),
                ('archived', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('double_share', models.PositiveSmallIntegerField(default=5)),
                ('handed_out', models.PositiveIntegerField(default=0, editable=False)),
                ('most_open', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('carry_approval', models.CharField(choices=[('review', 'review'), ('when_untouched', 'when untouched')], default=annotations.enums.CarryApproval['REVIEW'], max_length=20)),
            ],
            options={
                'verbose_name_plural': 'corpora',
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('depth__in', ['spans', 'statements'])), name='corpus_depth'), models.CheckConstraint(condition=models.Q(('annotators_per_article__gte', 1)), name='corpus_annotators'), models.CheckConstraint(condition=models.Q(('double_share__gte', 0), ('double_share__lte', 100)), name='corpus_double_share'), models.CheckConstraint(condition=models.Q(('carry_approval__in', ['review', 'when_untouched'])), name='corpus_carry_approval')],
            },
        ),
        migrations.CreateModel(
            name='Actor',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=300)),
                ('folded_name', models.CharField(default='', editable=False, max_length=600)),
                ('kind', models.CharField(choices=[('person', 'person'), ('organisation', 'organisation'), ('state', 'state'), ('government', 'government'), ('group', 'group'), ('medium', 'medium'), ('collective', 'collective'), ('other', 'other')], max_length=20)),
                ('qid', models.CharField(blank=True, default='', max_length=20)),
                ('note', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='annotations.actor')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='annotations.actor')),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='actors', to='annotations.corpus')),
                ('canonical', annotations.models.fields.CanonicalKey(editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='variants', to='self')),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'id'], name='actor_corpus'), models.Index(condition=models.Q(('qid', ''), _negated=True), fields=['corpus', 'qid'], name='actor_qid')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['person', 'organisation', 'state', 'government', 'group', 'medium', 'collective', 'other'])), name='actor_kind')],
            },
        ),
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
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affiliations', to='annotations.actor')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affiliates', to='annotations.actor')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['member', 'leads', 'speaks_for', 'works_for', 'part_of'])), name='affiliation_kind'), models.CheckConstraint(condition=models.Q(('actor', models.F('organisation')), _negated=True), name='affiliation_not_itself')],
            },
        ),
        migrations.CreateModel(
            name='Alias',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(max_length=300)),
                ('folded', models.CharField(db_index=True, editable=False, max_length=600)),
                ('language', models.CharField(blank=True, default='', max_length=35)),
                ('kind', models.CharField(choices=[('name', 'name'), ('spelling', 'spelling'), ('abbreviation', 'abbreviation'), ('metonym', 'metonym'), ('title', 'title'), ('other', 'other')], default=annotations.models.registry.AliasKind['NAME'], max_length=20)),
                ('actor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='annotations.actor')),
            ],
            options={
                'verbose_name_plural': 'aliases',
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('actor', 'text', 'language'), name='alias_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['name', 'spelling', 'abbreviation', 'metonym', 'title', 'other'])), name='alias_kind')],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('external_id', models.CharField(blank=True, max_length=255, null=True)),
                ('title', models.CharField(blank=True, default='', max_length=500)),
                ('source', models.CharField(blank=True, default='', max_length=200)),
                ('author', models.CharField(blank=True, default='', max_length=500)),
                ('url', models.CharField(blank=True, default='', max_length=2000)),
                ('language', models.CharField(blank=True, default='', max_length=35)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('story_key', models.CharField(blank=True, default='', max_length=255)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('annotators', models.PositiveSmallIntegerField(default=1)),
                ('excluded_reason', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('search_key', models.TextField(default='', editable=False)),
                ('status', models.CharField(choices=[('excluded', 'excluded'), ('in_review', 'in review'), ('adjudicating', 'adjudicating'), ('ready_for_review', 'ready for review'), ('ready_for_adjudication', 'ready for adjudication'), ('annotating', 'annotating'), ('done', 'done'), ('unassigned', 'unassigned')], default=annotations.enums.ArticleStatus['UNASSIGNED'], editable=False, max_length=30)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='annotations.corpus')),
                ('doubled', models.BooleanField(db_default=False, default=False, editable=False)),
                ('priority', models.SmallIntegerField(db_default=0, default=0)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'id'], name='article_corpus'), models.Index(fields=['corpus', 'status', 'id'], name='article_status'), models.Index(fields=['corpus', 'source', 'id'], name='article_source'), models.Index(fields=['corpus', 'language', 'id'], name='article_language'), models.Index(fields=['corpus', 'story_key', 'id'], name='article_story_key'), models.Index(fields=['corpus', 'published_at', 'id'], name='article_published_at'), models.Index(models.F('corpus'), models.OrderBy(models.F('priority'), descending=True), models.F('id'), condition=models.Q(('status__in', ['annotating', 'unassigned'])), name='article_waiting'), models.Index(models.F('corpus'), models.OrderBy(models.F('priority'), descending=True), models.F('id'), condition=models.Q(('status', 'ready_for_review')), name='article_to_review')],
                'constraints': [models.UniqueConstraint(fields=('corpus', 'external_id'), name='article_external_id'), models.CheckConstraint(condition=models.Q(('status__in', ['excluded', 'in_review', 'adjudicating', 'ready_for_review', 'ready_for_adjudication', 'annotating', 'done', 'unassigned'])), name='article_status'), models.CheckConstraint(condition=models.Q(('annotators__gte', 1)), name='article_annotators')],
            },
        ),
        migrations.CreateModel(
            name='ArticleRights',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('licence', models.CharField(blank=True, default='', max_length=100)),
                ('licence_url', models.CharField(blank=True, default='', max_length=2000)),
                ('holder', models.CharField(blank=True, default='', max_length=300)),
                ('notice', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('may_export_text', models.CharField(blank=True, choices=[('yes', 'yes'), ('quotes', 'quotes'), ('no', 'no')], default='', max_length=10)),
                ('max_quote_share', models.FloatField(blank=True, null=True)),
                ('may_send_out', models.BooleanField(blank=True, null=True)),
                ('embargo_until', models.DateTimeField(blank=True, null=True)),
                ('taken_down_at', models.DateTimeField(blank=True, null=True)),
                ('taken_down_reason', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rights', to='annotations.article')),
                ('taken_down_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'rights of articles',
                'abstract': False,
                'indexes': [models.Index(fields=['embargo_until'], name='rights_embargo')],
                'constraints': [models.CheckConstraint(condition=models.Q(('may_export_text__in', ['', 'yes', 'quotes', 'no'])), name='articlerights_text'), models.CheckConstraint(condition=models.Q(('max_quote_share__isnull', True), models.Q(('max_quote_share__gte', 0), ('max_quote_share__lte', 1)), _connector='OR'), name='articlerights_share')],
            },
        ),
        migrations.CreateModel(
            name='ConfidentialActor',
            fields=[
                ('actor', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='confidential', serialize=False, to='annotations.actor')),
                ('reason', annotations.models.fields.VerbatimText()),
                ('at', models.DateTimeField()),
                ('lift_asked_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lift_asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('actor',),
            },
        ),
        migrations.CreateModel(
            name='CorpusRights',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('licence', models.CharField(blank=True, default='', max_length=100)),
                ('licence_url', models.CharField(blank=True, default='', max_length=2000)),
                ('holder', models.CharField(blank=True, default='', max_length=300)),
                ('notice', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('may_export_text', models.CharField(blank=True, choices=[('yes', 'yes'), ('quotes', 'quotes'), ('no', 'no')], default='', max_length=10)),
                ('max_quote_share', models.FloatField(blank=True, null=True)),
                ('may_send_out', models.BooleanField(blank=True, null=True)),
                ('corpus', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rights', to='annotations.corpus')),
            ],
            options={
                'verbose_name_plural': 'rights of corpora',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('may_export_text__in', ['', 'yes', 'quotes', 'no'])), name='corpusrights_text'), models.CheckConstraint(condition=models.Q(('max_quote_share__isnull', True), models.Q(('max_quote_share__gte', 0), ('max_quote_share__lte', 1)), _connector='OR'), name='corpusrights_share')],
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
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'kind', 'rank'], name='duplicate_pair_rank')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['actor', 'topic', 'proposition'])), name='duplicate_pair_kind'), models.UniqueConstraint(fields=('left', 'right'), name='duplicate_pair_once')],
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(blank=True, default='', max_length=150)),
                ('reason', annotations.models.fields.VerbatimText()),
                ('external_id_digest', models.CharField(blank=True, db_index=True, default='', max_length=64)),
                ('hashes', models.JSONField(default=list)),
                ('counts', models.JSONField(default=dict)),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='annotations.article')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('seq', models.BigAutoField(primary_key=True, serialize=False)),
                ('corpus_id', models.UUIDField()),
                ('article_id', models.UUIDField(null=True)),
                ('set_id', models.UUIDField(null=True)),
                ('user_id', models.BigIntegerField(null=True)),
                ('username', models.CharField(blank=True, default='', max_length=150)),
                ('action', models.CharField(max_length=40)),
                ('data', models.JSONField(default=dict)),
                ('request_id', models.CharField(blank=True, default='', max_length=64)),
                ('time', models.DateTimeField()),
            ],
            options={
                'ordering': ('seq',),
                'indexes': [models.Index(fields=['corpus_id', 'seq'], name='event_corpus'), models.Index(fields=['article_id', 'seq'], name='event_article'), models.Index(fields=['set_id', 'seq'], name='event_set'), models.Index(fields=['corpus_id', 'action', 'seq'], name='event_action'), models.Index(condition=models.Q(('action__in', ('approve', 'created', 'recall', 'release_review', 'return', 'submit'))), fields=['corpus_id', 'action', 'time', 'set_id'], name='event_counted')],
            },
        ),
        migrations.CreateModel(
            name='FeedAddress',
            fields=[
                ('token', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='feed_address', serialize=False, to='annotations.accesstoken')),
                ('type', models.CharField(choices=[('approved', 'approved'), ('quotes', 'quotes')], max_length=20)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.actor')),
                ('corpus', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
            ],
            options={
                'verbose_name_plural': 'feed addresses',
                'ordering': ('token',),
                'constraints': [models.CheckConstraint(condition=models.Q(('type__in', ['approved', 'quotes'])), name='feed_type')],
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
            options={
                'indexes': [models.Index(fields=['corpus', 'hash', 'place', 'article'], name='fingerprint_hash_place')],
            },
        ),
        migrations.CreateModel(
            name='FrozenAgreement',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('round', models.CharField(choices=[('production', 'production'), ('calibration', 'calibration')], max_length=20)),
                ('kind', models.CharField(choices=[('annotation', 'annotation'), ('adjudication', 'adjudication')], max_length=20)),
                ('annotators', models.PositiveSmallIntegerField(default=2)),
                ('counts', models.JSONField()),
                ('guideline_version', models.PositiveIntegerField()),
                ('frozen_at', models.DateTimeField()),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='agreements', to='annotations.article')),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='annotations.corpus')),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'frozen agreement',
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'round', 'kind', 'id'], name='agreement_corpus')],
                'constraints': [models.UniqueConstraint(fields=('article', 'round', 'kind', 'first', 'second'), name='agreement_once'), models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='agreement_of_two'), models.CheckConstraint(condition=models.Q(('round__in', ['production', 'calibration'])), name='agreement_round'), models.CheckConstraint(condition=models.Q(('kind__in', ['annotation', 'adjudication'])), name='agreement_kind')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('role', models.CharField(choices=[('viewer', 'viewer'), ('annotator', 'annotator'), ('reviewer', 'reviewer'), ('manager', 'manager')], max_length=20)),
                ('email', models.EmailField(blank=True, default='', max_length=254)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('corpus', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='annotations.corpus')),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('used_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'annotator', 'reviewer', 'manager'])), name='invitation_role'), models.CheckConstraint(condition=models.Q(models.Q(('used_at__isnull', True), ('used_by__isnull', True)), models.Q(('used_at__isnull', False), ('used_by__isnull', False)), _connector='OR'), name='invitation_used')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('import', 'import'), ('release', 'release'), ('export', 'export'), ('duplicates', 'duplicates'), ('fingerprint', 'fingerprint'), ('search', 'search')], max_length=20)),
                ('state', models.CharField(choices=[('queued', 'queued'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default=annotations.models.jobs.JobState['QUEUED'], max_length=20)),
                ('parameters', models.JSONField(default=dict)),
                ('cursor', models.JSONField(default=dict)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(null=True)),
                ('result', models.JSONField(null=True)),
                ('error', models.TextField(blank=True, default='')),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('worker', models.CharField(blank=True, default='', max_length=64)),
                ('beat_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='annotations.corpus')),
                ('run_after', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'id'], name='job_corpus'), models.Index(fields=['state', 'run_after', 'id'], name='job_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'failed'])), name='job_state_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['import', 'release', 'export', 'duplicates', 'fingerprint', 'search'])), name='job_kind')],
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
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corpus', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['actor', 'topic', 'proposition'])), name='judgement_kind'), models.CheckConstraint(condition=models.Q(('verdict__in', ['different', 'unsure'])), name='judgement_verdict'), models.UniqueConstraint(fields=('left', 'right'), name='judgement_once'), models.CheckConstraint(condition=models.Q(('left__lt', models.F('right'))), name='judgement_order')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('role', models.CharField(choices=[('viewer', 'viewer'), ('annotator', 'annotator'), ('reviewer', 'reviewer'), ('manager', 'manager')], max_length=20)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='annotations.corpus')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('from_sso', models.BooleanField(default=False, editable=False)),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('corpus', 'user'), name='membership_once'), models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'annotator', 'reviewer', 'manager'])), name='membership_role')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('actor', 'actor'), ('topic', 'topic'), ('proposition', 'proposition')], max_length=20)),
                ('loser', models.UUIDField()),
                ('winner', models.UUIDField(db_index=True)),
                ('reason', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('at', models.DateTimeField()),
                ('moved', models.JSONField(default=dict)),
                ('undone_at', models.DateTimeField(null=True)),
                ('undone_reason', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='annotations.corpus')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'id'], name='merge_corpus')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['actor', 'topic', 'proposition'])), name='merge_kind'), models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('loser',), name='merge_once'), models.CheckConstraint(condition=models.Q(('loser', models.F('winner')), _negated=True), name='merge_of_two')],
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
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(models.F('corpus'), models.F('kind'), annotations.models.ordering.CodePoints('folded'), name='registry_name_order')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['actor', 'topic', 'proposition'])), name='registry_name_kind')],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('state', models.CharField(choices=[('building', 'building'), ('ready', 'ready'), ('failed', 'failed')], default=annotations.models.releases.ReleaseState['BUILDING'], max_length=20)),
                ('filter', models.JSONField(default=dict)),
                ('recipe', models.JSONField(default=dict)),
                ('counts', models.JSONField(default=dict)),
                ('losses', models.JSONField(default=list)),
                ('created_at', models.DateTimeField()),
                ('frozen_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_reason', models.TextField(blank=True, default='')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='annotations.corpus')),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='release', to='annotations.job')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('corpus', 'number'), name='release_number'), models.CheckConstraint(condition=models.Q(('state__in', ['building', 'ready', 'failed'])), name='release_state'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='release_numbered')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('data', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('index', models.JSONField(default=list)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='annotations.release')),
            ],
            options={
                'ordering': ('release', 'number'),
                'constraints': [models.UniqueConstraint(fields=('release', 'number'), name='release_chunk_once')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('media_type', models.CharField(max_length=100)),
                ('sha256', models.CharField(max_length=64)),
                ('bytes', models.PositiveBigIntegerField()),
                ('records', models.PositiveBigIntegerField()),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='annotations.release')),
            ],
            options={
                'ordering': ('release', models.OrderBy(annotations.models.ordering.CodePoints('name'), descending=False)),
                'constraints': [models.UniqueConstraint(fields=('release', 'name'), name='release_file_once')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('text', annotations.models.fields.VerbatimText()),
                ('sha256', models.CharField(max_length=64)),
                ('length', models.PositiveIntegerField()),
                ('reason', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='annotations.article')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['sha256'], name='revision_sha256')],
                'constraints': [models.UniqueConstraint(fields=('article', 'number'), name='revision_number'), models.CheckConstraint(condition=models.Q(('length__gte', 1)), name='revision_length')],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='revision',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='annotations.revision'),
        ),
        migrations.CreateModel(
            name='AnnotationSet',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('annotation', 'annotation'), ('adjudication', 'adjudication')], default=annotations.enums.SetKind['ANNOTATION'], max_length=20)),
                ('round', models.CharField(choices=[('production', 'production'), ('calibration', 'calibration')], default=annotations.enums.Round['PRODUCTION'], max_length=20)),
                ('state', models.CharField(choices=[('open', 'open'), ('submitted', 'submitted'), ('in_review', 'in review'), ('returned', 'returned'), ('approved', 'approved'), ('withdrawn', 'withdrawn'), ('superseded', 'superseded')], default=annotations.enums.State['OPEN'], max_length=20)),
                ('review_started_at', models.DateTimeField(blank=True, null=True)),
                ('imported', models.BooleanField(default=False)),
                ('blind', models.BooleanField(default=False)),
                ('span_counts', models.JSONField(default=dict)),
                ('guideline_version', models.PositiveIntegerField(default=1)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.annotationset')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sets', to=settings.AUTH_USER_MODEL)),
                ('reviewer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL)),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sets', to='annotations.article')),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sets', to='annotations.corpus')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sets', to='annotations.revision')),
                ('approved_by', models.CharField(blank=True, choices=[('review', 'review'), ('equivalence', 'equivalence')], db_default='', default='', max_length=20)),
            ],
            options={
                'verbose_name': 'annotation set',
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'state', 'id'], name='set_corpus_state'), models.Index(fields=['corpus', 'id'], name='set_corpus'), models.Index(fields=['article', 'state'], name='set_article_state'), models.Index(fields=['owner', 'state'], name='set_owner_state'), models.Index(fields=['reviewer', 'state'], name='set_reviewer_state'), models.Index(condition=models.Q(('due_at__isnull', False), ('state', 'submitted')), fields=['corpus', 'due_at', 'id'], name='set_submitted_due'), models.Index(condition=models.Q(('state', annotations.enums.State['APPROVED'])), fields=['corpus', '-approved_at', '-id'], name='set_approved'), models.Index(fields=['corpus', 'created_at'], name='set_created'), models.Index(condition=models.Q(('submitted_at__isnull', False)), fields=['corpus', 'submitted_at'], name='set_submitted'), models.Index(condition=models.Q(('approved_at__isnull', False)), fields=['corpus', 'approved_at'], name='set_decided')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', [annotations.enums.State['IN_REVIEW'], annotations.enums.State['OPEN'], annotations.enums.State['RETURNED'], annotations.enums.State['SUBMITTED']])), fields=('revision', 'owner', 'round', 'kind'), name='set_live_once'), models.CheckConstraint(condition=models.Q(('reviewer__isnull', True), models.Q(('reviewer', models.F('owner')), _negated=True), _connector='OR'), name='set_four_eyes'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'submitted', 'in_review', 'returned', 'approved', 'withdrawn', 'superseded'])), name='set_state'), models.CheckConstraint(condition=models.Q(('kind__in', ['annotation', 'adjudication'])), name='set_kind'), models.CheckConstraint(condition=models.Q(('round__in', ['production', 'calibration'])), name='set_round'), models.UniqueConstraint(condition=models.Q(('state', 'approved')), fields=('article',), name='set_approved_once'), models.CheckConstraint(condition=models.Q(('approved_by__in', ['', 'review', 'equivalence'])), name='set_approved_by')],
            },
        ),
        migrations.CreateModel(
            name='CarryOver',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('counts', models.JSONField(default=dict)),
                ('digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='carry_overs', to='annotations.article')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.revision')),
                ('from_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='carried_to', to='annotations.annotationset')),
                ('to_revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='carry_overs', to='annotations.revision')),
                ('to_set', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='carried_from', to='annotations.annotationset')),
            ],
            options={
                'verbose_name': 'carry-over',
                'ordering': ('id',),
            },
        ),
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
                'indexes': [models.Index(fields=['corpus', 'digest'], name='fingerprint_digest'), models.Index(condition=models.Q(('place', 1)), fields=['corpus'], name='fingerprint_waiting')],
            },
        ),
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
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'saved searches',
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'id'], name='saved_search_corpus')],
                'constraints': [models.UniqueConstraint(fields=('corpus', 'owner', 'name'), name='saved_search_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(choices=[('text', 'text'), ('title', 'title')], max_length=10)),
                ('revision', models.UUIDField(null=True)),
                ('number', models.PositiveIntegerField()),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.article')),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('place__in', ['text', 'title'])), name='search_part_place'), models.UniqueConstraint(fields=('article', 'place', 'number'), name='search_part_once')],
            },
        ),
        migrations.CreateModel(
            name='SignInFailures',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('last_at', models.DateTimeField(db_index=True)),
                ('blocked_until', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'failed sign-ins',
                'verbose_name_plural': 'failed sign-ins',
                'ordering': ('key',),
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='annotations.annotationset')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjudications', to='annotations.annotationset')),
            ],
            options={
                'ordering': ('set', 'position'),
                'constraints': [models.UniqueConstraint(fields=('set', 'source'), name='source_once'), models.UniqueConstraint(fields=('set', 'position'), name='source_position')],
            },
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
                'indexes': [models.Index(fields=['corpus', 'id'], name='story_corpus')],
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
                'indexes': [models.Index(fields=['article', 'state'], name='story_member_of_article')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['found', 'confirmed', 'proposed', 'apart'])), name='story_member_state'), models.UniqueConstraint(fields=('story', 'article'), name='story_member_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['found', 'confirmed'])), fields=('article',), name='story_member_article')],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='topics', to='annotations.corpus')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='annotations.topic')),
                ('canonical', annotations.models.fields.CanonicalKey(editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='variants', to='self')),
                ('search_key', models.TextField(default='', editable=False)),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('corpus', 'name'), name='topic_once')],
            },
        ),
        migrations.CreateModel(
            name='Proposition',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', models.CharField(max_length=500)),
                ('kind', models.CharField(choices=[('issue', 'issue'), ('assertion', 'assertion')], max_length=20)),
                ('status', models.CharField(choices=[('proposed', 'proposed'), ('accepted', 'accepted')], default=annotations.models.registry.PropositionStatus['PROPOSED'], editable=False, max_length=20)),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='propositions', to='annotations.corpus')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='annotations.proposition')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='propositions', to='annotations.topic')),
                ('canonical', annotations.models.fields.CanonicalKey(editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='variants', to='self')),
                ('search_key', models.TextField(default='', editable=False)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'id'], name='proposition_corpus')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['issue', 'assertion'])), name='proposition_kind'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'accepted'])), name='proposition_status')],
            },
        ),
        migrations.CreateModel(
            name='Span',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('label', models.CharField(choices=[('actor', 'actor'), ('claim', 'claim'), ('position', 'position')], max_length=20)),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('quote', annotations.models.fields.VerbatimText()),
                ('attributes', models.JSONField(default=dict)),
                ('origin', models.CharField(choices=[('human', 'human'), ('import', 'import'), ('suggestion', 'suggestion')], default=annotations.enums.Origin['HUMAN'], max_length=20)),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spans', to='annotations.actor')),
                ('proposition', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spans', to='annotations.proposition')),
                ('set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='spans', to='annotations.annotationset')),
            ],
            options={
                'ordering': ('start', 'end', 'id'),
                'indexes': [models.Index(fields=['set', 'start'], name='span_set_start'), models.Index(condition=models.Q(('actor__isnull', False)), fields=['actor', 'label', 'id'], name='span_actor_label'), models.Index(condition=models.Q(('proposition__isnull', False)), fields=['proposition', 'label', 'id'], name='span_proposition_label')],
                'constraints': [models.CheckConstraint(condition=models.Q(('start__gte', 0), ('start__lt', models.F('end'))), name='span_range'), models.CheckConstraint(condition=models.Q(('end', django.db.models.expressions.CombinedExpression(models.F('start'), '+', django.db.models.functions.text.Length('quote')))), name='span_quote_length'), models.UniqueConstraint(condition=models.Q(('proposition__isnull', True)), fields=('set', 'label', 'start', 'end'), name='span_once'), models.UniqueConstraint(condition=models.Q(('proposition__isnull', False)), fields=('set', 'label', 'start', 'end', 'proposition'), name='span_once_per_proposition'), models.CheckConstraint(condition=models.Q(('label__in', ['actor', 'claim', 'position'])), name='span_label'), models.CheckConstraint(condition=models.Q(('origin__in', ['human', 'import', 'suggestion'])), name='span_origin')],
            },
        ),
        migrations.CreateModel(
            name='CarryItem',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('touched', 'touched'), ('uncertain', 'uncertain'), ('moved', 'moved'), ('lost', 'lost')], max_length=20)),
                ('old_span', models.UUIDField()),
                ('label', models.CharField(choices=[('actor', 'actor'), ('claim', 'claim'), ('position', 'position')], max_length=20)),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('quote', annotations.models.fields.VerbatimText()),
                ('proposal_start', models.PositiveIntegerField(null=True)),
                ('proposal_end', models.PositiveIntegerField(null=True)),
                ('proposal_quote', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('attributes', models.JSONField(default=dict)),
                ('relations', models.JSONField(default=list)),
                ('comments', models.JSONField(default=list)),
                ('decision', models.CharField(blank=True, choices=[('kept', 'kept'), ('moved', 'moved'), ('dropped', 'dropped'), ('fine', 'fine')], default='', max_length=20)),
                ('at', models.DateTimeField(null=True)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.actor')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.proposition')),
                ('set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='carry_items', to='annotations.annotationset')),
                ('span', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='carry_items', to='annotations.span')),
                ('carry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='annotations.carryover')),
            ],
            options={
                'verbose_name': 'carry item',
                'ordering': ('id',),
                'indexes': [models.Index(fields=['set', 'id'], name='carry_item_set')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['touched', 'uncertain', 'moved', 'lost'])), name='carry_item_status'), models.CheckConstraint(condition=models.Q(('decision__in', ['', 'kept', 'moved', 'dropped', 'fine'])), name='carry_item_decision'), models.CheckConstraint(condition=models.Q(models.Q(('at__isnull', True), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('at__isnull', False)), _connector='OR'), name='carry_item_decided'), models.CheckConstraint(condition=models.Q(models.Q(('proposal_end__isnull', True), ('proposal_start__isnull', True)), ('proposal_start__lt', models.F('proposal_end')), _connector='OR'), name='carry_item_proposal')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', annotations.models.fields.VerbatimText()),
                ('blocking', models.BooleanField(default=False)),
                ('suggestion', models.JSONField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='annotations.comment')),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='annotations.annotationset')),
                ('span', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to='annotations.span')),
                ('end', models.PositiveIntegerField(blank=True, null=True)),
                ('quote', models.TextField(blank=True, null=True)),
                ('start', models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['set', 'id'], name='comment_set')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', True), ('resolved_by__isnull', True)), models.Q(('resolved_at__isnull', False), ('resolved_by__isnull', False)), _connector='OR'), name='comment_resolved'), models.CheckConstraint(condition=models.Q(models.Q(('end__isnull', True), ('start__isnull', True)), models.Q(('end', django.db.models.expressions.CombinedExpression(models.F('start'), '+', django.db.models.functions.text.Length('quote'))), ('quote__isnull', False), ('start__gte', 0), ('start__lt', models.F('end'))), _connector='OR'), name='comment_range'), models.CheckConstraint(condition=models.Q(('span__isnull', True), ('quote__isnull', True), _connector='OR'), name='comment_place')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('missed', 'missed'), ('label', 'label'), ('boundary', 'boundary'), ('attributes', 'attributes'), ('link', 'link'), ('relation', 'relation')], max_length=20)),
                ('sides', models.JSONField(default=list)),
                ('ends', models.JSONField(blank=True, null=True)),
                ('state', models.CharField(choices=[('open', 'open'), ('settled', 'settled')], default=annotations.enums.DecisionState['OPEN'], max_length=20)),
                ('choice', models.CharField(blank=True, choices=[('take_a', 'take a'), ('take_b', 'take b'), ('take', 'take'), ('own', 'own'), ('drop', 'drop')], max_length=20, null=True)),
                ('taken', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, choices=[('boundary', 'boundary'), ('label', 'label'), ('missed', 'missed'), ('guideline_unclear', 'guideline unclear'), ('slip', 'slip'), ('link', 'link')], max_length=20, null=True)),
                ('source_changed', models.BooleanField(default=False)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='annotations.annotationset')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('span', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='decisions', to='annotations.span')),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['set', 'state', 'id'], name='decision_set_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['missed', 'label', 'boundary', 'attributes', 'link', 'relation'])), name='decision_kind'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'settled'])), name='decision_state'), models.CheckConstraint(condition=models.Q(('choice__in', ['take_a', 'take_b', 'take', 'own', 'drop'])), name='decision_choice'), models.CheckConstraint(condition=models.Q(('reason__in', ['boundary', 'label', 'missed', 'guideline_unclear', 'slip', 'link'])), name='decision_reason'), models.CheckConstraint(condition=models.Q(models.Q(('choice__isnull', True), ('reason__isnull', True), ('settled_at__isnull', True), ('settled_by__isnull', True), ('state', annotations.enums.DecisionState['OPEN'])), models.Q(('choice__isnull', False), ('reason__isnull', False), ('settled_at__isnull', False), ('settled_by__isnull', False), ('state', annotations.enums.DecisionState['SETTLED'])), _connector='OR'), name='decision_settled'), models.CheckConstraint(condition=models.Q(('taken__isnull', True), ('choice__in', ['take_a', 'take_b', 'take']), _connector='OR'), name='decision_taken')],
            },
        ),
        migrations.CreateModel(
            name='Relation',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('type', models.CharField(choices=[('made_by', 'made by'), ('reported_by', 'reported by'), ('held_by', 'held by'), ('ascribed_by', 'ascribed by'), ('about', 'about'), ('supports', 'supports'), ('opposes', 'opposes')], max_length=20)),
                ('set', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='relations', to='annotations.annotationset')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relations_out', to='annotations.span')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relations_in', to='annotations.span')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('set', 'type', 'source', 'target'), name='relation_once'), models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='relation_not_itself'), models.CheckConstraint(condition=models.Q(('type__in', ['made_by', 'reported_by', 'held_by', 'ascribed_by', 'about', 'supports', 'opposes'])), name='relation_type')],
            },
        ),
        migrations.CreateModel(
            name='SpanSource',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taken_as', to='annotations.span')),
                ('span', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='annotations.span')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('span', 'source'), name='span_source_once')],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('position', 'position'), ('claim', 'claim')], max_length=20)),
                ('stance', models.CharField(blank=True, max_length=20)),
                ('polarity', models.CharField(blank=True, max_length=20)),
                ('basis', models.CharField(blank=True, max_length=20)),
                ('mode', models.CharField(blank=True, max_length=20)),
                ('attribution', models.CharField(blank=True, max_length=20)),
                ('day', models.DateField(null=True)),
                ('day_last', models.DateField(null=True)),
                ('day_source', models.CharField(choices=[('statement', 'statement'), ('published', 'published'), ('none', 'none')], max_length=20)),
                ('source', models.CharField(blank=True, max_length=200)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.actor')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.article')),
                ('ascribed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.actor')),
                ('corpus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
                ('proposition', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.proposition')),
                ('set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.annotationset')),
                ('span', models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='annotations.span')),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['corpus', 'id'], name='statement_corpus'), models.Index(fields=['actor', 'proposition'], name='statement_actor'), models.Index(fields=['proposition', 'actor'], name='statement_proposition')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['position', 'claim'])), name='statement_kind'), models.CheckConstraint(condition=models.Q(('day_source__in', ['statement', 'published', 'none'])), name='statement_day_source')],
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('url', models.CharField(max_length=2000)),
                ('description', models.CharField(blank=True, default='', max_length=200)),
                ('events', models.JSONField(default=list)),
                ('payload', models.CharField(choices=[('thin', 'thin'), ('full', 'full')], default=annotations.models.webhooks.WebhookPayload['THIN'], max_length=10)),
                ('state', models.CharField(choices=[('active', 'active'), ('disabled', 'disabled')], default=annotations.models.webhooks.WebhookState['ACTIVE'], max_length=10)),
                ('disabled_reason', models.CharField(blank=True, choices=[('by_hand', 'by hand'), ('gone', 'gone'), ('failing', 'failing')], default='', max_length=10)),
                ('disabled_at', models.DateTimeField(blank=True, null=True)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('secret', models.CharField(editable=False, max_length=100)),
                ('old_secret', models.CharField(blank=True, default='', editable=False, max_length=100)),
                ('old_secret_until', models.DateTimeField(blank=True, null=True)),
                ('origin', models.CharField(blank=True, default='', max_length=2000)),
                ('cursor', models.BigIntegerField(default=0)),
                ('replay_after', models.BigIntegerField(blank=True, null=True)),
                ('replay_until', models.BigIntegerField(blank=True, null=True)),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('lease', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('corpus', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='annotations.corpus')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='webhook_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('payload__in', ['thin', 'full'])), name='webhook_payload'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'disabled'])), name='webhook_state'), models.CheckConstraint(condition=models.Q(('disabled_reason__in', ['', 'by_hand', 'gone', 'failing'])), name='webhook_reason'), models.CheckConstraint(condition=models.Q(models.Q(('disabled_reason', ''), ('state', annotations.models.webhooks.WebhookState['ACTIVE'])), models.Q(('state', annotations.models.webhooks.WebhookState['DISABLED']), models.Q(('disabled_reason', ''), _negated=True)), _connector='OR'), name='webhook_disabled')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('message_id', models.CharField(max_length=40)),
                ('event_seq', models.BigIntegerField()),
                ('event_time', models.DateTimeField()),
                ('type', models.CharField(max_length=40)),
                ('article_id', models.UUIDField(null=True)),
                ('set_id', models.UUIDField(null=True)),
                ('data', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('pending', 'pending'), ('held', 'held'), ('delivered', 'delivered'), ('parked', 'parked'), ('skipped', 'skipped')], default=annotations.models.webhooks.DeliveryState['PENDING'], max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('attempted_at', models.DateTimeField(null=True)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('duration_ms', models.PositiveIntegerField(null=True)),
                ('error', models.TextField(blank=True, default='')),
                ('request', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('answer', annotations.models.fields.VerbatimText(blank=True, default='')),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('webhook', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='annotations.webhook')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ('id',),
                'indexes': [models.Index(fields=['webhook', 'id'], name='delivery_webhook'), models.Index(condition=models.Q(('state', annotations.models.webhooks.DeliveryState['PENDING'])), fields=['webhook', 'event_seq', 'type'], name='delivery_pending'), models.Index(condition=models.Q(('state', annotations.models.webhooks.DeliveryState['HELD'])), fields=['article_id'], name='delivery_held'), models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='delivery_finished')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'held', 'delivered', 'parked', 'skipped'])), name='delivery_state'), models.UniqueConstraint(fields=('webhook', 'message_id'), name='delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.UUIDField(default=annotations.models.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('assigned', 'assigned'), ('returned', 'returned'), ('approved', 'approved'), ('comment', 'comment'), ('mention', 'mention'), ('webhook_disabled', 'webhook disabled')], max_length=20)),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.comment')),
                ('corpus', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.corpus')),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('set', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.annotationset')),
                ('webhook', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.webhook')),
            ],
            options={
                'ordering': ('id',),
                'indexes': [models.Index(fields=['recipient', 'id'], name='notification_recipient'), models.Index(condition=models.Q(('mailed_at__isnull', True), ('read_at__isnull', True)), fields=['recipient'], name='notification_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['assigned', 'returned', 'approved', 'comment', 'mention', 'webhook_disabled'])), name='notification_kind'), models.CheckConstraint(condition=models.Q(models.Q(('set__isnull', False), ('webhook__isnull', True)), models.Q(('comment__isnull', True), ('set__isnull', True), ('webhook__isnull', False)), _connector='OR'), name='notification_subject')],
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('beat_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.RunPython(create_what_engines_have, drop_what_engines_have),
    ]
