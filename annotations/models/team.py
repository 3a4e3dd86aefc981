"""Notifications of users, and invitations of new ones."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.enums import NotificationKind
from annotations.models.base import UUIDModel, VersionedModel, values_constraint
from annotations.models.corpora import Corpus, Role
from annotations.models.sets import AnnotationSet, Comment
from annotations.models.vocabulary import translated_choices
from annotations.models.webhooks import Webhook


class Notification(UUIDModel):
    """A notification of one user about a set or a webhook. ``mailed_at``: when it was part of a digest."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=translated_choices(NotificationKind))
    set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", NotificationKind, name="notification_kind"),
            models.CheckConstraint(
                condition=Q(set__isnull=False, webhook__isnull=True)
                | Q(set__isnull=True, webhook__isnull=False, comment__isnull=True),
                name="notification_subject",
            ),
        )
        indexes = (
            models.Index(fields=("recipient", "id"), name="notification_recipient"),
            models.Index(
                fields=("recipient",),
                condition=Q(read_at__isnull=True, mailed_at__isnull=True),
                name="notification_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient}"


class Invitation(VersionedModel):
    """An invitation into a corpus; only the digest of its secret is stored."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=20, choices=translated_choices(Role))
    email = models.EmailField(blank=True, default="")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("role", Role, name="invitation_role"),
            models.CheckConstraint(
                condition=Q(used_by__isnull=True, used_at__isnull=True)
                | Q(used_by__isnull=False, used_at__isnull=False),
                name="invitation_used",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} in {self.corpus}"

    @property
    def days(self) -> int:
        """The days for which the link works."""
        return (self.expires_at - self.created_at).days
