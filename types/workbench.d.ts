/**
 * Types of the workbench: what the API sends, what waits to be sent, and the parts of the page.
 *
 * They are global, so that a module names a type without an import: an import in a comment would be
 * rewritten, and followed, when static files get their lasting names.
 */

import type * as api from "../annotations/static/annotations/workbench/api.js";
import type * as groupBar from "../annotations/static/annotations/workbench/groupBar.js";
import type * as spanGroup from "../annotations/static/annotations/workbench/spanGroup.js";
import type * as articleSearch from "../annotations/static/annotations/workbench/articleSearch.js";
import type * as carriedText from "../annotations/static/annotations/workbench/carriedText.js";
import type * as changesPanel from "../annotations/static/annotations/workbench/changesPanel.js";
import type * as collectedComments from "../annotations/static/annotations/workbench/collectedComments.js";
import type * as commands from "../annotations/static/annotations/workbench/commands.js";
import type * as decisionsPanel from "../annotations/static/annotations/workbench/decisionsPanel.js";
import type * as dialogs from "../annotations/static/annotations/workbench/dialogs.js";
import type * as discardedChanges from "../annotations/static/annotations/workbench/discardedChanges.js";
import type * as drafts from "../annotations/static/annotations/workbench/drafts.js";
import type * as edits from "../annotations/static/annotations/workbench/edits.js";
import type * as guidelinePanel from "../annotations/static/annotations/workbench/guidelinePanel.js";
import type * as highlights from "../annotations/static/annotations/workbench/highlights.js";
import type * as lookedAt from "../annotations/static/annotations/workbench/lookedAt.js";
import type * as mentionsDialog from "../annotations/static/annotations/workbench/mentionsDialog.js";
import type * as messages from "../annotations/static/annotations/workbench/messages.js";
import type * as model from "../annotations/static/annotations/workbench/model.js";
import type * as outbox from "../annotations/static/annotations/workbench/outbox.js";
import type * as pendingStore from "../annotations/static/annotations/workbench/pendingStore.js";
import type * as problemsPanel from "../annotations/static/annotations/workbench/problemsPanel.js";
import type * as proposedChanges from "../annotations/static/annotations/workbench/proposedChanges.js";
import type * as proposedEntries from "../annotations/static/annotations/workbench/proposedEntries.js";
import type * as registry from "../annotations/static/annotations/workbench/registry.js";
import type * as scheme from "../annotations/static/annotations/workbench/scheme.js";
import type * as segments from "../annotations/static/annotations/workbench/segments.js";
import type * as statementCommands from "../annotations/static/annotations/workbench/statementCommands.js";
import type * as tabs from "../annotations/static/annotations/workbench/tabs.js";
import type * as textNodes from "../annotations/static/annotations/workbench/offsets.js";
import type * as textSelection from "../annotations/static/annotations/workbench/textSelection.js";
import type * as transitions from "../annotations/static/annotations/workbench/transitions.js";
import type * as wayOn from "../annotations/static/annotations/workbench/wayOn.js";
import type * as wordComments from "../annotations/static/annotations/workbench/wordComments.js";

declare global {
  // --- Django's catalogue of the page ------------------------------------------------------

  var gettext: ((text: string) => string) | undefined;
  var ngettext: ((one: string, many: string, number: number) => string) | undefined;
  var pgettext: ((context: string, text: string) => string) | undefined;
  var interpolate: ((text: string, values: Record<string, unknown>, named: true) => string) | undefined;

  // --- Django's admin -----------------------------------------------------------------------

  interface AdminQuery {
    on: (event: string, listener: () => void) => void;
  }
  var django: { jQuery: (wanted: Element | (() => void)) => AdminQuery };

  // --- what the API sends ------------------------------------------------------------------

  /** Values of attributes by their names. */
  type Attributes = Record<string, string>;

  /** A span as a source of an adjudication or an earlier submission had it. Offsets in code points. */
  interface FrozenSpan {
    id: string;
    label: string;
    start: number;
    end: number;
    quote: string;
    attributes: Attributes;
    actor: string | null;
    proposition: string | null;
  }

  interface Span extends FrozenSpan {
    set: string;
    origin: string;
    version: number;
  }

  interface FrozenRelation {
    id: string;
    type: string;
    source: string;
    target: string;
  }

  interface Relation extends FrozenRelation {
    version: number;
  }

  /** A change of a span that a comment proposes; what is left out stays. */
  interface ProposedChange {
    label?: string;
    start?: number;
    end?: number;
    attributes?: Attributes;
  }

  /** Words of the text, in code points. */
  interface Words {
    start: number;
    end: number;
    quote: string;
  }

  interface SetComment {
    id: string;
    span: string | null;
    start: number | null;
    end: number | null;
    /** The words that it is on; without a start, words that were corrected away. */
    quote: string | null;
    parent: string | null;
    author: string;
    text: string;
    blocking: boolean;
    suggestion: ProposedChange | null;
    resolved_by: string | null;
    resolved_at: string | null;
    created_at: string;
    version: number;
  }

  /** What is chosen for a new comment beside its text. */
  type CommentFields = Partial<Pick<SetComment, "span" | "parent" | "blocking" | "suggestion">> & { words?: Words | null };

  interface Article {
    id: string;
    corpus: string;
    external_id: string | null;
    title: string | null;
    source: string | null;
    author: string | null;
    language: string | null;
    published_at: string | null;
    /** The newest one. */
    revision?: { id: string; number: number };
  }

  interface Revision {
    id: string;
    number: number;
    text: string;
    /** in code points */
    length: number;
  }

  interface SetRow {
    id: string;
    owner: string;
    reviewer: string | null;
    kind: string;
    round: string;
    state: string;
    version: number;
  }

  /** The answer of `GET sets/{id}/`. */
  interface SetDetail extends SetRow {
    article: Article;
    revision: Revision;
    spans: Span[];
    relations: Relation[];
    comments: SetComment[];
    allowed: string[];
  }

  /** What the shown spans have: empty for anything. */
  interface SpanFilterValues {
    label: string;
    /** The id of an actor, or `none`. */
    actor: string;
    /** The code of a problem, or `any`. */
    code: string;
  }

  interface Problem {
    code: string;
    span: string | null;
    relation: string | null;
    blocking?: boolean;
    detail: string;
  }

  interface DecisionSide {
    set: string;
    owner: string;
    span: FrozenSpan | null;
    relations: FrozenRelation[];
  }

  interface Decision {
    id: string;
    kind: "missed" | "label" | "boundary" | "attributes" | "link" | "relation";
    state: "open" | "settled";
    sides: DecisionSide[];
    ends: string[] | null;
    choice: string | null;
    owner: string | null;
    reason: string | null;
    span: string | null;
    source_changed: boolean;
    settled_by: string | null;
    settled_at: string | null;
    version: number;
    /** The reason that was picked on the page and is not sent yet. */
    wanted?: string;
  }

  /** A span of the adjudicator's own. */
  type OwnSpan = Omit<FrozenSpan, "id">;

  /** How a difference is decided: the body of `decisions/{id}/settle/` without its reason. */
  interface Verdict {
    choice: string;
    owner?: string | null;
    span?: OwnSpan;
  }

  type SetChange =
    | { kind: "added"; span: string; before: null; after: FrozenSpan }
    | { kind: "removed"; span: string; before: FrozenSpan; after: null }
    | { kind: "moved" | "changed"; span: string; before: FrozenSpan; after: FrozenSpan };

  interface Actor {
    id: string;
    name: string;
    kind?: string;
    aliases?: { text: string; language: string | null; kind: string }[];
    merged_into?: string | null;
    version?: number;
  }

  interface Proposition {
    id: string;
    topic: string | null;
    text: string;
    kind: string;
    status: string;
    merged_into: string | null;
    topicName: string;
  }

  /** A problem document: why a request was refused. */
  interface ProblemDocument {
    detail?: string;
    code?: string;
    problems?: Problem[];
    /** The set in which the work goes on, since the text was corrected. */
    successor?: string;
  }

  // --- what the page carries ---------------------------------------------------------------

  /** Who looks at the page. */
  interface Me {
    username: string;
    role: string;
    archived: boolean;
    /** Usernames of those who can read the set. */
    people: string[];
  }

  /** A mention that is being written: its range in the text, and what is typed of the name. */
  interface BegunMention {
    start: number;
    end: number;
    query: string;
  }

  interface PageConfig {
    set: string;
    api: string;
    me: Me;
    /** The zone of the clock that the service's pages go by. */
    time_zone: string;
    correction: Correction;
    next: NextWork;
    linked: LinkedEntries;
  }

  /** What links of the marks stand for after all merges, by the ids of the links: names and propositions. */
  interface LinkedEntries {
    actors: Record<string, string>;
    propositions: Record<string, Proposition>;
  }

  type WorkTask = "annotate" | "review" | "adjudicate";

  /** Where the way goes on from a set. */
  interface NextWork {
    home: string;
    /** The path of the queue of this corpus, below the API. */
    queue: string;
    /** The kinds of work that this person may take. */
    tasks: WorkTask[];
    /** The list that this person came from; null if they came from none. */
    list: WorkList | null;
  }

  /** A list with the addresses of the sets beside this one; null where it ends. */
  interface WorkList {
    title: string;
    url: string;
    previous: string | null;
    next: string | null;
  }

  /** What the page knows of corrections of its text. */
  interface Correction {
    /** The set in which this one goes on; null if it does not. */
    next: string | null;
    /** The sets that this one continues, the last one first. */
    earlier: string[];
    /** The first marks that need a look. */
    items: { quote: string; label: string; status: string; url: string }[];
    items_total: number;
    items_url: string;
    diff_url: string;
  }

  /** A part of both texts, or what differs; ranges in code points. */
  interface DiffBlock {
    op: "equal" | "replace" | "insert" | "delete";
    from: [number, number];
    to: [number, number];
  }

  interface Choice {
    value: string;
    text: string;
    description?: string;
  }

  interface LabelRow {
    name: string;
    title: string;
    key: string;
    description: string;
    links: string[];
  }

  interface AttributeRow {
    name: string;
    title: string;
    kind?: string;
    description?: string;
    max_length?: number | null;
    choices?: Choice[];
    uses: Record<string, { rule: string; needed: boolean; default: string | null }>;
  }

  interface RelationType {
    name: string;
    title: string;
    sources: string[];
    targets: string[];
  }

  /** A transition that users make, with its texts; ``field`` is the input of its dialog, if it has one. */
  interface TransitionRow {
    name: string;
    path: string;
    title: string;
    button: string;
    help: string;
    done: string;
    field: { key: string; label: string; required: boolean } | null;
    is_primary: boolean;
    for_others: boolean;
    counts_comments: boolean;
    counts_decisions: boolean;
  }

  interface SchemeTables {
    labels: LabelRow[];
    attributes: AttributeRow[];
    relations: RelationType[];
    states: Choice[];
    transitions: TransitionRow[];
    actor_kinds: Choice[];
    proposition_kinds: Choice[];
  }

  // --- places in the text ------------------------------------------------------------------

  /** Start and end of a range in UTF-16 units, the end excluded. */
  type UnitRange = [start: number, end: number];
  type Granularity = "grapheme" | "word" | "sentence";
  /** How far a key moves the caret or a command extends the selection. */
  type TextUnit = Granularity | "paragraph";
  /** Where the caret stands in the viewport. */
  interface CaretBox {
    x: number;
    top: number;
    bottom: number;
  }

  // --- changes that wait -------------------------------------------------------------------

  interface ApiRequest {
    method: string;
    path: string;
    body?: object;
    version?: number;
  }

  interface ApiAnswer {
    /** What the service sent; each caller knows the shape that its address answers. */
    data: any;
    status?: number;
    setVersion: number | null;
    /** The address of the next page, from the Link header. */
    next?: string | null;
  }

  /** What the outbox writes into a job. */
  interface JobState {
    /** The name in the store; sorts by age. */
    key?: string;
    /** One for all jobs of a step, however often the step is done and undone. */
    token?: string;
    request?: ApiRequest;
    tries?: number;
    /** Whether an earlier page has left the job. */
    restored?: boolean;
    /** What the page showed before, of the fields that the job changes. */
    before?: Partial<Span> | null;
    isChecked?: boolean;
    /** One for all jobs of a step that go to the service together, as far as they are of one kind. */
    batch?: string;
  }

  interface SpanAddJob extends JobState {
    kind: "span.add";
    span: Span;
    snap?: boolean;
  }
  interface SpanChangeJob extends JobState {
    kind: "span.change";
    id: string;
    changes: Partial<Span>;
    snap?: boolean;
  }
  interface SpanDeleteJob extends JobState {
    kind: "span.delete";
    id: string;
  }
  interface RelationAddJob extends JobState {
    kind: "relation.add";
    relation: Relation;
  }
  interface RelationDeleteJob extends JobState {
    kind: "relation.delete";
    id: string;
  }
  interface CommentAddJob extends JobState {
    kind: "comment.add";
    comment: SetComment;
  }
  interface CommentChangeJob extends JobState {
    kind: "comment.change";
    id: string;
    changes: { resolved: boolean };
    shown: Partial<SetComment>;
  }

  /** A change of the set that is on its way to the service. */
  type Job =
    | SpanAddJob
    | SpanChangeJob
    | SpanDeleteJob
    | RelationAddJob
    | RelationDeleteJob
    | CommentAddJob
    | CommentChangeJob;
  type JobKind = Job["kind"];

  /** How one kind of job is described, shown, sent and stored. */
  interface JobType<J extends Job> {
    describe: (job: J, stored: SetParts) => string;
    id: (job: J) => string;
    /** Rows that have to be stored before the job can be sent. */
    needs?: (job: J) => [PartName, string][];
    apply: (state: SetParts, job: J) => unknown;
    request: (job: J, stored: SetState) => ApiRequest;
    store: (stored: SetParts, job: J, answer: any) => unknown;
  }

  /** How jobs of one kind go to the service as one request. */
  interface BatchType<J extends Job> {
    path: (set: SetRow, jobs: J[]) => string;
    body: (jobs: J[]) => object;
    /** Whether it goes with the version of the set. */
    isGuarded?: boolean;
  }

  /** What can be changed in a set, by id. */
  interface SetParts {
    spans: Map<string, Span>;
    relations: Map<string, Relation>;
    comments: Map<string, SetComment>;
  }
  type PartName = keyof SetParts;
  interface SetState extends SetParts {
    set: SetRow;
  }

  /** One thing that a person did: the jobs that do it, and those that take it back. */
  interface EditStep {
    description: string;
    forth: Job[];
    back: Job[];
  }

  /** Why nothing can be sent, and when it is tried again (milliseconds since 1970). */
  interface Trouble {
    detail: string;
    until?: number;
  }

  /** Two versions of one row: what a job was to change, and what another person has stored. */
  interface Conflict {
    job: Job;
    theirs: ConflictRow;
  }
  type ConflictRow = Span | Relation | SetComment;

  /** A job that the service refused. */
  interface Refusal {
    job: Job;
    what: string;
    error: { status: number; code: string; detail: string; stale: boolean };
  }

  interface OutboxEvents {
    change: null;
    others: null;
    decided: null;
    stored: { job: Job; data: unknown };
    refused: Refusal;
    conflict: Conflict;
    yielded: { job: Job };
    superseded: null;
  }

  /** The unsent work of an earlier set: what fits this one, what is done already, and what has no place. */
  interface CarriedWork {
    jobs: { old: Job; job: Job; what: string }[];
    done: Job[];
    lostJobs: { job: Job; what: string; words: string }[];
    drafts: { key: string; place: string; draft: Draft }[];
    lostDrafts: { key: string; draft: Draft }[];
  }

  /** What tabs of one person and set tell each other. */
  type TabMessage =
    | { type: "added"; jobs: Job[] }
    | { type: "stored"; job: Job; data: any; setVersion: number | null }
    | { type: "gone"; job: Job }
    | { type: "superseded"; successor: string }
    | ({ type: "refused" } & Refusal)
    | { type: "trouble"; trouble: Trouble }
    | { type: "conflict"; conflict: Conflict }
    | { type: "decided"; choice: ConflictChoice }
    | { type: "retry" }
    | { type: "moved" }
    | { type: "discard" };
  type ConflictChoice = "mine" | "theirs";

  // --- what is not sent yet ----------------------------------------------------------------

  /** What was chosen so far for a span that somebody proposes. */
  interface SpanDraft {
    label: string;
    attributes: Attributes;
    links: Pick<FrozenSpan, "actor" | "proposition">;
    range: { start: number; end: number; quote: string } | null;
  }

  /** What somebody is writing; `values` are the fields of a dialog. */
  interface DraftContent {
    text: string;
    blocking?: boolean;
    change?: SpanDraft | null;
    values?: Record<string, string>;
    /** A whole comment, which waits for the decision of its reviewer. */
    comment?: SetComment;
  }
  /** With the time of its last change, in milliseconds since 1970. */
  type Draft = DraftContent & { at: number };
  /** A kind of draft: `id` is that of its row, `detail` what is told apart there. */
  interface DraftKind {
    title: (id: string, detail: string) => string;
    /** Whether it can still be sent. */
    isOpen: (id: string, detail: string) => boolean;
    open: (id: string, detail: string, key: string) => unknown;
  }
  interface DiscardedDraft {
    key: string;
    draft: Draft;
  }

  /** A change that a person has thrown away, and when, in milliseconds since 1970. */
  interface DiscardedJob {
    job: Job;
    discarded: number;
  }

  // --- parts of the page -------------------------------------------------------------------

  /** A child of an element; empty ones are left out. */
  type Child = Node | string | null | undefined | false | 0;
  type Children = (Child | Child[])[];

  /** Attributes by their names; `on…` are listeners, and empty values are left out. */
  interface ElementAttributes<E> {
    onclick?: (event: MouseEvent) => unknown;
    onchange?: (event: Event & { currentTarget: E }) => unknown;
    oninput?: (event: Event & { currentTarget: E }) => unknown;
    onsubmit?: (event: SubmitEvent) => unknown;
    ontoggle?: (event: Event) => unknown;
    onfocus?: (event: FocusEvent) => unknown;
    onblur?: (event: FocusEvent & { currentTarget: E }) => unknown;
    onkeydown?: (event: KeyboardEvent & { currentTarget: E }) => unknown;
    [name: string]: unknown;
  }

  type HeadingTag = "h1" | "h2" | "h3" | "h4" | "h5" | "h6";
  type MarkdownTag =
    | HeadingTag
    | "p"
    | "ul"
    | "ol"
    | "li"
    | "table"
    | "thead"
    | "tbody"
    | "tr"
    | "th"
    | "td"
    | "blockquote"
    | "code"
    | "strong"
    | "em";
  type MarkdownChild = MarkdownNode | string;
  /** An element of the guideline; `rule` is the code of the rule that it holds. */
  interface MarkdownNode {
    tag: MarkdownTag;
    rule?: string;
    children: MarkdownChild[];
  }

  interface ComboboxOptions {
    id?: string;
    label: string;
    placeholder: string;
    /** The name of the field, for styles and tests. */
    field: string;
    /** Answers the options for what was typed. */
    search: (typed: string) => Promise<Option[]>;
    /** The text of what is chosen now. */
    shown: () => string;
    /** What is searched for before anything is typed. */
    first?: string;
    /** Whether the first option is pointed at; otherwise only one that is the only one. */
    prefersFirst?: boolean;
    /** Where the focus goes on after one key has taken an option. */
    onPicked?: () => void;
  }

  type FieldControl = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
  interface DialogField {
    key: string;
    input: FieldControl;
    element: HTMLElement;
  }
  interface FormDialogOptions {
    name: string;
    title: string;
    about?: string;
    fields: DialogField[];
    /** The text of the button. */
    confirm: string;
    act: (values: Record<string, string>) => Promise<unknown>;
    drafts: Drafts;
    /** Where the draft of what is typed is kept. */
    draftKey: string;
  }
  /** What a transition asks for before it is made. */
  interface ReasonQuestion {
    title: string;
    about: string;
    confirm: string;
    key: string;
    label: string;
    required?: boolean;
  }
  interface KeyGroup {
    title: string;
    rows: KeyNote[];
  }

  /** How a key moves the caret. */
  interface CaretMotion {
    unit: TextUnit | "line" | "lineboundary" | "text";
    step: number;
    /** Whether the step is to the left or right, and not back or forth. */
    isVisual?: boolean;
  }

  interface DrawnSpan {
    span: Span;
    isOpen: boolean;
    range: StaticRange;
  }

  /** A relation as a line of the editor. */
  interface RelationRow {
    relation: Relation;
    title: string;
    other: Span | null;
    name: string;
    isOpen: boolean;
  }

  /** A part of a line of the statement; with an id it leads to that span. */
  interface StatementPiece {
    id?: string;
    text: string;
    kind?: string;
  }

  interface OpenComments {
    number: number;
    blocking: number;
    words: string;
  }

  type SettleBody = Verdict & { reason: string };

  /** A row of the table of keys. */
  interface KeyRow {
    group: string;
    keys: string[];
    description: string;
    /** Takes the key of the table that was meant, which is not always what was written. */
    run: (key: string) => unknown;
    /** Whether the key means the command where it was pressed. */
    fits?: (event: KeyboardEvent) => boolean;
    inFields?: boolean;
    /** Whether the command goes on while the key is held down. */
    repeats?: boolean;
  }
  /** A row of the list of keys that no command of ours stands behind. */
  type KeyNote = Pick<KeyRow, "keys" | "description">;

  /** An option of a combobox. */
  interface Option {
    text: string;
    hint?: string;
    take?: () => void;
    isNote?: boolean;
    isExtra?: boolean;
    /** Whether it asks for an entry that the list lacks. */
    isNew?: boolean;
    /** The digit that takes it, where digits choose. */
    key?: string;
  }

  /** A field of the editor, which can show a newer version of its span. */
  interface SpanField {
    element: HTMLElement;
    show: (span: Span) => void;
    /** Open its list, from which one key takes an option. */
    pick?: () => void;
  }
  /** Answers the span as it is now. */
  type CurrentSpan = () => Span | null;

  type Model = model.Model;
  type ApiClient = api.ApiClient;
  type Outbox = outbox.Outbox;
  type PendingStore = pendingStore.PendingStore;
  type TextCarrier = carriedText.TextCarrier;
  type Drafts = drafts.Drafts;
  type Edits = edits.Edits;
  type Scheme = scheme.Scheme;
  type Registry = registry.Registry;
  type Segments = segments.Segments;
  type TextNodes = textNodes.TextNodes;
  type DecisionsPanel = decisionsPanel.DecisionsPanel;
  /** What only some kinds of sets need, so that others do not load it. */
  interface ExtraParts {
    DecisionsPanel?: typeof decisionsPanel.DecisionsPanel;
  }
  type DialogLeaver = (action: () => void) => void;

  /** The parts of the workbench; each module takes those that it names with `Pick`. */
  interface Services {
    model: Model;
    api: ApiClient;
    outbox: Outbox;
    drafts: Drafts;
    discarded: discardedChanges.DiscardedChanges;
    edits: Edits;
    scheme: Scheme;
    registry: Registry;
    messages: messages.Messages;
    tabs: tabs.Tabs;
    selection: textSelection.TextSelection;
    segments: Segments;
    textNodes: TextNodes;
    highlights: highlights.Highlights;
    commands: commands.Commands;
    statements: statementCommands.StatementCommands;
    mentions: mentionsDialog.MentionsDialog;
    dialogs: dialogs.Dialogs;
    guideline: guidelinePanel.GuidelinePanel;
    decisions: DecisionsPanel | null;
    problems: problemsPanel.ProblemsPanel;
    transitions: transitions.Transitions;
    changes: changesPanel.ChangesPanel;
    search: articleSearch.ArticleSearch;
    /** The spans that are chosen together, and their bar. */
    group: spanGroup.SpanGroup;
    groupBar: groupBar.GroupBar;
    proposedChanges: proposedChanges.ProposedChanges;
    wordComments: wordComments.WordComments;
    collected: collectedComments.CollectedComments;
    lookedAt: lookedAt.LookedAt;
    proposedEntries: proposedEntries.ProposedEntries;
    /** The element that holds the article. */
    text: HTMLElement;
    /** Put the focus on the line of a span in the list. */
    focusSpan: (id: string) => void;
    /** Put the focus into a field of a span's editor. */
    focusEditor: (id: string, field?: string) => void;
    /** Open the propositions for a span, from which one key takes one. */
    pickIssue: (id: string) => void;
    /** Put the cursor where a comment on a span is written. */
    focusComment: (id: string, options?: { blocking?: boolean }) => void;
    /** Put the cursor where a comment is answered; for null where one on the set is written. */
    answerComment: (comment: SetComment | null, options?: { blocking?: boolean }) => void;
    loadSet: () => Promise<void>;
    reload: () => Promise<void>;
    discard: () => unknown;
    countOpenDecisions: () => number;
    /** Show or hide the sheet of a phone, by what is chosen now. */
    showSheet: () => void;
    wayOn: wayOn.WayOn;
    /** Where the marks wait that need a look. */
    itemsUrl: string;
  }
  type SpanFormServices = Pick<Services, "model" | "scheme" | "messages" | "selection" | "segments">;
  type ThreadServices = SpanFormServices & Pick<Services, "edits" | "drafts" | "proposedChanges" | "focusSpan" | "collected" | "textNodes">;
  type FieldServices = Pick<Services, "model" | "edits" | "drafts" | "scheme" | "registry" | "messages" | "commands" | "dialogs">;
  type SpanEditorServices = ThreadServices & FieldServices & Pick<Services, "lookedAt">;
  type SpanListServices = SpanEditorServices & Pick<Services, "textNodes" | "text" | "changes" | "group" | "groupBar">;
  type DraftListServices = FieldServices &
    Pick<Services, "tabs" | "focusEditor" | "focusComment" | "answerComment" | "transitions" | "decisions" | "wordComments">;
  type KeyServices = Pick<
    Services,
    | "model"
    | "scheme"
    | "tabs"
    | "commands"
    | "dialogs"
    | "decisions"
    | "statements"
    | "mentions"
    | "guideline"
    | "proposedChanges"
    | "wordComments"
    | "lookedAt"
    | "selection"
    | "focusComment"
    | "answerComment"
    | "wayOn"
    | "search"
    | "transitions"
    | "group"
    | "groupBar"
  >;
}
