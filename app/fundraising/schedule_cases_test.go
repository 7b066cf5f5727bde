package fundraising_test

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// scheduleCases is the table that both sides of the form count dates and parts by: this test and frontend/src/public/donate/schedule.test.ts.
type scheduleCases struct {
	Due []struct {
		Name  string
		Unit  promise.Unit
		Every int
		First string
		Dates map[string]string
	}
	Divide []struct {
		Total      int64
		Currency   string
		Count      int
		Each, Last int64
		Error      string
	}
}

func TestTheFormCountsDatesAndPartsAsTheServerDoes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../frontend/src/public/donate/schedule.json")
	require.NoError(t, err)
	var table scheduleCases
	require.NoError(t, json.Unmarshal(raw, &table))
	for _, c := range table.Due {
		first, err := day.Parse(c.First)
		require.NoError(t, err)
		s, err := promise.NewSchedule(c.Unit, c.Every, nil, first)
		require.NoError(t, err)
		for n, want := range c.Dates {
			number, err := strconv.Atoi(n)
			require.NoError(t, err)
			require.Equal(t, want, s.Due(number).String(), "%s: %d", c.Name, number)
		}
	}
	for _, c := range table.Divide {
		s, err := promise.NewSchedule(promise.Month, 1, &c.Count, day.New(2027, 1, 31))
		require.NoError(t, err)
		parts, err := promise.Preview(money.New(c.Total, c.Currency), s)
		if c.Error != "" {
			require.ErrorIs(t, err, map[string]error{"small": promise.ErrPartSmall, "large": promise.ErrPartLarge}[c.Error], "%d %s", c.Total, c.Currency)
			continue
		}
		require.NoError(t, err, "%d %s in %d", c.Total, c.Currency, c.Count)
		require.Len(t, parts, c.Count)
		for _, p := range parts[:c.Count-1] {
			require.Equal(t, c.Each, p.Amount.Minor)
		}
		require.Equal(t, c.Last, parts[c.Count-1].Amount.Minor)
	}
}
