package app_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tributary/app"
	"tributary/app/bench"
	"tributary/app/platform/config"
	"tributary/app/platform/database/databasetest"
)

const (
	// filledGifts make the tables large enough that the planner has a reason to use indexes.
	filledGifts    = 20_000
	filledPromises = 16_000
	filledShifts   = 20_000
	// largeTable is from how many rows on a table counts.
	largeTable = 4000
	// mostRows is what one page may read of a table: far less than a table, with room for what a search finds.
	mostRows = 1500
	// reader marks the connections of the program under test.
	reader = "indexes_test"
)

// TestEveryListReadsAlongAnIndex asks the program itself, and PostgreSQL what it then did: whatever SQL the stores come to run, no page reads
// a large table from end to end, nor most of it along an index that does not narrow.
func TestEveryListReadsAlongAnIndex(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	require.NoError(t, bench.Fill(t.Context(), urls.Owner, bench.Filling{Donations: filledGifts, Promises: filledPromises, Shifts: filledShifts}))
	cookie, _, err := bench.SignIn(t.Context(), urls.App, time.Now())
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), urls.Owner)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	site := indexed{url: marked(t, urls.App), cookie: cookie, conn: conn}
	one := someGift(t, site.url)

	for _, tc := range []struct{ name, path string }{
		{"gifts", "/donations"},
		{"gifts, a later page", "/donations?cursor=" + site.nextPage(t, "/donations")},
		{"gifts by status", "/donations?status=partially_refunded"},
		{"received gifts", "/donations?received=true"},
		{"gifts by method", "/donations?method=cash"},
		{"gifts by campaign", "/donations?campaign_id=" + one.campaign},
		{"gifts by person", "/donations?person_id=" + one.person},
		{"gifts of an old month", "/donations?from=2023-03-01&to=2023-03-31"},
		{"gifts to thank", "/donations?to_thank=true"},
		{"gifts by name", "/donations?search=" + one.name},
		{"gifts by reference", "/donations?search=B-000001"},
		{"gifts by two letters", "/donations?search=ad"},
		{"gifts that are not there", "/donations?search=zzqqy"},
		{"one gift", "/donations/" + one.id},
		{"trail of a gift", "/donations/" + one.id + "/trail"},
		{"people", "/people"},
		{"people by name", "/people?search=" + one.name},
		{"people by two words", "/people?search=ada+" + one.name},
		{"one person", "/people/" + one.person},
		{"summary of a person", "/people/" + one.person + "/summary"},
		{"timeline of a person", "/people/" + one.person + "/timeline"},
		{"receipts", "/receipts"},
		{"payouts", "/payouts"},
		{"audit", "/audit"},
		{"audit of a gift", "/audit?subject_type=donation&subject_id=" + one.id},
		{"ledger", "/ledger/transactions"},
		{"ledger of a gift", "/ledger/transactions?donation_id=" + one.id},
		{"registry", "/registry?search=" + one.name},
		{"today", "/today"},
		{"promises", "/promises"},
		{"promises, a later page", "/promises?cursor=" + site.nextPage(t, "/promises")},
		{"promises of which money may come", "/promises?open=true"},
		{"pledges", "/promises?kind=pledge"},
		{"promises by status", "/promises?status=past_due"},
		{"promises that are as they should be", "/promises?standing=active"},
		{"promises that failed for now", "/promises?standing=past_due"},
		{"paused promises", "/promises?standing=paused"},
		{"overdue pledges", "/promises?standing=overdue"},
		{"delinquent pledges", "/promises?standing=delinquent"},
		{"promises by campaign", "/promises?campaign_id=" + one.campaign},
		{"promises by person", "/promises?person_id=" + one.person},
		{"promises by name", "/promises?search=" + one.name},
		{"promises by reference", "/promises?search=P-001-00003719"},
		{"promises that are not there", "/promises?search=zzqqy"},
		{"one promise", "/promises/" + site.newest(t, "/promises")},
		{"promises of a person", "/people/" + one.person + "/promises?open=true"},
		{"cards of a person", "/people/" + one.person + "/cards"},
		{"late instalments", "/promises/attention"},
		{"late instalments, a later page", "/promises/attention?cursor=" + site.nextPage(t, "/promises/attention")},
		{"volunteers today", "/today/volunteers"},
		{"time of a person", "/people/" + one.person + "/time"},
		{"opportunities", "/opportunities"},
		{"shifts", "/shifts"},
		{"shifts of a week", "/shifts?from=2026-05-04T04:00:00Z&to=2026-05-11T04:00:00Z"},
		{"shifts, a later page", "/shifts?cursor=" + site.nextPage(t, "/shifts")},
		{"unfilled shifts", "/shifts?unfilled=true"},
		{"shifts of an opportunity", "/shifts?opportunity_id=" + site.newest(t, "/opportunities")},
		{"shifts by role", "/shifts?role=Driver"},
		{"one shift", "/shifts/" + site.newest(t, "/shifts")},
		{"check-in of a day", "/door?day=2026-11-23"},
		{"volunteers", "/volunteers"},
		{"volunteers, a later page", "/volunteers?cursor=" + site.nextPage(t, "/volunteers")},
		{"volunteers by name", "/volunteers?search=" + one.name},
		{"volunteers by skill", "/volunteers?skill=driving"},
		{"one volunteer", "/people/" + one.person + "/volunteer"},
		{"shifts of a person", "/people/" + one.person + "/sign-ups"},
		{"hours", "/volunteer-hours"},
		{"hours to approve", "/volunteer-hours?status=pending"},
		{"hours of a person", "/volunteer-hours?person_id=" + one.person},
		{"hours of an opportunity", "/volunteer-hours?opportunity_id=" + site.newest(t, "/opportunities")},
		{"hours, a later page", "/volunteer-hours?cursor=" + site.nextPage(t, "/volunteer-hours")},
		{"offers of help", "/help-offers"},
		{"offers of help, a later page", "/help-offers?cursor=" + site.nextPage(t, "/help-offers")},
		{"offers of help to answer", "/help-offers?status=open"},
		{"answered offers of help", "/help-offers?status=answered"},
		{"team", "/team"},
		{"tokens", "/tokens"},
		{"causes", "/causes"},
	} {
		before := site.reads(t)
		answer := site.get(t, tc.path)
		require.Equal(t, http.StatusOK, answer.Code, "%s: %s", tc.name, answer.Body)
		for table, after := range site.reads(t) {
			require.Equal(t, before[table].scans, after.scans, "%s reads all of %s", tc.name, table)
			require.LessOrEqual(t, after.rows-before[table].rows, int64(mostRows), "%s reads much of %s", tc.name, table)
		}
	}
}

// indexed is a filled database and a session in it.
type indexed struct {
	url, cookie string
	conn        *pgx.Conn
}

// marked names the program's connections.
func marked(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	query := u.Query()
	query.Set("application_name", reader)
	u.RawQuery = query.Encode()
	return u.String()
}

// get answers one request with a program that ends with it: PostgreSQL tells what a connection read once that is closed.
func (x indexed) get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	a, err := app.New(t.Context(), app.Options{
		Config: config.Config{
			Environment: config.Demo, DatabaseURL: x.url, DatabaseMaxConns: 4, PublicURL: &url.URL{Scheme: "http", Host: "localhost"},
			SecretKey: strings.Repeat("test-secret-", 4), DataDir: t.TempDir(), MailFrom: "Tributary <mail@tributary.example>",
			StripeAPIKey: "sk_test_indexes_0123456789", StripeWebhookSecrets: []string{"whsec_indexes_0123456789"}, StripeAPIBase: "http://127.0.0.1:9",
		},
		Log: slog.New(slog.DiscardHandler), Version: "test",
	})
	require.NoError(t, err)
	defer a.Close()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1"+path, http.NoBody)
	r.AddCookie(&http.Cookie{Name: "session", Value: x.cookie})
	r.Header.Set("X-Organization", "bench-1")
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w
}

// read is what was read of a table so far.
type read struct{ scans, rows int64 }

// reads waits for the program's connections to have ended, and returns what was read of each large table.
func (x indexed) reads(t *testing.T) map[string]read {
	t.Helper()
	require.Eventually(t, func() bool {
		var open int
		err := x.conn.QueryRow(t.Context(), "select count(*) from pg_stat_activity where datname = current_database() and application_name = $1", reader).Scan(&open)
		return err == nil && open == 0
	}, 30*time.Second, 5*time.Millisecond)
	rows, err := x.conn.Query(t.Context(), `select s.relname, s.seq_scan, s.seq_tup_read + coalesce(s.idx_tup_fetch, 0)
		from pg_stat_user_tables s join pg_class c on c.oid = s.relid where c.reltuples >= $1`, largeTable)
	require.NoError(t, err)
	tables := map[string]read{}
	var name string
	var r read
	_, err = pgx.ForEachRow(rows, []any{&name, &r.scans, &r.rows}, func() error {
		tables[name] = r
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(tables), 6)
	return tables
}

// gift is one of the large organization.
type gift struct{ id, person, campaign, name string }

func someGift(t *testing.T, address string) (g gift) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	require.NoError(t, pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		org := bench.OrganizationID(1)
		if _, err := tx.Exec(t.Context(), "select set_config('app.org_id', $1, true)", org.String()); err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `select id, person_id, campaign_id, donor_last_name from donations
			where org_id = $1 and campaign_id is not null and status = 'succeeded' order by occurred_at desc offset 1000 limit 1`, org).
			Scan(&g.id, &g.person, &g.campaign, &g.name)
	}))
	return g
}

// newest is the id of the first of a list.
func (x indexed) newest(t *testing.T, list string) string {
	t.Helper()
	answer := x.get(t, list)
	require.Equal(t, http.StatusOK, answer.Code, "%s", answer.Body)
	_, after, found := strings.Cut(answer.Body.String(), `"items":[{"id":"`)
	require.True(t, found, "%s", answer.Body)
	id, _, _ := strings.Cut(after, `"`)
	return id
}

// nextPage is the cursor behind the first page of a list.
func (x indexed) nextPage(t *testing.T, list string) string {
	t.Helper()
	answer := x.get(t, list)
	require.Equal(t, http.StatusOK, answer.Code, "%s", answer.Body)
	_, after, found := strings.Cut(answer.Body.String(), `"next_cursor":"`)
	require.True(t, found)
	cursor, _, _ := strings.Cut(after, `"`)
	require.NotEmpty(t, cursor)
	return url.QueryEscape(cursor)
}
