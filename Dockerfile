# Hearthwatch in a container: built in one stage, run in another that holds only what runs.
# Not tried where it was written (no image could be built there); its structure is tested.

FROM node:24-slim AS build
WORKDIR /hearthwatch
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The image has its own Node 24; sources stay out, templates and styles beside them stay in.
RUN npm run build \
 && npm prune --omit=dev \
 && rm -rf node_modules/node-linux-* node_modules/node-win-* node_modules/.bin/node \
 && find apps libs simulators -name '*.ts' -delete

FROM node:24-slim
WORKDIR /hearthwatch
ENV NODE_ENV=production \
    HEARTHWATCH_DATA_DIR=/data \
    HEARTHWATCH_BIND=0.0.0.0
RUN mkdir -m 700 /data && chown node:node /data
COPY --from=build /hearthwatch/package.json ./
COPY --from=build /hearthwatch/node_modules ./node_modules
COPY --from=build /hearthwatch/apps ./apps
COPY --from=build /hearthwatch/dist ./dist
USER node
VOLUME /data
EXPOSE 1883 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.HEARTHWATCH_HTTP_PORT || 3000) + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Listening beyond the container wants HEARTHWATCH_ALLOW_PLAIN=true: whoever starts it says that TLS is in front.
CMD ["node", "dist/apps/hearthwatch/src/main.js"]
