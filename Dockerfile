# docker build --tag conference-host .
FROM docker.io/library/node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN npm ci --omit=dev --ignore-scripts
COPY . .
# What runs is what the package has. Without its workspace, npm prunes what only the build needs.
RUN npm run build && npm pack --ignore-scripts && tar -xzf conference-host-*.tgz
RUN npm pkg delete workspaces && npm prune --omit=dev --ignore-scripts

FROM docker.io/library/node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/package ./
# The user `node`, as a number: Kubernetes checks that it is not 0.
USER 1000:1000
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["node", "deploy/health.cjs"]
ENTRYPOINT ["node", "dist/main.js"]
