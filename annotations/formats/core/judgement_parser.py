"""The parser of what was judged: pairs of entries that look alike, and stories with their copies."""

from __future__ import annotations

from annotations import limits
from annotations.formats.core import value_checks
from annotations.formats.core.object_reader import FieldErrors, FieldRule, FieldRules, read_list, read_object
from annotations.formats.core.records import RegistryJudgement, Story, StoryMember
from annotations.formats.core.registry_parser import MERGE_KINDS

VERDICTS = ("different", "unsure")
MEMBER_STATES = ("found", "confirmed", "proposed", "apart")
#: The states of copies; an article is one in one story only.
COPY_STATES = MEMBER_STATES[:2]

_JUDGEMENT: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "id": FieldRule(value_checks.check_id, "", required=True),
    "kind": FieldRule(value_checks.choice_check(MERGE_KINDS), "", required=True),
    "left": FieldRule(value_checks.check_id, "", required=True),
    "right": FieldRule(value_checks.check_id, "", required=True),
    "verdict": FieldRule(value_checks.choice_check(VERDICTS), "", required=True),
    "reason": FieldRule(value_checks.prose_check("reason", limits.MAX_PROSE), ""),
    "by": FieldRule(value_checks.check_username),
    "at": FieldRule(value_checks.check_timestamp),
}
_STORY: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "id": FieldRule(value_checks.check_id, "", required=True),
    "lead": FieldRule(value_checks.check_id, "", required=True),
    "is_lead_chosen": FieldRule(value_checks.check_boolean, False),
    "members": FieldRule(value_checks.accept_any, required=True),
}
_MEMBER: FieldRules = {
    "article": FieldRule(value_checks.check_id, "", required=True),
    "state": FieldRule(value_checks.choice_check(MEMBER_STATES), "", required=True),
    "thousandths": FieldRule(value_checks.integer_check(0, 1_000), 0),
}


def parse_judgement(raw: object, faults: FieldErrors) -> RegistryJudgement | None:
    """Return the judgement of an object; None, and faults, where there is none."""
    sent = read_object(raw, _JUDGEMENT, faults, "")
    if sent is None:
        return None
    if sent["left"] == sent["right"]:
        faults.record("invalid", "/right", "An entry is no other than itself; name two entries.")
    return RegistryJudgement(**{name: sent[name] for name in RegistryJudgement._fields})


def parse_story(raw: object, faults: FieldErrors) -> Story | None:
    """Return the story of an object; None, and faults, where there is none."""
    sent = read_object(raw, _STORY, faults, "")
    if sent is None:
        return None
    members = [
        StoryMember(**values)
        for index, item in enumerate(read_list(sent["members"], faults, "/members"))
        if (values := read_object(item, _MEMBER, faults, f"/members/{index}")) is not None
    ]
    if len({member.article for member in members}) < len(members):
        faults.record("duplicate", "/members", "An article stands in the story twice; send it once.")
    copies = {member.article for member in members if member.state in COPY_STATES}
    if not faults and sent["lead"] not in copies:
        faults.record("invalid", "/lead", "The lead is no copy among the members; name one that is.")
    return Story(sent["id"], sent["lead"], sent["is_lead_chosen"], members)
