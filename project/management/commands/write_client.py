"""``manage.py write_client``: keep the types of the Python client in step with the API."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.reference import client_shapes


class Command(BaseCommand):
    help = "Writes the types of the Python client from the OpenAPI document."
    # it only reads tables in the code, and must run without a database
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit status 1 if the types are out of date"
        )

    def handle(self, *, check: bool, **_options: object) -> None:
        file, text = client_shapes.FILE, client_shapes.shapes_module()
        stored = file.read_text(encoding="utf-8") if file.exists() else None
        if stored == text:
            return
        if check:
            raise CommandError("The types of the client are out of date; run manage.py write_client.")
        file.write_text(text, encoding="utf-8")
        self.stdout.write("client/src/standpoint_client/shapes.py")
