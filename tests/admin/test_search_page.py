"""The page "Search" of a corpus: hits in sentences, links to the words, searches that are kept."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from annotations.admin.search_results import cut_to_sentence
from annotations.models import Article, Comment, SavedSearch
from tests.admin.conftest import TwoNewsrooms


def read_file(client: Client, url: str) -> str:
    """The text of a file that is sent in parts."""
    return b"".join(client.get(url)).decode()


def test_sentences() -> None:
    assert cut_to_sentence("One. Two ", " three. Four.") == ("Two ", " three.")
    assert cut_to_sentence("京都。", "では。東") == ("", "では。")
    assert cut_to_sentence("x" * 160, "y" * 160) == ("…" + "x" * 159, "y" * 159 + "…")


def test_a_hit_leads_to_its_words(newsrooms: TwoNewsrooms) -> None:
    corpus, article = newsrooms.a.corpus, newsrooms.a[Article]
    at = reverse("admin:annotations_corpus_search", args=(corpus.pk,))
    client = newsrooms.client("max")
    empty = client.get(at)
    assert empty.status_code == 200
    assert empty.context["results"] is None
    word = article.revision.text.split()[0]
    found = client.get(at, {"q": word, "in": "texts"})
    [result] = [row for row in found.context["results"] if row["article"]["id"] == article.pk]
    assert "#at=" in result["hits"][0].url or "?at=" in result["hits"][0].url
    assert f"<mark>{word}</mark>" in found.content.decode()
    page = client.get(result["url"], {"at": f"0-{len(word)}"}).content.decode()
    assert f'<mark id="hit" tabindex="-1">{word}</mark>' in page
    assert client.get(result["url"], {"at": "5-1"}).status_code == 200
    for name, value in {"actor": "x", "after": "x", "in": "x", "published_after": "x"}.items():
        assert client.get(at, {"q": word, name: value}).status_code == 200
    assert newsrooms.client("sam").get(at).status_code == 404


def test_a_question_without_a_word_says_so(newsrooms: TwoNewsrooms) -> None:
    """Something else may be changed where nothing fits: “Leave out a word” would be no help here."""
    at = reverse("admin:annotations_corpus_search", args=(newsrooms.a.corpus.pk,))
    client = newsrooms.client("vic")
    for question in ('"', "title:", "-", "…"):
        told = client.get(at, {"q": question}).content.decode()
        assert "There is no word in this question." in told
        assert "Nothing was found." not in told
    assert "Nothing was found." in client.get(at, {"q": "nowhereatall"}).content.decode()


def test_a_search_is_kept_and_deleted(newsrooms: TwoNewsrooms) -> None:
    at = reverse("admin:annotations_corpus_search", args=(newsrooms.a.corpus.pk,))
    client = newsrooms.client("max")
    client.post(f"{at}?q=lock&in=quotes", {"name": "Locks", "shared": "on"})
    row = SavedSearch.objects.get()
    assert (row.name, row.query, row.filters, row.shared) == ("Locks", "lock", {"in": "quotes"}, True)
    assert [item["row"] for item in client.get(at).context["saved"]] == [row]
    client.post(f"{at}?q=lock", {"name": "Locks"})
    assert SavedSearch.objects.count() == 1
    client.post(at, {"delete": f"{row.pk} {row.version}"})
    assert not SavedSearch.objects.exists()


def test_a_comment_leads_to_its_thread(newsrooms: TwoNewsrooms) -> None:
    comment = newsrooms.a[Comment]
    Comment.objects.filter(pk=comment.pk).update(span=None, text="Who says weirgate?")
    at = reverse("admin:annotations_corpus_search", args=(newsrooms.a.corpus.pk,))
    found = newsrooms.client("max").get(at, {"q": "weirgate", "in": "comments"})
    [result] = found.context["results"]
    workbench = reverse("admin:annotations_annotationset_workbench", args=(comment.set_id,))
    assert [hit.url for hit in result["hits"]] == [f"{workbench}#comment={comment.pk}"]


def test_what_was_found_is_handed_out_and_exported(newsrooms: TwoNewsrooms) -> None:
    corpus, article = newsrooms.a.corpus, newsrooms.a[Article]
    word = article.revision.text.split()[0]
    at = reverse("admin:annotations_corpus_search", args=(corpus.pk,))
    client = newsrooms.client("max")
    links = {link.label: link.url for link in client.get(at, {"q": word}).context["uses"]}
    hand_out, export = links.values()
    assert "lynx" not in client.get(hand_out).content.decode()
    listed = client.get(f"{hand_out}-nowhere").context
    assert (listed["articles"], listed["total"]) == ([], 0)
    url = next(url for _, url in client.get(export).context["downloads"] if "format=jsonl" in url)
    assert str(article.pk) in read_file(client, url)
    assert str(article.pk) not in read_file(client, f"{url}-nowhere")
    # a filter that those pages do not have is not dropped without a word
    assert client.get(at, {"q": word, "label": "actor"}).context["uses"] == []
    assert len(newsrooms.client("vic").get(at, {"q": word}).context["uses"]) == 1
