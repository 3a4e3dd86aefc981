"""On PostgreSQL every transaction that adds events says, before its first one, above which ``seq`` they will be.

It takes a shared advisory lock whose number holds the ``seq`` that was given out last, and keeps it until it
ends. A reader finds the lowest of these floors in ``pg_locks`` and needs no lock of its own (ADR 0025).
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ADD = """
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
REMOVE = """
DROP TRIGGER IF EXISTS event_floor ON annotations_event;
DROP FUNCTION IF EXISTS standpoint_event_floor();
"""


def add_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute(ADD)


def remove_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute(REMOVE)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0006_export_jobs'),
    ]

    operations = [
        migrations.RunPython(add_trigger, remove_trigger),
    ]
