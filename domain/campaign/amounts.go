package campaign

import (
	"fmt"
	"slices"

	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/text"
)

// Usual is the row of amounts offered when editors name none: for dollars 25, 50, 100, 250 and 500, for other currencies the same
// multiples of their smallest charge.
func Usual(currency string) []int64 {
	c, err := money.Lookup(currency)
	if err != nil {
		return []int64{}
	}
	var row []int64
	for _, times := range []int64{50, 100, 200, 500, 1000} {
		if m := money.New(c.Least*times, currency); m.Chargeable() == nil {
			row = append(row, m.Minor)
		}
	}
	return row
}

// UsualMonthly is the row of monthly amounts offered when editors name none: four round ones, for dollars 10, 25, 50 and 100, for other
// currencies from about as many times their smallest charge.
func UsualMonthly(currency string) []int64 {
	c, err := money.Lookup(currency)
	if err != nil {
		return []int64{}
	}
	var row []int64
	for power := int64(10); len(row) < 4 && power < money.MaxMinor; power *= 10 {
		for _, round := range []int64{power, power * 5 / 2, power * 5} {
			if round >= c.Least*14 && len(row) < 4 && money.New(round, currency).Chargeable() == nil {
				row = append(row, round)
			}
		}
	}
	return row
}

// Monthly is the row of amounts offered for a monthly gift and the one chosen beforehand, also of a campaign older than monthly gifts.
func (c Campaign) Monthly() (offered Amounts, chosen int64) {
	offered, chosen = completedRow(c.MonthlySuggestedMinor, c.MonthlyDefaultMinor, UsualMonthly(c.Currency()))
	return offered, chosen
}

// completedRow sorts a row of amounts, fills an empty one with the usual amounts, and chooses the second one where none is chosen.
func completedRow(amounts []int64, chosen int64, usual []int64) (row []int64, preset int64) {
	if len(amounts) == 0 {
		amounts = usual
	}
	row = slices.Sorted(slices.Values(amounts))
	if chosen == 0 && len(row) > 0 {
		chosen = row[min(1, len(row)-1)]
	}
	return row, chosen
}

// offers reports whether an amount stands in one of the rows.
func (d Details) offers(minor int64) bool {
	return slices.Contains(d.Suggested, minor) || slices.Contains(d.MonthlySuggested, minor)
}

// rowFields are the names of a row of amounts, and of the one chosen beforehand, in faults.
type rowFields struct{ amounts, chosen string }

func checkRow(amounts []int64, chosen int64, currency string, f rowFields) error {
	if len(amounts) > MaxSuggested {
		return fault.Invalid(f.amounts, "campaign.suggested_count", fmt.Sprintf("Offer at most %d amounts.", MaxSuggested))
	}
	for i, minor := range amounts {
		if err := money.New(minor, currency).Chargeable(); err != nil {
			return fault.Blame(err, f.amounts)
		}
		if i > 0 && minor == amounts[i-1] {
			return fault.Invalid(f.amounts, "campaign.suggested_twice", "Each amount can be offered once.")
		}
	}
	if !slices.Contains(amounts, chosen) {
		return fault.Invalid(f.chosen, "campaign.default", "The amount chosen beforehand must be one of the offered ones.")
	}
	return nil
}

func (d *Details) cleanImpact() error {
	for minor, line := range d.ImpactLines {
		if !d.offers(minor) {
			return fault.Invalid("impact_lines", "campaign.impact_amount", "Each line belongs to one of the offered amounts.")
		}
		clean, err := text.Line("impact_lines", line, MaxImpactLine)
		if err != nil {
			return err
		}
		d.ImpactLines[minor] = clean
	}
	return nil
}

// sketchRow leaves out of a row what no page could show.
func sketchRow(amounts []int64, currency string) []int64 {
	row := slices.DeleteFunc(slices.Clone(amounts), func(minor int64) bool { return money.New(minor, currency).Chargeable() != nil })
	row = slices.Compact(slices.Sorted(slices.Values(row)))
	return row[:min(len(row), MaxSuggested)]
}

func offered(chosen int64, amounts []int64) int64 {
	if slices.Contains(amounts, chosen) {
		return chosen
	}
	return amounts[0]
}
