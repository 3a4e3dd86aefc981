"""Indexes for what is counted of large corpora: what happened in the last days, and what was sent back.

On PostgreSQL they are made while people work.
"""

from importlib import import_module

from django.db import migrations, models

AddIndexOnline = import_module("annotations.migrations.0024_scale").AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [('annotations', '0025_feeds')]

    operations = [
        AddIndexOnline(
            "event",
            models.Index(
                fields=["corpus_id", "action", "time", "set_id"],
                condition=models.Q(
                    ("action__in", ("approve", "created", "recall", "release_review", "return", "submit"))
                ),
                name="event_counted",
            ),
        ),
        AddIndexOnline(
            "annotationset",
            models.Index(fields=["corpus", "created_at"], name="set_created"),
        ),
        AddIndexOnline(
            "annotationset",
            models.Index(
                fields=["corpus", "submitted_at"],
                condition=models.Q(("submitted_at__isnull", False)),
                name="set_submitted",
            ),
        ),
        AddIndexOnline(
            "annotationset",
            models.Index(
                fields=["corpus", "approved_at"],
                condition=models.Q(("approved_at__isnull", False)),
                name="set_decided",
            ),
        ),
    ]
