package database_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
)

func TestScopeTravelsWithBegin(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	org, login := uuid.New(), uuid.New()
	for _, tc := range []struct {
		name       string
		scope      database.Scope
		org, login string
	}{
		{"tenant", database.Tenant(org), org.String(), ""},
		{"login", database.Login(login), "", login.String()},
		{"platform", database.Platform(), "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, db.InTx(t.Context(), tc.scope, func(tx database.Tx) error {
				var gotOrg, gotLogin string
				err := tx.QueryRow(t.Context(), `SELECT current_setting('app.org_id'), current_setting('app.login_id')`).Scan(&gotOrg, &gotLogin)
				require.NoError(t, err)
				require.Equal(t, tc.org, gotOrg)
				require.Equal(t, tc.login, gotLogin)
				return nil
			}))
		})
	}
}
