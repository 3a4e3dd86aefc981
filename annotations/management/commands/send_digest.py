"""``manage.py send_digest``: one mail for each person about what they have not read."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from annotations.services import digest


class Command(BaseCommand):
    help = (
        "Mails to everybody who has an address what they were told and have not read, one mail for each "
        "person and nothing twice. Run it once a day, or as often as people want mail."
    )

    def handle(self, **options: Any) -> None:
        sent = digest.send_all()
        self.stdout.write(f"{sent} {'mail' if sent == 1 else 'mails'} sent.")
