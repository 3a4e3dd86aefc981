"""Take an upload for an import, and wait to be killed before its job is stored: for test_object_storage."""

from __future__ import annotations

import io
import sys
import time

import django


def main() -> None:
    """Upload, say so, and wait in the transaction that would store the job."""
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 - Django is set up when this runs
    from django.db import transaction  # noqa: PLC0415

    from annotations.models import Corpus  # noqa: PLC0415
    from annotations.services.exchange.imports import ImportOptions  # noqa: PLC0415
    from annotations.services.exchange.imports.jobs import store_upload  # noqa: PLC0415

    by, corpus = User.objects.get(username="max"), Corpus.objects.get()
    with store_upload(by, corpus, io.BytesIO(b'{"text": "One."}\n'), ImportOptions()) as job:
        if sys.argv[1] == "answered":
            with transaction.atomic():
                job.save(force_insert=True)
                print("stored", flush=True)
                time.sleep(60)


if __name__ == "__main__":
    main()
