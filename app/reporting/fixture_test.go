package reporting_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/bookkeeping"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/web"
	"tributary/app/reporting"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/ledger"
	"tributary/domain/money"
)

// now is five minutes past midnight in New York, on the first of December: in UTC the day is some hours old.
var now = time.Date(2026, 12, 1, 5, 5, 0, 0, time.UTC)

// world is two organizations whose rows are written as they are, so that every instant is the test's.
type world struct {
	t     *testing.T
	db    *database.DB
	books *bookkeeping.Service
	*reporting.Service
	url   string
	clock time.Time
	charity
	other charity
}

// charity is an organization with what a gift needs.
type charity struct{ org, cause, fund, campaign, person uuid.UUID }

func (world) Organization(_ context.Context, org uuid.UUID) (account.Organization, error) {
	o := account.Organization{Zone: "America/New_York", Currency: "USD"}
	o.ID.UUID = org
	return o, nil
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: databasetest.New(t), clock: now}
	clock := func() time.Time { return w.clock }
	w.books, w.Service = bookkeeping.New(w.db, clock), reporting.New(w.db, w, clock)
	w.charity, w.other = w.found("riverbend"), w.found("harbor")
	w.url = scene.Serve(t, w.db, clock, doorkeeper{w}, func(server *web.Server) { w.Routes(server.API()) }) + web.Prefix
	return w
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func (w *world) found(slug string) charity {
	w.t.Helper()
	c := charity{newID(), newID(), newID(), newID(), newID()}
	w.exec(c.org, `insert into organizations (id, kind, slug, name, legal_name, created_at, updated_at) values ($1, 'nonprofit', $2, $2, $2, now(), now())`, c.org, slug)
	w.exec(c.org, `insert into causes (org_id, id, slug, name, status, created_at, updated_at) values ($1, $2, 'library', 'School library', 'published', now(), now())`, c.org, c.cause)
	w.exec(c.org, `insert into funds (org_id, id, cause_id, code, name, restriction, created_at, updated_at) values ($1, $2, $3, 'BOOKS', 'Books', 'purpose', now(), now())`, c.org, c.fund, c.cause)
	w.exec(c.org, `insert into campaigns (org_id, id, cause_id, fund_id, slug, title, goal_minor, goal_currency, suggested_minor, default_minor, status, created_at, updated_at)
		values ($1, $2, $3, $4, 'winter', 'Winter appeal', 0, 'USD', '{2500}', 2500, 'live', now(), now())`, c.org, c.campaign, c.cause, c.fund)
	c.person = w.personOf(c.org, "maya@example.org")
	return c
}

func (w *world) personOf(org uuid.UUID, email string) uuid.UUID {
	w.t.Helper()
	person := newID()
	w.exec(org, `insert into people (org_id, id, first_name, email, email_normalized, created_at, updated_at) values ($1, $2, 'Maya', $3, $3, now(), now())`, org, person, email)
	return person
}

func (w *world) exec(org uuid.UUID, sql string, args ...any) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), database.Tenant(org), func(tx database.Tx) error {
		_, err := tx.Exec(w.t.Context(), sql, args...)
		return err
	}))
}

// gift is a donation to write down; what is left out is a gift of $10 by the charity's person, succeeded now.
type gift struct {
	id       uuid.UUID
	person   uuid.UUID
	campaign *uuid.UUID
	minor    int64
	cover    int64
	currency string
	status   string
	at       time.Time
	thanked  bool
}

// give writes a donation of c and, when its money came, books it.
func (w *world) give(c charity, g gift) uuid.UUID {
	w.t.Helper()
	if g.id == uuid.Nil {
		g.id = newID()
	}
	if g.person == uuid.Nil {
		g.person = c.person
	}
	if g.minor == 0 {
		g.minor = 10_00
	}
	if g.currency == "" {
		g.currency = "USD"
	}
	if g.status == "" {
		g.status = "succeeded"
	}
	if g.at.IsZero() {
		g.at = now
	}
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(w.t, err)
	w.exec(c.org, `insert into donations (org_id, id, reference, person_id, campaign_id, cause_id, fund_id, method, status, amount_minor, amount_currency, cover_minor,
			donor_first_name, donor_last_name, received_on, initiated_at, succeeded_at, occurred_at, updated_at, thanked_at)
		values ($1, $2, $3, $4, $5, $6, $7, 'card', $8, $9, $10, $11, 'Maya', 'Lindqvist', $12, $13, $13, $13, $13, $14)`,
		c.org, g.id, "R-"+g.id.String()[10:], g.person, g.campaign, c.cause, c.fund, g.status, g.minor, g.currency, g.cover, day.In(g.at, newYork).String(), g.at, when(g.thanked))
	switch g.status {
	case "succeeded", "recorded", "partially_refunded", "refunded":
		w.book(c, must(ledger.CardGift(w.posting(c, g), "ch_"+g.id.String(), g.at)))
	}
	return g.id
}

func when(thanked bool) *time.Time {
	if !thanked {
		return nil
	}
	return &now
}

func must(t ledger.Transaction, err error) ledger.Transaction {
	if err != nil {
		panic(fmt.Sprintf("a posting of the test: %v", err))
	}
	return t
}

func (w *world) posting(c charity, g gift) ledger.Gift {
	return ledger.Gift{
		DonationID: g.id, Dimension: ledger.Dimension{CauseID: c.cause, FundID: c.fund}, Amount: money.New(g.minor, g.currency), Cover: money.New(g.cover, g.currency),
	}
}

func (w *world) book(c charity, t ledger.Transaction) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), database.Tenant(c.org), func(tx database.Tx) error {
		w.books.PostTx(tx, c.org, t)
		return nil
	}))
}

// giveBack refunds a part of a gift of the charity.
func (w *world) giveBack(donation uuid.UUID, minor int64, status string, at time.Time) uuid.UUID {
	w.t.Helper()
	refund := newID()
	w.exec(w.org, `insert into refunds (org_id, id, donation_id, amount_minor, amount_currency, status, reason, failure_reason, requested_at, refunded_at, updated_at)
		values ($1, $2, $3, $4, 'USD', $5, 'mistake', 'lost_or_stolen_card', $6, $6, $6)`, w.org, refund, donation, minor, status, at)
	if status == "succeeded" {
		w.exec(w.org, "update donations set refunded_minor = refunded_minor + $2, status = case when refunded_minor + $2 >= amount_minor then 'refunded' else 'partially_refunded' end where id = $1", donation, minor)
		g := w.posting(w.charity, gift{id: donation, currency: "USD"})
		w.book(w.charity, must(ledger.CardRefund(ledger.Returned{Gift: g, RefundID: "re_" + refund.String(), Part: money.New(minor, "USD"), Cover: money.Zero("USD"), At: at})))
	}
	return refund
}

// receipt writes a receipt; number 1 is printed as RB-1.
func (w *world) receipt(donation uuid.UUID, number int, at time.Time) uuid.UUID {
	w.t.Helper()
	receipt := newID()
	w.exec(w.org, `insert into receipts (org_id, id, donation_id, series, year, number, amount_minor, amount_currency, received_on, content, issued_at)
		values ($1, $2, $3, 'RB', 2026, $4::int, 1000, 'USD', '2026-11-30', jsonb_build_object('number', 'RB-' || $4::int), $5)`, w.org, receipt, donation, number, at)
	return receipt
}

func (w *world) mail(donation *uuid.UUID, state string, at time.Time) uuid.UUID {
	w.t.Helper()
	mail := newID()
	w.exec(w.org, `insert into messages (org_id, id, kind, dedupe_key, person_id, donation_id, to_email, subject, text_body, html_body, state, created_at)
		values ($1, $2, 'receipt', $7, $3, $4, 'maya@example.org', 'Thank you', '', '', $5, $6)`, w.org, mail, w.person, donation, state, at, mail.String())
	return mail
}

func (w *world) audit(subject string, of uuid.UUID, action string, at time.Time) uuid.UUID {
	w.t.Helper()
	event := newID()
	w.exec(w.org, `insert into audit_events (org_id, id, at, actor_kind, action, subject_type, subject_id, after) values ($1, $2, $3, 'system', $4, $5, $6, '{"amount_minor": 1000}')`,
		w.org, event, at, action, subject, of)
	return event
}

// as is the context of somebody of c with a role.
func (w *world) as(c charity, role account.Role) context.Context {
	return actor.With(w.t.Context(), member(c, role))
}

func member(c charity, role account.Role) actor.Actor {
	who := actor.Actor{Kind: actor.KindToken, ID: newID(), OrgID: c.org, Role: string(role)}
	for _, p := range role.Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return who
}

// doorkeeper takes the bearer for a role in the charity; "stranger" owns the other one.
type doorkeeper struct{ w *world }

func (d doorkeeper) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	switch c.Bearer {
	case "":
		return actor.Actor{}, "", nil
	case "stranger":
		return member(d.w.other, account.Owner), "", nil
	}
	return member(d.w.charity, account.Role(c.Bearer)), "", nil
}

// get asks as a role and reads the answer into target.
func (w *world) get(role, path string, target any) (status int, text string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+path, http.NoBody)
	require.NoError(w.t, err)
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+role)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, answer.Body.Close()) }()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(w.t, err)
	if target != nil {
		require.NoError(w.t, json.Unmarshal(raw, target), "%s", raw)
	}
	return answer.StatusCode, string(raw)
}
