"""What the other languages are held to, made from Python: ``bindings/shared/*.json`` (``tools.make_binding_data`` writes them)."""
