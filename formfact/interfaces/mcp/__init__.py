"""The MCP face: tools and documents for agents, over stdio (`formfact mcp`) and HTTP (`/mcp` of `formfact serve`)."""
