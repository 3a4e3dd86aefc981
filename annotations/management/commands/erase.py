"""``manage.py erase``: empty an article of all words, for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exceptions import StandpointError
from annotations.models import Article, Erasure
from annotations.services import erasure
from annotations.services.core.sets import find_user
from annotations.text.parsing import parse_uuid


class Command(BaseCommand):
    help = (
        "Erases an article: its texts, quotes, comments, title, author, address, metadata and the words in "
        "its history are emptied, and releases are built again without it. Rows, hashes and a certificate "
        "stay. Without --confirm it says what would go, and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("article", metavar="ARTICLE", help="its id, or CORPUS/EXTERNAL-ID")
        add("--confirm", action="store_true", help="do it; it cannot be undone")
        add("--reason", default="", help="why, in a sentence; it stands on the certificate")
        add("--by", metavar="USERNAME", help="who decided it")
        add(
            "--allow-again", action="store_true",
            help="of an erased article: let one with its external id be imported again",
        )  # fmt: skip
        add("--certificate", action="store_true", help="print the certificate of an erased article again")

    def handle(self, *, article: str, **options: object) -> None:
        row = _find_article(article)
        try:
            self._run(row, options)
        except StandpointError as error:
            raise CommandError(error.detail) from error

    def _run(self, row: Article, options: dict[str, Any]) -> None:
        if options["certificate"] or options["allow_again"]:
            found = Erasure.objects.select_related("article__corpus").filter(article=row).first()
            if found is None:
                raise CommandError("The article was not erased.")
            if options["allow_again"]:
                erasure.allow_again(row)
                self.stdout.write("An article with its external id may be imported again.")
            else:
                self.stdout.write(erasure.certificate(found))
        elif options["confirm"]:
            self._erase(row, options)
        else:
            self._tell(erasure.plan_erasure(row))

    def _tell(self, plan: erasure.ErasurePlan) -> None:
        self.stdout.write(f"Erasing the article {plan.article.pk} would empty:")
        for name, number in plan.counts.items():
            self.stdout.write(f"  {number:>8,} {name.replace('_', ' ')}")
        numbers = ", ".join(map(str, plan.releases)) or "none"
        self.stdout.write(f"Releases that would be built again without it: {numbers}.")
        self.stdout.write(
            "Nothing has changed. Add --confirm and --reason to erase it; this cannot be undone."
        )

    def _erase(self, row: Article, options: dict[str, Any]) -> None:
        if not options["reason"].strip():
            raise CommandError("Say why, with --reason: it stands on the certificate.")
        by = find_user(options["by"], location="/by") if options["by"] else None
        made = erasure.erase_article(by, row.pk, options["reason"])
        erasure.purge_database()
        self.stdout.write(erasure.certificate(made))


def _find_article(named: str) -> Article:
    corpus, slash, external_id = named.partition("/")
    rows = Article.objects.select_related("corpus", "erasure")
    if slash:
        rows = rows.filter(corpus__slug=corpus, external_id=external_id)
    else:
        try:
            rows = rows.filter(pk=parse_uuid(named))
        except ValueError as error:
            raise CommandError(f"{error} Or name it as CORPUS/EXTERNAL-ID.") from error
    found = rows.first()
    if found is None:
        raise CommandError(f"There is no article {named!r}.")
    return found
