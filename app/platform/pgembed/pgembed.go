// Package pgembed runs a private, real PostgreSQL, so that one command on a fresh machine gives a working platform. It
// is for trying out, demonstrations and tests; production sets DATABASE_URL.
//
// The binaries come from npm, pinned by version and sha512 in the embedded package-lock.json, and are unpacked here: no
// script of the package runs. The server listens on a Unix socket in a private directory and nowhere else, which is why
// local connections need no password. It has three roles: the superuser postgres, tributary_owner, which owns the
// database and its schema, and tributary_app, as which the program runs. Neither of the latter bypasses row level
// security.
//
// One process owns a data directory, by a file lock; others join its server. The server ends with its owner, however
// that ends: by [Server.Stop], on Linux by the parent death signal, and otherwise when the next owner finds the orphan.
package pgembed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	superRole = "postgres"
	ownerRole = "tributary_owner"
	appRole   = "tributary_app"
	database  = "tributary"

	lockPolling  = 50 * time.Millisecond
	readyPolling = 10 * time.Millisecond
	startTimeout = 60 * time.Second
	stopTimeout  = 30 * time.Second
	hardTimeout  = 5 * time.Second
)

// Options says where and how to run the server.
type Options struct {
	// Dir keeps the data; empty means the user's data directory, for root /var/lib/tributary.
	Dir string
	// Logger receives the few things worth telling; nil means slog.Default().
	Logger *slog.Logger
	// MaxConnections of the server; 0 means 100.
	MaxConnections int
	// FsyncOff loses data with the machine, and is fast: for tests.
	FsyncOff bool
}

// Server is a running PostgreSQL, started or joined.
type Server struct {
	socketDir string
	process   *process     // nil when joined
	lock      *flock.Flock // nil when joined
	state     string       // path of the file that tells others where to join
	alive     *os.File     // keeps a shared server alive
}

// Start runs the server of opts.Dir, or joins it when another process runs it, and returns when it answers.
func Start(ctx context.Context, opts Options) (*Server, error) {
	c, err := newCluster(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("embedded PostgreSQL: %w", err)
	}
	lock := flock.New(filepath.Join(c.dir, "owner.lock"))
	state := filepath.Join(c.dir, "server.json")
	for {
		mine, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("embedded PostgreSQL: lock %s: %w", c.dir, err)
		}
		if mine {
			srv, err := c.own(ctx, lock, state)
			if err != nil {
				_ = lock.Unlock()
				return nil, fmt.Errorf("embedded PostgreSQL: %w", err)
			}
			return srv, nil
		}
		if srv := join(ctx, state); srv != nil {
			return srv, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("embedded PostgreSQL: wait for its owner to start it: %w", ctx.Err())
		case <-time.After(lockPolling):
		}
	}
}

func (c *cluster) own(ctx context.Context, lock *flock.Flock, state string) (*Server, error) {
	_ = os.Remove(state)
	if err := c.stopOrphan(ctx); err != nil {
		return nil, err
	}
	if err := c.initialize(ctx); err != nil {
		return nil, err
	}
	var err error
	if c.socketDir, err = c.chooseSocketDir(); err != nil { // the last owner may have removed it since
		return nil, err
	}
	p, err := c.launch(ctx, false)
	if err != nil {
		return nil, err
	}
	srv := &Server{socketDir: c.socketDir, process: p, lock: lock, state: state}
	if err := c.prepareRoles(ctx, srv); err != nil {
		return nil, errors.Join(err, p.stop(ctx))
	}
	told, err := json.Marshal(joinable{SocketDir: c.socketDir})
	if err == nil {
		err = os.WriteFile(state, told, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("tell where to join: %w", err), p.stop(ctx))
	}
	return srv, nil
}

// joinable is what the owner tells other processes.
type joinable struct{ SocketDir string }

func join(ctx context.Context, state string) *Server {
	told, err := os.ReadFile(state)
	if err != nil {
		return nil
	}
	var j joinable
	if json.Unmarshal(told, &j) != nil {
		return nil
	}
	srv := &Server{socketDir: j.SocketDir}
	if srv.ping(ctx) != nil {
		return nil
	}
	return srv
}

// Joined reports whether another process owns the server and Stop leaves it running.
func (s *Server) Joined() bool { return s.process == nil }

// OwnerURL connects as the owner of the schema, which migrates.
func (s *Server) OwnerURL() string { return s.URL(ownerRole, database) }

// AppURL connects as the role that the program runs as.
func (s *Server) AppURL() string { return s.URL(appRole, database) }

// AdminURL connects as the superuser.
func (s *Server) AdminURL() string { return s.URL(superRole, superRole) }

// URL connects as a role to a database of the server.
func (s *Server) URL(role, databaseName string) string {
	query := url.Values{"host": {s.socketDir}, "port": {socketPort}, "sslmode": {"disable"}}.Encode()
	query = strings.ReplaceAll(query, "+", "%20") // pgx knows only this form of a space
	return (&url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + databaseName, RawQuery: query}).String()
}

// Stop ends the server's sessions and shuts it down cleanly; of a joined server it does nothing. Close the pools first.
func (s *Server) Stop(ctx context.Context) error {
	if s.alive != nil {
		return s.alive.Close()
	}
	if s.process == nil {
		return nil
	}
	_ = os.Remove(s.state)
	err := s.process.stop(ctx)
	_ = os.Remove(s.socketDir) // empty now, and maybe in a temporary place
	return errors.Join(err, s.lock.Unlock())
}
