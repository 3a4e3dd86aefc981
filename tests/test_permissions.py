"""Who may: every cell of the table of roles, and what each table shows to whom."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User

from annotations import visibility
from annotations.enums import Scope, SetRole, State
from annotations.exceptions import BlindError, InsufficientRoleError, NotVisibleError
from annotations.models import AccessToken, AnnotationSet, Article, Corpus, Event, Membership, Role, Span
from annotations.permissions import (
    PERMISSIONS,
    TRANSITION_SCOPES,
    Permission,
    VisibleRow,
    is_allowed,
    require_content_access,
    require_permission,
    set_roles,
)
from annotations.visibility import get_visible, get_visible_row, visible, visible_with_content
from tests import factories
from tests.services.small_newsroom import SmallNewsroom, person

#: The lowest role for each thing, and the scopes of which a token needs one.
TABLE: dict[str, tuple[str, str]] = {
    "corpus:view": ("viewer", "read"),
    "corpus:change": ("manager", "manage"),
    "corpus:delete": ("manager", "manage"),
    "members:view": ("viewer", "read"),
    "members:change": ("manager", "manage"),
    "article:view": ("viewer", "read"),
    "article:add": ("manager", "ingest manage"),
    "article:change": ("manager", "ingest manage"),
    "article:delete": ("manager", "ingest manage"),
    "article:exclude": ("manager", "manage"),
    "article:take-down": ("manager", "manage"),
    "rights:view": ("viewer", "read"),
    "rights:change": ("manager", "manage"),
    "actor:protect": ("manager", "manage"),
    "revision:add": ("manager", "ingest manage"),
    "corpus:import": ("manager", "ingest manage"),
    "corpus:export": ("viewer", "read"),
    "feed:read": ("viewer", "read"),
    "webhook:change": ("manager", "manage"),
    "quote:embed": ("viewer", "read"),
    "set:assign": ("manager", "manage"),
    "set:view": ("viewer", "read"),
    "set:view-content": ("viewer", "read"),
    "set:edit-content": ("annotator", "annotate"),
    "set:comment": ("annotator", "annotate review"),
    "set:block": ("reviewer", "review"),
    "queue:annotate": ("annotator", "annotate"),
    "queue:review": ("reviewer", "review"),
    "set:adjudicate": ("reviewer", "review"),
    "decision:settle": ("reviewer", "annotate review"),
    "agreement:view": ("reviewer", "read"),
    "agreement:view-own": ("annotator", "read"),
    "progress:view": ("manager", "read manage"),
    "members:invite": ("manager", "manage"),
    "registry:view": ("viewer", "read"),
    "actor:add": ("annotator", "annotate"),
    "actor:change": ("annotator", "annotate review"),
    "topic:add": ("reviewer", "review"),
    "topic:change": ("reviewer", "review"),
    "proposition:add": ("annotator", "annotate"),
    "proposition:change": ("reviewer", "review"),
    "proposition:accept": ("reviewer", "review"),
    "story:judge": ("reviewer", "review"),
    "registry:merge": ("reviewer", "review"),
    "registry:judge": ("reviewer", "review"),
    "affiliation:change": ("annotator", "annotate review"),
    "search:save": ("viewer", "annotate review manage"),
    "search:change": ("viewer", "annotate review manage"),
    "events:view": ("manager", "read manage"),
    "job:view": ("manager", "read ingest manage"),
    "release:view": ("viewer", "read"),
    "release:create": ("manager", "manage"),
    "release:withdraw": ("manager", "manage"),
}
ROLES = ["viewer", "annotator", "reviewer", "manager"]
#: What depends on the person beside the role: on one's own set, and on that of somebody else.
OF_SETS: dict[str, tuple[bool, bool | tuple[str, ...]]] = {
    "set:edit-content": (True, False),
    "set:comment": (True, ("reviewer", "manager")),
    "set:block": (False, True),
    "decision:settle": (True, False),
    "search:change": (True, ("manager",)),
}


def test_the_table_has_these_rows_and_no_others() -> None:
    assert {str(permission) for permission in PERMISSIONS} == set(TABLE) == {str(each) for each in Permission}
    for permission, rule in PERMISSIONS.items():
        assert (str(rule.role), " ".join(rule.scopes)) == TABLE[permission], permission
        assert rule.description
    assert set(TRANSITION_SCOPES) == set(SetRole) - {SetRole.SYSTEM}
    assert {str(scope) for scope in Scope} == {"read", "annotate", "review", "manage", "ingest", "feed"}


@pytest.mark.parametrize("permission", TABLE)
@pytest.mark.parametrize("role", ROLES)
def test_a_cell(role: str, permission: str) -> None:
    """A role may what the roles below it may; on sets it matters whose they are."""
    user = User(pk=1)
    enough = ROLES.index(role) >= ROLES.index(TABLE[permission][0])
    for mine in (True, False):
        seen = VisibleRow(AnnotationSet(owner_id=1 if mine else 2), Role(role))
        own, others = OF_SETS.get(permission, (True, True))
        holds = own if mine else others
        # reviewers comment on what they see, others on what is theirs
        expected = enough and (role in holds if isinstance(holds, tuple) else holds)
        assert is_allowed(user, Permission(permission), seen) == expected, (role, permission, mine)
        if expected:
            assert require_permission(user, Permission(permission), seen) is seen.row
        else:
            with pytest.raises(InsufficientRoleError):
                require_permission(user, Permission(permission), seen)


def test_each_role_includes_the_ones_below() -> None:
    for number, role in enumerate(ROLES):
        assert [str(each) for each in Role(role).and_above] == ROLES[number:]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", State)
def test_what_somebody_is_to_a_set(role: str, state: State) -> None:
    user = User(pk=1)
    for owner, reviewer in ((1, None), (2, None), (2, 1), (2, 3), (1, 3)):
        row = AnnotationSet(owner_id=owner, reviewer_id=reviewer, state=state)
        reviews = role in ("reviewer", "manager")
        expected = {
            SetRole.OWNER: owner == 1 and role in ROLES[1:],
            SetRole.REVIEWER: reviews,
            SetRole.ASSIGNED_REVIEWER: reviews and (state != State.IN_REVIEW or reviewer == 1),
            SetRole.MANAGER: role == "manager",
        }
        assert set_roles(user, VisibleRow(row, Role(role))) == {who for who, fits in expected.items() if fits}


# --- Which rows -----------------------------------------------------------------------------


@pytest.fixture
def newsroom(db: None) -> SmallNewsroom:
    return SmallNewsroom()


def test_every_table_of_ours_says_who_sees_its_rows(newsroom: SmallNewsroom) -> None:
    """A table that ``visible`` does not know would fail here and not in production."""
    for model in apps.get_app_config("annotations").get_models():
        rows = visible(newsroom.people["max"], model._default_manager.all())
        assert rows.count() >= 0
        assert visible(AnonymousUser(), model._default_manager.all()).count() == 0
    off = factories.make_user("off", is_active=False, is_superuser=True)
    assert visible(off, Corpus.objects.all()).count() == 0
    assert set(visibility._SET_PATH) < set(visibility._CORPUS_PATH)


def test_members_see_their_corpus_with_their_role(newsroom: SmallNewsroom) -> None:
    other = SmallNewsroom("sea")
    stranger = person("sam")
    for name, role in (("ann", "annotator"), ("rae", "reviewer"), ("max", "manager")):
        assert get_visible_row(newsroom.people[name], Corpus.objects.all(), slug="lake").role == role
    assert list(visible(stranger, Corpus.objects.all())) == []
    with pytest.raises(NotVisibleError):
        get_visible(stranger, Corpus.objects.all(), slug="lake")
    # a role in one corpus is none in another
    Membership.objects.filter(corpus=other.corpus, user=newsroom.people["ann"]).update(role=Role.MANAGER)
    row = newsroom.work("ben", newsroom.article("a"))
    assert list(visible(newsroom.people["ann"], AnnotationSet.objects.filter(pk=row.pk))) == []
    ada = factories.make_user("ada", is_superuser=True)
    assert visible(ada, Corpus.objects.all()).count() == 2
    assert get_visible_row(ada, AnnotationSet.objects.all(), pk=row.pk).role == Role.MANAGER


#: Who sees the row of ben's set, and who its content, by what the article and the set are.
SEEN: dict[tuple[int, str], tuple[set[str], set[str]]] = {
    (1, "open"): ({"ben", "rae", "max", "ada"}, {"ben", "rae", "max", "ada"}),
    (1, "submitted"): ({"ben", "rae", "max", "ada"}, {"ben", "rae", "max", "ada"}),
    (1, "in_review"): ({"ben", "rae", "max", "ada"}, {"ben", "rae", "max", "ada"}),
    (1, "returned"): ({"ben", "rae", "max", "ada"}, {"ben", "rae", "max", "ada"}),
    (1, "withdrawn"): ({"ben", "rae", "max", "ada"}, {"ben", "rae", "max", "ada"}),
    (1, "approved"): ({"ben", "ann", "vic", "rae", "max", "ada"}, {"ben", "ann", "vic", "rae", "max", "ada"}),
    (2, "open"): ({"ben", "max", "ada"}, {"ben"}),
    (2, "submitted"): ({"ben", "max", "ada"}, {"ben"}),
    (2, "withdrawn"): ({"ben", "max", "ada"}, {"ben"}),
}
MOVES: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "open": [],
    "submitted": [("ben", "submit", {})],
    "in_review": [("ben", "submit", {}), ("rae", "start_review", {})],
    "returned": [("ben", "submit", {}), ("rae", "start_review", {}), ("rae", "return", {"comment": "No."})],
    "approved": [("ben", "submit", {}), ("rae", "start_review", {}), ("rae", "approve", {})],
    "withdrawn": [("ben", "withdraw", {"reason": "So."})],
}


@pytest.mark.parametrize(("annotators", "state"), SEEN)
def test_who_sees_a_set(newsroom: SmallNewsroom, annotators: int, state: str) -> None:
    row = factories.make_set(newsroom.article("a", annotators=annotators), newsroom.people["ben"])
    factories.make_span(row, start=0, end=7)
    for name, move, sent in MOVES[state]:
        newsroom.move(name, row, move, **sent)
    vic = person("vic")
    Membership.objects.create(corpus=newsroom.corpus, user=vic, role=Role.VIEWER)
    everybody = {
        **newsroom.people,
        "vic": vic,
        "sam": person("sam"),
        "ada": factories.make_user("ada", is_superuser=True),
    }
    rows, content = SEEN[annotators, state]
    for name, user in everybody.items():
        found = visible(user, AnnotationSet.objects.all())
        assert found.exists() == (name in rows), name
        assert visible_with_content(user, AnnotationSet.objects.all()).exists() == (name in content), name
        assert visible(user, Span.objects.all()).exists() == (name in content), name
        if name in rows - content:
            with pytest.raises(BlindError):
                require_content_access(user, found[0])
        elif name in rows:
            require_content_access(user, found[0])


def test_events_are_for_managers_less_what_is_hidden(newsroom: SmallNewsroom) -> None:
    row = factories.make_set(newsroom.article("a", annotators=2), newsroom.people["ben"])
    factories.make_span(row, start=0, end=7)
    for name in ("ann", "ben", "rae", "sam"):
        assert not visible(person(name), Event.objects.all()).exists()
    for user in (newsroom.people["max"], factories.make_user("ada", is_superuser=True)):
        seen = visible(user, Event.objects.all())
        assert not seen.filter(set_id=row.pk).exists()
        assert seen.filter(action="article_added").exists()
    other = SmallNewsroom("sea")
    stranger = factories.make_user("only-sea")
    Membership.objects.create(corpus=other.corpus, user=stranger, role=Role.MANAGER)
    assert not visible(stranger, Event.objects.filter(corpus_id=newsroom.corpus.pk)).exists()


def test_tokens_are_seen_by_their_owner_alone(newsroom: SmallNewsroom) -> None:
    owner = newsroom.people["ann"]
    AccessToken.objects.create(user=owner, name="t", digest="d", prefix="p", scopes=[])
    assert visible(owner, AccessToken.objects.all()).count() == 1
    for other in (newsroom.people["max"], factories.make_user("ada", is_superuser=True)):
        assert not visible(other, AccessToken.objects.all()).exists()


def test_a_row_is_seen_once_whatever_the_number_of_members(newsroom: SmallNewsroom) -> None:
    article = newsroom.article("a")
    for _ in range(5):
        Membership.objects.create(corpus=newsroom.corpus, user=factories.make_user(), role=Role.REVIEWER)
    newsroom.work("ben", article)
    for name in ("rae", "max", "ben"):
        for model in (Article, AnnotationSet, Span):
            rows = list(
                visible(newsroom.people[name], model._default_manager.all()).values_list("pk", flat=True)
            )
            assert len(rows) == len(set(rows)), (name, model)
