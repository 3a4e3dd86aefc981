"""Who is answered what at every address: the table.

Each row says for one route and method what each person is answered, and which scopes a token needs.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.newsroom import PERSONAS, span

MISSING = "01930000-0000-7000-8000-00000000dead"

# What the persons are answered:    ann ben rae max vic sam ada anonymous
EVERYBODY = "200 200 200 200 200 200 200 401"
MEMBERS = "200 200 200 200 200 404 200 401"
ANNOTATORS_ADD = "201 201 201 201 403 404 201 401"
REVIEWERS_ADD = "403 403 201 201 403 404 201 401"
REVIEWERS_MERGE = REVIEWERS_ADD
MANAGERS = "403 403 403 200 403 404 200 401"
MANAGERS_ADD = "403 403 403 201 403 404 201 401"
MANAGERS_DELETE = "403 403 403 204 403 404 204 401"
# of a set of ann's that is not approved: others than reviewers do not know that it exists
SEEN = "200 404 200 200 404 404 200 401"
OWNER = "200 404 403 403 404 404 403 401"
OWNER_ADDS = "201 404 403 403 404 404 403 401"
OWNER_DELETES = "204 404 403 403 404 404 403 401"
TALK = "201 404 201 201 404 404 201 401"
REVIEWERS = "403 404 200 200 404 404 200 401"
THAT_REVIEWER = "403 404 200 403 404 404 403 401"
# rae's adjudication
ADJUDICATED = "404 404 200 200 404 404 200 401"
ADJUDICATOR = "404 404 200 403 404 404 403 401"
SETTLED = {"choice": "drop", "reason": "slip"}
NOBODY = "403 403 403 403 403 403 403 401"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method of one route.

    ``at`` fills the places of the route with things of ``furnish``. ``scopes``: the person who is let in
    with a token → the scopes of which it needs one.
    """

    statuses: str
    scopes: dict[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = ()
    body: Any = None
    version: bool = False
    query: str = ""
    session: bool = False


def row(statuses: str, scopes: str = "", *at: str, by: str = "", **more: Any) -> Row:
    """A row whose scopes are those of the first person who is let in, or of ``by``."""
    let_in = [who for who, status in zip(PERSONAS, statuses.split(), strict=True) if status < "300"]
    return Row(statuses=statuses, scopes={by or let_in[0]: scopes} if scopes else {}, at=at, **more)


ROWS: dict[str, Row] = {
    "GET me/": row(EVERYBODY, "read"),
    # no token makes or shows tokens: those with a session are in another test
    "GET tokens/": row(NOBODY, session=True),
    "POST tokens/": row(NOBODY, session=True, body={"name": "mine", "scopes": ["read"]}),
    "GET tokens/<uuid:pk>/": row(NOBODY, "", "token", session=True),
    "DELETE tokens/<uuid:pk>/": row(NOBODY, "", "token", session=True),
    "GET corpora/": row(EVERYBODY, "read"),
    "POST corpora/": row(
        "403 403 403 403 403 403 201 401", "manage", body={"slug": "river", "name": "River"}
    ),
    "GET corpora/<slug:slug>/": row(MEMBERS, "read", "corpus"),
    "PATCH corpora/<slug:slug>/": row(MANAGERS, "manage", "corpus", body={"name": "Lake"}, version=True),
    "DELETE corpora/<slug:slug>/": row(MANAGERS_DELETE, "manage", "empty", version=True),
    "GET corpora/<slug:slug>/members/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/members/": row(
        MANAGERS_ADD, "manage", "corpus", body={"username": "newcomer", "role": "viewer"}
    ),
    "PATCH corpora/<slug:slug>/members/<username:username>/": row(
        MANAGERS, "manage", "corpus", "member", body={"role": "reviewer"}, version=True
    ),
    "DELETE corpora/<slug:slug>/members/<username:username>/": row(
        MANAGERS_DELETE, "manage", "corpus", "member", version=True
    ),
    "GET corpora/<slug:slug>/rights/": row(MEMBERS, "read", "corpus"),
    "PATCH corpora/<slug:slug>/rights/": row(
        MANAGERS, "manage", "corpus", body={"licence": "CC-BY-4.0"}, version=True
    ),
    "GET corpora/<slug:slug>/stats/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/articles/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/articles/": row(MANAGERS_ADD, "ingest manage", "corpus", body={"text": "A b."}),
    "POST corpora/<slug:slug>/articles/status/": row(MEMBERS, "read", "corpus", body={"external_ids": ["a"]}),
    "GET corpora/<slug:slug>/sets/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/queue/": row(
        "200 200 200 200 403 404 200 401", "annotate", "corpus", body={"task": "annotate"}
    ),
    "GET corpora/<slug:slug>/spans/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/events/": row(MANAGERS, "read manage", "corpus"),
    "GET corpora/<slug:slug>/actors/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/actors/": row(
        ANNOTATORS_ADD, "annotate", "corpus", body={"name": "Lorn", "kind": "state"}
    ),
    "GET corpora/<slug:slug>/actors/suggest/": row(MEMBERS, "read", "corpus", query="?q=a"),
    "GET corpora/<slug:slug>/topics/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/topics/": row(REVIEWERS_ADD, "review", "corpus", body={"name": "Fish"}),
    "GET corpora/<slug:slug>/positions/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/matrix/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/changes/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/quoted/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/network/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/propositions/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/propositions/": row(
        ANNOTATORS_ADD, "annotate", "corpus", body={"text": "A new toll", "kind": "issue"}
    ),
    "GET corpora/<slug:slug>/duplicates/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/duplicates/": row(
        REVIEWERS_ADD,
        "review",
        "corpus",
        body={"left": "{actor}", "right": "{organisation}", "verdict": "different"},
    ),
    "POST corpora/<slug:slug>/imports/": row(
        "403 403 403 200 403 404 200 401", "ingest manage", "corpus", body={"text": "Imported."}
    ),
    "GET corpora/<slug:slug>/export/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/exports/": row("202 202 202 202 202 404 202 401", "read", "corpus", body={}),
    "GET corpora/<slug:slug>/feed/": row(MEMBERS, "read", "corpus"),
    # as with tokens
    "GET corpora/<slug:slug>/feeds/": row(NOBODY, "", "corpus", session=True),
    "POST corpora/<slug:slug>/feeds/": row(NOBODY, "", "corpus", session=True, body={"type": "quotes"}),
    "GET feeds/<uuid:pk>/": row(NOBODY, "", "feed", session=True),
    "DELETE feeds/<uuid:pk>/": row(NOBODY, "", "feed", session=True),
    # whoever is not signed in gets no hint that there is something
    "GET quotes/<uuid:pk>/embed.html": row("200 200 200 200 200 404 200 404", "read", "quote"),
    "GET corpora/<slug:slug>/releases/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/releases/": row(MANAGERS_ADD, "manage", "corpus", body={"formats": ["jsonl"]}),
    "GET releases/<uuid:pk>/": row(MEMBERS, "read", "release"),
    "GET releases/<uuid:pk>/diff/": row(MEMBERS, "read", "release", query="?to=1"),
    "GET releases/<uuid:pk>/files/<str:name>": row(MEMBERS, "read", "release", "file"),
    "POST releases/<uuid:pk>/withdraw/": row(MANAGERS, "manage", "release", body={"reason": "A mistake."}),
    "GET jobs/<uuid:pk>/": row(MANAGERS, "read ingest manage", "job"),
    "GET jobs/<uuid:pk>/report/": row(MANAGERS, "read ingest manage", "job"),
    # what an export holds depends on who asked for it: max
    "GET jobs/<uuid:pk>/file/": row("404 404 404 200 404 404 404 401", "read", "export"),
    "GET corpora/<slug:slug>/stories/": row(MEMBERS, "read", "corpus"),
    "GET stories/<uuid:pk>/": row(MEMBERS, "read", "story"),
    "PATCH stories/<uuid:pk>/": row(
        "403 403 200 200 403 404 200 401", "review", "story", body={"lead": "{copy}"}, version=True
    ),
    "POST stories/<uuid:pk>/members/": row(REVIEWERS_ADD, "review", "story", body={"article": "{stranger}"}),
    "DELETE stories/<uuid:pk>/members/<uuid:article>/": row(
        "403 403 204 204 403 404 204 401", "review", "story", "copy", version=True
    ),
    "GET articles/<uuid:pk>/": row(MEMBERS, "read", "article"),
    "PATCH articles/<uuid:pk>/": row(
        MANAGERS, "ingest manage", "article", body={"title": "New"}, version=True
    ),
    "DELETE articles/<uuid:pk>/": row(MANAGERS_DELETE, "ingest manage", "article", version=True),
    "GET articles/<uuid:pk>/text/": row(MEMBERS, "read", "article"),
    "POST articles/<uuid:pk>/exclude/": row(MANAGERS, "manage", "article", body={"reason": "Twice."}),
    "POST articles/<uuid:pk>/include/": row(MANAGERS, "manage", "article", body={"reason": "Once."}),
    "POST articles/<uuid:pk>/take-down/": row(MANAGERS, "manage", "article", body={"reason": "A lawyer."}),
    "POST articles/<uuid:pk>/restore/": row(MANAGERS, "manage", "article", body={"reason": "Settled."}),
    "GET articles/<uuid:pk>/revisions/": row(MEMBERS, "read", "article"),
    "POST articles/<uuid:pk>/revisions/": row(
        MANAGERS_ADD, "ingest manage", "article", body={"text": "Other text.", "reason": "Typo."}
    ),
    "GET articles/<uuid:pk>/revisions/<int:number>/diff/": row(MEMBERS, "read", "article", "number"),
    "GET corpora/<slug:slug>/carry-items/": row(MEMBERS, "read", "corpus"),
    "POST carry-items/<uuid:pk>/settle/": row(
        OWNER, "annotate", "item", body={"decision": "fine"}, version=True
    ),
    "GET articles/<uuid:pk>/sets/": row(MEMBERS, "read", "article"),
    "POST articles/<uuid:pk>/sets/": row(MANAGERS_ADD, "manage", "article", body={"owner": "ben"}),
    "GET sets/<uuid:pk>/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/spans/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/spans/": row(OWNER_ADDS, "annotate", "open", body=span(4, 11)),
    "POST sets/<uuid:pk>/spans/bulk/": row(
        OWNER,
        "annotate",
        "open",
        body={"ids": ["{span}"], "set_attributes": {"mention_type": "description"}},
        version=True,
    ),
    "GET sets/<uuid:pk>/relations/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/relations/": row(
        OWNER_ADDS,
        "annotate",
        "open",
        body={"type": "about", "source": "{claim}", "target": "{span}"},
    ),
    "GET sets/<uuid:pk>/comments/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/comments/": row(TALK, "annotate review", "open", body={"text": "Why?"}),
    "GET sets/<uuid:pk>/problems/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/problems/changes/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/history/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/changes/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/submit/": row(OWNER, "annotate", "open", body={}, version=True),
    "POST sets/<uuid:pk>/recall/": row(OWNER, "annotate", "submitted", body={}, version=True),
    "POST sets/<uuid:pk>/start-review/": row(REVIEWERS, "review", "submitted", body={}, version=True),
    "POST sets/<uuid:pk>/release-review/": Row(
        statuses=REVIEWERS,
        scopes={"rae": "review", "max": "manage"},
        at=("in_review",),
        body={},
        version=True,
    ),
    "POST sets/<uuid:pk>/return/": row(
        THAT_REVIEWER, "review", "in_review", body={"comment": "Mend it."}, version=True
    ),
    "POST sets/<uuid:pk>/approve/": row(THAT_REVIEWER, "review", "in_review", body={}, version=True),
    "POST sets/<uuid:pk>/take-over/": row(
        "403 404 201 201 404 404 201 401", "review", "open", body={"reason": "Away."}, version=True
    ),
    # an approved set is seen by all members
    "POST sets/<uuid:pk>/reopen/": row(
        MANAGERS_ADD, "manage", "approved", body={"reason": "A mistake."}, version=True
    ),
    "POST sets/<uuid:pk>/withdraw/": Row(
        statuses="200 404 403 200 404 404 200 401",
        scopes={"ann": "annotate", "max": "manage"},
        at=("open",),
        body={"reason": "Too hard."},
        version=True,
    ),
    "POST sets/<uuid:pk>/unassign/": row(
        "403 404 403 200 404 404 200 401", "manage", "open", body={}, version=True
    ),
    "GET sets/<uuid:pk>/reviewers/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/decisions/": row(ADJUDICATED, "read", "adjudication"),
    "POST sets/<uuid:pk>/decisions/": row(
        ADJUDICATOR, "annotate review", "adjudication", body={**SETTLED, "id": "{decision}", "version": 1}
    ),
    "GET decisions/<uuid:pk>/": row(ADJUDICATED, "read", "decision"),
    "POST decisions/<uuid:pk>/settle/": row(
        ADJUDICATOR, "annotate review", "decision", body=SETTLED, version=True
    ),
    "POST decisions/<uuid:pk>/reopen/": row(ADJUDICATOR, "annotate review", "decision", version=True),
    "GET articles/<uuid:pk>/history/": row(MANAGERS, "read manage", "article"),
    "GET corpora/<slug:slug>/stuck/": row(MANAGERS, "read manage", "corpus"),
    "GET corpora/<slug:slug>/progress/": row(MANAGERS, "read manage", "corpus"),
    "GET corpora/<slug:slug>/agreement/": row("403 403 200 200 403 404 200 401", "read", "corpus"),
    "POST corpora/<slug:slug>/assignments/": row(
        MANAGERS_ADD, "manage", "corpus", body={"articles": ["{article}"], "owners": ["ben"]}
    ),
    "POST corpora/<slug:slug>/calibrations/": row(
        MANAGERS_ADD, "manage", "corpus", body={"articles": ["{article}"], "owners": ["ann", "ben"]}
    ),
    "GET corpora/<slug:slug>/invitations/": row(MANAGERS, "manage", "corpus"),
    "POST corpora/<slug:slug>/invitations/": row(MANAGERS_ADD, "manage", "corpus", body={"role": "viewer"}),
    "GET invitations/<uuid:pk>/": row(MANAGERS, "manage", "invitation"),
    "DELETE invitations/<uuid:pk>/": row(MANAGERS_DELETE, "manage", "invitation"),
    "GET notifications/": row(EVERYBODY, "read"),
    # what somebody was told is theirs alone
    "POST notifications/<uuid:pk>/read/": row(
        "200 404 404 404 404 404 404 401", "annotate review manage", "notification"
    ),
    "GET spans/<uuid:pk>/": row(SEEN, "read", "span"),
    "PATCH spans/<uuid:pk>/": row(OWNER, "annotate", "span", body={"end": 63}, version=True),
    "DELETE spans/<uuid:pk>/": row(OWNER_DELETES, "annotate", "span", version=True),
    "GET relations/<uuid:pk>/": row(SEEN, "read", "relation"),
    "DELETE relations/<uuid:pk>/": row(OWNER_DELETES, "annotate", "relation", version=True),
    "GET comments/<uuid:pk>/": row(SEEN, "read", "comment"),
    "PATCH comments/<uuid:pk>/": row(
        OWNER, "annotate review", "comment", body={"text": "Better."}, version=True
    ),
    "POST comments/<uuid:pk>/take/": row(OWNER, "annotate", "suggestion", version=True),
    "GET actors/<uuid:pk>/": row(MEMBERS, "read", "actor"),
    "PATCH actors/<uuid:pk>/": row(
        "200 200 200 200 403 404 200 401", "annotate review", "actor", body={"note": "A poet."}, version=True
    ),
    "GET actors/<uuid:pk>/affiliations/": row(MEMBERS, "read", "actor"),
    "POST actors/<uuid:pk>/affiliations/": row(
        ANNOTATORS_ADD,
        "annotate review",
        "actor",
        body={"organisation": "{organisation}", "kind": "leads", "since": "2020-05"},
    ),
    "GET affiliations/<uuid:pk>/": row(MEMBERS, "read", "affiliation"),
    "PATCH affiliations/<uuid:pk>/": row(
        "200 200 200 200 403 404 200 401",
        "annotate review",
        "affiliation",
        body={"until": "2021"},
        version=True,
    ),
    "DELETE affiliations/<uuid:pk>/": row(
        "204 204 204 204 403 404 204 401", "annotate review", "affiliation", version=True
    ),
    "GET topics/<uuid:pk>/": row(MEMBERS, "read", "topic"),
    "PATCH topics/<uuid:pk>/": row(
        "403 403 200 200 403 404 200 401", "review", "topic", body={"name": "Rain"}, version=True
    ),
    "GET propositions/<uuid:pk>/": row(MEMBERS, "read", "proposition"),
    "PATCH propositions/<uuid:pk>/": row(
        "403 403 200 200 403 404 200 401",
        "review",
        "proposition",
        body={"text": "A new bridge"},
        version=True,
    ),
    "POST propositions/<uuid:pk>/accept/": row(
        "403 403 200 200 403 404 200 401", "review", "proposition", body={}
    ),
    "POST actors/<uuid:pk>/merge/": row(
        REVIEWERS_MERGE, "review", "actor", body={"into": "{other_actor}", "reason": "One."}, version=True
    ),
    "POST topics/<uuid:pk>/merge/": row(
        REVIEWERS_MERGE, "review", "topic", body={"into": "{other_topic}", "reason": "One."}, version=True
    ),
    "POST propositions/<uuid:pk>/merge/": row(
        REVIEWERS_MERGE,
        "review",
        "proposition",
        body={"into": "{other_proposition}", "reason": "One."},
        version=True,
    ),
    "GET actors/<uuid:pk>/usage/": row(MEMBERS, "read", "actor"),
    "GET corpora/<slug:slug>/search/": row(MEMBERS, "read", "corpus", query="?q=toll&facets=true"),
    "GET corpora/<slug:slug>/searches/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/searches/": row(
        "201 201 201 201 201 404 201 401",
        "annotate review manage",
        "corpus",
        by="max",
        body={"name": "Tolls", "query": "toll"},
    ),
    "GET searches/<uuid:pk>/": row(MEMBERS, "read", "search"),
    "PATCH searches/<uuid:pk>/": row(
        MANAGERS, "annotate review manage", "search", body={"name": "All tolls"}, version=True
    ),
    "DELETE searches/<uuid:pk>/": row(MANAGERS_DELETE, "annotate review manage", "search", version=True),
    "GET corpora/<slug:slug>/webhooks/": row(MANAGERS, "manage", "corpus"),
    "POST corpora/<slug:slug>/webhooks/": row(
        MANAGERS_ADD, "manage", "corpus", body={"url": "https://192.0.9.1/", "events": ["article.added"]}
    ),
    "GET webhooks/<uuid:pk>/": row(MANAGERS, "manage", "webhook"),
    "PATCH webhooks/<uuid:pk>/": row(MANAGERS, "manage", "webhook", body={"payload": "full"}, version=True),
    "DELETE webhooks/<uuid:pk>/": row(MANAGERS_DELETE, "manage", "webhook", version=True),
    "POST webhooks/<uuid:pk>/test/": row(MANAGERS_ADD, "manage", "webhook"),
    "POST webhooks/<uuid:pk>/rotate/": row(MANAGERS, "manage", "webhook"),
    "POST webhooks/<uuid:pk>/replay/": row(MANAGERS, "manage", "webhook", body={"after": 0}),
    "GET webhooks/<uuid:pk>/deliveries/": row(MANAGERS, "manage", "webhook"),
    "POST deliveries/<uuid:pk>/retry/": row(MANAGERS, "manage", "delivery"),
    "GET corpora/<slug:slug>/merges/": row(MEMBERS, "read", "corpus"),
    "GET merges/<uuid:pk>/": row(MEMBERS, "read", "merge"),
    "POST merges/<uuid:pk>/undo/": row(
        "403 403 200 200 403 404 200 401", "review", "merge", body={"reason": "Two."}
    ),
}
#: What is not written to a corpus that is archived: taking it out, another corpus, and what is so already.
#: A project that is over is archived and released, in any order.
UNARCHIVED = (
    "PATCH corpora/<slug:slug>/",
    "POST corpora/",
    "POST articles/<uuid:pk>/include/",
    "POST notifications/<uuid:pk>/read/",
    "POST corpora/<slug:slug>/releases/",
    "POST releases/<uuid:pk>/withdraw/",
    "POST corpora/<slug:slug>/exports/",
    "POST corpora/<slug:slug>/articles/status/",
    # an archived corpus is still exported, and rights bind what leaves
    "PATCH corpora/<slug:slug>/rights/",
    "POST articles/<uuid:pk>/take-down/",
    "POST articles/<uuid:pk>/restore/",
)
#: For everybody, signed in or not.
OPEN_TO_ALL = ("schema/", "docs/")
#: The last address, which takes whatever no other does.
UNKNOWN = "<path:unknown>"
