// Package crash kills the program with SIGKILL, again and again, while donors give, and then compares every book with what Stripe took.
package crash_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/mail/mailtest"
	"tributary/app/platform/stripesandbox"
)

const (
	kills  = 24
	gifts  = 60
	secret = "whsec_0123456789abcdef"
	visa   = "4242424242424242"
)

// town is everything outside the program: the database, Stripe, the mail server, donors, and who kills and restarts it.
type town struct {
	t       *testing.T
	db      *pgx.Conn
	sandbox *stripesandbox.Sandbox
	mails   *mailtest.Server
	stripe  *httptest.Server
	front   *httptest.Server // what donors and Stripe see of the program, dead or alive
	child   settings

	mu      sync.Mutex
	born    *sync.Cond
	alive   bool
	program *exec.Cmd
	address atomic.Pointer[url.URL]
	struck  string // the kind of call to Stripe whose handling kills the program next
	after   bool   // kill it when the call was carried out, else before
	killed  map[string]int
}

func TestTheProgramSurvivesBeingKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	w := open(t)
	var donors sync.WaitGroup
	queue := make(chan int)
	for range 3 {
		donors.Go(func() {
			for n := range queue {
				w.give(n)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range gifts {
			queue <- n
		}
		close(queue)
		donors.Wait()
	}()
	w.haunt(done)
	<-done
	w.finish()
	w.check()
}

// haunt lets the program live and die until it has died often enough and every donor is done.
func (w *town) haunt(done <-chan struct{}) {
	rng := rand.New(rand.NewPCG(1, 2))
	points := []string{"POST /v1/checkout/sessions", "GET /v1/checkout/sessions", "GET /v1/charges", ""}
	for n := 0; ; n++ {
		w.start()
		if n >= kills {
			return
		}
		patience := 1500 * time.Millisecond
		point := points[n%len(points)]
		if point == "" {
			patience = time.Duration(50+rng.IntN(900)) * time.Millisecond
		} else {
			w.mu.Lock()
			w.struck, w.after = point, rng.IntN(2) == 0
			w.mu.Unlock()
		}
		select {
		case <-done: // nobody gives any more; what is left to kill is the work on what they gave
			patience = min(patience, 200*time.Millisecond)
		default:
		}
		w.await(patience)
	}
}

// await waits until the program is dead: by the call it was to die at, or at the end of our patience.
func (w *town) await(patience time.Duration) {
	w.mu.Lock()
	program := w.program
	w.mu.Unlock()
	timer := time.AfterFunc(patience, func() { w.kill("by chance") })
	defer timer.Stop()
	_ = program.Wait() // killed, so never nil
}

func (w *town) kill(why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.struck, w.alive = "", false
	if w.program.Process.Kill() == nil {
		w.killed[why]++
	}
}

// start runs the program and waits until it listens. What it was doing when it was killed is found by River's rescuer after five minutes,
// and what it had claimed is free by then: here these minutes are over at once.
func (w *town) start() {
	w.t.Helper()
	w.exec("update river_job set state = 'available', scheduled_at = now() where state in ('running', 'retryable', 'scheduled')")
	w.exec("update messages set claimed_until = now() where state = 'sending'")
	described, err := json.Marshal(w.child)
	require.NoError(w.t, err)
	program := exec.CommandContext(context.WithoutCancel(w.t.Context()), os.Args[0])
	program.Env = append(os.Environ(), childVariable+"="+string(described))
	program.Stderr = os.Stderr
	out, err := program.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, program.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(w.t, err, "the program did not start")
	address, err := url.Parse(strings.TrimSpace(line))
	require.NoError(w.t, err)
	w.address.Store(address)
	w.mu.Lock()
	w.program, w.alive = program, true
	w.mu.Unlock()
	w.born.Broadcast()
}

// awaitLife returns when the program is there to be spoken to.
func (w *town) awaitLife() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.alive {
		w.born.Wait()
	}
}

func open(t *testing.T) *town {
	t.Helper()
	addresses := databasetest.URLs(t)
	w := &town{t: t, mails: mailtest.Start(t), killed: map[string]int{}}
	w.born = sync.NewCond(&w.mu)
	w.address.Store(&url.URL{})
	var err error
	w.db, err = pgx.Connect(t.Context(), addresses.Owner)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.db.Close(context.Background())) })
	w.sandbox, err = stripesandbox.New(stripesandbox.Options{Now: time.Now, FeeDelay: -1, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.sandbox.Close()) })
	w.stripe = httptest.NewServer(http.HandlerFunc(w.answerCall))
	t.Cleanup(w.stripe.Close)
	w.front = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(w.address.Load())
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	t.Cleanup(w.front.Close)
	t.Cleanup(func() { w.kill("at the end"); _ = w.program.Wait() })
	_, err = w.sandbox.RegisterEndpoint(stripesandbox.EndpointInput{URL: w.front.URL + "/api/v1/webhooks/stripe", Secret: secret})
	require.NoError(t, err)
	w.child = settings{Database: addresses.App, Stripe: w.stripe.URL, SMTP: w.mails.URL(), DataDir: t.TempDir()}
	w.seed()
	return w
}

// answerCall is Stripe, where the program may be killed before or after a call is carried out.
func (w *town) answerCall(rw http.ResponseWriter, r *http.Request) {
	call := r.Method + " " + r.URL.Path
	w.mu.Lock()
	hit := w.struck != "" && strings.HasPrefix(call, w.struck)
	after, point := w.after, w.struck
	w.mu.Unlock()
	if hit && !after {
		w.kill("before " + point)
	}
	answer := httptest.NewRecorder()
	w.sandbox.Handler().ServeHTTP(answer, r)
	if hit && after {
		w.kill("after " + point)
	}
	for name, values := range answer.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write(answer.Body.Bytes())
}

// give is one donor: sends the form until it is answered, twice at once now and then, pays, and leaves.
func (w *town) give(n int) {
	form := fmt.Sprintf(`{"organization":"riverbend","campaign":"library","amount":{"amount_minor":%d,"currency":"USD"},"cover_fee":%t,
		"first_name":"Donor","last_name":"No %d","email":"%s","form_token":"%s"}`, 1000+n, n%2 == 0, n, address(n), uuid.NewString())
	if n%5 == 0 {
		go func() { _, _ = w.send(n, form) }()
	}
	for w.t.Context().Err() == nil {
		w.awaitLife()
		page, err := w.send(n, form)
		if err != nil {
			continue // the program is dead, or died over it
		}
		session := page[strings.LastIndex(page, "/")+1:]
		if _, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: visa}); err == nil {
			return
		}
	}
}

func address(n int) string { return fmt.Sprintf("donor%d@example.org", n) }

func (w *town) send(n int, form string) (page string, err error) {
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.front.URL+"/api/v1/public/checkouts", strings.NewReader(form))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", n))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	var started struct {
		RedirectURL string `json:"redirect_url"`
	}
	if answer.StatusCode != http.StatusCreated {
		if answer.StatusCode < 500 {
			w.t.Errorf("a form was answered %d: %s", answer.StatusCode, body)
		}
		return "", fmt.Errorf("answered %d", answer.StatusCode)
	}
	return started.RedirectURL, json.NewDecoder(bytes.NewReader(body)).Decode(&started)
}

// finish tells everything once more and waits until all work is done.
func (w *town) finish() {
	for _, e := range w.sandbox.Events("") {
		require.NoError(w.t, w.sandbox.Replay(e.ID))
	}
	require.Eventually(w.t, func() bool {
		w.exec("update river_job set state = 'available', scheduled_at = now() where state = 'retryable' and attempted_at < now() - interval '2 seconds'")
		return w.number("select count(*) from river_job where finalized_at is null and kind <> 'payment.sweep'") == 0 &&
			w.number("select count(*) from stripe_events where state = 'received'") == 0 &&
			w.number("select count(*) from donations where status = 'succeeded'") == gifts
	}, 3*time.Minute, 50*time.Millisecond) // a machine that is busy otherwise takes its time
}
