package receipting_test

import (
	"fmt"
	"io/fs"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/auditing"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/mail"
	"tributary/app/platform/mail/mailtest"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/receipting"
	"tributary/domain/actor"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/receipt"
)

func templates() fs.FS { return os.DirFS("../../frontend/templates") }

// books is one organization with its service, jobs, mail server and clock.
type books struct {
	t      *testing.T
	db     *database.DB
	urls   databasetest.Addresses
	queue  *queue.Client
	server *mailtest.Server
	svc    *receipting.Service
	org    uuid.UUID
	cause  uuid.UUID
	fund   uuid.UUID
	person uuid.UUID
	staff  uuid.UUID

	mu  sync.Mutex
	now time.Time
}

func open(t *testing.T) *books {
	t.Helper()
	b := &books{
		t: t, server: mailtest.Start(t), org: newID(), cause: newID(), fund: newID(), person: newID(), staff: newID(),
		now: time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC),
	}
	b.db, b.urls = databasetest.NewWithURLs(t)
	workers := river.NewWorkers()
	b.queue = queuetest.New(t, b.db, workers)
	outbox, err := mail.New(mail.Config{
		SMTPURL: b.server.URL(), From: "Tributary <mail@tributary.example>", Templates: templates(), Now: b.clock,
	}, b.db, b.queue)
	require.NoError(t, err)
	b.svc = receipting.New(receipting.Config{
		DB: b.db, Audit: auditing.New(b.db, b.clock), Outbox: outbox, PublicURL: "https://give.example", Secret: []byte("a secret of thirty-two bytes ...."), Now: b.clock,
	})
	outbox.Workers(workers)
	b.svc.Workers(workers)
	b.exec(`INSERT INTO organizations (id, kind, slug, name, legal_name, email, address_line1, city, region, postal_code, receipt_prefix, created_at, updated_at)
		VALUES ($1, 'nonprofit', 'riverbend', 'Riverbend Trust', 'Riverbend Trust Inc', 'hello@riverbend.example', '12 Mill Lane', 'Albany', 'NY', '12207', 'RB', now(), now())`, b.org)
	b.exec(`INSERT INTO causes (org_id, id, slug, name, status, created_at, updated_at) VALUES ($1, $2, 'library', 'School library', 'published', now(), now())`, b.org, b.cause)
	b.exec(`INSERT INTO funds (org_id, id, cause_id, code, name, restriction, created_at, updated_at) VALUES ($1, $2, $3, 'BOOKS', 'Books', 'purpose', now(), now())`, b.org, b.fund, b.cause)
	b.exec(`INSERT INTO people (org_id, id, first_name, last_name, email, email_normalized, created_at, updated_at) VALUES ($1, $2, 'Maya', 'Lindqvist', 'maya@example.org', 'maya@example.org', now(), now())`, b.org, b.person)
	return b
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func (b *books) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *books) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *books) exec(sql string, args ...any) {
	b.t.Helper()
	require.NoError(b.t, b.db.InTx(b.t.Context(), database.Tenant(b.org), func(tx database.Tx) error {
		_, err := tx.Exec(b.t.Context(), sql, args...)
		return err
	}))
}

// as is a context in which a member of the organization acts.
func (b *books) as() actor.Actor {
	return actor.Actor{Kind: actor.KindLogin, ID: b.staff, OrgID: b.org}
}

// gift books a donation whose money came, with the fields that matter to receipts.
type gift struct {
	Minor, Cover int64
	On           string
	Status       string
	Email        string
}

func (b *books) give(g gift) uuid.UUID {
	b.t.Helper()
	donation := newID()
	if g.On == "" {
		g.On = "2026-11-22"
	}
	if g.Status == "" {
		g.Status = "succeeded"
	}
	b.exec(`INSERT INTO donations (org_id, id, reference, person_id, cause_id, fund_id, method, status, amount_minor, amount_currency, cover_minor,
			donor_first_name, donor_last_name, donor_email, received_on, initiated_at, succeeded_at, occurred_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'card', $7, $8, 'USD', $9, 'Maya', 'Lindqvist', $10, $11::text::date, $12, $12, $12, $12)`,
		b.org, donation, "RB-"+donation.String()[24:], b.person, b.cause, b.fund, g.Status, g.Minor, g.Cover, g.Email, g.On, b.clock())
	return donation
}

// refund writes down how much of a gift went back in all.
func (b *books) refund(donation uuid.UUID, minor int64) {
	b.t.Helper()
	b.exec(`UPDATE donations SET refunded_minor = $2::bigint, status = CASE WHEN $2::bigint = 0 THEN 'succeeded' WHEN $2::bigint = amount_minor + cover_minor
		THEN 'refunded' ELSE 'partially_refunded' END WHERE id = $1`, donation, minor)
}

// ask enqueues the job and runs everything that follows from it.
func (b *books) ask(donation uuid.UUID) {
	b.t.Helper()
	require.NoError(b.t, b.db.InTx(b.t.Context(), database.Tenant(b.org), func(tx database.Tx) error {
		return b.queue.InsertTx(b.t.Context(), tx, receipt.Issue{OrgID: b.org, DonationID: donation})
	}))
	queuetest.Drain(b.t, b.queue)
}

// line is a receipt as the tests look at it.
type line struct {
	ID         id.ID[receipt.Receipt]
	DonationID uuid.UUID
	Series     string
	Year       int
	Number     int
	Minor      int64
	Text       string
	Replaces   string
	Stands     bool
	VoidReason string
}

// receipts lists all receipts in the order of their numbers.
func (b *books) receipts() []line {
	b.t.Helper()
	var found []line
	require.NoError(b.t, b.db.Read(b.t.Context(), database.Tenant(b.org), func(r database.Reader) error {
		return r.Gorm(b.t.Context()).Raw(`SELECT r.id, r.donation_id, r.series, r.year, r.number, r.amount_minor AS minor, r.content->>'number' AS text,
				coalesce(r.content->>'replaces', '') AS replaces, s.receipt_id IS NOT NULL AS stands, coalesce(v.reason, '') AS void_reason
			FROM receipts r LEFT JOIN receipt_voids v ON v.receipt_id = r.id LEFT JOIN standing_receipts s ON s.receipt_id = r.id
			ORDER BY r.series, r.year, r.number`).Scan(&found).Error
	}))
	return found
}

func (b *books) messages() []message.Message {
	b.t.Helper()
	var found []message.Message
	require.NoError(b.t, b.db.Read(b.t.Context(), database.Tenant(b.org), func(r database.Reader) error {
		return r.Gorm(b.t.Context()).Order("created_at, id").Find(&found).Error
	}))
	return found
}

// requireGapless checks that each series and year counts 1, 2, 3 … and that its counter agrees.
func (b *books) requireGapless() {
	b.t.Helper()
	next := map[string]int{}
	for _, r := range b.receipts() {
		book := fmt.Sprintf("%s/%d", r.Series, r.Year)
		next[book]++
		require.Equal(b.t, next[book], r.Number, book)
	}
	var counters []struct {
		Series           string
		Year, LastNumber int
	}
	require.NoError(b.t, b.db.Read(b.t.Context(), database.Tenant(b.org), func(r database.Reader) error {
		return r.Gorm(b.t.Context()).Table("receipt_counters").Find(&counters).Error
	}))
	for _, c := range counters {
		require.Equal(b.t, next[fmt.Sprintf("%s/%d", c.Series, c.Year)], c.LastNumber)
	}
}
