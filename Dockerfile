# The platform's services (`arena <service>`), with servers elsewhere: see docker-compose.yml.

# What is pinned by hash, in a layer of its own: a change of our own code does not install or ship it again.
FROM python:3.11-slim AS packages
RUN python -m venv /opt/arena
COPY requirements-server.lock /
RUN /opt/arena/bin/pip install --no-cache-dir --no-deps --require-hashes -r /requirements-server.lock

FROM python:3.11-slim AS dashboard
RUN python -m venv /opt/node
ENV PATH=/opt/node/bin:$PATH
COPY requirements-web.lock /
RUN pip install --no-cache-dir --no-deps --require-hashes -r /requirements-web.lock
WORKDIR /source/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-fund --no-audit
COPY web ./
COPY examples /source/examples
RUN npm run build

FROM python:3.11-slim AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY arena arena
COPY --from=dashboard /source/arena/api/static arena/api/static
COPY agent_kit agent_kit
RUN python -m venv /build && /build/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.11-slim
# One user for all; folders that volumes are mounted on belong to it, and volumes take that over.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin arena \
    && install -d -o arena -m 700 /arena /arena/nats /arena/tls /arena/creds /arena/bots \
        /share/tls /share/matchmaker /share/runner /share/recorder /share/bots
COPY --from=packages /opt/arena /opt/arena
COPY --from=wheel /wheel /wheel
RUN /opt/arena/bin/pip install --no-cache-dir --no-deps --no-index /wheel/*.whl
ENV PATH=/opt/arena/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ARENA_HOME=/arena
USER arena
WORKDIR /arena
ENTRYPOINT ["arena"]
CMD ["--help"]
