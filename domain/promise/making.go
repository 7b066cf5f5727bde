package promise

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/text"
)

// Part is one instalment of a pledge as it would be.
type Part struct {
	N      int
	DueOn  day.Day
	Amount money.Money
}

// Preview divides a total over a schedule with a count: equal parts in whole steps of the currency, the rest in the last one. It returns
// invalid faults, among them ErrPartSmall when the parts could not be charged.
func Preview(total money.Money, s Schedule) ([]Part, error) {
	if s.Count == nil {
		return nil, ErrCount
	}
	if err := fault.Join(s.check(), checkAmount(total)); err != nil {
		return nil, err
	}
	currency, err := money.Lookup(total.Currency)
	if err != nil {
		return nil, err
	}
	n := int64(*s.Count)
	each := total.Minor / n / currency.Step * currency.Step
	rest := total.Minor - each*(n-1)
	switch {
	case each < currency.Least:
		return nil, ErrPartSmall
	case rest > money.MaxMinor:
		return nil, ErrPartLarge
	}
	parts := make([]Part, n)
	for i := range parts {
		parts[i] = Part{N: i + 1, DueOn: s.Due(i + 1), Amount: money.New(each, total.Currency)}
	}
	parts[n-1].Amount.Minor = rest
	return parts, nil
}

// checkAmount is Chargeable for the sum of several charges: it may be larger than one.
func checkAmount(m money.Money) error {
	if m.Minor > money.MaxMinor { // whatever its size, its step and currency count
		m.Minor = money.MaxMinor/10_000*10_000 - 10_000 + m.Minor%10_000
	}
	return fault.Blame(m.Chargeable(), "amount")
}

// PlanDetails is what a new plan takes; the form's checkout has checked the donor and the amount.
type PlanDetails struct {
	Donation donation.Donation // the first gift: donor, amount, cover, what it is for
	Unit     Unit
	Every    int
	Count    *int
	Zone     string
	Today    day.Day // where the zone is: the date of the first gift
	Token    uuid.UUID
}

// NewPlan makes the plan whose first instalment is a gift about to be paid. It is pending until that gift arrives.
func NewPlan(d PlanDetails, now time.Time) (Promise, error) {
	schedule, err := NewSchedule(d.Unit, d.Every, d.Count, d.Today)
	if err != nil {
		return Promise{}, err
	}
	g := d.Donation
	p := Promise{
		OrgID: g.OrgID, ID: id.New[Promise](), Reference: newReference(), Kind: Plan, Status: PendingSetup, DonorFirstName: g.DonorFirstName,
		DonorLastName: g.DonorLastName, DonorEmail: g.DonorEmail, CampaignID: g.CampaignID, CauseID: g.CauseID, FundID: g.FundID,
		Amount: g.Amount, CoverMinor: g.CoverMinor, Schedule: schedule, Zone: d.Zone, Method: ByCard, Visibility: g.Visibility,
		EmailConsent: g.EmailConsent, FormToken: &d.Token, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	first := p.add(1, schedule.Due(1), g.Amount.Minor, now)
	first.DonationID = &g.ID.UUID
	p.expect(now)
	return p, nil
}

// PledgeDetails is what somebody promises.
type PledgeDetails struct {
	PersonID         *uuid.UUID // staff chose who
	Donor            donation.Donor
	Target           donation.Target
	Total            money.Money
	Count            int
	Unit             Unit
	Every            int
	FirstOn          day.Day
	Zone             string
	Method           Method
	CardID           *uuid.UUID
	RemindBeforeDays int
	RemindEveryDays  int
	RemindAtMost     int
	Visibility       donation.Visibility
	EmailConsent     bool
	Note             string
	Public           bool // made by the donor on a form: no date may have passed, and a card is still to be saved
}

// Limits of reminding.
const (
	mostRemindDays = 60
	mostReminders  = 10
)

var errRemind = fault.Invalid("remind_at_most", "promise.remind", "Remind at most 10 times, each within 60 days.")

// NewPledge makes a pledge with all its instalments. It returns invalid faults that name every wrong field.
func NewPledge(org uuid.UUID, d PledgeDetails, today day.Day, now time.Time) (Promise, error) {
	schedule, err := NewSchedule(d.Unit, d.Every, &d.Count, d.FirstOn)
	parts, errParts := Preview(d.Total, schedule)
	var errPerson, errFirst, errNote, errReminders, errMethod error
	if d.PersonID == nil && !d.Public {
		errPerson = ErrPersonNeeded
	}
	switch {
	case d.FirstOn.IsZero(), (d.Public || d.Method == ByCard) && d.FirstOn.Before(today), d.FirstOn.Before(today.AddDays(-5 * 366)):
		errFirst = ErrFirstPast
	case d.FirstOn.After(today.AddDays(5 * 366)):
		errFirst = ErrFirstFar
	}
	d.Note, errNote = text.Block("note", d.Note, 2000)
	if min(d.RemindBeforeDays, d.RemindEveryDays, d.RemindAtMost) < 0 || max(d.RemindBeforeDays, d.RemindEveryDays) > mostRemindDays || d.RemindAtMost > mostReminders {
		errReminders = errRemind
	}
	if d.Method != ByCard && d.Method != ByLink {
		errMethod = fault.Invalid("method", "promise.method", "Choose a saved card, or a link and cheques.")
	}
	if err == nil {
		err = errParts
	}
	if err := fault.Join(errPerson, err, errFirst, errNote, errReminders, errMethod); err != nil {
		return Promise{}, err
	}
	p := Promise{
		OrgID: org, ID: id.New[Promise](), Reference: newReference(), Kind: Pledge, Status: PendingSetup, PersonID: d.PersonID,
		DonorFirstName: d.Donor.FirstName, DonorLastName: d.Donor.LastName, DonorEmail: d.Donor.Email, CampaignID: d.Target.CampaignID,
		CauseID: d.Target.CauseID, FundID: d.Target.FundID, Amount: d.Total, Schedule: schedule, Zone: d.Zone, Method: d.Method, CardID: d.CardID,
		Visibility: d.Visibility, EmailConsent: d.EmailConsent, RemindBeforeDays: d.RemindBeforeDays, RemindEveryDays: d.RemindEveryDays,
		RemindAtMost: d.RemindAtMost, Note: d.Note, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if p.Visibility == "" {
		p.Visibility = donation.NameAndAmount
	}
	if !d.Public {
		p.Status = Active
	}
	for _, part := range parts {
		p.add(part.N, part.DueOn, part.Amount.Minor, now)
	}
	for k := range p.Instalments {
		if i := &p.Instalments[k]; d.Public || i.DueOn.Before(today) {
			i.ActAt = nil // nothing happens before a card is saved, see Activate; what starts late is for staff to speak of
		}
	}
	if d.Public {
		p.expect(now)
	}
	return p, nil
}

// PledgeRequest is a filled public pledge form.
type PledgeRequest struct {
	OrgSlug, CampaignSlug      string
	Total                      money.Money
	Count                      int
	Unit                       Unit
	Every                      int
	FirstOn                    day.Day
	FirstName, LastName, Email string
	Visibility                 donation.Visibility
	EmailConsent               bool
	Zone                       string // the browser's; an unknown one is the organization's
	FormToken                  uuid.UUID
	IP                         string
}

// Clean trims and checks who pledges. The amounts and dates are NewPledge's.
func (r *PledgeRequest) Clean() error {
	probe := donation.CheckoutRequest{
		Amount: money.New(100_00, r.Total.Currency), FirstName: r.FirstName, LastName: r.LastName, Email: r.Email, Visibility: r.Visibility,
		FormToken: r.FormToken,
	}
	if c, err := money.Lookup(r.Total.Currency); err == nil {
		probe.Amount.Minor = max(c.Least, c.Step) // the total is checked with its instalments
	}
	err := probe.Clean()
	r.FirstName, r.LastName, r.Email, r.Visibility = probe.FirstName, probe.LastName, probe.Email, probe.Visibility
	return err
}

// ZoneOr is the zone when it is a known name, else the other one: a browser's word is never an error.
func ZoneOr(zone, otherwise string) string {
	if zone == "" || zone == "Local" || strings.ContainsAny(zone, ".\\") || len(zone) > 60 {
		return otherwise
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return otherwise
	}
	return zone
}

func newReference() string { return "P" + strings.TrimPrefix(donation.NewReference(), "R") }

// EmailOf is the address as it is compared.
func EmailOf(d donation.Donor) string {
	_, normalized, err := account.NormalizeEmail(d.Email)
	if err != nil {
		return ""
	}
	return normalized
}
