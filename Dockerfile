# One image for every program of an installation; docker-compose.yml says which one a container runs.
FROM python:3.11-slim AS packages
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
# Hashes hold every package to the one that was tested. Wheels only: no compiler is needed, and none is left behind.
RUN /venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 banksync && install -d -o banksync -g banksync /var/lib/banksync
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BANKSYNC_VAR=/var/lib/banksync
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
USER banksync
# The secrets of this line are for this one command: collecting files needs the settings, and they need values.
RUN BANKSYNC_ENV=production BASE_URL=https://build.invalid SECRET_KEY=build SEALING_KEYS=build SUBSCRIPTION_CODE=build \
    DATABASE_URL=postgres://build REDIS_URL=redis://build EMAIL_URL=smtp://build python manage.py collectstatic --noinput -v 0
EXPOSE 8000 8001
CMD ["gunicorn", "banksync.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--no-control-socket"]
