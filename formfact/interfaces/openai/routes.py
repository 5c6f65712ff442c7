"""All routes under /v1."""

from __future__ import annotations

from functools import partial

from formfact.interfaces.http.routes import Route, always
from formfact.interfaces.openai import chat, embeddings, files, jobs, messages, models, stores
from formfact.interfaces.openai.files import DELETED
from formfact.interfaces.openai.pages import Paged
from formfact.interfaces.openai.refusals import refusal

V1 = partial(Route, about_kb=False, refuses=refusal)


def listed(inner: object) -> dict[str, object]:
    """The API's list of things."""
    return {
        "type": "object",
        "properties": {"object": {"type": "string"}, "data": {"type": "array", "items": inner}},
        "required": ["object", "data"],
    }


STORE = "/v1/vector_stores/{vector_store_id}"
FILE = f"{STORE}/files/{{file_id}}"
JOB = "/v1/fine_tuning/jobs/{fine_tuning_job_id}"
BINARY = "application/octet-stream"

ROUTES = [
    V1("GET", "/v1/models", models.models, "what can be used as a model", gives=listed(models.MODEL)),
    V1("GET", "/v1/models/{model}", models.model, "one model", models.Named, models.MODEL),
    V1("DELETE", "/v1/models/{model}", models.delete, "delete a tuned model", models.Named, DELETED, access="write"),
    V1("POST", "/v1/embeddings", embeddings.embed, "texts to vectors", embeddings.Embed, embeddings.EMBEDDINGS),
    V1(
        "POST", "/v1/chat/completions", chat.complete, "an answer", messages.Complete, chat.COMPLETION, slow=True,
        computes=chat.without_models,
    ),
    V1("GET", "/v1/vector_stores", stores.stores, "the knowledge bases as vector stores", Paged, listed(stores.STORE)),
    V1("GET", STORE, stores.store, "one vector store", stores.Store, stores.STORE),
    V1("POST", f"{STORE}/search", stores.search, "search a vector store", stores.Search, stores.FOUND, computes=always),
    V1("GET", f"{STORE}/files", stores.files, "the documents of a vector store", stores.Files, listed(stores.FILE)),
    V1("GET", FILE, stores.file, "one document of a vector store", stores.File, stores.FILE),
    V1("GET", f"{FILE}/content", stores.content, "a document's text", stores.File, stores.FOUND),
    V1(
        "POST", "/v1/files", files.upload, "upload a training file", gives=files.FILE, access="write",
        accepts="multipart/form-data", large=True,
    ),
    V1("GET", "/v1/files", files.files, "the training files and results", files.Files, listed(files.FILE)),
    V1("GET", "/v1/files/{file_id}", files.file, "one file", files.File, files.FILE),
    V1("GET", "/v1/files/{file_id}/content", files.content, "what it holds", files.File, media=BINARY),
    V1("DELETE", "/v1/files/{file_id}", jobs.delete_file, "delete a file", files.File, DELETED, access="write"),
    V1("POST", "/v1/fine_tuning/jobs", jobs.create, "train", jobs.Create, jobs.JOB, access="write"),
    V1("GET", "/v1/fine_tuning/jobs", jobs.jobs, "the jobs, the newest first", jobs.Jobs, listed(jobs.JOB)),
    V1("GET", JOB, jobs.job, "how a job stands", jobs.Named, jobs.JOB),
    V1("POST", f"{JOB}/cancel", jobs.cancel, "end a job", jobs.Named, jobs.JOB, access="write"),
    V1("GET", f"{JOB}/events", jobs.events, "what happened, the newest first", jobs.Of, listed(jobs.EVENT)),
    V1("GET", f"{JOB}/checkpoints", jobs.checkpoints, "its looks", jobs.Of, listed(jobs.CHECKPOINT)),
]  # fmt: skip
