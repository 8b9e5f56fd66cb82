"""What the documents name is held against the code that it is named of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from affectflow.predict.rows import COLUMNS
from affectflow.settings import schemas
from pipelines.recipe import all_recipes

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(document):
    groups = {
        name: type(group) for r in all_recipes().values() for name, group in r.groups().items()
    }
    named = re.findall(rf"`({'|'.join(groups)})\.(\w+)[`=]", document.read_text(encoding="utf-8"))
    assert [f"{group}.{name}" for group, name in named if name not in schemas(groups[group])] == []


def test_the_rows_of_a_prediction_are_shown_as_they_are_written():
    # Header and two rows of the demo's release, as many values in each.
    shown = re.search(r"```\n(frame,.*)\n(.*)\n(.*)\n```", (ROOT / "README.md").read_text())
    header, *rows = shown.groups()
    assert header == ",".join(COLUMNS)
    assert [len(row.split(",")) for row in rows] == [len(COLUMNS)] * 2
