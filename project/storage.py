"""The storage of collected static files."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise is untyped
    """A storage that puts the hash of the content into each file name, for caches without end.

    Names in imports of JavaScript modules are replaced, too; else a browser could run a new module with
    an old one.
    """

    support_js_module_import_aggregation = True
    # A new name reaches the modules that import a file one pass later, so the longest chain of imports
    # decides how many passes it takes; Django's own limit is 5.
    max_post_process_passes = 20
