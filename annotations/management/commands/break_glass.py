"""``manage.py break_glass``: let a superuser in while the sign-in service is down."""

from __future__ import annotations

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from annotations.exceptions import StandpointError
from annotations.services.core import one_time_addresses, sets


class Command(BaseCommand):
    help = (
        "Prints an address with which a superuser comes in once, within a quarter of an hour, without a "
        "password, a second factor or the sign-in service."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="an active superuser")
        parser.add_argument(
            "--address",
            default="",
            metavar="URL",
            help="the service as a browser calls it, such as https://standpoint.example; without this, only "
            "the path is printed",
        )

    def handle(self, *, username: str, address: str, **options: object) -> None:
        if not apps.is_installed("allauth.socialaccount"):
            raise CommandError(
                "Without OIDC_ISSUER and MFA_REQUIRED, people sign in with a password; set one."
            )
        try:
            user = sets.find_user(username, location="the name")
        except StandpointError as error:
            raise CommandError(error.detail) from error
        if not (user.is_active and user.is_staff and user.is_superuser):
            raise CommandError(
                f"{username} is no active superuser; name one, or make one with createsuperuser."
            )
        path = reverse("identity:break_glass", args=(user.pk, one_time_addresses.make_token(user)))
        self.stdout.write(f"{address.rstrip('/')}{path}")
