"""The house keeps its rules (docs/explanation); each rule is shown to be able to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests import architecture, docstrings, layers
from tests.architecture import Source

ROOT = Path(__file__).resolve().parent.parent
Rule = Callable[[Sequence[Source]], Iterator[str]]

APP = tuple(
    file
    for file in architecture.read(ROOT, "annotations", "project")
    # written by Django
    if not file.path.startswith("annotations/migrations/")
)
AROUND = architecture.read(ROOT, "bench", "scripts", "tests")
TOOLS = [file for file in AROUND if not file.path.startswith("tests/")]
# project/wsgi.py loads the addresses by their name in the settings
IN_THE_APP = [file for file in APP if file.path.startswith("annotations/")]


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        pytest.param(layers.layering, APP, id="imports go down only"),
        pytest.param(architecture.circles, APP, id="no circles"),
        pytest.param(architecture.hidden_imports, IN_THE_APP, id="imports at the top"),
        pytest.param(architecture.bare_imports, [*APP, *AROUND], id="no bare import"),
        pytest.param(architecture.homonyms, [*APP, *TOOLS], id="one meaning for a name"),
        pytest.param(architecture.signals, APP, id="no signals"),
        pytest.param(architecture.overridden_saves, APP, id="no rules in save"),
        pytest.param(architecture.sizes, [*APP, *TOOLS], id="short files and functions"),
        pytest.param(architecture.unsafe_markup, APP, id="text stays text"),
        pytest.param(architecture.rights_gate, APP, id="one gate of rights"),
        pytest.param(docstrings.unknown_names, [*APP, *TOOLS], id="docstrings name what there is"),
    ],
)
def test_the_house_keeps(rule: Rule, files: Sequence[Source]) -> None:
    assert files, "nothing was read"
    findings = list(rule(files))
    assert not findings, "\n".join(findings)


BAD: list[tuple[Rule, str, str, str]] = [
    (layers.layering, "annotations/models/sets.py", "from annotations.formats import base", "formats"),
    (
        layers.layering,
        "annotations/formats/writers/brat.py",
        "from annotations.models import Span",
        "models",
    ),
    (layers.layering, "annotations/formats/writers/brat.py", "import django.db", "django.db"),
    (layers.layering, "annotations/models/sets.py", "from annotations.workflow import x", "workflow"),
    (
        layers.layering,
        "annotations/services/core/sets.py",
        "from annotations.services.review import transitions",
        "review",
    ),
    (
        layers.layering,
        "annotations/services/review/transitions.py",
        "from annotations.services.double_annotation import decisions",
        "double_annotation",
    ),
    (
        layers.layering,
        "annotations/formats/readers/brat.py",
        "from annotations.formats.writers.brat import BratWriter",
        "writers",
    ),
    (architecture.homonyms, "annotations/services/core/selection.py", "", "filter"),
    (architecture.homonyms, "annotations/api/a.py", "class Token:\n    pass\n", "AccessToken"),
    (layers.layering, "annotations/services/core/spans.py", "from annotations.api import views", "api"),
    (
        layers.layering,
        "annotations/services/core/spans.py",
        "from rest_framework import status",
        "rest_framework",
    ),
    (layers.layering, "annotations/api/views/spans.py", "from annotations.admin import site", "admin"),
    (layers.layering, "annotations/admin/spans.py", "from annotations.api import urls", "api"),
    (
        layers.layering,
        "annotations/management/commands/x.py",
        "from annotations import checks",
        "checks",
    ),
    (layers.layering, "annotations/permissions.py", "from annotations.workflow import x", "workflow"),
    (layers.layering, "annotations/workflow/articles.py", "from django.db import models", "django.db"),
    (layers.layering, "annotations/scheme.py", "from django.db.models import TextChoices", "django.db"),
    (
        layers.layering,
        "annotations/text/gate.py",
        "from rest_framework import fields",
        "rest_framework",
    ),
    (layers.layering, "annotations/text/gate.py", "from ..models import Article", "annotations.models"),
    (layers.layering, "annotations/exceptions.py", "from annotations.text import gate", "text"),
    (layers.layering, "annotations/services/a.py", "from project import env", "project"),
    (layers.layering, "annotations/somewhere.py", "", "no row"),
    (architecture.hidden_imports, "annotations/a.py", "def f():\n    import json\n", "function f"),
    (
        architecture.hidden_imports,
        "annotations/a.py",
        "class A:\n    def ready(self):\n        import json\n",
        "ready",
    ),
    (architecture.hidden_imports, "annotations/a.py", "x = importlib.import_module('json')\n", "by a call"),
    (architecture.bare_imports, "bench/a.py", "import annotations\n", "import annotations"),
    (architecture.bare_imports, "bench/a.py", "import annotations.text as t\n", "annotations.text"),
    (
        architecture.signals,
        "annotations/a.py",
        "from django.db.models.signals import post_save\n",
        "post_save",
    ),
    (architecture.signals, "annotations/a.py", "from django.db.models import signals\n", "signals"),
    (architecture.signals, "annotations/a.py", "from django.dispatch import receiver\n", "receiver"),
    (
        architecture.signals,
        "annotations/a.py",
        "from django.core.signals import request_started\nrequest_started.connect(print)\n",
        "request_started.connect",
    ),
    (
        architecture.overridden_saves,
        "annotations/models/a.py",
        "class A(B):\n    def save(self): ...\n",
        "save()",
    ),
    (
        architecture.overridden_saves,
        "annotations/a.py",
        "class A(models.Model):\n    def save(self): ...\n",
        "save()",
    ),
    (architecture.sizes, "annotations/static/a.js", "\n" * 401, "401 lines"),
    (architecture.sizes, "annotations/a.py", "def f():\n" + "    x = 1\n" * 50, "51 lines"),
    (architecture.unsafe_markup, "annotations/a.py", "mark_safe('x')\n", "mark_safe"),
    (architecture.unsafe_markup, "annotations/a.py", "x.safestring.mark_safe('x')\n", "mark_safe"),
    (architecture.unsafe_markup, "annotations/a.py", "x = SafeString('x')\n", "SafeString"),
    (architecture.unsafe_markup, "a.html", "{{ x | safe }}", "|safe"),
    (architecture.unsafe_markup, "a.html", "{% autoescape off %}", "autoescape"),
    (architecture.unsafe_markup, "a.html", '<iframe srcdoc="x">', "srcdoc"),
    (architecture.unsafe_markup, "a.html", "<script>alert(1)</script>", "inline script"),
    (architecture.unsafe_markup, "a.html", "<style>p{}</style>", "style sheet"),
    (architecture.unsafe_markup, "a.html", '<p style="color:red">', "style attribute"),
    (architecture.unsafe_markup, "a.html", '<p onclick="x()">', "event handler"),
    (architecture.unsafe_markup, "a.html", '<a href="javascript:x()">', "javascript:"),
    (architecture.unsafe_markup, "a.js", "a.innerHTML = b", "innerHTML"),
    (architecture.unsafe_markup, "a.js", "a.outerHTML = b", "outerHTML"),
    (architecture.unsafe_markup, "a.js", "a.insertAdjacentHTML('x', b)", "insertAdjacentHTML"),
    (architecture.unsafe_markup, "a.js", "a.srcdoc = b", "srcdoc"),
    (architecture.unsafe_markup, "a.js", "document.writeln(b)", "document.write"),
    (architecture.unsafe_markup, "a.js", "eval(b)", "eval"),
    (architecture.unsafe_markup, "a.js", "new Function(b)", "new Function"),
    (architecture.rights_gate, "annotations/api/views/a.py", "writer.write_article(a, b)", "write_article"),
    (architecture.rights_gate, "annotations/services/jobs/a.py", "writer.write_entry(a)", "write_entry"),
    (architecture.rights_gate, "annotations/admin/a.py", "content_disposition_header(True, a)", "a file"),
    (architecture.rights_gate, "annotations/api/views/a.py", "FileResponse(a)", "FileResponse"),
    (architecture.rights_gate, "annotations/services/team/a.py", "CorpusReader(a)", "CorpusReader"),
    (docstrings.unknown_names, "annotations/a.py", 'def f(a):\n    """Use ``a`` and ``b``."""\n', "b"),
    (docstrings.unknown_names, "bench/a.py", '"""``f`` is gone."""\n', "f"),
]


@pytest.mark.parametrize(("rule", "path", "text", "said"), BAD)
def test_a_breach_is_found(rule: Rule, path: str, text: str, said: str) -> None:
    # the modules that the examples name exist, as they do in the tree
    others = {"annotations/checks.py": "", "annotations/models/__init__.py": ""}
    findings = list(rule(architecture.sources({**others, path: text})))
    assert len(findings) == 1
    assert said in findings[0]
    assert path in findings[0]


def test_a_sender_that_asks_no_gate_is_found() -> None:
    files = {"annotations/services/webhooks/a.py": "", "annotations/services/webhooks/b.py": "import json"}
    assert list(architecture.rights_gate(architecture.sources(files))) == [
        "annotations.services.webhooks sends what has not passed the gate of rights"
    ]
    files["annotations/services/webhooks/b.py"] = "from annotations.services.rights import verdicts"
    assert not list(architecture.rights_gate(architecture.sources(files)))


def test_a_circle_is_found() -> None:
    files = {
        "annotations/a.py": "from annotations import b",
        "annotations/b.py": "from .c import x",
        "annotations/c.py": "from annotations.a import y",
        "annotations/d.py": "from annotations.a import y",
    }
    found = list(architecture.circles(architecture.sources(files)))
    assert found == ["circle: annotations.a → annotations.b → annotations.c → annotations.a"]


GOOD: list[tuple[Rule, str, str]] = [
    (layers.layering, "annotations/api/urls.py", "from annotations.services.spans import add"),
    (
        layers.layering,
        "annotations/services/exchange/imports.py",
        "from annotations.formats import FORMATS",
    ),
    (layers.layering, "annotations/models/sets.py", "from annotations.scheme import LABELS"),
    (layers.layering, "annotations/formats/a.py", "from annotations.text.ranges import Range"),
    (layers.layering, "annotations/formats/a.py", "import djangoesque"),
    (architecture.homonyms, "annotations/models/tokens.py", "class AccessToken:\n    pass\n"),
    (layers.layering, "project/urls.py", "from annotations.api.views import health"),
    (
        architecture.hidden_imports,
        "annotations/apps.py",
        "class A(AppConfig):\n    def ready(self):\n        from annotations import checks\n",
    ),
    (
        architecture.overridden_saves,
        "annotations/admin/a.py",
        "class A(ModelForm):\n    def save(self): ...\n",
    ),
    (architecture.sizes, "annotations/a.py", "def f():\n" + "    x = 1\n" * 49),
    (architecture.unsafe_markup, "annotations/a.py", "def f() -> SafeString: ...\n"),
    (architecture.unsafe_markup, "a.html", '<script type="module" src="{% static "a.js" %}"></script>'),
    (architecture.unsafe_markup, "a.html", '<p data-part="text" class="on">one = two</p>'),
    (architecture.unsafe_markup, "a.js", "a.textContent = b"),
    (
        architecture.rights_gate,
        "annotations/api/views/a.py",
        "from annotations.services.exchange.exports import export_corpus\nFileResponse(export_corpus(a))\n",
    ),
]


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_what_is_right_passes(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(architecture.sources({path: text})))
