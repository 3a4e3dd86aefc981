"""The script of the guide keeps a mirror: what is new comes in, what is gone goes, nothing is read twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import standpoint_client
from tests.client.conftest import Connection
from tests.newsroom import Newsroom

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "mirror-a-corpus.md"


def mirror_script() -> str:
    """The script of the guide."""
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_mirror_follows(
    newsroom: Newsroom, max_: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standpoint_client, "Client", lambda _url, _token: max_.client)
    # the script closes its client, and this one is used again
    monkeypatch.setattr(max_.client, "close", lambda: None)
    for name, value in {"MIRROR": tmp_path, "STANDPOINT_URL": "", "STANDPOINT_TOKEN": ""}.items():
        monkeypatch.setenv(name, str(value))
    script = compile(mirror_script(), str(GUIDE), "exec")

    def run() -> dict[str, dict[str, object]]:
        max_.line.requests.clear()
        exec(script, {})  # noqa: S102 - our own guide
        return {each.stem: json.loads(each.read_text()) for each in tmp_path.glob("*.json")}

    gone = newsroom.article("A text that goes.")
    row = newsroom.approved()
    assert set(run()) == {str(gone.pk), str(row.article_id)}
    newsroom.max.delete(f"articles/{gone.pk}/", version=1)
    found = run()
    assert set(found) == {str(row.article_id)}
    mirrored = found[str(row.article_id)]
    assert mirrored["text"] == row.article.revision.text
    assert [each["quote"] for each in mirrored["spans"]] == ["Ada Verde"]  # type: ignore[attr-defined]
    run()
    assert [each.url.path for each in max_.line.requests] == ["/api/v1/corpora/lake/events/"]
    newsroom.max.move(row.pk, "withdraw", reason="A mistake.")
    assert run()[str(row.article_id)]["spans"] == []
