"""The page that a browser shows at `/`: plain HTML, CSS and modules over the server's own API, without a build step.

What documents, models and users say reaches it as text alone: its policy runs no script but its own files, and lets
no text become markup (`require-trusted-types-for`). `static/draw.js` is the only place that makes elements.
"""
