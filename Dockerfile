# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
COPY app/openapi.json ../app/openapi.json
RUN npm run build

FROM golang:1.26-bookworm AS program
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY app app
COPY domain domain
COPY migrations migrations
COPY frontend frontend
COPY --from=frontend /src/frontend/dist frontend/dist
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /tributary ./cmd/tributary && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=program /tributary /tributary
COPY --from=program --chown=nonroot:nonroot /data /var/lib/tributary
ENV LISTEN_ADDR=:8080 DATA_DIR=/var/lib/tributary
VOLUME /var/lib/tributary
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["/tributary", "doctor", "--ready"]
ENTRYPOINT ["/tributary"]
CMD ["serve"]
