"""Creating and updating corpora, and the members of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.exceptions import (
    DuplicateError,
    InsufficientRoleError,
    InUseError,
    NotAllowedNowError,
    error_at,
)
from annotations.messages import message, term
from annotations.models import AccessToken, Article, Corpus, Membership, Role, uuid7
from annotations.permissions import Permission, require_permission
from annotations.services.core import events
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import require_not_archived
from annotations.visibility import get_visible, get_visible_row, visible

DEFAULT_GUIDELINE_PATH = Path(__file__).resolve().parents[2] / "guideline.md"
CORPUS_FIELDS = (
    "name", "description", "guideline", "depth", "annotators_per_article", "same_label_overlap",
    "double_share", "most_open", "carry_approval", "archived",
)  # fmt: skip


def corpus_payload(corpus: Corpus) -> dict[str, Any]:
    """Return the payload of an event about a corpus: its fields, and the guideline by its version."""
    values = {name: getattr(corpus, name) for name in CORPUS_FIELDS if name != "guideline"}
    return {"slug": corpus.slug, **values, "guideline_version": corpus.guideline_version}


@retry_on_conflict
@transaction.atomic
def create_corpus(by: User, values: Mapping[str, Any]) -> tuple[Corpus, bool]:
    """Create a corpus, with its creator as manager; without a guideline it gets the default one."""
    if not by.has_perm("annotations.add_corpus"):
        raise InsufficientRoleError(
            message("Founding a corpus needs the permission “add corpus”; ask an administrator.")
        )
    if values.get("id") and Corpus.objects.filter(pk=values["id"]).exists():
        stored = visible(by, Corpus.objects.filter(pk=values["id"])).first()
        with error_at("/id"):
            if stored is None or any(getattr(stored, name) != value for name, value in values.items()):
                raise id_taken_error(values["id"])
        return stored, False
    slug = values["slug"]
    slug_taken = DuplicateError(
        message("There is a corpus with the slug {slug} already; choose another one.", slug=slug)
    )
    with error_at("/slug"):
        if Corpus.objects.filter(slug=slug).exists():
            raise slug_taken
    corpus = Corpus(
        **{"id": uuid7(), "guideline": DEFAULT_GUIDELINE_PATH.read_text(encoding="utf-8"), **values}
    )
    with translate_integrity_errors({"annotations_corpus_slug_key": slug_taken}):
        corpus.save(force_insert=True)
    Membership.objects.create(corpus=corpus, user=by, role=Role.MANAGER)
    events.record_event("corpus_created", by=by, corpus_id=corpus.pk, after=corpus_payload(corpus))
    return get_visible(by, Corpus.objects.all(), pk=corpus.pk), True


@transaction.atomic
def update_corpus(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Corpus:
    """Update a corpus. A new guideline raises its version; an archived corpus can only be unarchived."""
    corpus = _lock_for(by, id, Permission.CHANGE_CORPUS)
    if all(getattr(corpus, name) == value for name, value in changes.items()):
        return corpus
    require_current_version("corpus", corpus.version, version)
    if changes.get("archived", True):
        require_not_archived(corpus)
    before = corpus_payload(corpus)
    if changes.get("guideline", corpus.guideline) != corpus.guideline:
        corpus.guideline_version += 1
    for name, value in changes.items():
        setattr(corpus, name, value)
    corpus.version += 1
    corpus.save(force_update=True)
    events.record_event(
        "corpus_changed", by=by, corpus_id=corpus.pk, before=before, after=corpus_payload(corpus)
    )
    return corpus


@transaction.atomic
def delete_corpus(by: User, id: UUID, *, version: int) -> None:
    """Delete a corpus that has no articles."""
    corpus = _lock_for(by, id, Permission.DELETE_CORPUS)
    require_current_version("corpus", corpus.version, version)
    require_not_archived(corpus)
    if Article.objects.filter(corpus=corpus).exists():
        raise InUseError(message("The corpus has articles, and work is never deleted; archive it instead."))
    if corpus.releases.exists():
        raise InUseError(message("The corpus has releases, which never change; archive it instead."))
    events.record_event("corpus_deleted", by=by, corpus_id=corpus.pk, before=corpus_payload(corpus))
    # Actors, topics and propositions point at one another with keys that protect.
    for rows in (corpus.actors, corpus.propositions, corpus.topics):
        rows.update(merged_into=None)
    corpus.actors.update(parent=None)
    AccessToken.objects.filter(feed_address__corpus=corpus).delete()
    corpus.propositions.all().delete()
    corpus.delete()


def _lock_for(by: User, id: UUID, permission: Permission) -> Corpus:
    seen = get_visible_row(by, Corpus.objects.select_for_update(of=("self",)), pk=id)
    return require_permission(by, permission, seen)


@transaction.atomic
def add_member(by: User, corpus_id: UUID, user: User, role: Role) -> tuple[Membership, bool]:
    """Add a member; return the membership and whether it is new. The same user and role is a repeat."""
    corpus = _lock_for(by, corpus_id, Permission.CHANGE_MEMBERS)
    stored = Membership.objects.filter(corpus=corpus, user=user).select_related("user").first()
    if stored is not None:
        if stored.role != role:
            raise DuplicateError(
                message(
                    "{user} is a {role} in this corpus already; change that membership.",
                    user=user.get_username(),
                    role=term("Role", stored.role),
                )
            )
        return stored, False
    require_not_archived(corpus)
    member = Membership.objects.create(corpus=corpus, user=user, role=role)
    record_member_event(by, "member_added", member, after={"role": role})
    return member, True


@transaction.atomic
def update_member(by: User, corpus_id: UUID, username: str, role: Role, *, version: int) -> Membership:
    """Update the role of a member; the last manager keeps it. From then on it counts as given by hand."""
    corpus = _lock_for(by, corpus_id, Permission.CHANGE_MEMBERS)
    member = get_visible(
        by, Membership.objects.select_related("user"), corpus_id=corpus_id, user__username=username
    )
    if member.role == role:
        return member
    require_current_version("membership", member.version, version)
    require_not_archived(corpus)
    _require_other_manager(member)
    before = {"role": member.role}
    member.role = role
    # What a person has decided is no longer for groups to change.
    member.from_sso = False
    member.version += 1
    member.save(force_update=True)
    record_member_event(by, "member_changed", member, before=before, after={"role": role})
    return member


@transaction.atomic
def remove_member(by: User, corpus_id: UUID, username: str, *, version: int) -> None:
    """Remove a member; their work stays under their name."""
    corpus = _lock_for(by, corpus_id, Permission.CHANGE_MEMBERS)
    member = get_visible(
        by, Membership.objects.select_related("user"), corpus_id=corpus_id, user__username=username
    )
    require_current_version("membership", member.version, version)
    require_not_archived(corpus)
    _require_other_manager(member)
    record_member_event(by, "member_removed", member, before={"role": member.role})
    member.delete()


def is_last_manager(member: Membership) -> bool:
    """Return whether the corpus would have no manager without this one."""
    others = Membership.objects.filter(corpus_id=member.corpus_id, role=Role.MANAGER).exclude(pk=member.pk)
    return member.role == Role.MANAGER and not others.exists()


def _require_other_manager(member: Membership) -> None:
    if is_last_manager(member):
        raise NotAllowedNowError(
            message(
                "{user} is the last manager; make somebody else a manager first.",
                user=member.user.get_username(),
            ),
            state=member.role,
            allowed=[],
        )


def record_member_event(by: User | None, action: str, member: Membership, **change: Any) -> None:
    """Record a change of a membership; ``by`` is None where the sign-in service has made it."""
    payloads = {key: {"username": member.user.get_username(), **value} for key, value in change.items()}
    events.record_event(action, by=by, corpus_id=member.corpus_id, **payloads)
