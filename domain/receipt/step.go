package receipt

import "tributary/domain/money"

// Step is what brings a donation's receipt in line with the money that stands.
type Step string

// The steps.
const (
	Keep    Step = "keep"    // the receipts say what is true
	Begin   Step = "issue"   // none stands: issue one, replacing a void one if there was any
	Replace Step = "replace" // the amount changed: void the standing one and issue another
	Cancel  Step = "void"    // nothing of the gift is left: void the standing one
)

// Latest is the newest receipt of a donation.
type Latest struct {
	Amount         money.Money
	Stands         bool
	VoidedByPerson bool
}

// Next says what to do. latest is nil when the donation never had a receipt. What a person voided stays void until the money changes:
// a job that runs again must not undo their decision.
func (f Facts) Next(latest *Latest) Step {
	net := f.Net()
	stands := latest != nil && latest.Stands
	switch {
	case f.Undecided:
		return Keep
	case !f.Received || net.Minor <= 0:
		if stands {
			return Cancel
		}
		return Keep
	case stands && latest.Amount == net:
		return Keep
	case stands:
		return Replace
	case latest != nil && latest.VoidedByPerson && latest.Amount == net:
		return Keep
	default:
		return Begin
	}
}
