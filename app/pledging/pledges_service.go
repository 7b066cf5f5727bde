package pledging

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/campaign"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/promise"
)

const (
	// How many forms one address, and one e-mail, may send. They count together with those of gifts: whoever tries stolen cards tries both.
	formsPerAddress = 60
	formsPerEmail   = 12
	formsWindow     = 10 * time.Minute
)

// Preview is what the parts of a pledge would be. It returns invalid faults that name the fields.
func Preview(total money.Money, to Rearrangement) ([]promise.Part, error) {
	if to.FirstOn.IsZero() {
		return nil, promise.ErrFirstPast
	}
	schedule, err := promise.NewSchedule(to.Unit, to.Every, &to.Count, to.FirstOn)
	if err != nil {
		return nil, err
	}
	parts, err := promise.Preview(total, schedule)
	return parts, ofTotal(err)
}

// Record keeps a pledge that staff take from a person, and thanks them for it. It returns invalid faults that name the fields. A request
// that was recorded already is not recorded again.
func (s *Service) Record(ctx context.Context, d promise.PledgeDetails, request donation.Request) (Detail, error) {
	who := actor.From(ctx)
	org, err := s.organizations.Organization(ctx, who.OrgID)
	if err != nil {
		return Detail{}, err
	}
	d.Zone, d.Public = org.Zone, false
	if d.Method == promise.ByLink {
		d.CardID = nil
	}
	var p promise.Promise
	err = s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) error {
		known, err := surroundingsOf(ctx, tx, d)
		if err != nil {
			return err
		}
		if d.Total.Currency != org.Currency {
			return donation.ErrWrongCurrency.With("total")
		}
		d.Target.CauseID, d.Donor = known.causeID, known.donor
		if p, err = promise.NewPledge(who.OrgID, d, day.In(s.now(), org.Location()), s.now()); err != nil {
			return ofTotal(err)
		}
		p.Request, p.CreatedBy = request, who.Login()
		return s.keepTx(ctx, tx, org, &p)
	})
	if errors.Is(err, promise.ErrRequestDiffers) && request.Key != nil {
		return s.recordedBefore(ctx, who.OrgID, request)
	}
	if err != nil {
		return Detail{}, err
	}
	return s.Find(ctx, p.ID)
}

// keepTx stores a new pledge with all that goes with it.
func (s *Service) keepTx(ctx context.Context, tx database.Tx, org account.Organization, p *promise.Promise) error {
	p.Books = org.BookPledges
	if err := s.bookTx(tx, p, ""); err != nil {
		return err
	}
	if err := insertPromise(ctx, tx, *p); err != nil {
		return err
	}
	if err := s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "promise.started", SubjectType: "promise", SubjectID: p.ID.UUID, After: terms(*p, map[string]any{"kind": p.Kind, "count": p.Schedule.Count}),
	}); err != nil {
		return err
	}
	if p.Status == promise.PendingSetup {
		return nil // nobody is thanked, and nothing counts, before the card is saved
	}
	if err := s.mailTx(ctx, tx, org, *p, letter{template: "pledge_thanks"}); err != nil {
		return err
	}
	s.announce(tx, promise.Promise{}, *p)
	return s.wakeTx(ctx, tx, promise.Promise{}, *p)
}

// recordedBefore returns what an earlier, equal request recorded: the answer to it may have been lost.
func (s *Service) recordedBefore(ctx context.Context, org uuid.UUID, request donation.Request) (Detail, error) {
	var before promise.Promise
	err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		if before, err = promiseBy(ctx, r, "request_key = ?", *request.Key); err != nil {
			return err
		}
		return before.Request.Repeats(request)
	})
	if err != nil {
		return Detail{}, err
	}
	return s.Find(ctx, before.ID)
}

// StartPledge turns a filled public form into a pledge and opens Stripe's page on which its card is saved; nothing counts before that. The
// same form sent twice is one pledge; a form whose card is saved already leads to its own page. It returns invalid faults that name the
// form's fields, campaign.ErrNotFound, campaign.ErrNotStarted, campaign.ErrEnded, a rate-limited fault, or payment.ErrUnavailable.
func (s *Service) StartPledge(ctx context.Context, r promise.PledgeRequest) (donation.CheckoutStarted, error) {
	if r.IP != "" {
		if err := s.limiter.Allow(ctx, "checkout-address", r.IP, formsPerAddress, formsWindow); err != nil {
			return donation.CheckoutStarted{}, err
		}
	}
	errForm := r.Clean()
	org, c, err := s.campaigns.CampaignForGiving(ctx, r.OrgSlug, r.CampaignSlug)
	switch {
	case err != nil:
		return donation.CheckoutStarted{}, err
	case errForm != nil:
		return donation.CheckoutStarted{}, ofTotal(errForm)
	case r.Total.Currency != c.Currency():
		return donation.CheckoutStarted{}, donation.ErrWrongCurrency.With("total")
	}
	if err := s.limiter.Allow(ctx, "checkout-email", strings.ToLower(r.Email), formsPerEmail, formsWindow); err != nil {
		return donation.CheckoutStarted{}, err
	}
	p, err := s.pledgeOfForm(ctx, org, c.ID, r)
	if errors.Is(err, errFormSent) { // sent twice at the same moment: the other one made it
		p, err = s.pledgeOfForm(ctx, org, c.ID, r)
	}
	if err != nil {
		return donation.CheckoutStarted{}, err
	}
	started := donation.CheckoutStarted{Reference: p.Reference, RedirectURL: s.pledgeURL(org, p)}
	if p.Status == promise.PendingSetup {
		started.RedirectURL, err = s.StartSetup(ctx, org, p, started.RedirectURL)
	}
	return started, err
}

// pledgeOfForm finds the pledge of this very form, or makes it. The campaign is read again and held: a pledge is for the cause it names now.
func (s *Service) pledgeOfForm(ctx context.Context, org account.Organization, which id.ID[campaign.Campaign], r promise.PledgeRequest) (promise.Promise, error) {
	now, token := s.now(), r.Token()
	zone := promise.ZoneOr(r.Zone, org.Zone)
	var p promise.Promise
	err := s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		var err error
		if p, err = promiseBy(ctx, tx, "form_token = ?", token); err == nil || !errors.Is(err, promise.ErrNotFound) {
			return err
		}
		c, err := holdCampaign(ctx, tx, which)
		if err != nil {
			return err
		}
		if err := c.Open(day.In(now, org.Location())); err != nil {
			return err
		}
		if !c.OfferPledge {
			return campaign.ErrNoPledge
		}
		campaignID := c.ID.UUID
		p = promise.Promise{Zone: zone}
		p, err = promise.NewPledge(org.ID.UUID, promise.PledgeDetails{
			Donor:  donation.Donor{FirstName: r.FirstName, LastName: r.LastName, Email: r.Email},
			Target: donation.Target{CampaignID: &campaignID, CauseID: c.CauseID.UUID, FundID: c.FundID.UUID},
			Total:  r.Total, Count: r.Count, Unit: r.Unit, Every: r.Every, FirstOn: r.FirstOn, Zone: zone, Method: promise.ByCard,
			Visibility: r.Visibility, EmailConsent: r.EmailConsent, Public: true,
		}, day.In(now, p.Location()), now)
		if err != nil {
			return ofTotal(err)
		}
		p.FormToken = &token
		return s.keepTx(ctx, tx, org, &p)
	})
	return p, err
}

// pledgeURL is the page that tells who made a public pledge how it stands.
func (s *Service) pledgeURL(org account.Organization, p promise.Promise) string {
	return s.publicURL.JoinPath("promise", org.Slug, p.Reference).String()
}

// part is the instalment that somebody changes.
type part = id.ID[promise.Instalment]

// Charge has an instalment charged to the saved card at once.
func (s *Service) Charge(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, which part) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		err := p.ChargeNow(which, s.now())
		if errors.Is(err, money.ErrAmountTooSmall) { // what a rounding or an under-payment left
			err = fault.Blame(err, "instalment_id")
		}
		return change{action: "promise.charge_asked", detail: ofPart(p, which)}, err
	})
}

// Remind mails the donor about an instalment now, with a link to pay it. It returns promise.ErrDoNotContact or promise.ErrNoAddress when
// they cannot be written to.
func (s *Service) Remind(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, which part) (promise.Promise, error) {
	if err := s.reachable(ctx, org, of); err != nil {
		return promise.Promise{}, err
	}
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		i, err := p.Remind(which, s.now())
		if err != nil {
			return change{}, err
		}
		l := letter{template: "pledge_reminder", about: i}
		switch {
		case i.State == promise.RequiresAction:
			l.template = "payment_confirm"
		case i.State == promise.RetryWait:
			l.template = "payment_declined"
		case i.State == promise.Failed:
			l.template = "card_needed"
		case p.Kind == promise.Plan:
			l.template = "card_link"
		}
		return change{action: "promise.reminded", detail: ofPart(p, which), letter: l}, nil
	})
}

// Move gives one instalment of a pledge another date.
func (s *Service) Move(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, which part, due day.Day) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, today day.Day) (change, error) {
		err := p.Move(which, due, today, s.now())
		if errors.Is(err, promise.ErrFirstPast) || errors.Is(err, promise.ErrFirstFar) {
			err = fault.Rename(err, map[string]string{"first_on": "due_on"})
		}
		return change{action: "promise.moved", detail: ofPart(p, which), letter: letter{template: "pledge_changed", did: didMove, about: p.Instalment(which)}}, err
	})
}

// Waive forgives one instalment of a pledge.
func (s *Service) Waive(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, which part, reason string) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		err := p.Waive(which, reason, s.now())
		return change{
			action: "promise.waived", detail: ofPart(p, which), books: ledger.PledgeReduced,
			letter: letter{template: "pledge_changed", did: didWaive, about: p.Instalment(which)},
		}, err
	})
}

// WriteOff gives up what is left of a pledge.
func (s *Service) WriteOff(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, reason string) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		owed := p.Owed().Minor
		err := p.WriteOff(string(actor.From(ctx).Kind), reason, s.now())
		return change{
			action: "promise.written_off", detail: map[string]any{"owed_minor": owed, "reason": p.CloseReason}, books: ledger.PledgeWrittenOff,
			letter: letter{template: "pledge_closed", did: didWriteOff},
		}, err
	})
}

// Rearrangement is another schedule for what is left of a pledge.
type Rearrangement struct {
	Unit    promise.Unit
	Every   int
	Count   int
	FirstOn day.Day
}

// Rearrange replaces what is left of a pledge by another schedule.
func (s *Service) Rearrange(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, to Rearrangement) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, today day.Day) (change, error) {
		err := p.Rearrange(to.Unit, to.Every, to.Count, to.FirstOn, today, s.now())
		return change{
			action: "promise.rescheduled", detail: map[string]any{"count": to.Count, "unit": to.Unit, "every": to.Every, "first_on": to.FirstOn},
			letter: letter{template: "pledge_changed", did: didReschedule},
		}, err
	})
}

// ofPart is what the record of changes says of an instalment.
func ofPart(p *promise.Promise, which part) map[string]any {
	i := p.Instalment(which)
	if i == nil {
		return nil
	}
	detail := map[string]any{"instalment": i.N, "due_on": i.DueOn, "instalment_minor": i.Amount.Minor, "instalment_state": i.State}
	if i.Reason != "" {
		detail["reason"] = i.Reason
	}
	return detail
}

// ofTotal says of a pledge's amount what the form calls it.
func ofTotal(err error) error { return fault.Rename(err, map[string]string{"amount": "total"}) }
