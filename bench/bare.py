"""The least that Flask can do under the portal's own server: an answer, and an answer with one SELECT."""

import os

import orjson
from flask import Flask, Response

from app.storage.pool import open_pool

app = Flask(__name__)
_pool = open_pool(os.environ["DATABASE_URL"], most=int(os.environ["WEB_THREADS"]) + 4, application="bench-bare")
_pool.open()


@app.get("/")
def bare() -> Response:
    return Response(orjson.dumps({"active": True}), mimetype="application/json")


@app.get("/select")
def select() -> Response:
    with _pool.connection() as connection:
        row = connection.execute("SELECT 1").fetchone()
    return Response(orjson.dumps({"active": row == (1,)}), mimetype="application/json")
