"""What the service does: one use case a file. A use case decides; the routes translate."""
