package people_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/person"
)

// fill adds n people whose names are made of hexadecimal digits.
func (f *fixture) fill(t *testing.T, n int) {
	t.Helper()
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(f.riverID), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO people (org_id, id, first_name, last_name, email, email_normalized, created_at, updated_at)
			SELECT $1, gen_random_uuid(), substr(md5('f' || g), 1, 7), substr(md5('l' || g), 1, 9), 'p' || g || '@example.org',
				'p' || g || '@example.org', $2::timestamptz - g * interval '1 minute', $2
			FROM generate_series(1, $3) g`, f.riverID, f.clock.Now(), n)
		return err
	}))
	f.analyze(t)
}

// plan explains a statement under the tenant's policy; narrow is the pattern the policy narrows by, if any.
func (f *fixture) plan(t *testing.T, narrow, query string, args ...any) string {
	t.Helper()
	var lines []string
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(f.riverID), func(r database.Reader) error {
		var set string
		require.NoError(t, r.QueryRow(t.Context(), people.NarrowSQL, narrow).Scan(&set))
		return r.Gorm(t.Context()).Raw("EXPLAIN (ANALYZE, TIMING OFF) "+query, args...).Scan(&lines).Error
	}))
	return strings.Join(lines, "\n")
}

func TestListsAndSearchesUseAnIndex(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.fill(t, 20_000)
	position := []any{f.clock.Now().Add(-200 * time.Hour), id.New[person.Person]()}
	const after = "WHERE (created_at, id) < (?, ?)"
	for _, tc := range []struct {
		name, narrow, query, index string
		args                       []any
	}{
		{"first page", "", people.NewestSQL(""), "people_created_at_idx", []any{51}},
		{"deep page", "", people.NewestSQL(after), "people_created_at_idx", append(position, 51)},
		{"rare text", "%abc12%", people.MatchingSQL(""), "people_search_idx", []any{"", 51}},
		{"two words", "%p1999@%", people.MatchingSQL(""), "people_search_idx", []any{"%a%", 51}},
		{"two letters", "% ab%", people.MatchingSQL(""), "people_search_idx", []any{"", 51}},
		{"deep page of a search", "%abc%", people.MatchingSQL(after), "people_search_idx", append([]any{""}, append(position, 51)...)},
		{"by address", "", "SELECT id FROM people WHERE email_normalized = ?", "people_email_normalized_key", []any{"p77@example.org"}},
	} {
		plan := f.plan(t, tc.narrow, tc.query, tc.args...)
		require.Contains(t, plan, tc.index, tc.name)
		require.NotContains(t, plan, "Seq Scan", tc.name)
	}
}

func TestSearchNarrowsOnlyWithinTheTenant(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, err := f.Create(f.atRiver, person.Details{FirstName: "Ann", LastName: "River"})
	require.NoError(t, err)
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(f.seaID), func(r database.Reader) error {
		for _, pattern := range []string{"", "%", "%ann%"} {
			var set string
			require.NoError(t, r.QueryRow(t.Context(), people.NarrowSQL, pattern).Scan(&set))
			var n int
			require.NoError(t, r.QueryRow(t.Context(), "SELECT count(*) FROM people").Scan(&n))
			require.Zero(t, n)
		}
		return nil
	}))
}
