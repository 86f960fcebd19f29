"""The schematic picture at the top of each lesson, with numbers from a real network: one per file."""
