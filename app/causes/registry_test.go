package causes_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tributary/app/causes"
	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/cause"
)

// registry is a fixture with the real sample imported.
func registry(t *testing.T) *fixture {
	t.Helper()
	f := start(t)
	_, _, err := f.bring(t, read(t, thisMonth))
	require.NoError(t, err)
	return f
}

func (f *fixture) search(t *testing.T, search string) []causes.RegistryHit {
	t.Helper()
	hits, _, err := f.SearchRegistry(t.Context(), causes.RegistryPage{Search: search, Limit: 50})
	require.NoError(t, err)
	return hits
}

func TestSearchRegistry(t *testing.T) {
	t.Parallel()
	f := registry(t)
	for _, tc := range []struct {
		search, first string
		hits          int
	}{
		{"010631747", "AMERICAN LEGION", 1},
		{"01-0631747", "AMERICAN LEGION", 1},
		{"01-0", "AMERICAN LEGION", 7},
		{"willow creek", "WILLOW CREEK REFUGE & PRESERVE", 1},
		{"preserve willow", "WILLOW CREEK REFUGE & PRESERVE", 1},
		{"sawyer cynthia", "MOSES SONG MINISTRIES", 1}, // the second line of the name
		{"back country hor", "SHOSHONE BACK COUNTRY HORSEMEN", 1},
		{"& pre", "WILLOW CREEK REFUGE & PRESERVE", 1},
		{"%%", "", 0},
		{"00-0000000", "", 0},
		{"nobody of this name", "", 0},
	} {
		hits := f.search(t, tc.search)
		require.Len(t, hits, tc.hits, tc.search)
		if tc.hits > 0 {
			require.Equal(t, tc.first, hits[0].Name, tc.search)
			require.False(t, hits[0].Claimed)
		}
	}
	for _, search := range []string{"", "a", "1", strings.Repeat("x", 101), "a b c d e f g h i"} {
		_, _, err := f.SearchRegistry(t.Context(), causes.RegistryPage{Search: search, Limit: 50})
		requireInvalid(t, err, "search")
	}
}

func TestSearchRegistryPages(t *testing.T) {
	t.Parallel()
	f := registry(t)
	all := f.search(t, "university of wyoming")
	require.Greater(t, len(all), 4, "many entries share one name")
	var paged []causes.RegistryHit
	page := causes.RegistryPage{Search: "university of wyoming", Limit: 2}
	for {
		hits, more, err := f.SearchRegistry(t.Context(), page)
		require.NoError(t, err)
		paged = append(paged, hits...)
		if !more {
			break
		}
		last := hits[len(hits)-1]
		page.After = causes.RegistryPosition{Name: last.Name, EIN: last.EIN}
	}
	require.Equal(t, all, paged)
}

func TestClaim(t *testing.T) {
	t.Parallel()
	f := registry(t)
	_, err := f.Claimed(f.river)
	require.ErrorIs(t, err, cause.ErrNoClaim)

	claim, err := f.ClaimEntry(f.river, "010639604")
	require.NoError(t, err)
	require.Equal(t, "BURNS ELEMENTARY PARENT ORGANIZATION", claim.Name)
	require.Equal(t, f.at, claim.VerifiedAt)
	require.Empty(t, claim.Warnings())
	require.Equal(t, 1, f.count(t, orgOf(f.river), `SELECT count(*) FROM organizations
		WHERE slug = 'riverbend' AND ein = '010639604' AND ein_verified_at = $1 AND legal_name = 'BURNS ELEMENTARY PARENT ORGANIZATION'`, f.at))
	require.Equal(t, 1, f.count(t, orgOf(f.river), `SELECT count(*) FROM audit_events WHERE action = 'registry.claimed'
		AND before->>'legal_name' = 'riverbend' AND after->>'ein' = '01-0639604'`))
	require.True(t, f.search(t, "010639604")[0].Claimed)

	f.at = f.at.Add(time.Hour)
	again, err := f.ClaimEntry(f.river, "010639604")
	require.NoError(t, err)
	require.Equal(t, claim, again, "claiming twice is one claim")
	read, err := f.Claimed(f.river)
	require.NoError(t, err)
	require.Equal(t, claim, read)

	_, err = f.ClaimEntry(f.harbor, "010639604")
	require.ErrorIs(t, err, cause.ErrEntryClaimed)
	require.NoError(t, f.ReleaseClaim(f.river))
	require.ErrorIs(t, f.ReleaseClaim(f.river), cause.ErrNoClaim)
	_, err = f.ClaimEntry(f.harbor, "010639604")
	require.NoError(t, err)
}

func TestTheOperatorTakesAClaimBack(t *testing.T) {
	t.Parallel()
	f := registry(t)
	_, err := f.ClaimEntry(f.river, "010639604")
	require.NoError(t, err)
	system := actor.With(t.Context(), actor.System)
	require.NoError(t, f.ReleaseEIN(system, "010639604"))
	require.ErrorIs(t, f.ReleaseEIN(system, "010639604"), cause.ErrNoClaim)
	_, err = f.Claimed(f.river)
	require.ErrorIs(t, err, cause.ErrNoClaim)
	require.Equal(t, 1, f.count(t, orgOf(f.river), `SELECT count(*) FROM audit_events WHERE action = 'registry.released' AND actor_kind = 'system'`))
}

func TestClaimRefuses(t *testing.T) {
	t.Parallel()
	f := registry(t)
	_, err := f.ClaimEntry(f.acme, "010639604")
	require.ErrorIs(t, err, cause.ErrNotNonprofit)
	_, err = f.ClaimEntry(f.river, "000000001")
	require.ErrorIs(t, err, cause.ErrEntryNotFound)

	f.at = f.at.AddDate(0, 1, 0)
	claim, err := f.ClaimEntry(f.harbor, "204206915")
	require.NoError(t, err)
	_, _, err = f.bring(t, read(t, nextMonth))
	require.NoError(t, err)
	_, err = f.ClaimEntry(f.river, "043831012")
	require.ErrorIs(t, err, cause.ErrEntryRemoved)
	gone, err := f.Claimed(f.harbor)
	require.NoError(t, err, "who claimed it before is told, not thrown out")
	require.Equal(t, claim.EIN, gone.EIN)
	require.NotNil(t, gone.RemovedAt)
	require.NotEmpty(t, gone.Warnings())
}

func TestClaimWarnsWhenNotDeductible(t *testing.T) {
	t.Parallel()
	f := registry(t)
	claim, err := f.ClaimEntry(f.river, "010631747") // a 501(c)(19) whose code is 0
	require.NoError(t, err)
	require.False(t, claim.Deductible())
	require.Len(t, claim.Warnings(), 1)
}

func TestOneOfManyClaimsWins(t *testing.T) {
	t.Parallel()
	f := registry(t)
	staff := make([]context.Context, 8)
	for i := range staff {
		staff[i] = f.staff(t, fmt.Sprint("claimant-", i), "nonprofit")
	}
	var racing errgroup.Group
	outcomes := make([]error, len(staff))
	for i := range staff {
		racing.Go(func() error {
			_, outcomes[i] = f.ClaimEntry(staff[i], "010639604")
			return nil
		})
	}
	require.NoError(t, racing.Wait())
	won := 0
	for _, err := range outcomes {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, cause.ErrEntryClaimed)
	}
	require.Equal(t, 1, won)
}

func TestRegistrySearchUsesAnIndex(t *testing.T) {
	t.Parallel()
	f := start(t)
	require.NoError(t, f.db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO registry_entries (ein, name, subsection, source, row_hash, created_at, updated_at)
			SELECT lpad(g::text, 9, '0'), upper(md5('n' || g)), '03', 'eo_xx', '', now(), now() FROM generate_series(1, 20000) g`)
		return err
	}))
	owner, err := pgx.Connect(t.Context(), f.urls.Owner)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), "VACUUM ANALYZE registry_entries")
	require.NoError(t, err)
	require.NoError(t, owner.Close(t.Context()))
	for search, index := range map[string]string{"abc123": "registry_entries_search_idx", "ab": "registry_entries_search_idx", "00-0012": "registry_entries_pkey"} {
		query, args := causes.RegistrySQL(t, search)
		var plan []string
		require.NoError(t, f.db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
			return r.Gorm(t.Context()).Raw("EXPLAIN "+query, args...).Scan(&plan).Error
		}))
		require.Contains(t, strings.Join(plan, "\n"), index, search)
		require.NotContains(t, strings.Join(plan, "\n"), "Seq Scan on registry_entries", search)
	}
}
