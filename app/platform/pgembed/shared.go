package pgembed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	sharedMaxConns = 400
	seedsKept      = 3
	// watch ends the server when the last process that holds the pipe open for writing is gone, however it went, and
	// removes the server's directory. It is a shell because it has to outlive every test binary.
	watch = `cat <"$1/alive" >/dev/null
if [ "$(head -n1 "$1/data/postmaster.pid" 2>/dev/null)" = "$2" ]; then
	kill -QUIT "$2"
	while kill -0 "$2" 2>/dev/null; do sleep 0.05 || sleep 1; done
fi
rm -rf "$1"`
)

// Seed says how to fill the cluster that shared servers are copied from.
type Seed struct {
	// Key changes with whatever Fill does; seeds are cached under it.
	Key string
	// Fill runs once per key, on a server without durability.
	Fill func(context.Context, *Server) error
}

// Shared joins or starts a server without durability for tests. It lives in memory where there is room, is shared by
// every process that asks for the same seed, and ends with the last of them; Stop gives up this process's share.
func Shared(ctx context.Context, seed Seed) (*Server, error) {
	srv, err := shared(ctx, seed)
	if err != nil {
		return nil, fmt.Errorf("embedded PostgreSQL for tests: %w", err)
	}
	return srv, nil
}

func shared(ctx context.Context, seed Seed) (*Server, error) {
	acct, err := chooseAccount()
	if err != nil {
		return nil, err
	}
	base, err := sharedDir(acct)
	if err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(base, "lock"))
	if _, err := lock.TryLockContext(ctx, lockPolling); err != nil {
		return nil, fmt.Errorf("wait for another start: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	seed.Key = strings.ReplaceAll(Version()+"-"+seed.Key, string(filepath.Separator), "_")
	runs, err := filepath.Glob(filepath.Join(base, "run-*"))
	if err != nil {
		return nil, err
	}
	for _, dir := range runs {
		if srv := joinShared(ctx, dir, seed.Key); srv != nil {
			return srv, nil
		}
	}
	sweep(ctx, acct, runs)
	return startShared(ctx, acct, base, seed)
}

// joinShared takes a share in the server of dir, if it is alive and from the same seed.
func joinShared(ctx context.Context, dir, key string) *Server {
	if got, err := os.ReadFile(filepath.Join(dir, "key")); err != nil || string(got) != key {
		return nil
	}
	alive, err := openAlive(dir)
	if err != nil {
		return nil
	}
	srv := &Server{socketDir: filepath.Join(dir, "run"), alive: alive}
	if srv.ping(ctx) != nil {
		_ = alive.Close()
		return nil
	}
	return srv
}

// sweep removes what killed runs left: directories that nobody watches any more.
func sweep(ctx context.Context, acct account, runs []string) {
	for _, dir := range runs {
		if alive, err := openAlive(dir); err == nil {
			_ = alive.Close() // in use with another seed
			continue
		}
		c := &cluster{log: slog.New(slog.DiscardHandler), acct: acct, dir: dir}
		if c.stopOrphan(ctx) == nil {
			_ = os.RemoveAll(dir)
		}
	}
}

func startShared(ctx context.Context, acct account, base string, seed Seed) (_ *Server, err error) {
	seeded, err := seedData(ctx, acct, seed)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(base, "run-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	if err := os.Chmod(dir, (&cluster{acct: acct}).dirMode()); err != nil {
		return nil, err
	}
	c, err := newCluster(ctx, Options{
		Dir: dir, Logger: slog.New(slog.DiscardHandler), FsyncOff: true, MaxConnections: sharedMaxConns,
	})
	if err != nil {
		return nil, err
	}
	if err := copyTree(seeded, c.data(), c.acct); err != nil {
		return nil, fmt.Errorf("copy the seed: %w", err)
	}
	p, err := c.launch(ctx, true)
	if err != nil {
		return nil, err
	}
	alive, err := startWatch(ctx, dir, p.cmd.Process.Pid)
	if err != nil {
		return nil, errors.Join(err, p.stop(ctx))
	}
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(seed.Key), 0o600); err != nil {
		_ = alive.Close()
		return nil, err
	}
	return &Server{socketDir: c.socketDir, alive: alive}, nil
}

func startWatch(ctx context.Context, dir string, pid int) (*os.File, error) {
	if err := makePipe(filepath.Join(dir, "alive")); err != nil {
		return nil, err
	}
	if err := startDetached("sh", "-c", watch, "tributary-test-watch", dir, strconv.Itoa(pid)); err != nil {
		return nil, fmt.Errorf("start the watch: %w", err)
	}
	for {
		alive, err := openAlive(dir)
		if err == nil {
			return alive, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the watch: %w", ctx.Err())
		case <-time.After(readyPolling):
		}
	}
}

// seedData returns the data directory of a filled cluster that was shut down cleanly.
func seedData(ctx context.Context, acct account, seed Seed) (string, error) {
	cache, err := cacheDir(acct)
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, "test-seed-"+seed.Key)
	data := filepath.Join(home, "data")
	if _, err := os.Stat(data); err == nil {
		return data, nil
	}
	unfinished, err := os.MkdirTemp(cache, ".seeding-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	if err := os.Chmod(unfinished, (&cluster{acct: acct}).dirMode()); err != nil {
		return "", err
	}
	srv, err := Start(ctx, Options{Dir: unfinished, Logger: slog.New(slog.DiscardHandler), FsyncOff: true})
	if err != nil {
		return "", err
	}
	if err := errors.Join(seed.Fill(ctx, srv), srv.Stop(ctx)); err != nil {
		return "", fmt.Errorf("fill the seed: %w", err)
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(unfinished, "data"), data); err != nil {
		return "", err
	}
	forgetSeeds(cache)
	return data, nil
}

// forgetSeeds keeps the newest seeds: each change of a migration makes another.
func forgetSeeds(cache string) {
	seeds, _ := filepath.Glob(filepath.Join(cache, "test-seed-*"))
	for len(seeds) > seedsKept {
		oldest := 0
		for i := range seeds {
			if modified(seeds[i]).Before(modified(seeds[oldest])) {
				oldest = i
			}
		}
		_ = os.RemoveAll(seeds[oldest])
		seeds = append(seeds[:oldest], seeds[oldest+1:]...)
	}
}

func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// copyTree copies a data directory and hands it to the account.
func copyTree(from, to string, acct account) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(name string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := os.FileMode(0o600)
		if entry.IsDir() {
			mode = 0o700
		}
		if err := os.Chmod(name, mode); err != nil {
			return err
		}
		return acct.give(name)
	})
}
