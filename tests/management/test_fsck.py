"""``manage.py fsck``: counts, findings, exit status."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotations.models import AnnotationSet, Article, Revision
from annotations.services import integrity
from tests import factories

pytestmark = pytest.mark.django_db


def fsck(*arguments: str) -> tuple[int, str]:
    """The exit status, and what was printed."""
    out = StringIO()
    try:
        call_command("fsck", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_all_is_well() -> None:
    factories.make_span(factories.make_set(factories.make_article(factories.make_corpus())))
    status, printed = fsck()
    assert status == 0
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == list(integrity.CHECKS)
    assert all(line.endswith("  ok") for line in lines[:-1])
    assert lines[-1].endswith(f"rows examined in {len(integrity.CHECKS)} checks, 0 findings.")


def test_an_empty_database_has_nothing_to_find() -> None:
    status, printed = fsck()
    assert status == 0
    assert [line.split()[0] for line in printed.splitlines()[:-1]] == list(integrity.CHECKS)


def test_a_finding_is_told_and_ends_with_status_1() -> None:
    article = factories.make_article(factories.make_corpus())
    Article.objects.filter(pk=article.pk).update(status="done")
    status, printed = fsck()
    assert status == 1
    assert "1 WRONG" in printed
    assert f"    {article.pk}: The article is stored as done, and by its sets it is unassigned." in printed


def test_many_findings_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = factories.make_corpus()
    for _ in range(3):
        factories.make_article(corpus)
    Revision.objects.update(length=1)
    monkeypatch.setattr(integrity.checks, "MAX_FINDINGS", 1)
    status, printed = fsck()
    assert status == 1
    assert "3 WRONG" in printed
    assert "… and 2 more" in printed


def test_one_corpus() -> None:
    good, bad = factories.make_corpus("good"), factories.make_corpus("bad")
    factories.make_article(good)
    factories.make_article(bad)
    Article.objects.filter(corpus=bad).update(search_key="")
    assert fsck("--corpus", "good")[0] == 0
    assert fsck("--corpus", "bad")[0] == 1
    with pytest.raises(CommandError, match=r"^There is no corpus with the slug 'neither'\.$"):
        fsck("--corpus", "neither")


def test_for_programs() -> None:
    article = factories.make_article(factories.make_corpus())
    Article.objects.update(search_key="")
    status, printed = fsck("--json")
    told: dict[str, Any] = json.loads(printed)
    assert (status, told["found"]) == (1, 1)
    assert list(told["checks"]) == list(integrity.CHECKS)
    check = told["checks"]["search"]
    assert (check["examined"], check["found"]) == (1, 1)
    assert check["findings"][0]["id"] == str(article.pk)


def test_a_notice_is_told_and_ends_with_status_0() -> None:
    row = factories.make_set(factories.make_article(factories.make_corpus()))
    AnnotationSet.objects.filter(pk=row.pk).update(state="submitted", submitted_at=row.created_at)
    checked = integrity.CHECKS["empty-sets"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(integrity, "CHECKS", {"empty-sets": checked})
        status, printed = fsck()
        data = json.loads(fsck("--json")[1])
    assert status == 0
    assert printed.splitlines() == [
        "empty-sets          1  ok, 1 to look at",
        f"    {row.pk}: The set is submitted and has no span.",
        "1 rows examined in 1 checks, 0 findings and 1 notices.",
    ]
    assert (data["found"], data["noticed"]) == (0, 1)
    assert data["checks"]["empty-sets"]["notices"][0]["id"] == str(row.pk)
