package fundraising

import (
	"slices"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"tributary/domain/campaign"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// The ways to give, as forms and addresses call them.
const (
	wayOnce    = string(donation.Once)
	wayMonthly = string(donation.Monthly)
	wayPledge  = "pledge"
)

// choice is one of several options of a control, with the catalogue key of its words.
type choice struct {
	Value  string
	Key    string
	Chosen bool
}

// waysOf are the ways to give that a campaign offers; giving once is always one.
func (s *Service) waysOf(c campaign.Campaign) []string {
	ways := []string{wayOnce}
	if c.OfferMonthly {
		ways = append(ways, wayMonthly)
	}
	if c.OfferPledge && s.pledges != nil {
		ways = append(ways, wayPledge)
	}
	return ways
}

func choicesOf(values []string, chosen, keys string) []choice {
	choices := make([]choice, len(values))
	for i, v := range values {
		choices[i] = choice{v, keys + v, v == chosen}
	}
	return choices
}

// monthlyView is what a page shows of giving every month.
type monthlyView struct {
	Tiles []tile
	Next  nextCharge
}

// nextCharge says when a monthly gift that begins today is charged again, and on which day of every month from then on.
type nextCharge struct {
	On      day.Day
	Day     int
	DayKey  string // the catalogue key of "22nd"
	Shorter bool   // some months have no such day: there it is their last one
}

func nextChargeAfter(today day.Day) nextCharge {
	monthly, err := promise.NewSchedule(promise.Month, 1, nil, today)
	if err != nil { // these arguments are right by themselves
		return nextCharge{}
	}
	return nextCharge{On: monthly.Due(2), Day: today.DayOfMonth(), DayKey: ordinalKey(today.DayOfMonth()), Shorter: today.DayOfMonth() > 28}
}

// ordinalKey is the catalogue key that writes n as a place in a row: "give.day_two" for 2, 22 in English.
func ordinalKey(n int) string {
	forms := map[plural.Form]string{
		plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
	}
	return "give.day_" + forms[plural.Ordinal.MatchPlural(language.English, n, 0, 0, 0, 0)]
}

// tilesOf are the offered amounts of a row, with what each is when the fee is covered.
func tilesOf(c campaign.Campaign, row []int64, chosen string, tariff money.Tariff) []tile {
	tiles := make([]tile, len(row))
	for i, minor := range row {
		amount := money.New(minor, c.Currency())
		total := tariff.Gross(amount)
		tiles[i] = tile{
			Value: amount.Decimal(), Amount: amount, Total: total, Extra: money.New(total.Minor-minor, c.Currency()), Line: c.ImpactLines[minor],
			Checked: chosen == amount.Decimal(),
		}
	}
	return tiles
}

// chosenTile is the choice in a row of amounts that a suggested amount stands for: its tile, or the free field with that amount in it.
func chosenTile(row []int64, suggested money.Money) (tile, typed string) {
	if slices.Contains(row, suggested.Minor) {
		return suggested.Decimal(), ""
	}
	return otherAmount, suggested.Decimal()
}
