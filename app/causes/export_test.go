package causes

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RegistrySQL is the first page of a search, for the test of its plan.
func RegistrySQL(t *testing.T, search string) (query string, args []any) {
	t.Helper()
	q, err := parseRegistrySearch(search)
	require.NoError(t, err)
	return registrySQL(q, RegistryPage{Limit: 50})
}
