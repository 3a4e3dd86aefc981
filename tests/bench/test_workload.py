"""The workload is what it says, and always the same."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean
from uuid import UUID

from annotations.scheme import check_attributes, check_relation
from annotations.text.gate import check_text
from bench import workload
from bench.workload import Article

ARTICLES = tuple(workload.generate_articles(50))


def test_the_same_seed_makes_the_same_articles() -> None:
    assert tuple(workload.generate_articles(50)) == ARTICLES


def test_more_articles_begin_with_the_same() -> None:
    assert tuple(workload.generate_articles(60))[:50] == ARTICLES


def test_another_seed_makes_others() -> None:
    others = tuple(workload.generate_articles(50, seed=2))
    assert not _ids(others) & _ids(ARTICLES)
    assert {article.text for article in others}.isdisjoint(article.text for article in ARTICLES)


def test_spans_say_what_they_quote() -> None:
    for article in ARTICLES:
        for span in article.spans:
            assert article.text[span.start : span.end] == span.quote


def test_spans_and_relations_are_what_the_scheme_takes() -> None:
    for article in ARTICLES:
        labels = {span.id: span.label for span in article.spans}
        for span in article.spans:
            assert check_attributes(span.label, span.attributes) == []
        for relation in article.relations:
            ends = labels[relation.source], labels[relation.target]
            assert check_relation(relation.type, *ends, is_same_span=False) is None


def test_texts_pass_the_gate_and_are_like_news() -> None:
    for article in ARTICLES:
        check_text(article.text)
    assert 3_300 < mean(len(article.text) for article in ARTICLES) < 3_900
    assert 28 < mean(len(article.spans) for article in ARTICLES) < 32
    assert 18 < mean(len(article.relations) for article in ARTICLES) < 22
    whole = "".join(article.text for article in ARTICLES)
    assert set("“”’—") < set(whole)
    assert any(ord(character) > 0xFFFF for character in whole)


def test_ids_are_of_version_7_and_increase() -> None:
    ids = [span.id for article in ARTICLES for span in article.spans]
    assert ids == sorted(ids)
    assert {id.version for id in ids} == {7}


def test_a_file_holds_one_line_for_each_article(tmp_path: Path) -> None:
    written = workload.write_workload(tmp_path / "file.jsonl", 50)
    lines = written.path.read_text(encoding="utf-8").splitlines()
    assert written.articles == len(lines) == 50
    assert written.spans == sum(len(article.spans) for article in ARTICLES)
    assert written.size == written.path.stat().st_size
    assert [json.loads(line)["text"] for line in lines] == [article.text for article in ARTICLES]


def test_a_row_stands_in_the_order_of_the_columns() -> None:
    span = ARTICLES[0].spans[0]
    row = dict(zip(workload.SPAN_COLUMNS, workload.span_values(span, ARTICLES[0].id), strict=True))
    assert (row["id"], row["set_id"], row["quote"]) == (span.id, ARTICLES[0].id, span.quote)
    assert json.loads(row["attributes"]) == span.attributes


def _ids(articles: tuple[Article, ...]) -> set[UUID]:
    return {span.id for article in articles for span in article.spans}
