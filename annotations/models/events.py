"""The audit trail: one append-only row per change."""

from __future__ import annotations

from django.db import models

from annotations import limits

#: The actions that are counted by day, or that send a set back.
COUNTED_ACTIONS = ("approve", "created", "recall", "release_review", "return", "submit")


class Event(models.Model):
    """One change: the action, its user and its time.

    Objects are plain ids instead of foreign keys, because an event outlives them. ``seq`` is the primary
    key and the order. ``data`` is ``{"before": …, "after": …}``.
    """

    seq = models.BigAutoField(primary_key=True)
    corpus_id = models.UUIDField()
    article_id = models.UUIDField(null=True)
    set_id = models.UUIDField(null=True)
    user_id = models.BigIntegerField(null=True)
    username = models.CharField(max_length=limits.MAX_USERNAME, blank=True, default="")
    action = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True, default="")
    time = models.DateTimeField()

    class Meta:
        ordering = ("seq",)
        indexes = (
            *(
                models.Index(fields=(f"{owner}_id", "seq"), name=f"event_{owner}")
                for owner in ("corpus", "article", "set")
            ),
            models.Index(fields=("corpus_id", "action", "seq"), name="event_action"),
            # When sets came into their states: by day, and which were sent back.
            models.Index(
                fields=("corpus_id", "action", "time", "set_id"),
                condition=models.Q(action__in=COUNTED_ACTIONS),
                name="event_counted",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"
