# The platform's services (`arena <service>`), with servers elsewhere: see docker-compose.yml.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/opt/arena

# What is pinned by hash first, so that a change of our own code does not install it again.
COPY requirements-server.lock /opt/arena/
RUN pip install --no-cache-dir --require-hashes -r /opt/arena/requirements-server.lock

# One user for all; folders that volumes are mounted on belong to it, and volumes take that over.
RUN useradd --uid 10001 --no-create-home arena \
    && install -d -o arena -m 700 /arena /arena/creds /arena/bots \
        /share/matchmaker /share/runner /share/recorder /share/bots
COPY arena /opt/arena/arena
COPY agent_kit /opt/arena/agent_kit

USER arena
WORKDIR /arena
ENV ARENA_HOME=/arena
ENTRYPOINT ["python", "-m", "arena"]
CMD ["--help"]
