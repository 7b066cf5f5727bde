package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"tributary/app/platform/stripesandbox"
)

var (
	//go:embed fill_morning.sql
	morningSQL string
	//go:embed fill_due.sql
	dueSQL string
)

// cards is how many people with a saved card share the plans of a morning.
const cards = 500

// morningID is the organization whose plans fall due together.
var morningID = uuid.MustParse("019bd1a0-0000-7000-8000-00000000c001")

// morning is that organization, and the Stripe that its plans are charged at.
type morning struct {
	*lab
	stripe  *stripesandbox.Sandbox
	calls   meter
	server  *http.Server
	address string
	conn    *pgx.Conn // as the owner of the tables, within the organization
	due     int64     // instalments so far
}

func (l *lab) openMorning(ctx context.Context) (_ *morning, err error) {
	m := &morning{lab: l, calls: meter{now: l.Now}}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.close())
		}
	}()
	if m.stripe, err = stripesandbox.New(stripesandbox.Options{Now: l.Now, FeeDelay: -1, Manual: true}); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for calls to Stripe: %w", err)
	}
	m.address = "http://" + listener.Addr().String()
	m.server = &http.Server{Handler: m.calls.count(m.stripe.Handler()), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = m.server.Serve(listener) }() // ends with close
	customers, methods := make([]string, cards), make([]string, cards)
	for i := range cards {
		if customers[i], err = m.ask(ctx, "/v1/customers", url.Values{}); err != nil {
			return nil, err
		}
		if methods[i], err = m.ask(ctx, "/v1/payment_methods/pm_card_visa/attach", url.Values{"customer": {customers[i]}}); err != nil {
			return nil, err
		}
	}
	if m.conn, err = pgx.Connect(ctx, l.postgres.OwnerURL()); err != nil {
		return nil, err
	}
	for _, statement := range []string{"set synchronous_commit = off", functionsSQL, "set app.org_id = '" + morningID.String() + "'"} {
		if _, err := m.conn.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	_, err = m.conn.Exec(ctx, morningSQL, morningID, customers, methods)
	return m, err
}

func (m *morning) close() error {
	var errs []error
	if m.conn != nil {
		errs = append(errs, m.conn.Close(context.Background()))
	}
	if m.server != nil {
		errs = append(errs, m.server.Close())
	}
	if m.stripe != nil {
		errs = append(errs, m.stripe.Close())
	}
	return errors.Join(errs...)
}

// ask makes something at Stripe and returns its id.
func (m *morning) ask(ctx context.Context, path string, form url.Values) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer sk_test_bench_0123456789")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return "", errors.Join(fmt.Errorf("%s answered %d: %s", path, answer.StatusCode, body), err)
	}
	var made struct{ ID string }
	return made.ID, json.Unmarshal(body, &made)
}

// fall makes instalments due until there are n.
func (m *morning) fall(ctx context.Context, n int64) error {
	at := m.Now().Add(-time.Minute).Truncate(time.Microsecond)
	for from := m.due; from < n; from += chunk {
		if _, err := m.conn.Exec(ctx, dueSQL, morningID, from, min(from+chunk, n)-1, at); err != nil {
			return fmt.Errorf("make instalments due: %w", err)
		}
	}
	m.due = n
	_, err := m.conn.Exec(ctx, "analyze promises, instalments, saved_cards, people")
	return err
}

// one reads a number.
func (m *morning) one(ctx context.Context, sql string) (n int64, err error) {
	if err = m.conn.QueryRow(ctx, sql).Scan(&n); err != nil {
		err = fmt.Errorf("count: %w", err)
	}
	return n, err
}

// start runs the program against the morning's Stripe. perSecond is how often it may call; 0 leaves the usual limit.
func (m *morning) start(ctx context.Context, perSecond int) (*program, error) {
	return m.startWith(ctx, []string{"STRIPE_API_BASE=" + m.address, fmt.Sprintf("STRIPE_CALLS_PER_SECOND=%d", perSecond)})
}

// until asks four times a second whether something is so, and not for ever.
func (m *morning) until(ctx context.Context, limit time.Duration, so func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	every := time.NewTicker(250 * time.Millisecond)
	defer every.Stop()
	for {
		done, err := so()
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}
