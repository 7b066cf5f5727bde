package pgembed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	socketPort = "5432"
	// socketPathLimit is the shortest of the systems' limits for a socket's path, with the terminating zero.
	socketPathLimit = 100
	defaultMaxConns = 100
)

// cluster is one data directory and what is needed to run it.
type cluster struct {
	opts      Options
	log       *slog.Logger
	acct      account
	native    string // bin, lib, share
	dir       string
	socketDir string
}

func newCluster(ctx context.Context, opts Options) (*cluster, error) {
	c := &cluster{opts: opts, log: opts.Logger}
	if c.log == nil {
		c.log = slog.Default()
	}
	var err error
	if c.acct, err = chooseAccount(); err != nil {
		return nil, err
	}
	if c.native, err = binaries(ctx, c.acct); err != nil {
		return nil, err
	}
	if c.dir, err = c.chooseDir(ctx, opts.Dir); err != nil {
		return nil, err
	}
	if c.socketDir, err = c.chooseSocketDir(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) program(name string) string {
	return filepath.Join(c.native, "bin", executable(name))
}

// dirMode lets the account that runs PostgreSQL pass through to the data.
func (c *cluster) dirMode() os.FileMode {
	if c.acct.other() {
		return 0o755
	}
	return 0o700
}

// chooseDir creates the directory. Where the account that has to run PostgreSQL cannot reach it, or cannot be switched
// to, a user namespace makes it appear as us; where that is forbidden, another directory has to do.
func (c *cluster) chooseDir(ctx context.Context, dir string) (string, error) {
	if dir == "" {
		dir = defaultDir(c.acct)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, c.dirMode()); err != nil {
		return "", fmt.Errorf("create the data directory: %w", err)
	}
	if !c.acct.other() {
		return dir, nil
	}
	runs := c.tryRun(ctx, c.acct)
	if runs == nil && c.acct.reaches(dir) {
		return dir, nil
	}
	mapped := c.acct.mapped()
	if c.tryRun(ctx, mapped) == nil {
		c.acct = mapped
		return dir, nil
	}
	if runs != nil {
		return "", fmt.Errorf("run PostgreSQL as an account that is not root: %w", runs)
	}
	sum := sha256.Sum256([]byte(dir))
	elsewhere := filepath.Join("/var/lib/tributary", hex.EncodeToString(sum[:6]))
	c.log.WarnContext(ctx, "the account that runs PostgreSQL cannot reach the data directory: data is kept elsewhere",
		slog.String("account", c.acct.name), slog.String("wanted", dir), slog.String("used", elsewhere))
	if err := os.MkdirAll(elsewhere, c.dirMode()); err != nil {
		return "", fmt.Errorf("create the data directory: %w", err)
	}
	return elsewhere, nil
}

// tryRun tells whether PostgreSQL can be run as the account at all.
func (c *cluster) tryRun(ctx context.Context, acct account) error {
	cmd := exec.CommandContext(ctx, c.program("postgres"), "--version")
	cmd.SysProcAttr = acct.attributes(false)
	cmd.Dir = "/"
	return cmd.Run()
}

// chooseSocketDir puts the socket beside the data, or, where that path is too long for a socket, in a temporary place.
func (c *cluster) chooseSocketDir() (string, error) {
	dir := filepath.Join(c.dir, "run")
	if len(filepath.Join(dir, ".s.PGSQL."+socketPort+".lock")) >= socketPathLimit {
		sum := sha256.Sum256([]byte(c.dir))
		dir = filepath.Join(shortTempDir(), fmt.Sprintf("tributary-pg-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6])))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("create the socket directory: %w", err)
	}
	if err := privateTo(dir, c.acct); err != nil {
		return "", fmt.Errorf("socket directory: %w", err)
	}
	return dir, nil
}

// initialize creates the data directory under a temporary name, so that a half-made one is never taken for a cluster.
func (c *cluster) initialize(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.data(), "PG_VERSION")); err == nil {
		return nil
	}
	unfinished, err := os.MkdirTemp(c.dir, ".initdb-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	if err := privateTo(unfinished, c.acct); err != nil {
		return err
	}
	// The builtin provider needs no locale of the operating system and never changes its order.
	args := []string{
		"-D", unfinished, "-U", superRole, "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
		"--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums", "--no-instructions",
	}
	if c.opts.FsyncOff {
		args = append(args, "--no-sync", "--wal-segsize=1")
	}
	cmd := exec.CommandContext(ctx, c.program("initdb"), args...)
	cmd.SysProcAttr = c.acct.attributes(false)
	cmd.Dir = "/"
	cmd.Env = c.environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLine(string(out)))
	}
	hba := []byte("# Only the socket, whose directory is private.\nlocal all all trust\n")
	if err := os.WriteFile(filepath.Join(unfinished, "pg_hba.conf"), hba, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, c.data())
}

// environment keeps the caller's PG* variables away from the server.
func (c *cluster) environment() []string {
	return []string{"LANG=C", "LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot")}
}

func (c *cluster) settings() []string {
	maxConns := c.opts.MaxConnections
	if maxConns == 0 {
		maxConns = defaultMaxConns
	}
	settings := []string{
		"listen_addresses=", "unix_socket_directories=" + listed(c.socketDir), "unix_socket_permissions=0700", "port=" + socketPort,
		"max_connections=" + strconv.Itoa(maxConns), "timezone=UTC", "log_timezone=UTC", "logging_collector=off",
		"dynamic_shared_memory_type=mmap",                                                      // containers have little /dev/shm, and a killed server leaves nothing in it
		"log_destination=stderr", "log_min_error_statement=panic", "log_error_verbosity=terse", // both carry personal data
	}
	if c.opts.FsyncOff {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal",
			"max_wal_senders=0", "autovacuum=off", "max_wal_size=4GB", "shared_buffers=64MB")
	}
	return settings
}

// listed quotes a directory for a setting that takes several.
func listed(dir string) string { return `"` + strings.ReplaceAll(dir, `"`, `""`) + `"` }

// launch starts the server and waits until it answers. The memory of a server killed a moment ago may still be in use
// by its last backends, so that refusal is waited out.
func (c *cluster) launch(ctx context.Context, detached bool) (*process, error) {
	for {
		p, err := c.launchOnce(ctx, detached)
		if err == nil || !strings.Contains(err.Error(), "still in use") {
			return p, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(10 * readyPolling):
		}
	}
}

func (c *cluster) launchOnce(ctx context.Context, detached bool) (*process, error) {
	logName := filepath.Join(c.dir, "server.log")
	logFile, err := os.OpenFile(logName, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = logFile.Close() }()
	args := []string{"-D", c.data()}
	for _, s := range c.settings() {
		args = append(args, "-c", s)
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), c.program("postgres"), args...) // stopped by us, and cleanly
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.Dir = "/"
	cmd.Env = c.environment()
	cmd.SysProcAttr = c.acct.attributes(!detached)
	p, err := startProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	srv := &Server{socketDir: c.socketDir}
	silent := time.NewTimer(startTimeout)
	defer silent.Stop()
	for {
		err := srv.ping(ctx)
		if err == nil {
			return p, nil
		}
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == pgerrcode.CannotConnectNow {
			silent.Reset(startTimeout) // recovering after a crash takes as long as it takes
		}
		select {
		case <-silent.C:
			return nil, errors.Join(fmt.Errorf("the server does not answer: %w", err), p.stop(ctx))
		case <-p.exited:
			said, _ := os.ReadFile(logName)
			return nil, fmt.Errorf("the server did not start: %s", bytes.TrimSpace(said))
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("wait for the server: %w", ctx.Err()), p.stop(context.WithoutCancel(ctx)))
		case <-time.After(readyPolling):
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.AdminURL())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// prepareRoles creates what is missing: the first start may have been cut short.
func (c *cluster) prepareRoles(ctx context.Context, srv *Server) error {
	conn, err := pgx.Connect(ctx, srv.AdminURL())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, step := range []struct{ missing, create string }{
		{`SELECT FROM pg_roles WHERE rolname = '` + ownerRole + `'`, `CREATE ROLE ` + ownerRole + ` LOGIN`},
		{`SELECT FROM pg_roles WHERE rolname = '` + appRole + `'`, `CREATE ROLE ` + appRole + ` LOGIN`},
		{`SELECT FROM pg_database WHERE datname = '` + database + `'`, `CREATE DATABASE ` + database + ` OWNER ` + ownerRole},
	} {
		tag, err := conn.Exec(ctx, step.missing)
		if err == nil && tag.RowsAffected() == 0 {
			_, err = conn.Exec(ctx, step.create)
		}
		if err != nil {
			return fmt.Errorf("prepare roles: %w", err)
		}
	}
	return nil
}
