# The service in a container. Build: docker build --tag standpoint . (`make image` needs no Docker.)
# Optional parts: --build-arg EXTRAS="sso metrics s3", each with a requirements-….lock. Those that only
# settings switch on are in it without that; until then nothing of them is loaded.
# It needs DATABASE_URL, SECRET_KEY and ALLOWED_HOSTS; compose.yaml sets them beside a PostgreSQL.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/standpoint
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
# first, so that a change of ours does not install everything again
COPY requirements*.lock ./
ARG EXTRAS="sso metrics"
RUN pip install --require-hashes -r requirements.lock \
    && for extra in $EXTRAS; do pip install --require-hashes -r "requirements-$extra.lock" || exit 1; done
# what is in the image, for those who look for vulnerabilities
COPY scripts/sbom.py /tmp/sbom.py
RUN set -- requirements.lock; for extra in $EXTRAS; do set -- "$@" "requirements-$extra.lock"; done; \
    python /tmp/sbom.py "$@" > sbom.cdx.json && rm /tmp/sbom.py requirements*.lock
COPY manage.py ./
COPY project ./project
COPY annotations ./annotations
COPY seeds ./seeds
# The settings make themselves a key for this one command; it is thrown away with its folder.
RUN DATA_DIR=/tmp/build STATIC_DIR=/srv/standpoint/staticfiles python manage.py collectstatic --no-input \
    && rm -r /tmp/build \
    && python -m compileall -q /srv/standpoint /opt/venv

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin standpoint \
    && install --directory --owner standpoint --group standpoint --mode 0700 /data
COPY --from=build /opt/venv /opt/venv
# owned by root: the service cannot change its own code
COPY --from=build /srv/standpoint /srv/standpoint
WORKDIR /srv/standpoint
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    STATIC_DIR=/srv/standpoint/staticfiles \
    BIND_ADDRESS=0.0.0.0 \
    PORT=8000
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-m", "project.healthcheck"]
# `manage.py migrate` is a step of its own (see compose.yaml): several containers may start at once.
CMD ["gunicorn", "--config", "project/gunicorn.py", "project.wsgi"]
