"""Errors as the OpenAI client reads them: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from formfact.errors import Forbidden, FormfactError, Refused
from formfact.interfaces.http.refusals import Unrouted
from formfact.interfaces.http.routes import Call

KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
CODES = {
    "Unauthorized": "invalid_api_key",
    "TooMany": "rate_limit_exceeded",
    "MissingExtra": "missing_package",
    "TooLarge": "request_too_large",
    "Internal": "internal_error",
}
"""Errors that have a code of their own here, as the client's user may look for it."""
UNKNOWN = {404: "unknown_url", 405: "method_not_supported"}
"""The codes of what no route answers, by status."""


class BadRequest(Refused):
    """A request that the API refuses: `param` is what is wrong in it, `code` what programs look at."""

    def __init__(self, message: str, *, hint: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.param, self.code = param, code


class NotThere(BadRequest):
    """A model, file or job that is not there."""

    status = 404


def refusal(error: FormfactError) -> Response:
    """An error in the API's shape, with the hint in its message, because that is what clients show."""
    kind = KINDS.get(error.status, "server_error" if error.status >= 500 else "invalid_request_error")
    told = error if isinstance(error, BadRequest) else None
    code = UNKNOWN.get(error.status) if isinstance(error, Unrouted) else CODES.get(type(error).__name__)
    plain = {
        "message": f"{error.message} ({error.hint})" if error.hint else error.message,
        "type": kind,
        "param": told.param if told else None,
        "code": told.code if told else code,
    }
    headers = {"Retry-After": "1"} if error.status == 429 else {}
    # The client would send these again by itself, and again in vain.
    if error.status in (501, 507):
        headers["x-should-retry"] = "false"
    return JSONResponse({"error": plain}, error.status, headers)


def check_unlimited(call: Call) -> None:
    """Patterns, files and training are for those whose token is not limited to knowledge bases. Raises Forbidden."""
    if call.grant.bases is not None:
        raise Forbidden("this token is limited to knowledge bases", hint="use one without `bases`")
