// Package playing plays random games against a feature: its users, staff, machines and the clock act in random order. Whoever loses a game
// is told the seed, and what happened.
package playing

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/queue"
)

// Game is the chance in a game, and its trail.
type Game struct {
	Rand  *rand.Rand
	now   func() time.Time
	trail []string
}

// Play plays several games at once. PROPERTY_CHECKS is how many, instead of usual; PROPERTY_SEED the seed of the first.
func Play(t *testing.T, usual int, play func(t *testing.T, seed uint64)) {
	t.Helper()
	first := setting("PROPERTY_SEED", 1)
	for n := range setting("PROPERTY_CHECKS", usual) {
		seed := uint64(first + n)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			play(t, seed)
		})
	}
}

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// New begins a game. The table sets the games of one feature apart from those of another with the same seed.
func New(t *testing.T, seed, table uint64, now func() time.Time) *Game {
	g := &Game{Rand: rand.New(rand.NewPCG(seed, table)), now: now}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("PROPERTY_SEED=%d PROPERTY_CHECKS=1, what happened:\n%s", seed, strings.Join(g.trail, "\n"))
		}
	})
	return g
}

// Note adds to the trail.
func (g *Game) Note(format string, args ...any) {
	g.trail = append(g.trail, fmt.Sprintf("%s %s", g.now().Format("01-02T15:04:05"), fmt.Sprintf(format, args...)))
}

// Chance is true in so many of a hundred cases.
func (g *Game) Chance(percent int) bool { return g.Rand.IntN(100) < percent }

// Pick chooses one of them; ok is false when there is none.
func Pick[T any](g *Game, from []T) (one T, ok bool) {
	if len(from) == 0 {
		return one, false
	}
	return from[g.Rand.IntN(len(from))], true
}

// Mortal is a context in which we sometimes die: right after the answer to one of the next calls that tap tells of, before anything of it is
// committed.
func (g *Game) Mortal(ctx context.Context, tap func(each func())) (context.Context, func()) {
	ctx, die := context.WithCancel(ctx)
	if !g.Chance(20) {
		return ctx, die
	}
	calls := g.Rand.IntN(3)
	tap(func() {
		if calls--; calls < 0 {
			die()
		}
	})
	return ctx, func() { tap(nil); die() }
}

// Job is a job that waits, to be run by hand: in any order, sometimes twice, sometimes dying.
type Job struct {
	ID   int64
	Kind string
	Args []byte
}

// ArgsOf reads a job's arguments.
func ArgsOf[T any](args []byte) (job T) {
	if err := json.Unmarshal(args, &job); err != nil {
		panic(err)
	}
	return job
}

// Waiting lists the jobs that wait, the first enqueued first.
func Waiting(t testing.TB, jobs *queue.Client) (waiting []Job) {
	t.Helper()
	rows, err := jobs.Pool().Query(context.Background(), "select id, kind, args from river_job where finalized_at is null order by id")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var j Job
		require.NoError(t, rows.Scan(&j.ID, &j.Kind, &j.Args))
		waiting = append(waiting, j)
	}
	require.NoError(t, rows.Err())
	return waiting
}

// Forget takes away a job that is done.
func Forget(t testing.TB, jobs *queue.Client, done Job) {
	t.Helper()
	_, err := jobs.Pool().Exec(context.Background(), "delete from river_job where id = $1", done.ID)
	require.NoError(t, err)
}
