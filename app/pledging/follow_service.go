package pledging

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// BeginPlanTx stores the plan that a giving form asks for. The gift, stored already, is its first and pays its first instalment; the plan
// is pending until that gift arrives.
func (s *Service) BeginPlanTx(ctx context.Context, tx database.Tx, org account.Organization, d *donation.Donation, r donation.CheckoutRequest) error {
	now := s.now()
	details := promise.PlanDetails{Donation: *d, Unit: promise.Month, Every: 1, Zone: promise.ZoneOr(r.Zone, org.Zone), Token: r.FormToken}
	if d.FormToken != nil {
		details.Token = *d.FormToken
	}
	zoned := promise.Promise{Zone: details.Zone}
	details.Today = day.In(now, zoned.Location())
	p, err := promise.NewPlan(details, now)
	if err != nil {
		return err
	}
	if err := insertPromise(ctx, tx, p); err != nil {
		return err
	}
	first := p.Instalments[0].ID.UUID
	d.InstalmentID = &first
	return s.audit.RecordTx(ctx, tx, audit.Event{Action: "promise.started", SubjectType: "promise", SubjectID: p.ID.UUID, After: terms(p, nil)})
}

// FollowTx tells what became of a gift that pays an instalment. It decides on all the gifts of the instalment together, under the promise's
// lock, so it may be called as often as anything is heard, in any order.
func (s *Service) FollowTx(ctx context.Context, tx database.Tx, d donation.Donation, newest payment.Attempt, saved *payment.SavedMethod) error {
	if d.InstalmentID == nil {
		return nil
	}
	of, err := promiseOf(ctx, tx, *d.InstalmentID)
	if err != nil {
		return err
	}
	p, err := lockPromiseAlone(ctx, tx, of)
	if err != nil {
		return err
	}
	f := following{of: id.From[promise.Instalment](*d.InstalmentID), gift: d, newest: newest, saved: saved}
	if p.Instalment(f.of) == nil { // of a plan, from long ago
		if err := recallInstalment(ctx, tx, &p, f.of); err != nil {
			return err
		}
	}
	if f.paid, err = paidFor(ctx, tx, *d.InstalmentID); err != nil {
		return err
	}
	org := account.Organization{ID: id.From[account.Organization](d.OrgID)}
	return s.changeTx(ctx, tx, org, &p, func(p *promise.Promise, _ day.Day) (change, error) { return s.followTx(ctx, tx, p, f) })
}

// following is what is known of collecting an instalment.
type following struct {
	of     id.ID[promise.Instalment]
	gift   donation.Donation
	newest payment.Attempt
	saved  *payment.SavedMethod
	paid   int64 // of all its gifts, net of what was given back and without cover
}

func (s *Service) followTx(ctx context.Context, tx database.Tx, p *promise.Promise, f following) (change, error) {
	now := s.now()
	was, status := *p.Instalment(f.of), p.Status
	arrives := f.paid > 0 && was.State != promise.Paid
	card, err := s.cardPaidWithTx(ctx, tx, *p, f, arrives)
	if err != nil {
		return change{}, err
	}
	opens := arrives && p.Status == promise.PendingSetup && f.gift.PersonID != nil
	if opens {
		p.Activate(*f.gift.PersonID, card, now)
	}
	changed := p.Follow(f.of, promise.Facts{
		DonationID: f.gift.ID.UUID, Attempt: f.newest.N, State: f.newest.State, DeclineCode: f.newest.DeclineCode,
		Received: f.gift.Status.Received(), PaidMinor: f.paid,
	}, now)
	if card != nil && !opens && (p.CardID == nil || *p.CardID != *card) {
		p.UseCard(*card, now)
		changed = true
	}
	if !changed {
		return change{}, nil
	}
	is := *p.Instalment(f.of)
	if err := s.giveUpOtherTx(ctx, tx, was, is); err != nil {
		return change{}, err
	}
	return change{action: whatHappened(opens, was, is), detail: about(is), letter: letterOf(status, p, was, is)}, nil
}

// cardPaidWithTx keeps the card that a payment saved, when it is for this promise: with its first payment, or one that its donor made on a
// page because another card did not work. An old payment told again changes no card.
func (s *Service) cardPaidWithTx(ctx context.Context, tx database.Tx, p promise.Promise, f following, arrives bool) (*uuid.UUID, error) {
	if f.saved == nil || f.gift.PersonID == nil || !p.Status.Open() || p.Method != promise.ByCard || !arrives && p.CardID != nil {
		return nil, nil
	}
	card, err := keepCard(ctx, tx, promise.NewCard(p.OrgID, *f.gift.PersonID, f.newest.StripeAccount, *f.saved, s.now()))
	if err != nil || !card.Usable() || card.PersonID != *f.gift.PersonID {
		return nil, err
	}
	return &card.ID.UUID, nil
}

// giveUpOtherTx gives up collecting an instalment by an earlier gift once another one has paid it. What is in flight is left to arrive.
func (s *Service) giveUpOtherTx(ctx context.Context, tx database.Tx, was, is promise.Instalment) error {
	if is.State != promise.Paid || was.DonationID == nil || is.DonationID == nil || *was.DonationID == *is.DonationID || was.State.InFlight() {
		return nil
	}
	if err := s.collector.WithdrawTx(ctx, tx, *was.DonationID); err != nil && !errors.Is(err, promise.ErrInFlight) {
		return err
	}
	return nil
}

// whatHappened names a change of an instalment in the record of changes.
func whatHappened(opens bool, was, is promise.Instalment) string {
	switch {
	case opens:
		return "promise.activated"
	case was.State != promise.Paid && is.State == promise.Paid:
		return "promise.instalment_paid"
	case was.State == promise.Paid && is.State != promise.Paid:
		return "promise.instalment_reopened"
	case is.State == promise.Paid && was.PaidMinor != is.PaidMinor:
		return "promise.instalment_corrected"
	case is.State == promise.Paid:
		return "promise.card_changed"
	case is.State == promise.RetryWait:
		return "promise.instalment_declined"
	case is.State == promise.RequiresAction:
		return "promise.instalment_unconfirmed"
	}
	return "promise.instalment_" + string(is.State)
}

// TakeByHandTx locks the promise of an instalment and checks that a gift by hand may pay it: it is open and nothing is in flight. It returns
// promise.ErrClosed, promise.ErrInstalment or promise.ErrInFlight.
func (s *Service) TakeByHandTx(ctx context.Context, tx database.Tx, instalment uuid.UUID) (promise.Promise, error) {
	of, err := promiseOf(ctx, tx, instalment)
	if errors.Is(err, promise.ErrNotFound) {
		return promise.Promise{}, promise.ErrInstalment
	}
	if err != nil {
		return promise.Promise{}, err
	}
	p, err := lockPromise(ctx, tx, of)
	if err != nil {
		return p, err
	}
	_, err = p.TakeByHand(id.From[promise.Instalment](instalment))
	return p, err
}
