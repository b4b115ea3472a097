"""Where the platform's own keys lie and what they do: seal and open, sign and check, index without telling."""
