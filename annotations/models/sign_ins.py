"""What is remembered of failed sign-ins, until they are forgotten."""

from __future__ import annotations

from django.db import models


class SignInFailures(models.Model):
    """The failures in a row of one account or of one address, and until when no more are looked at.

    ``key`` is a digest: no names that somebody has typed, which may be passwords, and no addresses are kept.
    """

    key = models.CharField(primary_key=True, max_length=64)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "failed sign-ins"
        verbose_name_plural = "failed sign-ins"
        ordering = ("key",)

    def __str__(self) -> str:
        return f"{self.failures} failures"
