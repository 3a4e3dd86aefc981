"""``manage.py token``: make an access token without a browser."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations import limits
from annotations.enums import PROGRAM_SCOPES, Scope
from annotations.exceptions import StandpointError
from annotations.services.core import access_tokens, sets
from annotations.text.gate import check_line


class Command(BaseCommand):
    help = (
        "Makes an access token for a person and prints it once, and nothing else. Nobody can show it again: "
        "what is stored is its digest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="the person for whom the token acts")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            dest="scopes",
            metavar="SCOPE",
            help=f"what the token is for; give it once for each of {', '.join(PROGRAM_SCOPES)}",
        )
        parser.add_argument(
            "--expires-days",
            type=int,
            metavar="N",
            help="the token ends after so many days; without this it does not end",
        )
        parser.add_argument(
            "--name", default="manage.py token", help="by which the person recognises the token"
        )

    def handle(
        self, *, username: str, scopes: list[str], expires_days: int | None, name: str, **options: object
    ) -> None:
        try:
            user = sets.find_user(username, location="the name")
            check_line(name, "name", limits.MAX_TOKEN_NAME, required=True)
        except StandpointError as error:
            raise CommandError(error.detail) from error
        expires_at = None if expires_days is None else access_tokens.expires_in(_check_days(expires_days))
        _, secret = access_tokens.create_token(user, name, _parse_scopes(scopes), expires_at=expires_at)
        self.stdout.write(secret)


def _parse_scopes(names: list[str]) -> list[Scope]:
    if not names:
        raise CommandError(f"A token needs at least one --scope; there are {', '.join(PROGRAM_SCOPES)}.")
    unknown = [name for name in names if name not in PROGRAM_SCOPES]
    if unknown:
        raise CommandError(f"There is no scope {unknown[0]!r}; there are {', '.join(PROGRAM_SCOPES)}.")
    return [Scope(name) for name in names]


def _check_days(number: int) -> int:
    if not 1 <= number <= limits.MAX_TOKEN_DAYS:
        raise CommandError(f"--expires-days takes 1 to {limits.MAX_TOKEN_DAYS} days, not {number}.")
    return number
