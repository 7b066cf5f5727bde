package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"tributary/app/platform/database"
	"tributary/app/platform/pgembed"
)

// webhookSecret signs the events of a run.
const webhookSecret = "whsec_bench_0123456789abcdef"

// lab is a database and a place for the program under test, of a run's own.
type lab struct {
	Options
	dir        string
	postgres   *pgembed.Server
	postmaster int
}

// openLab starts a PostgreSQL that writes to disk as in production, and fills it a little.
func openLab(ctx context.Context, o Options) (_ *lab, err error) {
	l := &lab{Options: o}
	if l.dir, err = os.MkdirTemp("", "tributary-bench-"); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if err := os.Chmod(l.dir, 0o755); err != nil { //nolint:gosec // PostgreSQL may run as another account
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	if l.postgres, err = pgembed.Start(ctx, pgembed.Options{Dir: filepath.Join(l.dir, "postgres"), Logger: quiet}); err != nil {
		return nil, err
	}
	role, err := database.RoleOf(l.postgres.AppURL())
	if err != nil {
		return nil, err
	}
	if err := database.Migrate(ctx, l.postgres.OwnerURL(), quiet, database.AppRole(role)); err != nil {
		return nil, err
	}
	if err := Fill(ctx, l.postgres.OwnerURL(), Filling{Donations: o.Donations}); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, l.postgres.OwnerURL())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	var backend int
	if err := conn.QueryRow(ctx, "select pg_backend_pid()").Scan(&backend); err != nil {
		return nil, err
	}
	s, err := readStat(backend)
	l.postmaster = s.parent
	return l, err
}

func (l *lab) close() error {
	var err error
	if l.postgres != nil {
		err = l.postgres.Stop(context.Background())
	}
	return errors.Join(err, os.RemoveAll(l.dir))
}

// databaseTime is the processor time of PostgreSQL so far.
func (l *lab) databaseTime() (time.Duration, error) { return processorTime(l.postmaster, true) }

// program is the program under test, in a process of its own.
type program struct {
	cmd  *exec.Cmd
	url  string
	took time.Duration // from exec to ready
	log  *os.File
}

// start runs the program and returns once it says that it is ready.
func (l *lab) start(ctx context.Context, args ...string) (*program, error) {
	return l.startWith(ctx, nil, args...)
}

// startWith is start with settings of its own.
func (l *lab) startWith(ctx context.Context, settings []string, args ...string) (*program, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(l.dir, "program-*.log")
	if err != nil {
		return nil, err
	}
	p := &program{url: "http://" + port, log: log}
	p.cmd = exec.CommandContext(ctx, l.Program, append([]string{"serve", "--listen", port}, args...)...) //nolint:gosec // the operator names the program
	p.cmd.Env = slices.Concat(l.Environment, []string{
		"ENVIRONMENT=demo", "DATABASE_URL=" + named(l.postgres.AppURL()), "DATA_DIR=" + filepath.Join(l.dir, "data"),
		"SECRET_KEY=" + strings.Repeat("bench-", 8), "STRIPE_API_KEY=sk_test_bench_0123456789", "STRIPE_WEBHOOK_SECRET=" + webhookSecret,
		"STRIPE_API_BASE=http://127.0.0.1:9", "LOG_LEVEL=WARN",
	}, settings)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 20 * time.Second
	begun := l.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", l.Program, err)
	}
	if err := p.ready(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	p.took = l.Now().Sub(begun)
	return p, nil
}

// named gives an address without a host one: the settings ask for it, and the socket in the query counts all the same.
func named(socketURL string) string { return strings.Replace(socketURL, "@/", "@localhost/", 1) }

// ready asks every two milliseconds.
func (p *program) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	every := time.NewTicker(2 * time.Millisecond)
	defer every.Stop()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/readyz", nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			written, _ := os.ReadFile(p.log.Name())
			return fmt.Errorf("the program was not ready in time: %w\n%s", ctx.Err(), written)
		case <-every.C:
		}
	}
}

func (p *program) pid() int { return p.cmd.Process.Pid }

func (p *program) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	err := p.cmd.Wait()
	_ = p.log.Close()
	if p.cmd.ProcessState != nil && p.cmd.ProcessState.Success() {
		return nil
	}
	return err
}

// freePort is an address on this machine that nobody listened on a moment ago.
func freePort(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// cost is what a number of operations took.
type cost struct {
	operations int
	processor  time.Duration // of PostgreSQL and the program
	program    time.Duration // of the program alone
	wall       time.Duration
}

func (c cost) perOperation() time.Duration { return c.processor / time.Duration(max(c.operations, 1)) }

func (c cost) perSecond() float64 { return float64(c.operations) / c.wall.Seconds() }

// measure runs do, which does the number of operations it returns. p is nil when nothing but PostgreSQL works.
func (l *lab) measure(p *program, do func() (int, error)) (cost, error) {
	used := func() (database, own time.Duration, err error) {
		if database, err = l.databaseTime(); p != nil && err == nil {
			own, err = processorTime(p.pid(), false)
		}
		return database, own, err
	}
	before, ownBefore, err := used()
	if err != nil {
		return cost{}, err
	}
	begun := l.Now()
	n, err := do()
	if err != nil {
		return cost{}, err
	}
	wall := l.Now().Sub(begun)
	after, ownAfter, err := used()
	own := ownAfter - ownBefore
	return cost{operations: n, processor: after - before + own, program: own, wall: wall}, err
}

// pgbench runs a script of pgbench's over the socket, as the role that the program runs as.
func (l *lab) pgbench(ctx context.Context, script string, times int) (int, error) {
	file := filepath.Join(l.dir, "script.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, err
	}
	cfg, err := pgx.ParseConfig(l.postgres.AppURL())
	if err != nil {
		return 0, err
	}
	each := max(times/clients, 1)
	cmd := exec.CommandContext(ctx, "pgbench", "-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", "1", "-t", strconv.Itoa(each), "-f", file) //nolint:gosec // constants
	cmd.Env = slices.Concat(l.Environment, []string{"PGHOST=" + cfg.Host, "PGPORT=" + strconv.Itoa(int(cfg.Port)), "PGUSER=" + cfg.User, "PGDATABASE=" + cfg.Database})
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, said.String())
	}
	return each * clients, nil
}
