"""The statements of the approved sets that exist already."""

from itertools import groupby, islice
from operator import itemgetter

from django.db import migrations

from annotations.models import bulk
from annotations.scheme.statements import StatementSpan, derive_statements

BATCH_SIZE = 500
COLUMNS = (
    "corpus_id", "article_id", "set_id", "source", "language", "span_id", "kind", "actor_id",
    "proposition_id", "stance", "polarity", "basis", "mode", "attribution", "ascribed_by_id", "day",
    "day_last", "day_source",
)  # fmt: skip


def derive(apps, schema_editor):
    """Derive the statements in batches of sets; those of sets that are approved meanwhile are there already."""
    sets, spans, relations, statements = (
        apps.get_model("annotations", name) for name in ("AnnotationSet", "Span", "Relation", "Statement")
    )
    rows = sets.objects.filter(state="approved", round="production").order_by("pk")
    rows = rows.exclude(pk__in=statements.objects.order_by().values("set_id"))
    columns = (
        "pk", "article__corpus_id", "article_id", "pk", "article__source", "article__language",
        "article__published_at",
    )  # fmt: skip
    ids = iter(list(rows.values_list("pk", flat=True)))
    while batch := list(islice(ids, BATCH_SIZE)):
        of_sets = spans.objects.filter(set_id__in=batch).order_by("set_id", "start", "end", "pk")
        links = relations.objects.filter(set_id__in=batch).order_by("set_id", "pk")
        spans_by_set = _group(
            of_sets.values_list("set_id", "pk", "label", "attributes", "actor_id", "proposition_id")
        )
        relations_by_set = _group(links.values_list("set_id", "type", "source_id", "target_id"))
        derived = [
            (*first, *statement)
            for pk, *first, published in sets.objects.filter(pk__in=batch).order_by("pk").values_list(*columns)
            for statement in derive_statements(
                (StatementSpan(*span) for span in spans_by_set.get(pk, ())),
                relations_by_set.get(pk, ()),
                published,
            )
        ]
        bulk.insert_rows(statements, COLUMNS, derived)


def _group(rows):
    return {key: [row[1:] for row in group] for key, group in groupby(rows, key=itemgetter(0))}


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0012_doubles'),
    ]

    operations = [
        migrations.RunPython(derive, migrations.RunPython.noop, elidable=True),
    ]
