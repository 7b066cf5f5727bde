package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"tributary/app/platform/database"
	"tributary/domain/actor"
)

const (
	idempotencyHeader = "Idempotency-Key"
	idempotencyKept   = 48 * time.Hour
	// idempotencyLock outlasts any request; after it a first request that never answered is taken for dead.
	idempotencyLock = 2 * time.Minute
)

// idempotent answers a repeated request with what the first one was answered, as Stripe does: same key and body → same status and body,
// marked Idempotent-Replayed; another body → 422; the first still running → 409. Answers from 500 on are not kept, so that a retry tries
// again. A process that dies in flight leaves a lock that expires.
func (a *API) idempotent(op Op) func(huma.Context, func(huma.Context)) {
	return func(hctx huma.Context, next func(huma.Context)) {
		c := humaecho.UnwrapV4(hctx)
		claim, err := a.server.claimOf(c, op)
		if err != nil {
			a.refuse(hctx, err)
			return
		}
		stored, err := a.server.claim(hctx.Context(), claim)
		switch {
		case err != nil:
			a.refuse(hctx, err)
		case stored != nil:
			stored.replay(c.Response())
		default:
			a.server.record(c, claim, func() { next(hctx) })
		}
	}
}

// claimedKey identifies one use of a key.
type claimedKey struct {
	org, actor     uuid.UUID
	key, operation string
	bodyHash       []byte
}

// storedAnswer is the answer of an earlier request.
type storedAnswer struct {
	status  int
	headers []byte // JSON
	body    []byte
}

func (s *Server) claimOf(c echo.Context, op Op) (claimedKey, error) {
	r := c.Request()
	key := r.Header.Get(idempotencyHeader)
	if key == "" || len(key) > 255 {
		return claimedKey{}, errKeyMissing
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return claimedKey{}, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.New()
	sum.Write([]byte(r.Method + " " + r.URL.Path + "\n"))
	sum.Write(body)
	who := actor.From(r.Context())
	claim := claimedKey{org: who.OrgID, actor: who.ID, key: key, operation: op.ID, bodyHash: sum.Sum(nil)}
	caller := callerOf(r.Context())
	caller.IdempotencyKey, caller.IdempotencyHash = key, claim.bodyHash
	return claim, nil
}

// claim takes the key for this request, or returns the answer it already has. The claim may be lost in a crash of PostgreSQL (it does not
// wait for the disk) only if everything the request commits after it is lost too.
func (s *Server) claim(ctx context.Context, k claimedKey) (*storedAnswer, error) {
	now := s.cfg.Now()
	// Takes a new key, one whose answer has been kept long enough, and one whose first request died.
	taken, err := s.cfg.DB.Alone(ctx, database.Tenant(k.org).Unsynced(), `
		INSERT INTO idempotency_keys AS k (org_id, key, operation, actor_id, body_hash, created_at, locked_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (org_id, operation, key) DO UPDATE
		SET actor_id = excluded.actor_id, body_hash = excluded.body_hash, created_at = excluded.created_at,
			locked_until = excluded.locked_until, status = NULL, headers = NULL, body = NULL
		WHERE k.created_at < $8 OR k.status IS NULL AND k.locked_until < $6 AND k.body_hash = excluded.body_hash AND k.actor_id = excluded.actor_id`,
		k.org, k.key, k.operation, k.actor, k.bodyHash, now, now.Add(idempotencyLock), now.Add(-idempotencyKept))
	if err != nil {
		return nil, fmt.Errorf("claim an idempotency key: %w", err)
	}
	if taken == 1 {
		return nil, nil
	}
	return s.earlierAnswer(ctx, k)
}

// earlierAnswer is what the key's first request was answered. A key that was released meanwhile counts as in flight: the retry finds it free.
func (s *Server) earlierAnswer(ctx context.Context, k claimedKey) (*storedAnswer, error) {
	var found struct {
		actor    uuid.UUID
		bodyHash []byte
		status   *int
		storedAnswer
	}
	err := s.cfg.DB.Read(ctx, database.Tenant(k.org), func(r database.Reader) error {
		return r.QueryRow(ctx, `SELECT actor_id, body_hash, status, headers, body FROM idempotency_keys
			WHERE org_id = $1 AND operation = $2 AND key = $3`, k.org, k.operation, k.key).
			Scan(&found.actor, &found.bodyHash, &found.status, &found.headers, &found.body)
	})
	switch {
	case database.IsNoRows(err):
		return nil, errKeyInFlight
	case err != nil:
		return nil, fmt.Errorf("read an idempotency key: %w", err)
	case !bytes.Equal(found.bodyHash, k.bodyHash) || found.actor != k.actor:
		return nil, errKeyMismatch
	case found.status == nil:
		return nil, errKeyInFlight
	}
	found.storedAnswer.status = *found.status
	return &found.storedAnswer, nil
}

// record runs the operation, keeps its answer and only then sends it.
func (s *Server) record(c echo.Context, k claimedKey, run func()) {
	response := c.Response()
	out := response.Writer
	held := &heldResponse{header: out.Header()}
	response.Writer = held
	// The answer is kept even when the client has gone: it may come back and ask.
	ctx := context.WithoutCancel(c.Request().Context())
	finished := false
	defer func() {
		response.Writer = out
		if !finished { // a panic passes on its way to the recovery
			s.release(ctx, k)
			response.Committed = false
		}
	}()
	run()
	finished = true
	if held.status >= http.StatusInternalServerError || held.status == statusClientGone {
		s.release(ctx, k)
	} else if err := s.keep(ctx, k, held); err != nil {
		s.cfg.Log.ErrorContext(ctx, "idempotent answer not kept", slog.String("error", err.Error()))
	}
	out.WriteHeader(held.status)
	_, _ = out.Write(held.body.Bytes())
}

// keptHeaders lists the headers that belong to the answer rather than to the connection.
var keptHeaders = []string{"Content-Type", "Location", "Etag"}

func (s *Server) keep(ctx context.Context, k claimedKey, held *heldResponse) error {
	headers := map[string]string{}
	for _, name := range keptHeaders {
		if v := held.header.Get(name); v != "" {
			headers[name] = v
		}
	}
	encoded, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	// Not waiting for the disk is safe, since what the operation made carries the key too (Caller.IdempotencyKey): should the answer be
	// lost in a crash, a retry finds what it made.
	_, err = s.cfg.DB.Alone(ctx, database.Tenant(k.org).Unsynced(), `UPDATE idempotency_keys SET status = $4, headers = $5, body = $6
		WHERE org_id = $1 AND operation = $2 AND key = $3`,
		k.org, k.operation, k.key, held.status, string(encoded), held.body.Bytes())
	return err
}

// release forgets the claim, so that a retry runs.
func (s *Server) release(ctx context.Context, k claimedKey) {
	_, err := s.cfg.DB.Alone(ctx, database.Tenant(k.org), `DELETE FROM idempotency_keys WHERE org_id = $1 AND operation = $2 AND key = $3 AND status IS NULL`,
		k.org, k.operation, k.key)
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "idempotency key not released", slog.String("error", err.Error()))
	}
}

func (a *storedAnswer) replay(w http.ResponseWriter) {
	var headers map[string]string
	_ = json.Unmarshal(a.headers, &headers) // written by keep
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotent-Replayed", "true")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// heldResponse keeps an answer back until it has been stored.
type heldResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heldResponse) Header() http.Header { return h.header }

func (h *heldResponse) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *heldResponse) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(p)
}
