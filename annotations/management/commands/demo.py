"""``manage.py demo``: fill an empty database with sample articles and a team at work."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from annotations.exceptions import StandpointError
from annotations.services import demo


class Command(BaseCommand):
    help = (
        "Fills an empty database with sample articles and a team at work, and prints the log-ins. A second "
        "time it changes nothing; a database with corpora of its own is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", metavar="URL", help="where the service will be; printed at the top")

    def handle(self, *, address: str | None, **options: object) -> None:
        try:
            outcome = demo.load_demo()
        except StandpointError as error:
            raise CommandError(error.detail) from error
        if address:
            self.stdout.write(f"Standpoint is at {address}")
        self.stdout.write(outcome.message)
        if outcome.log_ins:
            self.stdout.write(format_log_ins(outcome.log_ins))
            self.stdout.write(f"These log-ins are kept in {demo.log_ins_path()}.")
        if outcome.is_new and connection.vendor == "postgresql" and not settings.DEBUG:
            self.stderr.write(
                "Warning: this looks like a service that others can reach. Deactivate the demo people before "
                "you store anything of your own in it."
            )


def format_log_ins(log_ins: demo.LogIns) -> str:
    """Return the log-ins as a table with one line a user."""
    lines = [f"  {'log-in':<8}{'password':<20}role"]
    lines += [f"  {name:<8}{log_in['password']:<20}{log_in['role']}" for name, log_in in log_ins.items()]
    return "\n".join(lines)
