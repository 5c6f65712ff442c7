"""The HTTP face: `formfact serve`. Files here import a web framework, so they are reached through `plugins` alone."""
