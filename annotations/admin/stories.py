"""The pages of stories: which articles are copies of one text, in what they differ, and who judges it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.access import current_user, has_permission
from annotations.admin.labels import enum_label, format_number, format_percent
from annotations.admin.scoped_admin import change_url
from annotations.admin.team import pages
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import Article, Corpus, MemberState, Story, StoryMember
from annotations.permissions import Permission
from annotations.services.core import stories
from annotations.services.core.stories import COPY, LEAD
from annotations.services.core.story_details import ListedMember, describe_member, describe_story, story_rows
from annotations.translation import translate_message
from annotations.visibility import get_visible, visible

LIST_TEMPLATE = "admin/annotations/corpus/stories.html"
STORY_TEMPLATE = "admin/annotations/corpus/story.html"
PER_PAGE = 50
SAME, APART, LEADS = "same", "apart", "lead"
DONE_MESSAGES = {
    SAME: gettext_lazy("The article counts as a copy, whatever a search finds."),
    APART: gettext_lazy("The article is a text of its own, and no search brings it back."),
    LEADS: gettext_lazy("The article leads the story now; the others were compared with it."),
}
ROLE_LABELS = {LEAD: gettext_lazy("lead"), COPY: gettext_lazy("copy")}


class JudgementForm(forms.Form):
    """A judgement of an article in a story, on the version of the story that the page showed."""

    article = forms.UUIDField()
    verdict = forms.ChoiceField(choices=[(word, word) for word in DONE_MESSAGES])
    seen = forms.IntegerField(min_value=1, max_value=2**31 - 1)


@dataclass(frozen=True)
class ShownMember:
    """An article of a story as a page shows it; ``is_next`` is the first that nobody has judged."""

    member: ListedMember
    url: str
    role: str
    state: str
    share: str
    may_confirm: bool
    may_part: bool
    may_lead: bool
    is_next: bool = False

    @property
    def has_differences(self) -> bool:
        """Whether either text has a sentence that the other one lacks."""
        return bool(self.member.added or self.member.missing)


def list_page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the stories of a corpus, those with most copies first."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_ARTICLE)
    proposals = request.GET.get("size") == "1"
    rows = visible(current_user(request), story_rows().filter(corpus=corpus))
    rows = rows.filter(size=1) if proposals else rows.filter(size__gt=1)
    paginator = Paginator(rows.order_by("-size", "-pk"), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Stories"),
        stories=[(story, story_url(story), format_number(story.size)) for story in page],
        total=format_number(paginator.count),
        page=page,
        page_query="size=1" if proposals else "",
        proposals=proposals,
    )
    return TemplateResponse(request, LIST_TEMPLATE, context)


def story_page(request: HttpRequest, pk: UUID, story: UUID, site: AdminSite) -> HttpResponse:
    """Render a story with what differs in each copy, or store what was judged of one."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_ARTICLE)
    if request.method == "POST":
        return _handle_post(request, corpus, story)
    try:
        found = get_visible(current_user(request), story_rows().filter(corpus=corpus), pk=story)
    except NotVisibleError as error:
        raise Http404 from error
    detail = describe_story(found)
    may_judge = pages.has_corpus_permission(request, Permission.JUDGE_COPY, corpus) and not corpus.archived
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Story"),
        story=detail,
        story_title=str(found.lead),
        members=_mark_next([show_member(member, may_judge=may_judge) for member in detail.members]),
        left_out=format_number(detail.members_left_out) if detail.members_left_out else "",
        may_judge=may_judge,
        list_url=pages.page_url(corpus, "stories"),
    )
    return TemplateResponse(request, STORY_TEMPLATE, context)


def _handle_post(request: HttpRequest, corpus: Corpus, story: UUID) -> HttpResponse:
    form, by = JudgementForm(request.POST), current_user(request)
    if not form.is_valid():
        messages.error(request, gettext("The form does not name an article; load the page again."))
        return HttpResponseRedirect(request.path)
    article, verdict, seen = (form.cleaned_data[name] for name in ("article", "verdict", "seen"))
    try:
        if verdict == SAME:
            stories.confirm_copy(by, story, article)
        elif verdict == APART:
            stories.set_apart(by, story, article, version=seen)
        else:
            stories.choose_lead(by, story, article, version=seen)
        messages.success(request, DONE_MESSAGES[verdict])
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    if "from_article" in request.POST:
        return HttpResponseRedirect(change_url(Article, article))
    there = Story.objects.filter(pk=story, corpus=corpus).exists()
    return HttpResponseRedirect(request.path if there else pages.page_url(corpus, "stories"))


def story_url(story: Story) -> str:
    """Return the address of the page of a story."""
    return reverse("admin:annotations_corpus_story", args=(story.corpus_id, story.pk))


def show_member(member: ListedMember, *, may_judge: bool) -> ShownMember:
    """Return an article of a story with what may be done to it."""
    is_copy = member.role == COPY
    counts = member.state in (MemberState.FOUND, MemberState.CONFIRMED)
    return ShownMember(
        member,
        change_url(Article, member.article_id),
        str(ROLE_LABELS[member.role]) if counts else "–",
        enum_label(MemberState, member.state),
        format_percent(member.containment),
        may_confirm=may_judge and is_copy and member.state != MemberState.CONFIRMED,
        may_part=may_judge and is_copy and member.state != MemberState.APART,
        may_lead=may_judge and is_copy and counts,
    )


def _mark_next(members: Sequence[ShownMember]) -> list[ShownMember]:
    """Return the members, of which the keys judge the first that nobody has judged."""
    shown, is_marked = [], False
    for each in members:
        waits = each.may_part and each.may_confirm and not is_marked
        is_marked = is_marked or waits
        shown.append(ShownMember(**{**vars(each), "is_next": waits}))
    return shown


def article_context(request: HttpRequest, article: Article) -> dict[str, Any] | None:
    """Return what the page of an article shows of its story; None if it is in none."""
    rows = StoryMember.objects.filter(article=article).select_related("story")
    order = [MemberState.FOUND, MemberState.CONFIRMED, MemberState.PROPOSED, MemberState.APART]
    found = sorted(rows, key=lambda row: (order.index(MemberState(row.state)), row.pk))
    if not found:
        return None
    story = get_visible(current_user(request), story_rows(), pk=found[0].story_id)
    may_judge = has_permission(request, Permission.JUDGE_COPY, article) and not story.corpus.archived
    return {
        "story": story,
        "url": story_url(story),
        "size": format_number(story.size),
        "lead_url": change_url(Article, story.lead_id),
        "shown": show_member(describe_member(story, article.pk), may_judge=may_judge),
    }
