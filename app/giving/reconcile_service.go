package giving

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/audit"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/person"
	"tributary/domain/receipt"
)

// told is what Stripe says about a donation's payment at one moment.
type told struct {
	pages   map[int]payment.Session // by the number of the attempt
	intents map[int]payment.Intent  // of charges to a saved card, by the number of the attempt
	charges []payment.Charge
	refunds []payment.RefundFact
	saved   *payment.SavedMethod // the card that was kept when the money came
}

// reconcile fetches everything Stripe knows of a donation's payment and applies it. It may run any number of times, at the same time, and
// with an older answer after a newer one. refunds: list the charge's refunds even though neither it nor we know of any.
func (s *Service) reconcile(ctx context.Context, orgID uuid.UUID, donationID id.ID[donation.Donation], refunds bool) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	var attempts []payment.Attempt
	err = s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
		if attempts, err = attemptsOf(ctx, r, donationID); err != nil || refunds {
			return err
		}
		asked, err := refundsOf(ctx, r, donationID)
		refunds = len(asked) > 0
		return err
	})
	if err != nil {
		return err
	}
	facts, err := s.ask(ctx, attempts, refunds)
	if err != nil {
		return fmt.Errorf("ask stripe about donation %s: %w", donationID, err)
	}
	return s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error {
		d := donation.Donation{ID: donationID}
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		return s.applyTx(ctx, tx, org, d, facts)
	})
}

// ask calls Stripe: one call per page that was opened or card that was charged, and one more where money was given back.
func (s *Service) ask(ctx context.Context, attempts []payment.Attempt, refunds bool) (told, error) {
	t := told{pages: map[int]payment.Session{}, intents: map[int]payment.Intent{}}
	for _, a := range attempts {
		intent, err := s.askAttempt(ctx, a, &t)
		if err != nil {
			return told{}, err
		}
		t.hear(a, intent)
		if intent == nil || intent.Charge == nil || intent.Charge.Status != payment.ChargeSucceeded || intent.Charge.Refunded == 0 && !refunds {
			continue
		}
		made, err := s.gateway.RefundsOf(ctx, a.StripeAccount, intent.Charge.ID)
		if err != nil {
			return told{}, err
		}
		t.refunds = append(t.refunds, made...)
	}
	return t, nil
}

// askAttempt asks about one attempt; nil means that nobody has tried to pay yet.
func (s *Service) askAttempt(ctx context.Context, a payment.Attempt, t *told) (*payment.Intent, error) {
	switch {
	case a.Kind == payment.BySaved && a.PaymentIntentID != nil:
		intent, err := s.gateway.Intent(ctx, a.StripeAccount, *a.PaymentIntentID)
		if err != nil {
			return nil, err
		}
		t.intents[a.N] = intent
		return &intent, nil
	case a.SessionID != nil:
		session, err := s.gateway.Session(ctx, a.StripeAccount, *a.SessionID)
		if err != nil {
			return nil, err
		}
		t.pages[a.N] = session
		return session.Intent, nil
	}
	return nil, nil
}

// hear takes over the charge of an attempt's intent.
func (t *told) hear(a payment.Attempt, intent *payment.Intent) {
	if intent == nil || intent.Charge == nil {
		return
	}
	c := *intent.Charge
	c.IntentID, c.Account = intent.ID, a.StripeAccount
	t.charges = append(t.charges, c)
	if c.Status == payment.ChargeSucceeded && intent.Saved != nil {
		t.saved = intent.Saved
	}
}

// applyTx brings the locked donation up to date: attempts, payments, refunds, ledger, status, person, receipt. It adds what is missing and
// never takes anything back, and decides on all that is known, not on what was told this time; so that applying the same or older facts
// again changes nothing.
func (s *Service) applyTx(ctx context.Context, tx database.Tx, org account.Organization, d donation.Donation, t told) error {
	before := d
	newest, err := s.followAttemptsTx(ctx, tx, d, t)
	if err != nil {
		return err
	}
	facts := donation.Facts{ReceiptZone: org.Location(), Attempt: newest.State}
	payments, err := paymentsOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	for _, c := range t.charges {
		if payments, err = s.applyChargeTx(ctx, tx, d, c, payments); err != nil {
			return err
		}
	}
	strange := map[string]string{} // charge → why it is not the gift
	for _, p := range payments {
		switch {
		case p.Status != payment.ChargeSucceeded:
		case p.Strange != "":
			strange[p.ChargeID], facts.Unexpected = p.Strange, p.Strange
		case facts.ReceivedAt == nil:
			at := p.ChargedAt
			facts.ReceivedAt = &at
		}
	}
	refunds, err := refundsOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	for _, r := range t.refunds {
		if refunds, err = s.applyRefundTx(ctx, tx, d, r, refunds, strange[r.ChargeID] != ""); err != nil {
			return err
		}
	}
	if err := s.returnSecondChargesTx(ctx, tx, d, payments, refunds); err != nil {
		return err
	}
	for _, r := range refunds {
		ofGift := r.ChargeID == nil || strange[*r.ChargeID] == ""
		if r.Status.Returns() && (ofGift || facts.ReceivedAt == nil) {
			facts.Returned += r.Amount.Minor
		}
	}
	d.Settle(facts, s.now())
	if d.Status.Received() && d.PersonID == nil {
		if err := s.welcomeTx(ctx, tx, org, &d); err != nil {
			return err
		}
	}
	if err := s.saveSettledTx(ctx, tx, before, d); err != nil {
		return err
	}
	return s.followTx(ctx, tx, d, newest, t.saved)
}

// followTx tells the promise, if the gift pays one, where it stands now.
func (s *Service) followTx(ctx context.Context, tx database.Tx, d donation.Donation, newest payment.Attempt, saved *payment.SavedMethod) error {
	if d.InstalmentID == nil {
		return nil
	}
	return s.promises.FollowTx(ctx, tx, d, newest, saved)
}

// followAttemptsTx brings the attempts up to date and returns the newest. They are read again, under the lock.
func (s *Service) followAttemptsTx(ctx context.Context, tx database.Tx, d donation.Donation, t told) (newest payment.Attempt, err error) {
	attempts, err := attemptsOf(ctx, tx, d.ID)
	if err != nil {
		return newest, err
	}
	now := s.now()
	for i, a := range attempts {
		before := a
		page, onPage := t.pages[a.N]
		intent, charged := t.intents[a.N]
		switch {
		case onPage:
			a.Follow(page, i < len(attempts)-1)
		case charged:
			a.FollowIntent(intent)
		case a.SessionID == nil && a.State.Open() && stale(a, now): // nobody was given the address of its page, if there is one
			a.State = payment.AttemptExpired
		}
		newest = a
		if a.Same(before) {
			continue
		}
		a.UpdatedAt = now
		if err := saveAttempt(ctx, tx, a); err != nil {
			return newest, err
		}
	}
	return newest, nil
}

// saveSettledTx saves a donation whose status, refunds or review may have changed, and does what follows: the record of who did what, the
// receipt, the live total.
func (s *Service) saveSettledTx(ctx context.Context, tx database.Tx, before, d donation.Donation) error {
	arrived := !before.Status.Received() && d.Status.Received()
	if before.Status == d.Status && before.RefundedMinor == d.RefundedMinor && before.ReviewReason == d.ReviewReason {
		return nil
	}
	if err := saveStatus(ctx, tx, d); err != nil {
		return err
	}
	if err := s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "donation." + string(d.Status), SubjectType: "donation", SubjectID: d.ID.UUID, Before: state(before), After: state(d),
	}); err != nil {
		return err
	}
	announce(tx, d)
	if arrived || before.RefundedMinor != d.RefundedMinor {
		return s.jobs.InsertTx(ctx, tx, receipt.Issue{OrgID: d.OrgID, DonationID: d.ID.UUID})
	}
	return nil
}

// state is what the record of changes keeps of a donation.
func state(d donation.Donation) map[string]any {
	m := map[string]any{"status": d.Status, "refunded_minor": d.RefundedMinor}
	if d.ReviewReason != "" {
		m["review_reason"] = d.ReviewReason
	}
	return m
}

// welcomeTx finds or makes the person behind a gift that arrived, and records what they allowed.
func (s *Service) welcomeTx(ctx context.Context, tx database.Tx, org account.Organization, d *donation.Donation) error {
	p, err := s.people.FindOrCreateTx(ctx, tx, d.OrgID, person.Details{FirstName: d.DonorFirstName, LastName: d.DonorLastName, Email: d.DonorEmail})
	if err != nil {
		return err
	}
	d.PersonID = &p.ID.UUID
	if !d.EmailConsent {
		return nil
	}
	return s.people.RecordConsentTx(ctx, tx, p, person.Answer{
		Channel: person.ChannelEmail, Granted: true, Source: person.FromGivingPage, Wording: donation.ConsentWording(org.Name),
	})
}

// announce tells open pages that a campaign's total moved, once the transaction is committed.
func announce(tx database.Tx, d donation.Donation) {
	if d.CampaignID != nil {
		tx.Queue("select pg_notify('campaign_progress', $1)", []any{d.OrgID.String() + ":" + d.CampaignID.String()}, nil)
	}
}
