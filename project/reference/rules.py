"""The reference of rules: annotation scheme, workflow, permissions and checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from annotations import permissions as rights
from annotations import scheme as marks
from annotations.checks import SYSTEM_CHECKS
from annotations.enums import EDITABLE, LIVE, ArticleStatus, Scope, SetRole, State
from annotations.models import Role
from annotations.scheme import Attribute
from annotations.services import integrity
from annotations.workflow import TRANSITIONS, Transition
from project.reference.markdown import code, code_list, heading, page, table

#: What each status of an article means for managers.
STATUS_DESCRIPTIONS: Mapping[ArticleStatus, str] = {
    ArticleStatus.EXCLUDED: "A manager took the article out of the work.",
    ArticleStatus.IN_REVIEW: "One of its sets is in review.",
    ArticleStatus.ADJUDICATING: "An adjudication set is open or returned.",
    ArticleStatus.READY_FOR_REVIEW: "A set that is reviewed is submitted.",
    ArticleStatus.READY_FOR_ADJUDICATION: (
        "All independent sets are submitted, nobody has begun to make one of them, and nothing is approved."
    ),
    ArticleStatus.ANNOTATING: "Somebody is at work on it.",
    ArticleStatus.DONE: "It has an approved set.",
    ArticleStatus.UNASSIGNED: "None of these: nobody has begun, or all that was begun is withdrawn.",
}


def scheme_page() -> str:
    """Return the page of labels, attributes, relations and guideline rules."""
    return page(
        "Annotation scheme",
        "The workbench fills in the defaults; the API stores what is sent. “Needed” means needed for a full "
        "statement: where it is missing, the set has a problem with the code of the rule. B problems block "
        "submission everywhere, all others where the corpus has the depth `statements`.",
        heading("Labels"),
        table(
            ("Label", "Key", "What it marks", "May be linked to"),
            (
                (code(name), code(row.key), row.description, code_list(row.links))
                for name, row in marks.LABELS.items()
            ),
        ),
        heading("Attributes"),
        table(("Attribute", "Label", "Needed", "Default", "Rule", "What it says"), _attribute_rows()),
        heading("Values"),
        table(("Attribute", "Value", "What it means"), _value_rows()),
        heading("Relations"),
        table(
            ("Relation", "From", "To", "How many in a full statement", "What it says"),
            (
                (code(name), code_list(row.sources), code_list(row.targets), row.cardinality, row.description)
                for name, row in marks.RELATIONS.items()
            ),
        ),
        heading("Rules of the guideline"),
        table(("Code", "Rule"), ((code(name), sentence) for name, sentence in marks.GUIDELINE_RULES.items())),
    )


def _attribute_rows() -> Iterator[tuple[str, ...]]:
    for name, attribute in marks.ATTRIBUTES.items():
        for use in attribute.uses:
            needed = "yes" if use.required else ""
            sentence = f"{attribute.description}{_length(attribute)}"
            yield code(name), code(use.label), needed, code(use.default), code(use.rule), sentence


def _length(attribute: Attribute) -> str:
    return f" At most {attribute.max_length} code points." if attribute.max_length else ""


def _value_rows() -> Iterator[tuple[str, ...]]:
    for name, attribute in marks.ATTRIBUTES.items():
        for choice in attribute.choices:
            yield code(name), code(choice.value), choice.description


def workflow_page() -> str:
    """Return the page of transitions with their conditions, and of the status of an article."""
    return page(
        "Workflow",
        f"A set is live while it is {_join_codes(state for state in State if state in LIVE)}; what it marks "
        f"changes only while it is {_join_codes(state for state in State if state in EDITABLE)}.",
        heading("Transitions"),
        table(
            ("Transition", "Who", "From", "To", "What it does"),
            (row for transition in TRANSITIONS.values() for row in _transition_rows(transition)),
        ),
        heading("What must hold beside the state"),
        table(("Transition", "Condition"), _condition_rows()),
        heading("Status of an article"),
        "The first that fits. Sets for calibration do not count.",
        table(("Status", "When"), ((code(status), STATUS_DESCRIPTIONS[status]) for status in ArticleStatus)),
    )


def _join_codes(words: Iterable[object]) -> str:
    *first, last = [code(word) for word in words]
    return f"{', '.join(first)} or {last}"


def _transition_rows(transition: Transition) -> Iterator[tuple[str, ...]]:
    for who, states in transition.sources_by_role.items():
        sources = code_list(state for state in State if state in states)
        target = code(transition.target) or "stays"
        if transition.makes_set:
            target = f"{target}; a new set is `open`"
        yield code(transition.name), who, sources, target, transition.description


def _condition_rows() -> Iterator[tuple[str, str]]:
    for transition in TRANSITIONS.values():
        if transition.four_eyes:
            yield code(transition.name), "Nobody who is an author of the set."
        if transition.needs_reason:
            yield code(transition.name), "A reason is given."
        for guard in transition.guards:
            yield code(transition.name), f"{guard[0].upper()}{guard[1:]}."


def permissions_page() -> str:
    """Return the page of permissions: roles, and the scopes of access tokens."""
    return page(
        "Permissions",
        "Each role includes the ones before it. Superusers act as managers of every corpus. An access token "
        "can do what its owner can, as far as its scopes go: it needs one of those that are named.",
        heading("In a corpus"),
        table(
            ("Permission", *Role, "Scopes of a token", "Allows to"),
            (
                (
                    code(permission),
                    *("yes" if role in rule.role.and_above else "" for role in Role),
                    code_list(rule.scopes),
                    rule.description,
                )
                for permission, rule in rights.PERMISSIONS.items()
            ),
        ),
        heading("Moves of the workflow"),
        table(
            ("Who", "Scope of a token", "Moves"),
            (
                (who, code(scope), code_list(_transition_names(who)))
                for who, scope in rights.TRANSITION_SCOPES.items()
            ),
        ),
        heading("Scopes"),
        code_list(Scope),
        f"No token makes tokens, and none makes somebody a {code_list(rights.SESSION_ONLY_ROLES)}: that "
        "takes a session. Notifications are marked as read with one of "
        f"{code_list(rights.NOTIFICATION_SCOPES)}.",
    )


def _transition_names(who: SetRole) -> list[str]:
    return [transition.name for transition in TRANSITIONS.values() if who in transition.sources_by_role]


def checks_page() -> str:
    """Return the page of checks: by ``fsck`` over the database, and before the service starts."""
    return page(
        "Checks",
        "`manage.py fsck` proves these over the whole database. Each finding names the row.",
        table(
            ("Check", "What it proves"),
            ((code(row.name), row.description) for row in integrity.CHECKS.values()),
        ),
        heading("Before the start"),
        "`manage.py check` tells where one of these does not hold, and `manage.py migrate`, `fsck` and most "
        "other commands refuse to begin.",
        table(("Id", "What must hold"), ((code(f"standpoint.{row.id}"), row.hint) for row in SYSTEM_CHECKS)),
    )
