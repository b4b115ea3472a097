"""The parts of a pack, one file each: nodes in, `model` out, problems noted."""
