import pytest


@pytest.fixture
def model(tmp_path):
    """What stands for a SavedModel: nothing here reads more than its files."""

    def make(name="serving", content=b"graph"):
        folder = tmp_path / "models" / name
        (folder / "variables").mkdir(parents=True)
        (folder / "saved_model.pb").write_bytes(content)
        (folder / "variables" / "variables.index").write_bytes(b"weights of " + content)
        return folder

    return make
