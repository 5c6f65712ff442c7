"""The OpenAI-compatible face, under /v1: what the official client speaks to, answered on this machine."""
