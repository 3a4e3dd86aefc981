"""``manage.py remove_second_factor``: for somebody who has lost the app and the recovery codes."""

from __future__ import annotations

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exceptions import StandpointError
from annotations.services.core import sets


class Command(BaseCommand):
    help = (
        "Removes the second factor of an account whose owner has lost the app and the recovery codes. First "
        "make sure that it is they who ask."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="whose second factor")

    def handle(self, *, username: str, **options: object) -> None:
        if not apps.is_installed("allauth.mfa"):
            raise CommandError(
                "There are no second factors here, since MFA_REQUIRED and OIDC_ISSUER are not set."
            )
        try:
            user = sets.find_user(username, location="the name")
        except StandpointError as error:
            raise CommandError(error.detail) from error
        # By its name: the module of our own needs packages that only some have.
        factors = apps.get_app_config("mfa").get_model("Authenticator")
        deleted, _ = factors._default_manager.filter(user=user).delete()
        self.stdout.write(
            f"{username} signs in with the password alone now."
            if deleted
            else f"{username} had no second factor."
        )
