package volunteering_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
)

// TestFeedsAndRemindersReadAFewEntries explains, with 40,000 places of 4,000 volunteers in 2,000 shifts, what is asked all the time.
func TestFeedsAndRemindersReadAFewEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into people (org_id, id, first_name, last_name, created_at, updated_at)
			select $1, md5('p' || n)::uuid, 'P', n::text, $2, $2 from generate_series(1, 4000) n`, w.org.ID, w.now())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `insert into volunteers (org_id, person_id, status, check_in_code, feed_token, created_at, updated_at)
			select $1, md5('p' || n)::uuid, 'active', 'code' || n, 'token' || n, $2, $2 from generate_series(1, 4000) n`, w.org.ID, w.now())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `insert into shifts (org_id, id, opportunity_id, starts_local, ends_local, zone, starts_at, ends_at, places, closes_before_minutes,
				cancel_before_minutes, closes_at, cancel_until, status, taken, created_at, updated_at)
			select $1, md5('s' || n)::uuid, $2, s at time zone 'UTC', s at time zone 'UTC' + interval '3 hours', 'UTC', s, s + interval '3 hours', 20, 0, 0, s, s, 'open', 20, $3::timestamptz, $3::timestamptz
			from generate_series(1, 2000) n cross join lateral (select $3::timestamptz + n * interval '4 hours' - interval '200 days' as s) at`, w.org.ID, o.ID, w.now().UTC())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `insert into sign_ups (org_id, id, shift_id, person_id, status, source, rank, created_at, updated_at)
			select $1, md5('u' || s || ' ' || n)::uuid, md5('s' || s)::uuid, md5('p' || 1 + (s * 20 + n) % 4000)::uuid, 'confirmed', 'public', n, $2::timestamptz - interval '1 year',
				$2::timestamptz - interval '1 year' from generate_series(1, 2000) s cross join generate_series(1, 20) n`, w.org.ID, w.now())
		return err
	})
	explain := func(sql string, args ...any) string {
		var plan []string
		w.inTx(func(tx database.Tx) error {
			return tx.Gorm(t.Context()).Raw("explain (analyze, timing off) "+sql, args...).Scan(&plan).Error
		})
		return strings.Join(plan, "\n")
	}
	stamp := explain(strings.NewReplacer("$1", "@token", "$2", "@since", "$3", "@org").Replace(volunteering.StampSQL), map[string]any{
		"token": "token77", "since": w.now().AddDate(0, 0, -90), "org": w.org.ID,
	})
	require.Contains(t, stamp, "volunteers_feed_token_key")
	require.Contains(t, stamp, "sign_ups_person_id_idx")
	require.Contains(t, stamp, "shifts_pkey")
	require.NotContains(t, stamp, "Seq Scan on s")
	due := explain(volunteering.DueSQL, map[string]any{
		"earliest": w.now().Add(12 * time.Hour), "latest": w.now().Add(48 * time.Hour), "before": "48 hours", "slack": "12 hours", "n": 100,
	})
	require.Contains(t, due, "shifts_starts_at_idx")
	require.Contains(t, due, "sign_ups_shift_id")
	require.NotContains(t, due, "Seq Scan on sign_ups")
}
