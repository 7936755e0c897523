# linkloom as a container beside those it links: the `network` service of a compose file.
#
#   network:
#     image: linkloom
#     pid: host                       # to reach the other containers' namespaces
#     network_mode: none              # the lab's bridges live in this container's namespace
#     cap_add: [SYS_ADMIN, NET_ADMIN] # SYS_PTRACE too where nodes have more capabilities or other users
#     volumes:
#       - /var/run/docker.sock:/var/run/docker.sock
#       - .:/lab:ro
#     command: linkloom --compose-file /lab/compose.yaml
#
# `command: /app/build/conlink.js …` does the same, so conlink's compose files need another image name only.
ARG BASE=node:22-bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends gcc libc6-dev
WORKDIR /app
# What other containers mount: static programs, since those may have no shell.
COPY share/utils share/utils
RUN sh share/utils/build.sh /utils && cp share/utils/*.sh /utils && rm /utils/build.sh
COPY package.json package-lock.json .npmrc ./
# No package is compiled: koffi comes prebuilt, ssh2 goes without its optional part.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts/bundle.mjs scripts/
COPY scripts/bundle scripts/bundle
COPY scripts/man scripts/man
COPY scripts/reference scripts/reference
COPY src src
COPY workers workers
# The compiler would stay as the optional peer of a dependency.
RUN npm run --silent build && node dist/scripts/man/build.js \
 && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/typescript node_modules/@typescript

FROM ${BASE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      bridge-utils ca-certificates curl ethtool iproute2 iptables iputils-ping jq netcat-openbsd nftables \
      openvswitch-switch socat tcpdump tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/lib lib
COPY --from=build /utils /utils
COPY --from=build /app/man/*.1 /usr/local/share/man/man1/
COPY --from=build /app/man/*.5 /usr/local/share/man/man5/
COPY package.json LICENSE ./
COPY schema schema
COPY share share
RUN mkdir build \
 && ln -s ../lib/src/main.js build/conlink.js \
 && ln -s /app/lib/src/main.js /usr/local/bin/linkloom \
 && ln -s /app/share/bin/mdc /app/share/bin/net2dot /usr/local/bin/
# The version and the revision are those of the build: `--build-arg VERSION=…`, `--build-arg REVISION=$(git rev-parse HEAD)`.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG BASE
LABEL org.opencontainers.image.title="linkloom" \
      org.opencontainers.image.description="Makes the links of large emulated networks, between containers and network namespaces" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE}"
STOPSIGNAL SIGTERM
# So that `depends_on: {network: {condition: service_healthy}}` orders services without links after linkloom; those with links `wait`.
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s CMD ["linkloom", "health"]
# -s: it is not process 1 where `pid: host` is set, and reaps what linkloom starts all the same.
ENTRYPOINT ["/usr/bin/tini", "-s", "--"]
CMD ["linkloom", "--help"]
