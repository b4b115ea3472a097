"""Puts it together: settings, addresses, API, templates, static files, languages."""
