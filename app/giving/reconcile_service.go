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
	pages   map[int]payment.Session // by the number of the attempt
	charges []payment.Charge
	refunds []payment.RefundFact
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
	t := told{pages: map[int]payment.Session{}}
	for _, a := range attempts {
		if a.SessionID == nil {
			continue
		}
		session, err := s.gateway.Session(ctx, a.StripeAccount, *a.SessionID)
		if err != nil {
			return told{}, err
		}
		t.pages[a.N] = session
		if session.Intent == nil || session.Intent.Charge == nil {
			continue
		}
		c := *session.Intent.Charge
		c.IntentID, c.Account = session.Intent.ID, a.StripeAccount
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

// apply brings the locked donation up to date: attempts, payments, refunds, ledger, status, person, receipt. It adds what is missing and
// never takes anything back, and decides on all that is known, not on what was told this time; so that applying the same or older facts
// again changes nothing.
func (s *Service) apply(ctx context.Context, tx database.Tx, org account.Organization, d donation.Donation, t told) error {
	before := d
	facts := donation.Facts{ReceiptZone: org.Location()}
	var err error
	if facts.Attempt, err = s.followPages(ctx, tx, d, t.pages); err != nil {
		return err
	}
	payments, err := paymentsOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	for _, c := range t.charges {
		if payments, err = s.applyCharge(ctx, tx, d, c, payments); err != nil {
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
		if refunds, err = s.applyRefund(ctx, tx, d, r, refunds, strange[r.ChargeID] != ""); err != nil {
			return err
		}
	}
	if err := s.returnSecondCharges(ctx, tx, d, payments, refunds); err != nil {
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
		if err := s.welcome(ctx, tx, org, &d); err != nil {
			return err
		}
	}
	return s.settle(ctx, tx, before, d)
}

// followPages brings the attempts up to date and returns the state of the newest. They are read again, under the lock.
func (s *Service) followPages(ctx context.Context, tx database.Tx, d donation.Donation, pages map[int]payment.Session) (newest payment.AttemptState, err error) {
	attempts, err := attemptsOf(ctx, tx, d.ID)
	if err != nil {
		return "", err
	}
	now := s.now()
	for i, a := range attempts {
		before := a
		if page, ok := pages[a.N]; ok {
			a.Follow(page, i < len(attempts)-1)
		} else if a.SessionID == nil && a.State.Open() && stale(a, now) { // nobody was given the address of its page, if there is one
			a.State = payment.AttemptExpired
		}
		newest = a.State
		if a.Same(before) {
			continue
		}
		a.UpdatedAt = now
		if err := saveAttempt(ctx, tx, a); err != nil {
			return "", err
		}
	}
	return newest, nil
}

// settle saves a donation whose status, refunds or review may have changed, and does what follows: the record of who did what, the
// receipt, the live total.
func (s *Service) settle(ctx context.Context, tx database.Tx, before, d donation.Donation) error {
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

// welcome finds or makes the person behind a gift that arrived, and records what they allowed.
func (s *Service) welcome(ctx context.Context, tx database.Tx, org account.Organization, d *donation.Donation) error {
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

// secondCharge is why a charge beside the one that paid the gift is strange.
const secondCharge = "second_charge"

// applyCharge stores a charge and books it: as the gift when it is what was asked for and the first one, else as money we cannot explain.
// It returns the donation's charges with this one.
func (s *Service) applyCharge(ctx context.Context, tx database.Tx, d donation.Donation, c payment.Charge, known []Payment) ([]Payment, error) {
	row := paymentOf(d, c, s.now())
	row.Strange = s.judge(d, c, known)
	if err := upsertPayment(ctx, tx, row); err != nil {
		return nil, err
	}
	queueStripeObject(tx, c.ID, d.OrgID, d.ID.UUID, s.now())
	queueStripeObject(tx, c.IntentID, d.OrgID, d.ID.UUID, s.now())
	at := slices.IndexFunc(known, func(p Payment) bool { return p.ChargeID == c.ID })
	switch {
	case at < 0:
		known = append(known, row)
	case known[at].Status != payment.ChargeSucceeded:
		known[at] = row
	}
	if c.Status != payment.ChargeSucceeded {
		return known, nil
	}
	book := func() (ledger.Transaction, error) { return ledger.CardGift(d.Gift(), c.ID, c.CreatedAt) }
	if row.Strange != "" {
		book = func() (ledger.Transaction, error) { return ledger.Strange(d.ID.UUID, c.ID, c.Amount, c.CreatedAt) }
	}
	t, err := book()
	if err != nil {
		return nil, err
	}
	s.books.PostTx(tx, d.OrgID, t)
	if c.Balance == nil {
		return known, nil
	}
	return known, s.applyFee(tx, d, c, row.Strange != "")
}

// judge says why a charge is not the gift, or "". What was decided when it succeeded stays, since it is booked so: whichever page of a gift
// is paid first is the gift, in whatever order we ask about them later.
func (s *Service) judge(d donation.Donation, c payment.Charge, known []Payment) string {
	if c.Status != payment.ChargeSucceeded {
		return ""
	}
	other := false
	for _, p := range known {
		if p.Status != payment.ChargeSucceeded {
			continue
		}
		if p.ChargeID == c.ID {
			return p.Strange
		}
		other = other || p.Strange == ""
	}
	why := d.Expects(c, s.gateway.Livemode())
	if why == "" && other {
		return secondCharge
	}
	return why
}

// returnSecondCharges gives back, without being asked, what is left of what a donor paid twice: two pages of one gift, both paid. It asks
// once: a refund that Stripe refuses is for a person to look at.
func (s *Service) returnSecondCharges(ctx context.Context, tx database.Tx, d donation.Donation, payments []Payment, refunds []donation.Refund) error {
	for _, p := range payments {
		if p.Strange != secondCharge {
			continue
		}
		of := ofCharge(refunds, p.ChargeID)
		left := p.Amount.Minor - donation.Gone(of)
		if left <= 0 || slices.ContainsFunc(of, func(r donation.Refund) bool { return r.IdempotencyKey != nil }) {
			continue
		}
		if err := s.requestRefundTx(ctx, tx, d.Return(p.ChargeID, money.New(left, p.Amount.Currency), s.now())); err != nil {
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
		r = donation.FromStripe(d, f, ofCharge(known, f.ChargeID), s.now())
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
	created, undone, settledAt := ledger.CardRefund, ledger.CardRefundFailed, f.CreatedAt
	if suspense {
		created, undone = ledger.StrangeReturned, ledger.StrangeReturnFailed
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
			return undone(failed, f.Balance != nil)
		})
	}
	return posts
}
