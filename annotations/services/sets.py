"""A set as a whole: the write gate through which all its content passes, its birth and its copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.exceptions import (
    ClosedSet,
    FieldError,
    NotAllowedNow,
    NotInCorpus,
    NotVisible,
    Stale,
    UnknownUser,
    located,
)
from annotations.models import (
    AnnotationSet,
    Article,
    Corpus,
    Event,
    Membership,
    Relation,
    Role,
    Span,
    bulk,
    uuid7,
)
from annotations.permissions import HasRole, Permission, people, require
from annotations.says import says, word
from annotations.services import events, notices
from annotations.services.constraints import meaning, repeatable
from annotations.services.refusals import id_taken
from annotations.states import EDITABLE, ArticleStatus, Kind, Notice, Round, State
from annotations.visibility import Lookup, get_visible
from annotations.workflow import (
    TRANSITIONS,
    ArticleFacts,
    SetFact,
    allowed,
    article_status,
    hides,
    stays_double,
    takes_annotators,
)

UNASSIGN = TRANSITIONS["unassign"].name


@dataclass
class Work:
    """A set that is locked for one write, with the events that the write leaves behind."""

    row: AnnotationSet
    by: User
    trail: list[Event] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    def tell(self, action: str, **change: Any) -> None:
        """Add an event to those that are stored when the write ends."""
        self.trail.append(events.of_set(action, self.row, self.by, **change))

    def count(self, labels: Sequence[str], step: int) -> None:
        """Keep the number of spans per label in step with what the write does."""
        counts = Counter(self.row.span_counts)
        counts.update({label: step * number for label, number in Counter(labels).items()})
        self.row.span_counts = {label: number for label, number in sorted(counts.items()) if number}
        self.changes["span_counts"] = self.row.span_counts

    def require_editable(self) -> None:
        """Refuse where the set's content may not change now."""
        require_not_archived(self.row.corpus)
        if self.row.state not in EDITABLE:
            raise ClosedSet(
                says(
                    "The set is {state}; its marks change only while it is open or returned.",
                    state=word("State", str(self.row.state).replace("_", " ")),
                ),
                **self.now(),
            )

    def now(self) -> dict[str, Any]:
        """What a refusal for now tells beside its sentence."""
        return {"state": self.row.state, "allowed": self.allowed()}

    def allowed(self) -> list[str]:
        """The transitions that the caller may make now."""
        return allowed(State(self.row.state), people(self.by, self.row))


@contextmanager
def writing(by: User, set_id: UUID, permission: Permission) -> Iterator[Work]:
    """Lock a set, let the caller write its content or comments, then raise its version.

    Nothing of it is stored where the caller raises. A write that leaves no event changes nothing. The
    caller asks whether the set may be written now, after it has found repeats and stale versions.
    """
    with transaction.atomic():
        row = _LOCKED(by, set_id)
        require(by, permission, cast("HasRole", row))
        work = Work(row=row, by=by)
        yield work
        if work.trail:
            raise_version(row, **work.changes)
            events.store(work.trail)


def locked_sets() -> Any:
    """The sets, each locked until the transaction ends (SQLite locks the whole file)."""
    rows = AnnotationSet.objects.select_for_update(of=("self",)).select_related("corpus")
    return rows.defer("corpus__guideline")


_LOCKED: Lookup[AnnotationSet] = Lookup(locked_sets)


def require_not_archived(corpus: Corpus) -> None:
    """Refuse every write to an archived corpus."""
    if corpus.archived:
        raise NotAllowedNow(
            says(
                "The corpus {corpus} is archived and can only be read; a manager can take it out "
                "of the archive.",
                corpus=corpus.slug,
            ),
            state="archived",
            allowed=[],
        )


def raise_version(row: AnnotationSet, **changes: Any) -> None:
    """Write changes to a set and raise its version, if nobody else did since it was read."""
    changes["version"] = row.version + 1
    if not AnnotationSet.objects.filter(pk=row.pk, version=row.version).update(**changes):
        raise Stale(says("Somebody changed the set a moment ago; load it again."), version=row.version + 1)
    for name, value in changes.items():
        setattr(row, name, value)


def lock_article(article_id: UUID) -> Article:
    """Lock an article. Whoever changes states does this before locking sets, so nobody waits in a circle."""
    rows = Article.objects.select_for_update(of=("self",)).select_related("corpus")
    article = rows.filter(pk=article_id).first()
    if article is None:
        raise NotVisible(says("The article was deleted a moment ago."))
    return article


def facts_of(article: Article) -> ArticleFacts:
    """What the workflow needs to know of an article and its sets."""
    return facts_of_many([article])[article.pk]


def facts_of_many(articles: Sequence[Article]) -> dict[UUID, ArticleFacts]:
    """The same for several articles, in one query."""
    sets: dict[UUID, list[SetFact]] = {article.pk: [] for article in articles}
    rows = AnnotationSet.objects.filter(article__in=list(sets)).order_by()
    for article_id, kind, round_, state in rows.values_list("article_id", "kind", "round", "state"):
        sets[article_id].append(SetFact(kind=Kind(kind), round=Round(round_), state=State(state)))
    return {
        article.pk: ArticleFacts(
            excluded=bool(article.excluded_reason),
            annotators=article.annotators,
            sets=tuple(sets[article.pk]),
        )
        for article in articles
    }


def settle(*articles: Article) -> None:
    """Store what follows from the states of the sets of articles: their status, and who sees the sets."""
    statuses: dict[ArticleStatus, list[UUID]] = {}
    hidden: dict[tuple[Kind, Round, bool], list[UUID]] = {}
    facts = facts_of_many(articles)
    for article in articles:
        found = facts[article.pk]
        if article.doubled and not stays_double(found):
            found = _single_again(article, found)
        article.status = article_status(found)
        statuses.setdefault(ArticleStatus(article.status), []).append(article.pk)
        for kind, round_ in sorted({(fact.kind, fact.round) for fact in found.sets}):
            hidden.setdefault((kind, round_, hides(found, kind, round_)), []).append(article.pk)
    for status, ids in statuses.items():
        Article.objects.filter(pk__in=ids).exclude(status=status).update(status=status)
    for (kind, round_, blind), ids in hidden.items():
        rows = AnnotationSet.objects.filter(article__in=ids, kind=kind, round=round_)
        rows.filter(blind=not blind).update(blind=blind)


def _single_again(article: Article, facts: ArticleFacts) -> ArticleFacts:
    """Of a silent double only one is left: the work of that one is reviewed as of any single annotator."""
    before = {"annotators": article.annotators}
    article.annotators, article.doubled = 1, False
    article.save(update_fields=["annotators", "doubled"])
    told = {"annotators": article.annotators}
    events.store([events.of_article(events.SINGLE_AGAIN, article, None, before=before, after=told)])
    return replace(facts, annotators=article.annotators)


def find_user(username: str, *, at: str) -> User:
    """The active user of that name; ``at`` says where it was sent, as a JSON pointer or in words."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        detail = says("There is no active person called {username!r}; check {at}.", username=username, at=at)
        pointed = at.startswith("/")
        faults = [FieldError(code=UnknownUser.code, detail=detail, pointer=at)] if pointed else []
        raise UnknownUser(detail, errors=faults)
    return user


def require_member(user: User, corpus: Corpus, role: Role) -> None:
    """Refuse work for somebody who could not finish it."""
    if user.is_superuser:
        return
    member = Membership.objects.filter(user=user, corpus=corpus).first()
    if member is None or member.role not in role.including:
        has = says("is a {role}", role=word("Role", member.role)) if member else says("is not a member")
        raise NotInCorpus(
            says(
                "{user} {has} in the corpus {corpus}; give them the role {role} first.",
                user=user.get_username(),
                has=has,
                corpus=corpus.slug,
                role=word("Role", role),
            )
        )


@repeatable
@transaction.atomic
def assign(
    by: User,
    article_id: UUID,
    *,
    owner: User | str | None = None,
    round_: Round = Round.PRODUCTION,
    due_at: datetime | None = None,
    id: UUID | None = None,
) -> tuple[AnnotationSet, bool]:
    """Give an article to an annotator: a new open set, told in the trail; the same id is a repeat."""
    seen = get_visible(by, Article.objects.only("pk"), pk=article_id)
    require(by, Permission.ASSIGN_SET, cast(HasRole, seen))
    article = lock_article(article_id)
    stored = AnnotationSet.objects.filter(pk=id).select_related("owner").first() if id else None
    if stored is not None:
        name = owner if isinstance(owner, str) else (owner or by).get_username()
        same = (stored.article_id, stored.owner.get_username(), stored.round, stored.due_at)
        if same != (article.pk, name, round_, due_at):
            with located("/id"):
                raise id_taken(id)
        return stored, False
    require_not_archived(article.corpus)
    _require_place(article, round_)
    person = find_user(owner, at="/owner") if isinstance(owner, str) else owner or by
    _require_once(article, person, round_)
    require_member(person, article.corpus, Role.ANNOTATOR)
    with meaning({}):
        row = hand_out(by, article, person, round_=round_, due_at=due_at, id=id)
    notices.tell_each(Notice.ASSIGNED, [row], by)
    return row, True


def unassigned_before(article: Article) -> AnnotationSet | None:
    """The work that was given back last, where somebody else may go on with it.

    Of several annotators each begins with an empty set.
    """
    if article.annotators > 1:
        return None
    rows = AnnotationSet.objects.filter(
        article=article, revision_id=article.revision_id, kind=Kind.ANNOTATION, round=Round.PRODUCTION
    )
    last = rows.order_by("-created_at", "-pk").first()
    if last is None or last.state != State.WITHDRAWN:
        return None
    moves = Event.objects.filter(set_id=last.pk, action__in=TRANSITIONS).order_by("-seq")
    return last if moves.values_list("action", flat=True).first() == UNASSIGN else None


def hand_out(by: User, article: Article, owner: User, *, round_: Round, **more: Any) -> AnnotationSet:
    """Start a set with what somebody gave back, if anybody did, or an empty one."""
    old = unassigned_before(article) if round_ == Round.PRODUCTION else None
    row = start(by, article, owner, round_=round_, based_on=old, **more)
    if old is not None:
        copy_content(old, row)
    return row


def require_free(article: Article, person: User, round_: Round) -> None:
    """Refuse a second set of one person, and more people than the article takes."""
    _require_once(article, person, round_)
    _require_place(article, round_)


def _require_place(article: Article, round_: Round) -> None:
    now: dict[str, Any] = {"state": article.status, "allowed": []}
    if article.excluded_reason:
        raise NotAllowedNow(
            says(
                "The article is excluded ({reason}); include it again first.",
                reason=article.excluded_reason,
            ),
            **now,
        )
    if round_ == Round.PRODUCTION and not takes_annotators(facts_of(article)):
        raise NotAllowedNow(
            says(
                "The article has all the annotators that it takes; withdraw a set, or reopen "
                "the approved one."
            ),
            **now,
        )


def _require_once(article: Article, person: User, round_: Round) -> None:
    mine = AnnotationSet.objects.filter(article=article, owner=person, round=round_, kind=Kind.ANNOTATION)
    if mine.exclude(state=State.WITHDRAWN).exists():
        raise NotAllowedNow(
            says(
                "{person} has a set on this article already; nobody annotates one twice.",
                person=person.get_username(),
            ),
            state=article.status,
            allowed=[],
        )


def start(
    by: User | None,
    article: Article,
    owner: User,
    *,
    round_: Round = Round.PRODUCTION,
    kind: Kind = Kind.ANNOTATION,
    due_at: datetime | None = None,
    based_on: AnnotationSet | None = None,
    reason: str = "",
    id: UUID | None = None,
) -> AnnotationSet:
    """Make an open set on the current revision of a locked article."""
    row = AnnotationSet(
        id=id or uuid7(),
        corpus=article.corpus,
        article=article,
        revision_id=article.revision_id,
        owner=owner,
        round=round_,
        kind=kind,
        due_at=due_at,
        based_on=based_on,
        guideline_version=article.corpus.guideline_version,
        created_at=timezone.now(),
    )
    row.save(force_insert=True)
    told = {**events.set_facts(row), "owner": owner.get_username()}
    if based_on is not None:
        told |= {"based_on": str(based_on.pk), "reason": reason}
    events.store([events.of_set(events.CREATED, row, by, after=told)])
    settle(article)
    row.blind = AnnotationSet.objects.values_list("blind", flat=True).get(pk=row.pk)
    return row


def copy_content(source: AnnotationSet, target: AnnotationSet) -> dict[UUID, Span]:
    """Give ``target`` the spans and relations of ``source``, under new ids; answers the new spans by old."""
    twins = {
        span.pk: Span(
            set=target,
            label=span.label,
            start=span.start,
            end=span.end,
            quote=span.quote,
            attributes=span.attributes,
            actor_id=span.actor_id,
            proposition_id=span.proposition_id,
            origin=span.origin,
        )
        for span in Span.objects.filter(set=source)
    }
    bulk.create(list(twins.values()))
    links = Relation.objects.filter(set=source).values_list("type", "source_id", "target_id")
    bulk.create([Relation(set=target, type=type_, source=twins[a], target=twins[b]) for type_, a, b in links])
    raise_version(target, span_counts=source.span_counts)
    return twins
