package promise

import (
	"slices"
	"time"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
)

// Prospect says what happens next with a promise, or with one of its instalments, if nobody does anything.
type Prospect string

// The prospects.
const (
	WillCharge  Prospect = "charge"  // the card, on a date
	WillRetry   Prospect = "retry"   // the card again, on a date, after a decline
	UnderWay    Prospect = "busy"    // a payment is being made
	AtBank      Prospect = "bank"    // a bank takes its time
	NeedsDonor  Prospect = "confirm" // the bank wants to see the donor
	NeedsCard   Prospect = "card"    // nothing, before there is another card
	GaveUp      Prospect = "given_up"
	DonorPays   Prospect = "pay"    // the donor pays by a link, a cheque or a transfer
	Late        Prospect = "late"   // the same, and the date has passed
	OnPause     Prospect = "paused" // nothing before a date, then the card is charged
	WaitsForIt  Prospect = "setup"  // for the first payment, or the saved card, that opens it
	HasLapsed   Prospect = "lapsed" // nothing, before there is another card
	HasEnded    Prospect = "ended"  // nothing any more
	NothingNext Prospect = "nothing"
)

// Outlook is a prospect with its particulars.
type Outlook struct {
	Prospect   Prospect
	Instalment id.ID[Instalment] // what it speaks of; zero when of none
	Amount     money.Money       // what is asked for, cover included
	DueOn      day.Day           // the instalment's date
	On         day.Day           // when it happens: a charge, another try, the end of a pause
	Code       string            // why the payment before did not work
}

// Reason says in plain words why the payment before did not work.
func (o Outlook) Reason() string { return Reason(o.Code) }

// Outlook is what happens next with a promise.
func (p *Promise) Outlook(now time.Time) Outlook {
	next := p.Next()
	if next == nil {
		next = p.pending()
	}
	switch {
	case !p.Status.Open():
		return Outlook{Prospect: HasEnded}
	case p.Status == PendingSetup:
		return Outlook{Prospect: WaitsForIt}
	case p.Status == Lapsed:
		return Outlook{Prospect: HasLapsed}
	case next == nil:
		return Outlook{Prospect: NothingNext}
	}
	o := p.OutlookOf(next, now)
	if p.StandingOn(day.In(now, p.Location())) == Paused && o.Prospect == WillCharge {
		o.Prospect = OnPause
	}
	return o
}

// OutlookOf is what happens next with one of the instalments.
func (p *Promise) OutlookOf(i *Instalment, now time.Time) Outlook {
	today := day.In(now, p.Location())
	o := Outlook{Instalment: i.ID, Amount: i.Total(), DueOn: i.DueOn, On: i.DueOn, Code: i.DeclineCode}
	if i.ActAt != nil && p.Method == ByCard {
		o.On = day.In(*i.ActAt, p.Location())
	}
	if o.On.Before(today) {
		o.On = today
	}
	switch i.State {
	case Scheduled, Due:
		o.Prospect = p.collecting(i, today)
	case RetryWait:
		o.Prospect = WillRetry
	case Attempting, Unknown:
		o.Prospect = UnderWay
	case Processing:
		o.Prospect = AtBank
	case RequiresAction:
		o.Prospect = NeedsDonor
	case Failed:
		o.Prospect = NeedsCard
		if p.Kind == Plan && !i.stops() {
			o.Prospect = GaveUp // the plan goes on with the next one
		}
	case Paid, Skipped, Waived, GivenUp, Ended:
		o.Prospect = HasEnded
	}
	if i.Amount.Minor == 0 && i.State.Open() {
		o.Prospect = NothingNext
	}
	return o
}

func (p *Promise) collecting(i *Instalment, today day.Day) Prospect {
	switch {
	case i.State == Due && p.Method == ByCard:
		return UnderWay
	case i.ActAt != nil && p.Method == ByCard:
		return WillCharge
	case i.DueOn.Before(today):
		return Late
	}
	return DonorPays
}

// Troubled lists the open instalments that did not go as they should, or wait for the donor, by number.
func (p *Promise) Troubled(now time.Time) []*Instalment {
	var troubled []*Instalment
	if !p.Status.Open() || p.Status == PendingSetup {
		return nil
	}
	for k := range p.Instalments {
		i := &p.Instalments[k]
		if !i.State.Open() || i.Amount.Minor == 0 {
			continue
		}
		switch p.OutlookOf(i, now).Prospect {
		case WillRetry, NeedsDonor, NeedsCard, GaveUp, Late:
			troubled = append(troubled, i)
		case WillCharge, UnderWay, AtBank, DonorPays, OnPause, WaitsForIt, HasLapsed, HasEnded, NothingNext:
		}
	}
	return troubled
}

// Each is what every payment of a plan is, the card fee included where the donor covers it; of a pledge the whole amount.
func (p *Promise) Each() money.Money {
	return money.New(p.Amount.Minor+p.CoverMinor, p.Amount.Currency)
}

// Tried is a copy on which a change can be tried out, to say beforehand what would come of it.
func (p *Promise) Tried() Promise {
	c := *p
	c.Instalments = slices.Clone(p.Instalments)
	c.Dropped = slices.Clone(p.Dropped)
	return c
}

// Kept is a promise as whoever made it sees it.
type Kept struct {
	Promise
	Purpose string // the campaign's title, else the cause's name
	Noun    string // "monthly gift", "pledge"
	Rhythm  string // "every month on the 22nd"
	Paying  string // "Visa ending in 4242"; empty without a saved card
}
