package bench

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

var (
	//go:embed writes.sql
	writesSQL string
	//go:embed writes_around.sql
	writesAroundSQL string
)

// subject is what the donations of a run are for.
type subject struct {
	cookie, csrf                  string
	person, cause, fund, campaign uuid.UUID
}

func (l *lab) subject(ctx context.Context) (subject, error) {
	return l.subjectAt(ctx, l.postgres.AppURL())
}

func (l *lab) subjectAt(ctx context.Context, url string) (s subject, err error) {
	if s.cookie, s.csrf, err = SignIn(ctx, url, l.Now()); err != nil {
		return s, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return s, err
	}
	defer func() { _ = conn.Close(ctx) }()
	return s, pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select set_config('app.org_id', $1, true)", OrganizationID(1).String()); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `select c.id, c.cause_id, c.fund_id, (select id from people limit 1) from campaigns c where slug = 'campaign-8'`).
			Scan(&s.campaign, &s.cause, &s.fund, &s.person)
	})
}

func (s subject) script(text string) string {
	return strings.NewReplacer("{org}", OrganizationID(1).String(), "{person}", s.person.String(), "{cause}", s.cause.String(), "{fund}", s.fund.String(),
		"{campaign}", s.campaign.String(), "{cookie}", s.cookie).Replace(text)
}

// record is a request that records a donation as staff do in the browser.
func (s subject) record(ctx context.Context, url string) (*http.Request, error) {
	body := fmt.Sprintf(`{"person_id":%q,"amount":{"amount_minor":2500,"currency":"USD"},"method":"cheque","fund_id":%q,"campaign_id":%q,"received_on":"2026-11-20"}`,
		s.person, s.fund, s.campaign)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/donations", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.AddCookie(&http.Cookie{Name: "session", Value: s.cookie})
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-Organization": "bench-1", "X-CSRF-Token": s.csrf, "Idempotency-Key": uuid.NewString(),
	} {
		r.Header.Set(name, value)
	}
	return r, nil
}

// writes is W1: a donation recorded through HTTP, over the same statements sent by pgbench.
func (l *lab) writes(ctx context.Context) error {
	s, err := l.subject(ctx)
	if err != nil {
		return err
	}
	p, err := l.start(ctx, "--no-work")
	if err != nil {
		return err
	}
	defer func() { _ = p.stop() }()
	through := func(n int) (int, error) {
		return send(ctx, n, http.StatusCreated, func(int) (*http.Request, error) { return s.record(ctx, p.url) })
	}
	if _, err := through(l.Operations / 4); err != nil {
		return fmt.Errorf("record donations: %w", err)
	}
	var ours, bare, whole []cost
	for range l.Rounds {
		for _, side := range []struct {
			into *[]cost
			p    *program
			do   func() (int, error)
		}{
			{&bare, nil, func() (int, error) { return l.pgbench(ctx, s.script(writesSQL), l.Operations) }},
			{&ours, p, func() (int, error) { return through(l.Operations) }},
			{&whole, nil, func() (int, error) { return l.pgbench(ctx, s.script(writesAroundSQL+writesSQL), l.Operations) }},
		} {
			c, err := l.measure(side.p, side.do)
			if err != nil {
				return fmt.Errorf("record donations: %w", err)
			}
			*side.into = append(*side.into, c)
		}
	}
	l.title("W1 a donation through HTTP: session, permission, idempotency, validation, row level security, ledger, audit, job")
	l.say("CPU per donation, program and PostgreSQL (program alone)", microseconds(median(ours))+" ("+programOf(ours)+")", "")
	l.say("  the donation's statements by pgbench", microseconds(median(bare)), "")
	l.say("  all statements of the request by pgbench", microseconds(median(whole)), "")
	l.say("ratio to the donation's statements", ratio(ours, bare), "≤ 1.5")
	l.say("ratio to all statements of the request", ratio(ours, whole), "")
	l.say("donations a second, best round (pgbench, the donation's)", fmt.Sprintf("%.0f (%.0f)", best(ours), best(bare)), "1,500 on two quiet cores")
	return nil
}
