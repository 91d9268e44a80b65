# syntax=docker/dockerfile:1
# The job as an image: `docker build -t sluice .`, then `docker run --read-only --tmpfs /tmp … sluice attendance`.
# The base is pinned by version. To pin it by content as well, give its digest:
#   docker build --build-arg NODE_IMAGE=docker.io/library/node:24.11.1-bookworm-slim@sha256:… .
# scripts/image.mjs runs these stages without a container engine: paths in RUN are relative for it.
ARG NODE_IMAGE=docker.io/library/node:24.11.1-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json

FROM ${NODE_IMAGE} AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
COPY scripts/image-packages.mjs ./scripts/
RUN node scripts/image-packages.mjs && npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force

FROM ${NODE_IMAGE} AS image
ENV NODE_ENV=production HOME=/tmp TMPDIR=/tmp
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /packages/node_modules ./node_modules
COPY --from=build /build/dist ./dist
# The files are root's, and nobody else writes them. A number, so that runAsNonRoot can be checked.
USER 10001:10001
# The process is the first of its container: it takes SIGTERM itself, ends what it is at, commits, and leaves with 3.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["attendance"]
