"""Webhooks, their deliveries, and notifications about them."""

import annotations.models.fields
import annotations.models.ids
import annotations.models.webhooks
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0021_erasure'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ('id',),
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
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.RemoveConstraint(
            model_name='notification',
            name='notification_kind',
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('assigned', 'assigned'), ('returned', 'returned'), ('approved', 'approved'), ('comment', 'comment'), ('mention', 'mention'), ('webhook_disabled', 'webhook disabled')], max_length=20),
        ),
        migrations.AlterField(
            model_name='notification',
            name='set',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.annotationset'),
        ),
        migrations.AddField(
            model_name='webhook',
            name='corpus',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='annotations.corpus'),
        ),
        migrations.AddField(
            model_name='webhook',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delivery',
            name='webhook',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='annotations.webhook'),
        ),
        migrations.AddField(
            model_name='notification',
            name='webhook',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.webhook'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['assigned', 'returned', 'approved', 'comment', 'mention', 'webhook_disabled'])), name='notification_kind'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('set__isnull', False), ('webhook__isnull', True)), models.Q(('comment__isnull', True), ('set__isnull', True), ('webhook__isnull', False)), _connector='OR'), name='notification_subject'),
        ),
        migrations.AddIndex(
            model_name='webhook',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='webhook_due'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('payload__in', ['thin', 'full'])), name='webhook_payload'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'disabled'])), name='webhook_state'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('disabled_reason__in', ['', 'by_hand', 'gone', 'failing'])), name='webhook_reason'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disabled_reason', ''), ('state', annotations.models.webhooks.WebhookState['ACTIVE'])), models.Q(('state', annotations.models.webhooks.WebhookState['DISABLED']), models.Q(('disabled_reason', ''), _negated=True)), _connector='OR'), name='webhook_disabled'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['webhook', 'id'], name='delivery_webhook'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', annotations.models.webhooks.DeliveryState['PENDING'])), fields=['webhook', 'event_seq', 'type'], name='delivery_pending'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', annotations.models.webhooks.DeliveryState['HELD'])), fields=['article_id'], name='delivery_held'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='delivery_finished'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'held', 'delivered', 'parked', 'skipped'])), name='delivery_state'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('webhook', 'message_id'), name='delivery_once'),
        ),
    ]
