"""The two pipelines, their recipes, and what runs them."""
