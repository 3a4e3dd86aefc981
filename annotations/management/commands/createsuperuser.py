"""``manage.py createsuperuser``: Django's command, with names that are unique by the one fold of names."""

from __future__ import annotations

from django.contrib.auth.management.commands import createsuperuser

from annotations.exceptions import DuplicateError
from annotations.services.core.usernames import require_free_username
from annotations.translation import translate_message


class Command(createsuperuser.Command):
    """A superuser, whose name differs from all others by more than case and width."""

    help = "Creates an account that may do everything; its name differs from all others by more than case."

    def _validate_username(self, username: str, verbose_field_name: str, database: str) -> str | None:
        """Return why the name cannot be taken, as Django's command does for a name that is there exactly."""
        refusal: str | None = super()._validate_username(  # type: ignore[misc]
            username, verbose_field_name, database
        )
        try:
            require_free_username(username)
        except DuplicateError as error:
            return refusal or f"Error: {translate_message(error.detail)}"
        return refusal
