"""The records that flow between nodes, as Python values and as TFRecords (see schemas/)."""
