package reporting

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/promise"
)

// ForecastMonth is what promises are expected to bring in a calendar month, in one currency.
type ForecastMonth struct {
	Month    day.Day // its first
	Currency string
	Plans    Sum
	Pledges  Sum
}

// Forecast is what promises are expected to bring, and what should have come already.
type Forecast struct {
	Months []ForecastMonth // each month in each currency, also without anything
	Late   []Sum           // one per currency, the largest first; no part of any month
}

// Forecast sums what plans and pledges should bring in this month and the following ones, without what donors add for fees.
func (s *Service) Forecast(ctx context.Context, months int) (Forecast, error) {
	a := actor.From(ctx)
	org, err := s.orgs.Organization(ctx, a.OrgID)
	if err != nil {
		return Forecast{}, err
	}
	today := day.In(s.now(), org.Location())
	var sums []expected
	err = s.db.ReadReplica(ctx, database.Tenant(a.OrgID), func(r database.Reader) (err error) {
		sums, err = forecast(ctx, r, today, day.New(today.Year(), today.Month()+time.Month(months), 1))
		return err
	})
	if err != nil {
		return Forecast{}, err
	}
	return arrange(sums, today, months, org.Currency), nil
}

// arrange lays the sums out by month, then currency: the organization's own, then by name.
func arrange(sums []expected, today day.Day, months int, own string) Forecast {
	var currencies []string
	for _, e := range sums {
		if !slices.Contains(currencies, e.Currency) {
			currencies = append(currencies, e.Currency)
		}
	}
	if len(currencies) == 0 {
		currencies = []string{own}
	}
	slices.SortFunc(currencies, func(a, b string) int {
		switch own {
		case a:
			return -1
		case b:
			return 1
		}
		return strings.Compare(a, b)
	})
	f, first := Forecast{}, today.Year()*12+int(today.Month())-1
	at := map[[2]any]int{}
	for m := range months {
		for _, c := range currencies {
			at[[2]any{first + m, c}] = len(f.Months)
			f.Months = append(f.Months, ForecastMonth{
				Month: day.New(today.Year(), today.Month()+time.Month(m), 1), Currency: c, Plans: Sum{Currency: c}, Pledges: Sum{Currency: c},
			})
		}
	}
	overdue := map[string]Sum{}
	for _, e := range sums {
		switch {
		case e.Month == nil:
			sum := overdue[e.Currency]
			overdue[e.Currency] = Sum{e.Currency, sum.Minor + e.Minor, sum.Count + e.Count}
		case e.Kind == promise.Plan:
			f.Months[at[[2]any{*e.Month, e.Currency}]].Plans = e.Sum
		default:
			f.Months[at[[2]any{*e.Month, e.Currency}]].Pledges = e.Sum
		}
	}
	for _, c := range currencies {
		if sum, ok := overdue[c]; ok {
			f.Late = append(f.Late, sum)
		}
	}
	return f
}

// longAgo is before every due date.
var longAgo = day.New(1900, time.January, 1)

// ListLate lists the instalments that a person may have to look at, longest due first; after is where the previous page ended.
func (s *Service) ListLate(ctx context.Context, after day.Day, afterID uuid.UUID, limit int) ([]Late, error) {
	a := actor.From(ctx)
	org, err := s.orgs.Organization(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	if after.IsZero() {
		after = longAgo
	}
	var rows []Late
	err = s.db.Read(ctx, database.Tenant(a.OrgID), func(r database.Reader) (err error) {
		rows, err = listLate(ctx, r, day.In(s.now(), org.Location()), after, afterID, limit)
		return err
	})
	return rows, err
}
