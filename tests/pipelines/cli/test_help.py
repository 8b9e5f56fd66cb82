import pytest

COMMANDS = {
    "synth": ["--out", "--layout", "--subjects", "--seed", "--verbose"],
    "rebuild": ["--data", "--recipe", "--corpus", "--workspace", "--set", "--verbose"],
    "release": ["--recipe", "--rebuild-run", "--start-from", "--fail-on-refusal", "--set"],
    "predict": ["--release", "--out", "--interpolate", "--annotate", "--plot", "--people"],
    "import-weights": ["--cnn", "--rnn", "--workspace", "--outputs", "--verbose"],
    "table": ["--data", "--workspace", "--only", "--seeds", "--start-from", "--set", "--verbose"],
    "reproduce": ["--out", "--small", "--report", "--verbose"],
    "runs": [],
    "demo": ["--out", "--set", "--verbose"],
    "recipes": [],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(affectflow, command):
    shown = affectflow(command, "--help")
    assert shown.code == 0
    assert f"Usage: root {command}" in shown.out
    rows = [line for line in shown.out.splitlines() if "--" in line]
    for option in COMMANDS[command]:
        (row,) = (row for row in rows if option in row.split())
        # Something in words stands beside the option's name and type.
        words = row.split(option, 1)[1].strip(" │").split("  ")[-1]
        assert len(words.split()) >= 2, row
    # typer would show the Python default of a list.
    assert "[]" not in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100


def test_the_whole_names_its_commands(affectflow):
    shown = affectflow("--help")
    assert shown.code == 0
    assert all(f" {command} " in shown.out for command in COMMANDS)


@pytest.mark.parametrize("command", ["rebuild", "release", "predict"])
def test_beam_is_mentioned_where_its_options_go(affectflow, command):
    assert "go to Beam as they are" in " ".join(affectflow(command, "--help").out.split())


def test_without_a_command_the_help_is_shown(affectflow):
    assert "Usage" in affectflow().out


def test_an_unknown_command_is_refused(affectflow):
    refused = affectflow("rebuilt")
    assert refused.code == 2
    assert "No such command 'rebuilt'" in refused.err
