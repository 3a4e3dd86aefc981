"""A job is its own place in the queue: the tables of the package that kept the queue before go.

Jobs that wait are not lost: their rows are what counted, and workers claim them from now on.
"""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Now

# The label of the former app, and its only table.
APP, TABLE = 'django_tasks_database', 'django_tasks_database_dbtaskresult'


def drop_task_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the table, the permissions on it and the record of its migrations, where they exist."""
    schema_editor.execute(f'DROP TABLE IF EXISTS {TABLE}')
    schema_editor.execute('DELETE FROM django_migrations WHERE app = %s', [APP])
    apps.get_model('contenttypes', 'ContentType').objects.filter(app_label=APP).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0004_one_index_each'),
        ('contenttypes', '0002_remove_content_type_name'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name='job', name='job_state'),
        migrations.RemoveField(model_name='job', name='task_id'),
        migrations.AddField(
            model_name='job',
            name='run_after',
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(fields=['state', 'run_after', 'id'], name='job_waiting'),
        ),
        migrations.RunPython(drop_task_table, migrations.RunPython.noop),
    ]
