"""A person's own model: opened without running its code, its tensors, graph, inputs and examples."""
