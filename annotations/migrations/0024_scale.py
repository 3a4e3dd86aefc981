"""Indexes for lists, events and the review queue of large corpora.

On PostgreSQL they are made while people work: the tables of spans and events may have millions of rows.
"""

from typing import Any

from django.db import migrations, models


class AddIndexOnline(migrations.AddIndex):
    """The operation that adds an index without a lock on the table, where the engine can."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add the index; what an attempt has left that was broken off goes first."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.add_index(model, self.index, concurrently=True)


class RemoveIndexOnline(migrations.RemoveIndex):
    """The operation that removes an index without a lock on the table, where the engine can."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Remove the index."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.name)}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [('annotations', '0023_sso')]

    operations = [
        AddIndexOnline(
            "span",
            models.Index(
                fields=["actor", "label", "id"],
                condition=models.Q(("actor__isnull", False)),
                name="span_actor_label",
            ),
        ),
        AddIndexOnline(
            "span",
            models.Index(
                fields=["proposition", "label", "id"],
                condition=models.Q(("proposition__isnull", False)),
                name="span_proposition_label",
            ),
        ),
        RemoveIndexOnline("span", "span_actor"),
        RemoveIndexOnline("span", "span_proposition"),
        AddIndexOnline("event", models.Index(fields=["corpus_id", "action", "seq"], name="event_action")),
        AddIndexOnline(
            "annotationset",
            models.Index(
                fields=["corpus", "due_at", "id"],
                condition=models.Q(("due_at__isnull", False), ("state", "submitted")),
                name="set_submitted_due",
            ),
        ),
        AddIndexOnline(
            "article",
            models.Index(
                models.F("corpus"),
                models.OrderBy(models.F("priority"), descending=True),
                models.F("id"),
                condition=models.Q(("status", "ready_for_review")),
                name="article_to_review",
            ),
        ),
    ]
