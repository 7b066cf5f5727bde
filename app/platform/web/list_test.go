package web_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/web"
	"tributary/domain/day"
)

func TestAPageEndsWhereTheNextBegins(t *testing.T) {
	t.Parallel()
	view := func(n int) string { return strconv.Itoa(10 * n) }
	cursor := func(n int) string { return "after " + strconv.Itoa(n) }

	rows, more := web.Cut([]int{1, 2, 3}, 2)
	require.Equal(t, web.PageOf[string]{Items: []string{"10", "20"}, NextCursor: "after 2"}, web.PageBy(rows, more, view, cursor))
	rows, more = web.Cut([]int{1, 2}, 2)
	require.Equal(t, web.PageOf[string]{Items: []string{"10", "20"}}, web.PageBy(rows, more, view, cursor), "the last page has no cursor")
	rows, more = web.Cut([]int(nil), 2)
	require.Equal(t, web.PageOf[string]{Items: []string{}}, web.PageBy(rows, more, view, cursor), "nothing is an empty list")
}

func TestRowsEndWithAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	things := func(yield func(int, error) bool) { _ = yield(1, nil) && yield(2, nil) && yield(0, broken) }
	row := func(n int) []string { return []string{strconv.Itoa(n)} }
	var got []string
	for cells, err := range web.CSVRows(things, row) {
		if err != nil {
			require.ErrorIs(t, err, broken)
			got = append(got, "error")
			continue
		}
		got = append(got, cells...)
	}
	require.Equal(t, []string{"1", "2", "error"}, got)
	for range web.CSVRows(things, row) {
		break
	}
}

func TestWhatMayBeLeftOutOfAQuery(t *testing.T) {
	t.Parallel()
	known := uuid.Must(uuid.NewV7())
	texts := []string{known.String(), "", "urn:uuid:" + known.String(), "x"}

	u, err := web.OptionalID("person_id", texts[0])
	require.NoError(t, err)
	require.Equal(t, known, u)
	p, err := web.PerhapsID("person_id", &texts[0])
	require.NoError(t, err)
	require.Equal(t, known, *p)
	require.Equal(t, known.String(), web.IDText(p))

	u, err = web.OptionalID("person_id", texts[1])
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, u)
	for _, absent := range []*string{nil, &texts[1]} {
		p, err = web.PerhapsID("person_id", absent)
		require.NoError(t, err)
		require.Nil(t, p)
		require.Empty(t, web.IDText(p))
	}
	for _, wrong := range texts[2:] {
		_, err = web.OptionalID("person_id", wrong)
		require.ErrorContains(t, err, "id.invalid: person_id:")
		_, err = web.PerhapsID("person_id", &wrong)
		require.ErrorContains(t, err, "id.invalid: person_id:")
	}

	d, err := web.OptionalDay("from", "2026-11-22")
	require.NoError(t, err)
	require.Equal(t, day.New(2026, 11, 22), d)
	d, err = web.OptionalDay("from", "")
	require.NoError(t, err)
	require.True(t, d.IsZero())
	_, err = web.OptionalDay("from", "22.11.2026")
	require.ErrorContains(t, err, "date.invalid: from:")
}
