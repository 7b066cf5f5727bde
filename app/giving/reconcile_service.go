package giving

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/audit"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/person"
	"tributary/domain/receipt"
)

// told is what Stripe says about a donation's payment at one moment.
type told struct {
	attempts []payment.Attempt // with their new states
	charges  []payment.Charge
	refunds  []payment.RefundFact
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
		return s.apply(ctx, tx, org, d, facts)
	})
}

// ask calls Stripe: one call per page that was opened, and one more where money was given back.
func (s *Service) ask(ctx context.Context, attempts []payment.Attempt, refunds bool) (told, error) {
	var t told
	for _, a := range attempts {
		if a.SessionID == nil {
			if a.State.Open() && stale(a, s.now()) { // nobody was given the address of its page, if there is one
				a.State = payment.AttemptExpired
				t.attempts = append(t.attempts, a)
			}
			continue
		}
		session, err := s.gateway.Session(ctx, a.StripeAccount, *a.SessionID)
		if err != nil {
			return told{}, err
		}
		a.Follow(session)
		t.attempts = append(t.attempts, a)
		if session.Intent == nil || session.Intent.Charge == nil {
			continue
		}
		c := *session.Intent.Charge
		c.IntentID = session.Intent.ID
		t.charges = append(t.charges, c)
		if c.Status != payment.ChargeSucceeded || c.Refunded == 0 && !refunds {
			continue
		}
		made, err := s.gateway.RefundsOf(ctx, a.StripeAccount, c.ID)
		if err != nil {
			return told{}, err
		}
		t.refunds = append(t.refunds, made...)
	}
	return t, nil
}

// apply brings the locked donation up to date: payments, refunds, ledger, status, person, receipt. It adds what is missing and never takes
// anything back, so that applying the same or older facts again changes nothing.
func (s *Service) apply(ctx context.Context, tx database.Tx, org account.Organization, d donation.Donation, t told) error {
	before := d
	for _, a := range t.attempts {
		a.UpdatedAt = s.now()
		if err := saveAttempt(ctx, tx, a); err != nil {
			return err
		}
	}
	facts := donation.Facts{ReceiptZone: org.Location()}
	strange := map[string]string{} // charge → why it is not what was asked for
	for _, c := range t.charges {
		why, err := s.applyCharge(ctx, tx, d, c, facts.ReceivedAt != nil)
		switch {
		case err != nil:
			return err
		case why != "":
			strange[c.ID], facts.Unexpected = why, why
		case c.Status == payment.ChargeSucceeded:
			at := c.CreatedAt
			facts.ReceivedAt = &at
		}
	}
	refunds, err := refundsOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	for _, r := range t.refunds {
		if refunds, err = s.applyRefund(ctx, tx, d, r, refunds, strange[r.ChargeID] != ""); err != nil {
			return err
		}
	}
	if err := s.returnSecondCharges(ctx, tx, d, t.charges, refunds, strange); err != nil {
		return err
	}
	for _, r := range refunds {
		ofGift := r.ChargeID == nil || strange[*r.ChargeID] == ""
		if r.Status.Returns() && (ofGift || facts.ReceivedAt == nil) {
			facts.Returned += r.Amount.Minor
		}
	}
	newest, err := newestAttempt(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	facts.Attempt = newest.State
	d.Settle(facts, s.now())
	return s.settle(ctx, tx, before, d)
}

// settle saves a donation whose status, refunds or review may have changed, and does what follows: the person, the record of who did what,
// the receipt, the live total.
func (s *Service) settle(ctx context.Context, tx database.Tx, before, d donation.Donation) error {
	arrived := !before.Status.Received() && d.Status.Received()
	if arrived {
		if err := s.welcome(ctx, tx, &d); err != nil {
			return err
		}
	}
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

// welcome finds or makes the person behind a gift that arrived, and records what they allowed.
func (s *Service) welcome(ctx context.Context, tx database.Tx, d *donation.Donation) error {
	if d.PersonID != nil {
		return nil
	}
	p, err := s.people.FindOrCreateTx(ctx, tx, d.OrgID, person.Details{FirstName: d.DonorFirstName, LastName: d.DonorLastName, Email: d.DonorEmail})
	if err != nil {
		return err
	}
	d.PersonID = &p.ID.UUID
	if !d.EmailConsent {
		return nil
	}
	return s.people.RecordConsentTx(ctx, tx, p, person.Answer{Channel: person.ChannelEmail, Granted: true, Source: person.FromGivingPage})
}

// announce tells open pages that a campaign's total moved, once the transaction is committed.
func announce(tx database.Tx, d donation.Donation) {
	if d.CampaignID != nil {
		tx.Queue("select pg_notify('campaign_progress', $1)", []any{d.OrgID.String() + ":" + d.CampaignID.String()}, nil)
	}
}

// secondCharge is why a charge beside the one that paid the gift is strange.
const secondCharge = "second_charge"

// applyCharge stores a charge and books it: as the gift when it is what was asked for and the first one (paid: there was one before), else
// as money we cannot explain. It returns why it is strange, or "".
func (s *Service) applyCharge(ctx context.Context, tx database.Tx, d donation.Donation, c payment.Charge, paid bool) (strange string, err error) {
	if err := upsertPayment(ctx, tx, d, c, s.now()); err != nil {
		return "", err
	}
	queueStripeObject(tx, c.ID, d.OrgID, d.ID.UUID, s.now())
	queueStripeObject(tx, c.IntentID, d.OrgID, d.ID.UUID, s.now())
	if c.Status != payment.ChargeSucceeded {
		return "", nil
	}
	strange = d.Expects(c, s.gateway.Livemode())
	if strange == "" && paid {
		strange = secondCharge
	}
	var t ledger.Transaction
	if strange != "" {
		t, err = ledger.Strange(d.ID.UUID, c.ID, c.Amount, c.CreatedAt)
	} else {
		t, err = ledger.CardGift(d.Gift(), c.ID, c.CreatedAt)
	}
	if err != nil {
		return "", err
	}
	s.books.PostTx(tx, d.OrgID, t)
	if c.Balance == nil {
		return strange, nil
	}
	return strange, s.applyFee(tx, d, c, strange != "")
}

// returnSecondCharges gives back, without being asked, what a donor paid twice: two pages of one gift, both paid.
func (s *Service) returnSecondCharges(ctx context.Context, tx database.Tx, d donation.Donation, charges []payment.Charge, refunds []donation.Refund, strange map[string]string) error {
	for _, c := range charges {
		asked := slices.ContainsFunc(refunds, func(r donation.Refund) bool { return r.ChargeID != nil && *r.ChargeID == c.ID })
		if strange[c.ID] != secondCharge || asked {
			continue
		}
		if err := s.requestRefundTx(ctx, tx, d.Return(c, s.now())); err != nil {
			return err
		}
	}
	return nil
}

// applyFee books Stripe's fee. The cover of an explained gift closes against it; unexplained money has none.
func (s *Service) applyFee(tx database.Tx, d donation.Donation, c payment.Charge, strange bool) error {
	gift := d.Gift()
	if strange {
		gift.Cover.Minor = 0
	}
	if c.Balance.Fee.IsZero() && gift.Cover.IsZero() {
		return nil
	}
	t, err := ledger.CardFee(gift, c.Balance.ID, c.Balance.Fee, c.Balance.At)
	if err != nil {
		return err
	}
	s.books.PostTx(tx, d.OrgID, t)
	return nil
}

// applyRefund stores a refund as Stripe tells it and books each step it has taken. suspense: it returns money that was never a gift.
func (s *Service) applyRefund(ctx context.Context, tx database.Tx, d donation.Donation, f payment.RefundFact, known []donation.Refund, suspense bool) ([]donation.Refund, error) {
	r, at := match(known, f)
	if at < 0 {
		r = donation.FromStripe(d, f, known, s.now())
		known = append(known, r)
		at = len(known) - 1
	}
	if err := r.Follow(f, s.now()); err != nil {
		return nil, err
	}
	if suspense {
		r.CoverMinor = 0
	}
	known[at] = r
	if err := saveRefund(ctx, tx, r); err != nil {
		return nil, err
	}
	for _, post := range steps(d, r, f, suspense) {
		t, err := post()
		if err != nil {
			return nil, err
		}
		s.books.PostTx(tx, d.OrgID, t)
	}
	return known, nil
}

// match finds the refund that Stripe tells of: by Stripe's id, or by ours when its answer never reached us; -1 when it was not made here.
func match(known []donation.Refund, f payment.RefundFact) (donation.Refund, int) {
	for i, r := range known {
		if r.StripeRefundID != nil && *r.StripeRefundID == f.ID || r.StripeRefundID == nil && f.Metadata["refund"] == r.ID.String() {
			return r, i
		}
	}
	return donation.Refund{}, -1
}

// steps are the postings of what a refund has gone through so far; those booked before are not booked again.
func steps(d donation.Donation, r donation.Refund, f payment.RefundFact, suspense bool) []func() (ledger.Transaction, error) {
	returned := ledger.Returned{
		Gift: d.Gift(), RefundID: f.ID, Part: money.New(r.Amount.Minor-r.CoverMinor, r.Amount.Currency), Cover: money.New(r.CoverMinor, r.Amount.Currency), At: f.CreatedAt,
	}
	created, settledAt := ledger.CardRefund, f.CreatedAt
	if suspense {
		created = ledger.StrangeReturned
	}
	posts := []func() (ledger.Transaction, error){func() (ledger.Transaction, error) { return created(returned) }}
	if f.Balance != nil {
		settledAt = f.Balance.At
		posts = append(posts, func() (ledger.Transaction, error) {
			settled := returned
			settled.At = settledAt
			return ledger.CardRefundSettled(settled, f.Balance.ID)
		})
	}
	if f.Status.Void() {
		posts = append(posts, func() (ledger.Transaction, error) {
			failed := returned
			if f.FailureBalance != nil {
				failed.At = f.FailureBalance.At
			}
			return ledger.CardRefundFailed(failed, f.Balance != nil)
		})
	}
	return posts
}
