"""The names of nodes are those of the pipelines."""

from pipelines import node_names
from pipelines.compiled import FOLDER, load_compiled


def test_they_are_the_ids_of_the_nodes_of_all_pipelines():
    ids = {
        node.pipeline_node.node_info.id
        for path in FOLDER.glob("*.json")
        for node in load_compiled(path.stem).ir.nodes
    }
    assert ids == {value for name, value in vars(node_names).items() if name.isupper()}
