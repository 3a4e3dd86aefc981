"""The shapes of what the service answers.

Written by `manage.py write_client` from the OpenAPI document. Do not edit.
"""

from __future__ import annotations

from typing import Any, Literal, Optional, TypedDict, Union

ActorKind = Literal["person", "organisation", "state", "government", "group", "medium", "collective", "other"]
ActorRollup = Literal["none", "parent", "affiliation", "kind"]
AffiliationKind = Literal["member", "leads", "speaks_for", "works_for", "part_of"]
Aggregation = Literal["ignore", "congruence", "conflict", "subtract", "combine"]
AliasKind = Literal["name", "spelling", "abbreviation", "metonym", "title", "other"]
ApprovalBasis = Literal["review", "equivalence"]
ArticleCopies = Literal["leads"]
ArticleStatus = Literal["excluded", "in_review", "adjudicating", "ready_for_review", "ready_for_adjudication", "annotating", "done", "unassigned"]
AssignmentStrategy = Literal["round_robin", "least_loaded"]
CarryApproval = Literal["review", "when_untouched"]
CarryDecision = Literal["kept", "moved", "dropped", "fine"]
CarryItemStatus = Literal["touched", "uncertain", "moved", "lost"]
ChangeKind = Literal["added", "removed", "moved", "changed"]
ConflictChoice = Literal["fail", "skip", "update"]
CopyCount = Literal["one", "all"]
CopyRole = Literal["lead", "copy"]
DaySource = Literal["statement", "published", "none"]
DecisionChoice = Literal["take_a", "take_b", "take", "own", "drop"]
DecisionState = Literal["open", "settled"]
DedupKey = Literal["stance", "issue"]
DedupPeriod = Literal["none", "article", "week", "month", "year", "range"]
DeliveryState = Literal["pending", "held", "delivered", "parked", "skipped"]
Depth = Literal["spans", "statements"]
Dialect = Literal["machine", "spreadsheet", "sequence", "dna", "docbin", "congruence", "conflict"]
DiffOperation = Literal["equal", "replace", "insert", "delete"]
DifferenceKind = Literal["missed", "label", "boundary", "attributes", "link", "relation"]
DisabledReason = Literal["by_hand", "gone", "failing"]
EntryKind = Literal["actor", "topic", "proposition"]
EventAction = Literal["submit", "recall", "start_review", "release_review", "return", "approve", "take_over", "reopen", "withdraw", "unassign", "supersede", "carry_over", "approve_by_equivalence", "created", "span_added", "span_changed", "span_deleted", "relation_added", "relation_deleted", "imported", "comment_added", "comment_changed", "merged", "decision_settled", "decision_reopened", "source_changed", "due_changed", "item_settled", "corpus_created", "corpus_changed", "corpus_deleted", "member_added", "member_changed", "member_removed", "article_added", "article_changed", "article_deleted", "article_excluded", "article_included", "revision_added", "article_doubled", "article_single_again", "invitation_added", "invitation_accepted", "invitation_deleted", "actor_added", "actor_changed", "topic_added", "topic_changed", "affiliation_added", "affiliation_changed", "affiliation_deleted", "pair_judged", "story_lead_chosen", "copy_confirmed", "copy_set_apart", "proposition_added", "proposition_changed", "proposition_accepted", "actor_merged", "actor_unmerged", "topic_merged", "topic_unmerged", "proposition_merged", "proposition_unmerged", "release_created", "release_withdrawn", "release_amended", "article_rights_changed", "corpus_rights_changed", "article_taken_down", "article_restored", "actor_protected", "actor_unprotection_asked", "actor_unprotected", "article_erased", "release_ready", "article_done", "adjudication_ready", "job_failed", "webhook_added", "webhook_changed", "webhook_rotated", "webhook_replayed", "webhook_disabled", "webhook_deleted"]
ExportFormat = Literal["jsonl", "text", "quotes", "positions", "relations", "kwic", "statements", "brat", "labelstudio", "doccano", "webannotation", "conll", "webannotsv", "casjson", "spacy", "huggingface", "parquet", "dna", "matrix", "graphml", "gexf"]
ExportSets = Literal["approved", "submitted", "all", "none"]
FeedFormat = Literal["atom", "json"]
FeedType = Literal["approved", "quotes"]
ImportFormat = Literal["jsonl", "text", "brat", "labelstudio", "doccano", "prodigy", "webannotation", "conll", "conllu", "webannotsv", "casjson", "tei", "dna", "csv", "ninjs", "wordpress"]
ImportState = Literal["open", "submitted"]
IssueRollup = Literal["none", "topic"]
JobKind = Literal["import", "release", "export", "duplicates", "fingerprint", "search"]
JobState = Literal["queued", "running", "done", "failed"]
Label = Literal["actor", "claim", "position"]
MatrixOrder = Literal["salience", "name", "score"]
MemberState = Literal["found", "confirmed", "proposed", "apart"]
NetworkMode = Literal["bipartite", "actors", "issues"]
Normalisation = Literal["none", "activity", "prominence", "average_activity", "jaccard", "dna_cosine", "vector_cosine"]
NotificationKind = Literal["assigned", "returned", "approved", "comment", "mention", "webhook_disabled"]
OffsetUnit = Literal["codepoint", "utf16"]
Origin = Literal["human", "import", "suggestion"]
PairState = Literal["open", "different", "unsure"]
ProblemCode = Literal["address-too-long", "blind", "closed-set", "csrf", "duplicate", "empty-span", "erased", "four-eyes", "has-problems", "has-set", "headers-too-large", "host", "id-taken", "in-use", "internal", "invalid", "length-required", "merge-conflict", "method-not-allowed", "not-allowed-now", "not-found", "not-in-corpus", "not-installed", "not-public", "not-ready", "open-items", "out-of-bounds", "precondition-required", "quote-mismatch", "range-not-satisfiable", "rate-limited", "relation-ends", "role", "scope", "snap-empty", "stale", "text-not-allowed", "too-large", "unauthenticated", "unavailable", "undo-conflict", "unknown-user", "unsupported-media-type", "withdrawn", "would-lose"]
PropositionKind = Literal["issue", "assertion"]
PropositionStatus = Literal["proposed", "accepted"]
QueueTask = Literal["annotate", "review", "adjudicate"]
QuotedKey = Literal["actor", "kind", "affiliation", "source"]
ReaderControls = Literal["refuse", "replace"]
ReaderDocuments = Literal["docstart", "blank-line"]
ReaderHull = Literal["refuse", "hull"]
ReasonCode = Literal["boundary", "label", "missed", "guideline_unclear", "slip", "link"]
RelationType = Literal["made_by", "reported_by", "held_by", "ascribed_by", "about", "supports", "opposes"]
ReleaseSets = Literal["approved", "none"]
ReleaseState = Literal["building", "ready", "failed"]
Role = Literal["viewer", "annotator", "reviewer", "manager"]
Round = Literal["production", "calibration"]
Scope = Literal["read", "annotate", "review", "manage", "ingest", "feed"]
SearchPlace = Literal["texts", "quotes", "titles", "comments"]
SearchSort = Literal["date", "relevance"]
SetKind = Literal["annotation", "adjudication"]
SplitRule = Literal["story_key", "time"]
StanceChange = Literal["contradiction", "change", "mixed"]
State = Literal["open", "submitted", "in_review", "returned", "approved", "withdrawn", "superseded"]
StatementKind = Literal["position", "claim"]
TextRight = Literal["yes", "quotes", "no"]
TimeWindow = Literal["none", "year", "quarter", "month", "week", "day"]
TransitionName = Literal["submit", "recall", "start_review", "release_review", "return", "approve", "take_over", "reopen", "withdraw", "unassign"]
Verdict = Literal["different", "unsure"]
WebhookPayload = Literal["thin", "full"]
WebhookState = Literal["active", "disabled"]
WebhookType = Literal["article.added", "article.text_corrected", "article.excluded", "article.done", "article.taken_down", "set.submitted", "set.returned", "set.approved", "set.withdrawn", "adjudication.ready", "carry.items_open", "actor.merged", "actor.unmerged", "release.ready", "release.withdrawn", "job.failed"]


class Actor(TypedDict):
    """An actor."""

    id: str
    name: str
    kind: ActorKind
    qid: Optional[str]
    parent: Optional[str]
    note: Optional[str]
    aliases: list[Alias]
    merged_into: Optional[str]
    confidential: Optional[Protection]
    version: int


class ActorPair(TypedDict):
    """Two actors that look alike."""

    left: Actor
    right: Actor
    score: int
    reasons: list[str]
    together: int
    contexts: PairContexts


class ActorUsage(TypedDict):
    """Where an actor occurs, as far as the caller may see it; the first 100 sources and propositions."""

    spans: int
    sets: int
    articles: int
    first_day: Optional[str]
    last_day: Optional[str]
    by_source: list[SourceUsage]
    propositions: list[PropositionUsage]


class AddedRevision(TypedDict):
    """A new version of the text, and what became of the sets."""

    id: str
    number: int
    sha256: str
    length: int
    reason: Optional[str]
    author: Optional[str]
    created_at: str
    carry: CarryReport


class Affiliation(TypedDict):
    """To which organisation an actor belongs, as what, and when."""

    id: str
    actor: str
    organisation: str
    role: Optional[str]
    kind: AffiliationKind
    since: Optional[str]
    until: Optional[str]
    note: Optional[str]
    version: int


class Agreement(TypedDict):
    """Agreement as it was frozen. Each measure is a number or null, with its reason in ``reasons``."""

    round: Round
    kind: SetKind
    articles: int
    labels: dict[str, Any]
    pairs: list[AgreementPair]
    pairs_left_out: int
    people: list[AgreementPerson]
    attributes: dict[str, Any]
    links: dict[str, Any]
    relations: dict[str, Any]
    confusion: list[Any]
    worst: list[LowAgreementArticle]
    guideline_versions: list[int]
    frozen_at: Optional[str]


class AgreementPair(TypedDict):
    """The measures of two people."""

    owners: list[str]
    articles: int
    labels: dict[str, Any]


class AgreementPerson(TypedDict):
    """What one person has in common with all others."""

    username: str
    pairs: int
    comparisons: int
    iou_f1: Optional[float]


class Alias(TypedDict):
    """A spelling of an actor's name."""

    text: str
    language: Optional[str]
    kind: AliasKind


class Amendment(TypedDict):
    """An article that was taken out of a finished release because it had to be erased."""

    number: int
    date: str
    article: str
    reason: str


class AnnotationSet(TypedDict):
    """A set without its content."""

    id: str
    article: str
    revision: str
    owner: str
    reviewer: Optional[str]
    kind: SetKind
    round: Round
    state: State
    version: int
    guideline_version: int
    based_on: Optional[str]
    imported: bool
    due_at: Optional[str]
    created_at: str
    submitted_at: Optional[str]
    approved_at: Optional[str]
    approved_by: Optional[ApprovalBasis]


class AnnotationSetDetail(TypedDict):
    """A set with all that a workbench needs."""

    id: str
    article: Article
    revision: RevisionText
    owner: str
    reviewer: Optional[str]
    kind: SetKind
    round: Round
    state: State
    version: int
    guideline_version: int
    based_on: Optional[str]
    imported: bool
    due_at: Optional[str]
    created_at: str
    submitted_at: Optional[str]
    approved_at: Optional[str]
    approved_by: Optional[ApprovalBasis]
    spans: list[Span]
    relations: list[Relation]
    comments: list[Comment]
    allowed: list[TransitionName]


class Article(TypedDict):
    """An article, without its text."""

    id: str
    corpus: str
    external_id: Optional[str]
    title: Optional[str]
    source: Optional[str]
    author: Optional[str]
    url: Optional[str]
    language: Optional[str]
    published_at: Optional[str]
    story_key: Optional[str]
    story: Optional[StoryPlace]
    metadata: dict[str, Any]
    status: ArticleStatus
    annotators: Optional[int]
    priority: int
    excluded_reason: Optional[str]
    rights: ArticleRights
    revision: RevisionSummary
    version: int
    created_at: str


class ArticleRights(TypedDict):
    """The rights in an article: its own terms, its takedown, and what holds with those of its corpus."""

    licence: Optional[str]
    licence_url: Optional[str]
    holder: Optional[str]
    notice: Optional[str]
    may_export_text: Optional[TextRight]
    max_quote_share: Optional[float]
    may_send_out: Optional[bool]
    embargo_until: Optional[str]
    taken_down: Optional[Takedown]
    effective: EffectiveTerms


class ArticleStatusList(TypedDict):
    """The articles that were found, in the order of the request, and the external ids of no article."""

    results: list[ArticleStatusRow]
    unknown: list[str]


class ArticleStatusRow(TypedDict):
    """The place of an article in the work, and the set that was approved."""

    external_id: str
    id: str
    status: ArticleStatus
    version: int
    revision: str
    approved_set: Optional[str]
    approved_at: Optional[str]


class Blocker(TypedDict):
    """Work that cannot go on, and for whom it waits; ``who`` is null where somebody is missing."""

    code: str
    who: Optional[str]
    count: int
    articles: list[str]
    detail: str


class CarriedSet(TypedDict):
    """One set that went on, or would; the counts of a blind one are null, and before it is made its id."""

    from_set: str
    to_set: Optional[str]
    owner: str
    state: State
    counts: Optional[StatusCounts]
    approved_by_equivalence: bool


class CarryItem(TypedDict):
    """A span that needs a look. ``start``, ``end`` and ``quote`` are those of the text before."""

    id: Optional[str]
    set: str
    article: str
    status: CarryItemStatus
    label: Label
    start: int
    end: int
    quote: str
    proposal: Optional[Proposal]
    attributes: dict[str, Any]
    actor: Optional[str]
    proposition: Optional[str]
    decision: Optional[CarryDecision]
    by: Optional[str]
    at: Optional[str]
    span: Optional[str]
    set_version: int


class CarryReport(TypedDict):
    """What a correction did, or would do; the items are the first hundred."""

    counts: StatusCounts
    sets: list[CarriedSet]
    items: list[CarryItem]
    approved_by_equivalence: int


class Cell(TypedDict):
    """The statements of one actor on one proposition; the score is null where nothing shows a side."""

    support: int
    oppose: int
    mixed: int
    undecided: int
    score: Optional[float]


class ChangeCount(TypedDict):
    """How many changes of mind are counted, before and after a merge."""

    before: int
    after: int


class ChangedCell(TypedDict):
    """A cell of the winner, before and after a merge."""

    actor: str
    proposition: str
    before: Cell
    after: Cell


class Comment(TypedDict):
    """A comment; one on words that a corrected text does not have any more keeps their quote alone."""

    id: str
    span: Optional[str]
    start: Optional[int]
    end: Optional[int]
    quote: Optional[str]
    parent: Optional[str]
    author: str
    text: str
    blocking: bool
    suggestion: Optional[ProposedChange]
    resolved_by: Optional[str]
    resolved_at: Optional[str]
    created_at: str
    version: int


class Context(TypedDict):
    """A place where an entry occurs."""

    span: str
    set: str
    article: str
    label: str
    quote: str


class Corpus(TypedDict):
    """A corpus."""

    id: str
    slug: str
    name: str
    description: Optional[str]
    guideline: Optional[str]
    guideline_version: int
    depth: Depth
    annotators_per_article: int
    same_label_overlap: bool
    double_share: int
    most_open: Optional[int]
    carry_approval: CarryApproval
    archived: bool
    my_role: Role
    version: int


class CorpusRights(TypedDict):
    """The terms of the articles of a corpus that have none of their own, and what there is of all."""

    licence: Optional[str]
    licence_url: Optional[str]
    holder: Optional[str]
    notice: Optional[str]
    may_export_text: Optional[TextRight]
    max_quote_share: Optional[float]
    may_send_out: Optional[bool]
    counts: RightsCounts
    version: int


class CreatedActor(TypedDict):
    """An actor that was added, and others with a name that folds like one of its names."""

    id: str
    name: str
    kind: ActorKind
    qid: Optional[str]
    parent: Optional[str]
    note: Optional[str]
    aliases: list[Alias]
    merged_into: Optional[str]
    confidential: Optional[Protection]
    version: int
    similar: list[Actor]


class CreatedProposition(TypedDict):
    """A proposition that was added, and others with a name that folds like one of its names."""

    id: str
    topic: Optional[str]
    text: str
    kind: PropositionKind
    status: PropositionStatus
    merged_into: Optional[str]
    version: int
    similar: list[Proposition]


class CreatedTopic(TypedDict):
    """A topic that was added, and others with a name that folds like one of its names."""

    id: str
    name: str
    merged_into: Optional[str]
    version: int
    similar: list[Topic]


class Decision(TypedDict):
    """One difference. Side A is the first of ``sides``; ``ends`` are spans of the adjudication."""

    id: str
    set: str
    kind: DifferenceKind
    state: DecisionState
    sides: list[DecisionSide]
    ends: Optional[list[str]]
    choice: Optional[DecisionChoice]
    owner: Optional[str]
    reason: Optional[ReasonCode]
    span: Optional[str]
    source_changed: bool
    settled_by: Optional[str]
    settled_at: Optional[str]
    version: int


class DecisionSide(TypedDict):
    """The side of one source; ``span`` is null where its owner marked nothing."""

    set: str
    owner: str
    span: Optional[FrozenSpan]
    relations: list[FrozenRelation]


class Delivery(TypedDict):
    """An event for a webhook, and what became of it."""

    id: str
    webhook: str
    message_id: str
    seq: int
    type: str
    state: DeliveryState
    attempts: int
    next_attempt_at: Optional[str]
    attempted_at: Optional[str]
    status: Optional[int]
    duration_ms: Optional[int]
    error: Optional[str]
    request: Optional[str]
    answer: Optional[str]
    created_at: str
    finished_at: Optional[str]

Diff = TypedDict(
    'Diff',
    {
        "from": 'int',
        "to": 'int',
        "blocks": 'list[DiffBlock]',
        "spans": 'DiffSpans',
    },
)

DiffBlock = TypedDict(
    'DiffBlock',
    {
        "op": 'DiffOperation',
        "from": 'list[int]',
        "to": 'list[int]',
    },
)


class DiffSpans(TypedDict):
    """The spans that needed a look after the correction, by what became of them."""

    touched: list[CarryItem]
    uncertain: list[CarryItem]
    moved: list[CarryItem]
    lost: list[CarryItem]


class EffectiveTerms(TypedDict):
    """The terms that hold for an article with those of its corpus."""

    licence: Optional[str]
    licence_url: Optional[str]
    holder: Optional[str]
    notice: Optional[str]
    may_export_text: TextRight
    max_quote_share: float
    may_send_out: bool


class EmbargoCounts(TypedDict):
    """How many articles are under an embargo, and when the first ones end."""

    articles: int
    until: list[EmbargoEnd]


class EmbargoEnd(TypedDict):
    """How many embargoes end at a time."""

    until: str
    articles: int


class Event(TypedDict):
    """One row of the audit trail; ``user`` is null for the system."""

    seq: int
    action: EventAction
    user: Optional[str]
    time: str
    set: Optional[str]
    article: Optional[str]
    external_id: Optional[str]
    data: Any


class FacetValue(TypedDict):
    """A value of a facet, and how many of the articles found have it."""

    value: str
    name: str
    count: int


class FeedAddress(TypedDict):
    """The private address of a feed, without the address itself."""

    id: str
    corpus: str
    type: FeedType
    actor: Optional[str]
    created_at: str
    last_used_at: Optional[str]


class FeedAddressWithSecret(TypedDict):
    """The address with its secret, shown this once: null in the answer to a repeat."""

    id: str
    corpus: str
    type: FeedType
    actor: Optional[str]
    created_at: str
    last_used_at: Optional[str]
    url: Optional[str]


class FoundArticle(TypedDict):
    """An article that was found."""

    id: str
    external_id: Optional[str]
    title: Optional[str]
    source: Optional[str]
    published_at: Optional[str]


class FrozenRelation(TypedDict):
    """A relation of a source, as it was when the adjudication began."""

    id: str
    type: RelationType
    source: str
    target: str


class FrozenSpan(TypedDict):
    """A span of a source, as it was when the adjudication began."""

    id: str
    label: Label
    start: int
    end: int
    quote: str
    attributes: dict[str, Any]
    actor: Optional[str]
    proposition: Optional[str]


class Hit(TypedDict):
    """A hit: half-open offsets in code points, with the words around it."""

    start: int
    end: int
    quote: str
    before: str
    after: str
    spans: list[str]
    comment: Optional[str]


class HoldingRelease(TypedDict):
    """A release that holds an article."""

    id: str
    number: int
    name: str
    withdrawn_at: Optional[str]


class Invitation(TypedDict):
    """An invitation without its link."""

    id: str
    role: Role
    email: Optional[str]
    invited_by: str
    created_at: str
    expires_at: str
    used_by: Optional[str]
    used_at: Optional[str]


class InvitationWithLink(TypedDict):
    """An invitation with its link, shown this once: null in the answer to a repeat."""

    id: str
    role: Role
    email: Optional[str]
    invited_by: str
    created_at: str
    expires_at: str
    used_by: Optional[str]
    used_at: Optional[str]
    link: Optional[str]


class Job(TypedDict):
    """A job. ``done`` of ``total`` says how far it is; ``notice`` that nobody is there to do it."""

    id: str
    corpus: str
    kind: JobKind
    state: JobState
    done: int
    total: Optional[int]
    result: Optional[dict[str, Any]]
    error: Optional[str]
    notice: Optional[str]
    attempt: int
    created_at: str
    started_at: Optional[str]
    finished_at: Optional[str]


class Judgement(TypedDict):
    """What somebody judged of two entries."""

    kind: EntryKind
    left: str
    right: str
    verdict: Optional[str]
    reason: Optional[str]
    by: str
    at: Optional[str]


class LicenceCount(TypedDict):
    """How many articles have a licence; null is none."""

    licence: Optional[str]
    articles: int


class ListedSpan(TypedDict):
    """A span in a list, with the actor and the proposition that its links stand for after all merges."""

    id: str
    set: str
    label: Label
    start: int
    end: int
    quote: str
    attributes: dict[str, Any]
    actor: Optional[str]
    proposition: Optional[str]
    origin: Origin
    version: int


class LowAgreementArticle(TypedDict):
    """One of the articles with the least agreement."""

    article: str
    title: Optional[str]
    external_id: Optional[str]
    iou_f1: float


class Me(TypedDict):
    """The caller; ``scopes`` is null in a session."""

    username: str
    name: Optional[str]
    scopes: Optional[list[Scope]]
    memberships: list[OwnMembership]


class Member(TypedDict):
    """A membership."""

    username: str
    role: Role
    version: int


class Merge(TypedDict):
    """A merge; the last three fields are null while it stands."""

    id: str
    kind: EntryKind
    loser: str
    winner: str
    reason: Optional[str]
    by: Optional[str]
    at: str
    moved: Moved
    undone_by: Optional[str]
    undone_at: Optional[str]
    undone_reason: Optional[str]


class MergePreview(TypedDict):
    """What a merge would change; spans, sets and articles are those that the caller sees."""

    loser: str
    winner: str
    aliases: list[Alias]
    conflicts: list[MergeProblem]
    spans: int
    sets: int
    articles: int
    cells: list[ChangedCell]
    changes_of_mind: ChangeCount
    releases: list[int]


class MergeProblem(TypedDict):
    """One thing that stands in the way of a merge."""

    code: str
    detail: str


class Moved(TypedDict):
    """What an undoing returns, and the aliases that stayed because the winner had them."""

    aliases: list[Alias]
    stayed: list[Alias]
    name_added: bool
    children: list[str]
    affiliations: list[str]
    affiliates: list[str]


class Notification(TypedDict):
    """A notification of the caller."""

    id: str
    kind: NotificationKind
    corpus: str
    article: Optional[str]
    set: Optional[str]
    webhook: Optional[str]
    comment: Optional[str]
    by: Optional[str]
    created_at: str
    read_at: Optional[str]


class OwnMembership(TypedDict):
    """The caller's role in one corpus."""

    corpus: str
    role: Role


class PairContexts(TypedDict):
    """The newest quotes of both entries that the caller sees, three at most of each."""

    left: list[Context]
    right: list[Context]


class Problem(TypedDict):
    type: str
    title: str
    status: int
    detail: str
    code: ProblemCode
    errors: list[dict[str, Any]]


class Progress(TypedDict):
    """The progress of a corpus."""

    articles: ProgressArticles
    throughput: list[dict[str, Any]]
    waiting: list[WaitingTime]
    people: list[dict[str, Any]]
    blocked: list[Blocker]
    agreement: list[dict[str, Any]]


class ProgressArticles(TypedDict):
    """The articles by status; ``share_done`` leaves out what is excluded."""

    total: int
    done: int
    share_done: Optional[float]
    by_status: dict[str, Any]


class Proposal(TypedDict):
    """The words that are proposed for a span."""

    start: int
    end: int
    quote: str


class ProposedChange(TypedDict, total=False):
    """A proposed change of the span that a comment is about: the fields to replace, without the others."""

    label: Label
    start: int
    end: int
    attributes: dict[str, Any]


class Proposition(TypedDict):
    """A proposition."""

    id: str
    topic: Optional[str]
    text: str
    kind: PropositionKind
    status: PropositionStatus
    merged_into: Optional[str]
    version: int


class PropositionUsage(TypedDict):
    """A proposition on which approved work counts the actor."""

    id: str
    text: str
    statements: int


class Protection(TypedDict):
    """The protection of an actor; the reason is null but for managers."""

    reason: Optional[str]
    by: str
    at: str
    lift_asked_by: Optional[str]
    lift_asked_at: Optional[str]


class QueueResponse(TypedDict):
    """The set to work on, or the reason why there is none."""

    set: Optional[AnnotationSet]
    reason: Optional[str]


class Relation(TypedDict):
    """A relation."""

    id: str
    type: RelationType
    source: str
    target: str
    version: int


class Release(TypedDict):
    """A release. Files and counts come when it is ready; ``withdrawn`` is null unless it was."""

    id: str
    number: int
    name: Optional[str]
    state: ReleaseState
    created_at: str
    filter: Any
    counts: Any
    files: list[ReleaseFile]
    losses: Any
    withdrawn: Optional[dict[str, Any]]
    amendments: list[Amendment]


class ReleaseFile(TypedDict):
    """A file of a release."""

    name: str
    sha256: str
    bytes: int
    records: int


class Reviewer(TypedDict):
    """A member, and the reason why they cannot review the set, if they cannot."""

    username: str
    role: Role
    can: bool
    reason: Optional[str]


class Revision(TypedDict):
    """A version of the text, without the text."""

    id: str
    number: int
    sha256: str
    length: int
    reason: Optional[str]
    author: Optional[str]
    created_at: str


class RevisionSummary(TypedDict):
    """The current version of the text, without the text."""

    id: str
    number: int
    sha256: str
    length: int


class RevisionText(TypedDict):
    """A version of the text, with the text."""

    id: str
    number: int
    sha256: str
    length: int
    text: str


class RightsCounts(TypedDict):
    """The articles of a corpus by the terms that hold for them."""

    licences: list[LicenceCount]
    embargoed: EmbargoCounts
    taken_down: int
    text_withheld: WithheldCounts
    not_sent_out: int
    protected_actors: int


class SavedSearch(TypedDict):
    """A search that somebody has saved."""

    id: str
    owner: str
    name: str
    query: str
    filters: dict[str, Any]
    shared: bool
    created_at: str
    version: int


class SearchPage(TypedDict):
    """A page of results, how the question was understood, and facets by name if they were asked for."""

    understood: str
    next: Optional[str]
    previous: Optional[str]
    results: list[SearchResult]
    facets: Optional[dict[str, Any]]


class SearchResult(TypedDict):
    """An article with its first hits; ``hits_total`` counts all of them."""

    article: FoundArticle
    revision: RevisionSummary
    hits: list[Hit]
    hits_total: int


class SetChanges(TypedDict):
    """The changes since the last submission; ``since`` is the seq of its event, null before the first one."""

    since: Optional[int]
    changes: list[SpanDifference]


class SetProblem(TypedDict):
    """One problem that a rule of the guideline finds."""

    code: str
    span: Optional[str]
    relation: Optional[str]
    blocking: bool
    detail: str


class SetProblemChanges(TypedDict):
    """The problems that differ from an earlier state."""

    version: int
    problems: list[SetProblem]
    state: str
    bucket_count: int
    buckets: Optional[list[int]]


class SetProblems(TypedDict):
    """The problems of a set at one version."""

    version: int
    problems: list[SetProblem]


class SetReviewers(TypedDict):
    """The possible reviewers of a set; ``reason`` is null where somebody can review it."""

    people: list[Reviewer]
    reason: Optional[str]
    modes: list[WorkMode]


class SourceUsage(TypedDict):
    """The marks of one source; null is that of articles without one."""

    source: Optional[str]
    spans: int
    articles: int


class Span(TypedDict):
    """A span."""

    id: str
    set: str
    label: Label
    start: int
    end: int
    quote: str
    attributes: dict[str, Any]
    actor: Optional[str]
    proposition: Optional[str]
    origin: Origin
    version: int


class SpanDifference(TypedDict):
    """One difference to what was submitted before: ``before`` or ``after`` is null for what came or went."""

    kind: ChangeKind
    span: str
    before: Optional[dict[str, Any]]
    after: Optional[dict[str, Any]]


class StaleSet(TypedDict):
    """A live set without recent events, and the time of its last event."""

    id: str
    article: str
    revision: str
    owner: str
    reviewer: Optional[str]
    kind: SetKind
    round: Round
    state: State
    version: int
    guideline_version: int
    based_on: Optional[str]
    imported: bool
    due_at: Optional[str]
    created_at: str
    submitted_at: Optional[str]
    approved_at: Optional[str]
    approved_by: Optional[ApprovalBasis]
    last_at: str


class Statement(TypedDict):
    """A statement with its quote. Actors and propositions are those that entries stand for after merges."""

    span: str
    set: str
    article: Optional[dict[str, Any]]
    kind: StatementKind
    actor: Optional[dict[str, Any]]
    proposition: Optional[dict[str, Any]]
    stance: Optional[str]
    polarity: Optional[str]
    basis: Optional[str]
    mode: Optional[str]
    ascribed_by: Optional[dict[str, Any]]
    day: Optional[str]
    day_last: Optional[str]
    day_source: DaySource
    quote: str
    source: Optional[str]
    copies: int


class Stats(TypedDict):
    """Counts of what the caller sees. ``progress`` is what ``progress/`` answers, if a manager asks."""

    articles: dict[str, Any]
    sets: dict[str, Any]
    spans: dict[str, Any]
    progress: Optional[Progress]


class StatusCounts(TypedDict):
    """How many spans have each status."""

    exact: int
    shifted: int
    touched: int
    uncertain: int
    moved: int
    lost: int


class Story(TypedDict):
    """A story with its articles: the lead, its copies, what is proposed, and what was judged apart."""

    id: str
    corpus: str
    lead: str
    title: Optional[str]
    lead_chosen: bool
    size: int
    version: int
    members: list[StoryMember]
    members_left_out: int


class StoryMember(TypedDict):
    """An article in a story, and what differs from the lead."""

    article: str
    external_id: Optional[str]
    title: Optional[str]
    source: Optional[str]
    published_at: Optional[str]
    role: CopyRole
    state: MemberState
    containment: float
    added: list[str]
    missing: list[str]


class StoryPlace(TypedDict):
    """The story of an article: the articles that are copies of one text."""

    id: str
    role: CopyRole
    size: int


class StoryRow(TypedDict):
    """A story, without its articles."""

    id: str
    corpus: str
    lead: str
    title: Optional[str]
    lead_chosen: bool
    size: int
    version: int


class Takedown(TypedDict):
    """Who took an article down, when and why."""

    at: str
    by: Optional[str]
    reason: str


class TakenDown(TypedDict):
    """An article that was taken down, and the releases that hold it."""

    article: Article
    releases: list[HoldingRelease]


class Token(TypedDict):
    """An access token, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    expires_at: Optional[str]
    created_at: str


class TokenWithSecret(TypedDict):
    """An access token with its secret, shown this once: null in the answer to a repeat."""

    id: str
    name: str
    scopes: list[Scope]
    expires_at: Optional[str]
    created_at: str
    token: Optional[str]


class Topic(TypedDict):
    """A topic."""

    id: str
    name: str
    merged_into: Optional[str]
    version: int


class WaitingTime(TypedDict):
    """How long the sets of a state have been in it."""

    state: State
    sets: int
    median_hours: Optional[float]
    longest_hours: Optional[float]


class Webhook(TypedDict):
    """A webhook, without its secret."""

    id: str
    url: str
    description: Optional[str]
    events: list[WebhookType]
    payload: WebhookPayload
    state: WebhookState
    disabled_reason: Optional[DisabledReason]
    disabled_at: Optional[str]
    failing_since: Optional[str]
    cursor: int
    replay_until: Optional[int]
    old_secret_until: Optional[str]
    created_by: str
    created_at: str
    version: int


class WebhookWithSecret(TypedDict):
    """A webhook and its new secret, which is shown once; null where the same request came before."""

    id: str
    url: str
    description: Optional[str]
    events: list[WebhookType]
    payload: WebhookPayload
    state: WebhookState
    disabled_reason: Optional[DisabledReason]
    disabled_at: Optional[str]
    failing_since: Optional[str]
    cursor: int
    replay_until: Optional[int]
    old_secret_until: Optional[str]
    created_by: str
    created_at: str
    version: int
    secret: Optional[str]


class WithheldCounts(TypedDict):
    """How many articles leave with their quotes alone, and how many without any words."""

    quotes: int
    no: int


class WorkMode(TypedDict):
    """A mode of work, and the smallest team for it."""

    mode: str
    people: int
    detail: str
