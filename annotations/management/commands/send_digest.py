"""``manage.py send_digest``: mail everybody one digest of their unread notifications."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from annotations.services.team import notification_digest


class Command(BaseCommand):
    help = (
        "Mails to everybody who has an address what they were told and have not read, one mail for each "
        "person and nothing twice. Run it once a day, or as often as people want mail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--language",
            choices=[code for code, _ in settings.LANGUAGES],
            default=settings.LANGUAGE_CODE,
            help="the language of the mails; English by default",
        )

    def handle(self, *, language: str, **options: object) -> None:
        with translation.override(language):
            count = notification_digest.send_digests()
        self.stdout.write(f"{count} {'mail' if count == 1 else 'mails'} sent.")
