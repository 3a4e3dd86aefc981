"""The citation file of a release, by the Citation File Format 1.2: YAML whose values are JSON.

Nobody is named who has not chosen to be: the corpus stands for its people until they write themselves in.
"""

from __future__ import annotations

import json
from typing import Any

from annotations.formats.core.records import Corpus
from annotations.formats.release.build_spec import BuildSpec

MESSAGE = "If you use this dataset, please cite it; put the people who made it in the place of its name."


def citation(corpus: Corpus, recipe: BuildSpec) -> str:
    """Return the file."""
    values: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": MESSAGE,
        "type": "dataset",
        "title": title_of(corpus, recipe),
        **({"abstract": corpus.description} if corpus.description.strip() else {}),
        "authors": [{"name": f"The annotators of {corpus.name}"}],
        "version": f"{recipe.number}.0.0",
        "date-released": recipe.created_at[:10],
        "identifiers": [
            {"type": "other", "value": f"urn:uuid:{recipe.id}", "description": "This release, for good."}
        ],
    }
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())


def title_of(corpus: Corpus, recipe: BuildSpec) -> str:
    """Return the title by which a release is cited."""
    return recipe.name or f"{corpus.name}, release {recipe.number}"
