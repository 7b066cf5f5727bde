//go:build unix

package pgembed

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// ownerVariable makes the test binary a program that owns the server of a directory until it is signalled.
const ownerVariable = "TRIBUTARY_TEST_OWN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerVariable); dir != "" {
		if err := ownUntilSignalled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func ownUntilSignalled(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	srv, err := Start(ctx, Options{Dir: dir, FsyncOff: true})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(os.Stdout, "ready", srv.Joined())
	<-ctx.Done()
	return srv.Stop(context.WithoutCancel(ctx))
}

// startOwner runs ownUntilSignalled in another process.
func startOwner(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), ownerVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready false\n", line)
	return cmd
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	srv, err := Start(t.Context(), Options{Dir: dir, FsyncOff: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Stop(context.WithoutCancel(t.Context()))) })
	return srv
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	var answer string
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&answer))
	return answer
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	require.True(t, serves(pid, filepath.Join(dir, "data")))
	return pid
}

func gone(t *testing.T, pid int, dir string) {
	t.Helper()
	require.Eventually(t, func() bool { return !serves(pid, filepath.Join(dir, "data")) }, 20*time.Second, 5*time.Millisecond)
}

func TestServerIsRealPrivateAndKeepsItsData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv, err := Start(t.Context(), Options{Dir: dir, MaxConnections: 20})
	require.NoError(t, err)
	require.False(t, srv.Joined())
	pid := postmaster(t, dir)
	require.Equal(t, "tributary_app", query(t, srv.AppURL(), `SELECT current_user::text`))
	require.Equal(t, "tributary_owner", query(t, srv.OwnerURL(), `SELECT current_user::text`))
	require.Equal(t, "0", query(t, srv.AdminURL(), `SELECT count(*)::text FROM pg_roles
		WHERE rolname LIKE 'tributary%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)`))
	for setting, want := range map[string]string{
		"data_checksums": "on", "fsync": "on", "listen_addresses": "", "max_connections": "20", "server_encoding": "UTF8", "TimeZone": "UTC",
	} {
		require.Equal(t, want, query(t, srv.AppURL(), `SELECT current_setting('`+setting+`')`), setting)
	}
	require.Equal(t, "bC.UTF-8", query(t, srv.AppURL(), `SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'tributary'`))
	execute(t, srv.OwnerURL(), `CREATE EXTENSION pg_trgm; CREATE TABLE kept AS SELECT 'still here' AS word`)
	require.NoError(t, srv.Stop(t.Context()))
	gone(t, pid, dir)
	require.NoFileExists(t, filepath.Join(dir, "data", "postmaster.pid"))

	require.Equal(t, "still here", query(t, start(t, dir).OwnerURL(), `SELECT word FROM kept`))
}

func TestSecondProcessJoins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	startOwner(t, dir)
	pid := postmaster(t, dir)
	srv, err := Start(t.Context(), Options{Dir: dir})
	require.NoError(t, err)
	require.True(t, srv.Joined())
	require.NoError(t, srv.Stop(t.Context()))
	require.Equal(t, "1", query(t, srv.AppURL(), `SELECT '1'`))
	require.Equal(t, pid, postmaster(t, dir))
}

func TestOnlyOneOfManyOwns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var done sync.WaitGroup
	servers, errs := make([]*Server, 3), make([]error, 3)
	for i := range servers {
		done.Go(func() { servers[i], errs[i] = Start(t.Context(), Options{Dir: dir, FsyncOff: true}) })
	}
	done.Wait()
	joined := 0
	for i, srv := range servers {
		require.NoError(t, errs[i])
		if srv.Joined() {
			joined++
		}
	}
	require.Equal(t, 2, joined)
	for _, srv := range servers {
		require.NoError(t, srv.Stop(t.Context()))
	}
}

func TestServerEndsWithItsOwner(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]syscall.Signal{"asked to": syscall.SIGTERM, "interrupted": syscall.SIGINT, "killed": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			owner := startOwner(t, dir)
			pid := postmaster(t, dir)
			require.NoError(t, owner.Process.Signal(how))
			_ = owner.Wait()
			if how != syscall.SIGKILL {
				require.Zero(t, owner.ProcessState.ExitCode())
				require.False(t, serves(pid, filepath.Join(dir, "data")))
			}
			srv := start(t, dir) // also stops what a system without a parent death signal leaves behind
			require.NotEqual(t, pid, postmaster(t, dir))
			require.Equal(t, "1", query(t, srv.AppURL(), `SELECT '1'`))
		})
	}
}

func TestKilledServerIsStartedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv, err := Start(t.Context(), Options{Dir: dir})
	require.NoError(t, err)
	execute(t, srv.OwnerURL(), `CREATE TABLE kept AS SELECT 'still here' AS word`)
	require.NoError(t, syscall.Kill(postmaster(t, dir), syscall.SIGKILL))
	<-srv.process.exited
	require.FileExists(t, filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, srv.Stop(t.Context()))
	require.Equal(t, "still here", query(t, start(t, dir).OwnerURL(), `SELECT word FROM kept`))
}

func TestOrphanIsStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := newCluster(t.Context(), Options{Dir: dir, FsyncOff: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.NoError(t, c.initialize(t.Context()))
	_, err = c.launch(t.Context(), true)
	require.NoError(t, err)
	orphan := postmaster(t, dir)
	srv := start(t, dir)
	require.False(t, srv.Joined())
	require.False(t, serves(orphan, filepath.Join(dir, "data")))
}

func TestForeignProcessWithAnOldIDIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := newCluster(t.Context(), Options{Dir: dir, FsyncOff: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.NoError(t, c.initialize(t.Context()))
	stale := filepath.Join(dir, "data", "postmaster.pid")
	require.NoError(t, os.WriteFile(stale, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644))
	require.NoError(t, c.stopOrphan(t.Context()))
	require.NoFileExists(t, stale)
}

func TestStoppingInAHurryStillStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv, err := Start(t.Context(), Options{Dir: dir, FsyncOff: true})
	require.NoError(t, err)
	pid := postmaster(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, srv.Stop(ctx))
	require.False(t, serves(pid, filepath.Join(dir, "data")))
}

func TestAwkwardDirectories(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(t *testing.T) string{
		"only we may enter": func(t *testing.T) string {
			closed := filepath.Join(t.TempDir(), "closed")
			require.NoError(t, os.Mkdir(closed, 0o700))
			return filepath.Join(closed, "postgres")
		},
		"too long for a socket": func(t *testing.T) string { return filepath.Join(t.TempDir(), strings.Repeat("long/", 20)) },
		"spaces and quotes":     func(t *testing.T) string { return filepath.Join(t.TempDir(), `it's a "dir"`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(t, prepare(t))
			require.Equal(t, "1", query(t, srv.AppURL(), `SELECT '1'`))
		})
	}
}

func TestSharedServerEndsWithItsLastUser(t *testing.T) {
	t.Parallel()
	filled := 0
	seed := Seed{Key: "pgembed-" + strconv.Itoa(os.Getpid()), Fill: func(ctx context.Context, srv *Server) error {
		filled++
		execute(t, srv.OwnerURL(), `CREATE TABLE seeded AS SELECT 'yes' AS word`)
		return nil
	}}
	t.Cleanup(func() {
		cache, err := CacheDir()
		require.NoError(t, err)
		require.NoError(t, os.RemoveAll(filepath.Join(cache, "test-seed-"+Version()+"-"+seed.Key)))
	})
	first, err := Shared(t.Context(), seed)
	require.NoError(t, err)
	second, err := Shared(t.Context(), seed)
	require.NoError(t, err)
	require.Equal(t, first.socketDir, second.socketDir)
	dir := filepath.Dir(first.socketDir)
	require.NoError(t, first.Stop(t.Context()))
	require.Equal(t, "yes", query(t, second.OwnerURL(), `SELECT word FROM seeded`))
	pid := postmaster(t, dir)
	require.NoError(t, second.Stop(t.Context()))
	gone(t, pid, dir)
	require.Eventually(t, func() bool { _, err := os.Stat(dir); return os.IsNotExist(err) }, 20*time.Second, 5*time.Millisecond)

	leftover := dir + "-left"
	require.NoError(t, os.Mkdir(leftover, 0o700))
	third, err := Shared(t.Context(), seed)
	require.NoError(t, err)
	require.Equal(t, "yes", query(t, third.OwnerURL(), `SELECT word FROM seeded`))
	require.NoDirExists(t, leftover)
	require.NoError(t, third.Stop(t.Context()))
	require.Equal(t, 1, filled)
}
