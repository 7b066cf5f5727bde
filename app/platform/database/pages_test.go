package database_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
)

func TestPagesGoOnWhereTheLastEnded(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	upTo := func(end int, ending error) func(after *int) ([]int, bool, error) {
		return func(after *int) ([]int, bool, error) {
			first := 1
			if after != nil {
				first = *after + 1
			}
			if first > end {
				return nil, false, ending
			}
			return []int{first, first + 1}, first+1 < end || ending != nil, nil
		}
	}
	for range 2 { // the same list may be read again
		var rows []int
		for row, err := range database.Pages(upTo(6, nil)) {
			require.NoError(t, err)
			rows = append(rows, row)
		}
		require.Equal(t, []int{1, 2, 3, 4, 5, 6}, rows)
	}
	var failed error
	for row, err := range database.Pages(upTo(4, broken)) {
		if failed = err; err == nil {
			require.LessOrEqual(t, row, 4)
		}
	}
	require.ErrorIs(t, failed, broken)
	for row := range database.Pages(upTo(4, broken)) {
		require.Equal(t, 1, row)
		break
	}
}
