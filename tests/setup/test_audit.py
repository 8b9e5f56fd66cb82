"""tools/audit: holes beside the lines that explain them; what fetches the advisories stands in."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LINES = """# PACKAGE ADVISORY REASON
protobuf CVE-2026-0994 TFX wants < 5.
pyarrow CVE-2023-47248 TFX wants < 11.
"""


def hole(name: str, *aliases: str, fixed: tuple[str, ...] = ()) -> dict:
    return {"id": name, "aliases": list(aliases), "fix_versions": list(fixed), "description": "x"}


@pytest.fixture
def audit(machine):
    """audit(packages): the tool's run over one lock, where pip-audit answers so."""
    requirements = machine.project / "requirements"
    requirements.mkdir()
    (requirements / "audit.txt").write_text(LINES)

    def run(packages: dict[str, list[dict]] | None) -> subprocess.CompletedProcess[str]:
        found = [
            {"name": name, "version": "1.0", "vulns": v} for name, v in (packages or {}).items()
        ]
        said = json.dumps({"dependencies": found, "fixes": []}) if packages is not None else ""
        (machine.home / "answer").write_text(said)
        machine.script(
            machine.project / "tools" / "uv",
            f'echo "$*" >>"{machine.home}/asked"',
            f'cat "{machine.home}/answer"',
        )
        return subprocess.run(
            [sys.executable, machine.project / "tools" / "audit", "requirements/worker.txt"],
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


KNOWN = {
    # The advisory's other names count.
    "protobuf": [hole("GHSA-7gcm-g887-7qv7", "CVE-2026-0994", fixed=("5.29.6", "6.33.5"))],
    "pyarrow": [hole("CVE-2023-47248", fixed=("14.0.1",))],
    "numpy": [],
}


def test_known_holes_stand_beside_their_reasons(audit, machine):
    done = audit(KNOWN)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("requirements/worker.txt: protobuf 1.0: CVE-2026-0994, GHSA-7gcm")
    assert first.endswith("(not in 5.29.6, 6.33.5): TFX wants < 5.")
    assert "pyarrow" in second
    asked = (machine.home / "asked").read_text()
    for option in ("pip-audit", "--strict", "--require-hashes", "requirements/worker.txt"):
        assert option in asked


def test_a_hole_without_a_reason_fails(audit):
    done = audit({**KNOWN, "keras": [hole("CVE-2027-1")]})
    assert done.returncode == 1
    assert "keras 1.0: CVE-2027-1 (in every version): NOT EXPLAINED" in done.stdout


def test_a_reason_counts_for_its_own_package_alone(audit):
    done = audit({**KNOWN, "keras": [hole("CVE-2026-0994")]})
    assert done.returncode == 1
    assert "keras 1.0: CVE-2026-0994 (in every version): NOT EXPLAINED" in done.stdout


def test_a_line_whose_hole_is_gone_fails(audit):
    done = audit({"pyarrow": KNOWN["pyarrow"]})
    assert done.returncode == 1
    assert "audit.txt: protobuf has CVE-2026-0994 no more; take the line out" in done.stdout


def test_advisories_that_cannot_be_fetched_are_no_good_news(audit):
    done = audit(None)
    assert done.returncode == 1
    assert "requirements/worker.txt could not be audited" in done.stderr
