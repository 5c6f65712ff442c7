"""What to write into the settings of the programs that speak MCP, so that they start this server."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tomli_w

NAME = "formfact"
LAID_OUT = re.compile(r"\n\s*")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """A program: `key` names it here, `file` is where its settings lie, `form` makes what is written there."""

    key: str
    title: str
    file: str
    form: Callable[[Sequence[str]], Json]
    language: str = "json"

    def snippet(self, command: Sequence[str]) -> str:
        """The text for its settings file."""
        settings = self.form(command)
        if self.language == "toml":
            return tomli_w.dumps(settings)
        # A list of words on one line; a line feed in JSON's own text is never a part of a string.
        written = json.dumps(settings, indent=2)
        return re.sub(r"\[\n\s*([^{}\]]*)\n\s*\]", lambda found: f"[{LAID_OUT.sub(' ', found[1])}]", written) + "\n"


def _started(command: Sequence[str]) -> Json:
    return {"command": command[0], "args": list(command[1:])}


def _servers(command: Sequence[str]) -> Json:
    return {"mcpServers": {NAME: _started(command)}}


def _typed(command: Sequence[str]) -> Json:
    return {"servers": {NAME: {"type": "stdio", **_started(command)}}}


def _zed(command: Sequence[str]) -> Json:
    return {"context_servers": {NAME: {**_started(command), "env": {}}}}


def _opencode(command: Sequence[str]) -> Json:
    return {"mcp": {NAME: {"type": "local", "command": list(command), "enabled": True}}}


def _codex(command: Sequence[str]) -> Json:
    return {"mcp_servers": {NAME: _started(command)}}


CLIENTS: Sequence[Client] = (
    Client(
        "claude-desktop", "Claude Desktop", "claude_desktop_config.json: Settings, Developer, Edit Config", _servers
    ),
    Client("claude-code", "Claude Code", ".mcp.json in the project", _servers),
    Client("cursor", "Cursor", "~/.cursor/mcp.json, or .cursor/mcp.json in the project", _servers),
    Client("vscode", "VS Code", ".vscode/mcp.json in the project", _typed),
    Client("zed", "Zed", "~/.config/zed/settings.json", _zed),
    Client("windsurf", "Windsurf", "~/.codeium/windsurf/mcp_config.json", _servers),
    Client("codex", "Codex", "~/.codex/config.toml", _codex, language="toml"),
    Client("gemini", "Gemini CLI", "~/.gemini/settings.json", _servers),
    Client("lm-studio", "LM Studio", "~/.lmstudio/mcp.json", _servers),
    Client("opencode", "opencode", "opencode.json in the project", _opencode),
)


def one_liner(command: Sequence[str]) -> str:
    """What adds the server to Claude Code without a file."""
    return f"claude mcp add {NAME} -- {shlex.join(command)}"
