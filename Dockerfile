# Earshot with all that it needs; what it keeps is in /data, and nothing else is written.
#   docker build -t earshot . && docker run -d -p 127.0.0.1:8080:8080 -v earshot:/data --read-only earshot
FROM node:24.21.0-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY infra/package.json infra/
COPY web/package.json web/
RUN npm ci --workspace=web --include-workspace-root --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/clean-build.js scripts/build-page.js scripts/
COPY src src/
COPY web web/
RUN npm run build

FROM node:24.21.0-trixie-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json .npmrc ./
COPY infra/package.json infra/
COPY web/package.json web/
# The image has a Node already: the one that comes along is for machines that have none.
RUN npm ci --omit=dev --workspaces=false --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24.21.0-trixie-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node -m 0700 /data
WORKDIR /app
COPY --from=packages /packages/node_modules node_modules/
COPY --from=build /build/dist dist/
COPY --from=build /build/web/dist web/dist/
COPY package.json LICENSE ./
COPY bin bin/
RUN ln -s /app/bin/earshot.js /usr/local/bin/earshot

ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data TEMP_DIR=/data/tmp TMPDIR=/data/tmp
USER node
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "/app/dist/entry/server.js"]
