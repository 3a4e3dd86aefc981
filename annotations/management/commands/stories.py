"""``manage.py stories``: find the articles of a corpus that are copies of one text."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Corpus, Story
from annotations.services.core.stories import find_stories


class Command(BaseCommand):
    help = (
        "Compares all articles of a corpus anew, and prints how many stories there are. What people judged "
        "stays. It may run while people work; new articles are compared without it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("corpus", metavar="CORPUS", help="the slug of the corpus")

    def handle(self, *, corpus: str, **options: object) -> None:
        found = Corpus.objects.filter(slug=corpus).first()
        if found is None:
            raise CommandError(f"There is no corpus with the slug {corpus!r}.")
        placed = find_stories(found, everything=True)
        stories = Story.objects.filter(corpus=found, size__gt=1)
        copies = sum(stories.values_list("size", flat=True))
        self.stdout.write(
            f"{placed:,} articles were compared: {copies:,} are copies of one another, "
            f"in {stories.count():,} stories."
        )
