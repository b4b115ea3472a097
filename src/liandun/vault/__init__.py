"""May it happen: personal values under keys of their own, masks, decisions by others, look-ups with reasons."""
