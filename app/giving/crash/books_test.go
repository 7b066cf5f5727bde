package crash_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app"
	"tributary/app/platform/config"
	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/id"
	"tributary/domain/money"
)

// childVariable makes this test binary the program itself, with these settings.
const childVariable = "TRIBUTARY_CRASH_CHILD"

type settings struct{ Database, Stripe, SMTP, DataDir string }

func TestMain(m *testing.M) {
	described := os.Getenv(childVariable)
	if described == "" {
		os.Exit(m.Run())
	}
	if err := live(described); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// live is the program: it serves and works until it is killed.
func live(described string) error {
	var s settings
	if err := json.Unmarshal([]byte(described), &s); err != nil {
		return err
	}
	ctx := context.Background()
	program, err := app.New(ctx, app.Options{
		Config: config.Config{
			Environment: config.Production, DatabaseURL: s.Database, DatabaseMaxConns: 8, PublicURL: &url.URL{Scheme: "http", Host: "localhost"},
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, StripeAPIKey: "sk_test_crash", StripeWebhookSecrets: []string{secret},
			StripeAPIBase: s.Stripe, SMTPURL: s.SMTP, MailFrom: "Tributary <mail@tributary.example>", SecretKey: "0123456789abcdef0123456789abcdef", DataDir: s.DataDir,
		},
		Log: slog.New(slog.DiscardHandler), Work: true,
		Jobs: queue.Config{Queues: map[string]int{queue.Default: 2, queue.Mail: 2, queue.Stripe: 2}},
	})
	if err != nil {
		return err
	}
	if err := program.Start(ctx); err != nil {
		return err
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	program.Open()
	if _, err := fmt.Fprintln(os.Stdout, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	server := &http.Server{Handler: program.Handler(), ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}

// seed makes the organization that is given to.
func (w *town) seed() {
	w.t.Helper()
	db, err := database.Open(w.t.Context(), database.Config{URL: w.child.Database, MaxConns: 2})
	require.NoError(w.t, err)
	defer db.Close()
	now := time.Now().UTC().Truncate(time.Microsecond)
	org, err := account.NewOrganization(account.OrganizationDetails{Name: "Riverbend Trust", Kind: account.Nonprofit, Slug: "riverbend", Currency: "USD"}, now)
	require.NoError(w.t, err)
	reading := cause.Cause{OrgID: org.ID.UUID, ID: id.New[cause.Cause](), Slug: "reading", Name: "Reading", Status: cause.Published, CreatedAt: now, UpdatedAt: now}
	fund, err := reading.AddFund(cause.FundDetails{Code: "LIB", Name: "Library", Restriction: cause.ForPurpose}, now)
	require.NoError(w.t, err)
	moment := campaign.MomentIn(now, org.Location())
	c, err := campaign.New(org.ID.UUID, "USD", campaign.Details{
		Title: "Rebuild the library", Slug: "library", CauseID: reading.ID, FundID: fund.ID, Goal: money.New(3_000_000, "USD"), OfferFeeCover: true,
	}, moment)
	require.NoError(w.t, err)
	require.NoError(w.t, c.Publish(reading, fund, moment))
	require.NoError(w.t, db.InTx(w.t.Context(), database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		for _, row := range []any{&org, &reading, &fund, &c} {
			if err := tx.Gorm(w.t.Context()).Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	w.exec("select set_config('app.org_id', $1, false)", org.ID.String())
}

// check compares the books with what Stripe took: one donation, one set of postings, one receipt and one mail for each charge.
func (w *town) check() {
	w.t.Logf("killed: %v", w.killed)
	charges := w.sandbox.Charges("")
	require.Len(w.t, charges, gifts, "nobody paid twice")
	require.Equal(w.t, gifts, w.number("select count(*) from donations"), "one donation per form")
	for _, c := range charges {
		require.Equal(w.t, "succeeded", c.Status)
		require.Equal(w.t, 1, w.number("select count(*) from payments p join donations d on d.id = p.donation_id where p.charge_id = $1 and p.status = 'succeeded' and p.strange = '' and d.status = 'succeeded'", c.ID))
		require.Equal(w.t, 1, w.number("select count(*) from ledger_transactions where source_id = $1", c.ID), "one set of postings")
	}
	require.Equal(w.t, gifts, w.number("select count(*) from ledger_transactions where kind = 'gift_received'"))
	require.Equal(w.t, gifts, w.number("select count(*) from ledger_transactions where kind = 'fee_known'"))
	require.Zero(w.t, w.number("select coalesce(sum(amount_minor), 0) from ledger_entries"), "the ledger balances")
	require.EqualValues(w.t, w.sandbox.Balance("")["usd"], w.number("select sum(amount_minor) from ledger_entries where account = 'stripe_clearing'"))
	require.Equal(w.t, gifts, w.number("select count(distinct donation_id) from receipts"))
	require.Equal(w.t, gifts, w.number("select count(*) from receipts"), "one receipt each")
	require.Equal(w.t, gifts, w.number("select max(number) from receipts"), "numbered without gaps")
	require.Zero(w.t, w.number("select count(*) from receipt_voids"))
	require.Equal(w.t, gifts, w.number("select count(*) from messages where kind = 'receipt.issued' and state = 'sent'"))
	mailed := map[string]int{}
	for _, m := range w.mails.Mailboxes() {
		for _, to := range m.EnvelopeTo {
			mailed[to]++
		}
	}
	for n := range gifts {
		require.Equal(w.t, 1, mailed[address(n)], "one mail to %s", address(n))
	}
}

func (w *town) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.db.Exec(w.t.Context(), sql, args...)
	require.NoError(w.t, err)
}

func (w *town) number(sql string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}
