package giving

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
)

const (
	// sessionLifetime is how long a donor has to pay: Stripe's least is 30 minutes, and the call takes a moment.
	sessionLifetime = 31 * time.Minute
	// answerWindow is how long an unanswered request may be sent again: later its end would come too soon for Stripe. Its page, if Stripe
	// made one, can be forgotten safely: nobody was ever given its address.
	answerWindow = 50 * time.Second
	// How many forms one address, and one e-mail, may send: whoever tries stolen cards sends many.
	formsPerAddress = 60 // a hall full of guests may share one
	formsPerEmail   = 12
	formsWindow     = 10 * time.Minute
)

// usual is what a card payment costs where the organization has not said otherwise: Stripe's standard price where we know it (United
// States, 2026). In another currency we offer no cover rather than invent one.
var usual = map[string]money.Tariff{"USD": {BasisPoints: 290, Fixed: 30}}

// Offer is the estimated cost of a card payment, for the fee-cover offer of a giving form; the zero tariff means that none is offered.
func (s *Service) Offer(ctx context.Context, org account.Organization, currency string) (money.Tariff, error) {
	var tariff money.Tariff
	err := s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		tariff, err = tariffOn(ctx, r, currency, day.In(s.now(), org.Location()))
		return err
	})
	return tariff, err
}

// StartCheckout turns a filled giving form into a donation and opens Stripe's page for it. The same form sent twice, at the same time or
// after a failure, is one donation and one page; a form whose gift is paid already leads to its thank-you page. It returns invalid faults
// that name the form's fields, campaign.ErrNotFound, campaign.ErrNotStarted or campaign.ErrEnded, a rate-limited fault, or
// payment.ErrUnavailable when Stripe cannot be reached: then nothing is charged and sending the form again is safe.
func (s *Service) StartCheckout(ctx context.Context, r donation.CheckoutRequest) (donation.CheckoutStarted, error) {
	if r.IP != "" { // a gift of our own making comes from nowhere
		if err := s.limiter.Allow(ctx, "checkout-address", r.IP, formsPerAddress, formsWindow); err != nil {
			return donation.CheckoutStarted{}, err
		}
	}
	errForm := r.Clean()
	org, c, err := s.campaigns.CampaignForGiving(ctx, r.OrgSlug, r.CampaignSlug)
	if err != nil {
		return donation.CheckoutStarted{}, err
	}
	if errForm != nil {
		return donation.CheckoutStarted{}, errForm
	}
	if err := s.limiter.Allow(ctx, "checkout-email", strings.ToLower(r.Email), formsPerEmail, formsWindow); err != nil {
		return donation.CheckoutStarted{}, err
	}
	if r.Amount.Currency != c.Currency() {
		return donation.CheckoutStarted{}, donation.ErrWrongCurrency
	}
	d, a, err := s.prepare(ctx, org, c, r)
	if err != nil {
		return donation.CheckoutStarted{}, err
	}
	started := donation.CheckoutStarted{DonationID: d.ID, Reference: d.Reference, RedirectURL: a.SessionURL}
	switch {
	case settled(d, a):
		started.RedirectURL = s.thanksURL(org, c, d)
		return started, nil
	case a.SessionURL != "":
		return started, nil
	}
	started.RedirectURL, err = s.openCheckout(ctx, d, a)
	return started, err
}

// prepare finds the donation of this very form, or makes it, and the attempt to pay it with: the stored one while it may still be paid,
// else the next. The campaign is read again and held: a gift is for the cause it names now, and none is taken after its end.
func (s *Service) prepare(ctx context.Context, org account.Organization, c campaign.Campaign, r donation.CheckoutRequest) (d donation.Donation, a payment.Attempt, err error) {
	scope := database.Tenant(org.ID.UUID)
	err = s.db.InTx(ctx, scope, func(tx database.Tx) error {
		now := s.now()
		today := day.In(now, org.Location())
		var tariff money.Tariff
		if c, tariff, err = holdCampaign(ctx, tx, c.ID, today); err != nil {
			return err
		}
		if err := c.Open(today); err != nil {
			return err
		}
		if r.Frequency == donation.Monthly && !c.OfferMonthly {
			return campaign.ErrNoMonthly
		}
		campaignID := c.ID.UUID
		target := donation.Target{CampaignID: &campaignID, CauseID: c.CauseID.UUID, FundID: c.FundID.UUID}
		if d, err = donation.Start(org.ID.UUID, r, target, tariff, now); err != nil {
			return err
		}
		made, err := insertOrFindByForm(ctx, tx, &d)
		if err != nil {
			return err
		}
		if made {
			if err := s.beginPlanTx(ctx, tx, org, &d, r); err != nil {
				return err
			}
			a = s.attempt(org, c, d, 1)
			return insertAttempt(ctx, tx, a)
		}
		if a, err = newestAttempt(ctx, tx, d.ID); err != nil {
			return err
		}
		if settled(d, a) || a.State.Open() && !stale(a, now) {
			return nil
		}
		if a.State.Open() { // expired here, though Stripe has not said so yet; a payment that made it still wins when it is told
			if err := closeAttempt(ctx, tx, a, payment.AttemptExpired, now); err != nil {
				return err
			}
		}
		a = s.attempt(org, c, d, a.N+1)
		return insertAttempt(ctx, tx, a)
	})
	return d, a, err
}

// beginPlanTx makes the plan that a monthly form asks for; a gift given once makes none.
func (s *Service) beginPlanTx(ctx context.Context, tx database.Tx, org account.Organization, d *donation.Donation, r donation.CheckoutRequest) error {
	if r.Frequency != donation.Monthly {
		return nil
	}
	if err := s.promises.BeginPlanTx(ctx, tx, org, d, r); err != nil {
		return err
	}
	return saveInstalment(ctx, tx, *d)
}

// settled reports whether there is nothing to pay any more: the money came, or is on its way, or waits for somebody to look at it.
func settled(d donation.Donation, a payment.Attempt) bool {
	return d.Status.Received() || d.Status == donation.Review || a.State == payment.AttemptProcessing || a.State == payment.AttemptSucceeded
}

// stale reports whether an attempt can no longer be used: its page has ended, or it was never answered and is too old to be sent again.
func stale(a payment.Attempt, now time.Time) bool {
	return a.Kind == payment.OnPage && (a.Expired(now) || a.State == payment.AttemptCreated && now.Sub(a.CreatedAt) > answerWindow)
}

// attempt fixes the exact request to Stripe before anything is sent: amounts, names and addresses come from here, not from the browser.
func (s *Service) attempt(org account.Organization, c campaign.Campaign, d donation.Donation, n int) payment.Attempt {
	name := "Gift to " + c.Title
	if d.InstalmentID != nil {
		name = "Monthly gift to " + c.Title
	}
	a := s.pageAttempt(org.StripeAccountID(), d, n, name)
	a.Params.SaveCard = d.InstalmentID != nil
	a.Params.SuccessURL, a.Params.CancelURL = s.thanksURL(org, c, d), s.publicURL.JoinPath("give", org.Slug, c.Slug).String()
	if d.InstalmentID != nil { // whoever turns back meant to give every month
		a.Params.CancelURL += "?frequency=" + string(donation.Monthly)
	}
	return a
}

// pageAttempt is the attempt to have a gift paid on Stripe's page, without the addresses that the page leads back to.
func (s *Service) pageAttempt(stripeAccount string, d donation.Donation, n int, name string) payment.Attempt {
	now := s.now()
	lines := []payment.CheckoutLine{{Name: name, Amount: d.Amount}}
	if d.CoverMinor > 0 {
		lines = append(lines, payment.CheckoutLine{Name: "Processing fee, so that the full gift arrives", Amount: d.Cover()})
	}
	return payment.Attempt{
		OrgID: d.OrgID, ID: id.New[payment.Attempt](), DonationID: d.ID.UUID, N: n, Kind: payment.OnPage, IdempotencyKey: fmt.Sprintf("cs:%s:%d", d.ID, n),
		Params: payment.CheckoutParams{
			Lines: lines, DonationID: d.ID.String(), CustomerEmail: d.DonorEmail, ExpiresAt: now.Add(sessionLifetime).Unix(),
			Metadata: map[string]string{"org": d.OrgID.String(), "donation": d.ID.String(), "attempt": fmt.Sprint(n)},
		},
		StripeAccount: stripeAccount, State: payment.AttemptCreated, CreatedAt: now, UpdatedAt: now,
	}
}

// openCheckout sends the stored request and keeps the answer. Two that do so at once get the same page, by Stripe's idempotency. It returns
// where the donor goes: the page, or the thanks when the gift was paid by another page meanwhile. A page that another one has replaced is
// remembered, but nobody is sent there: payment.ErrUnavailable.
func (s *Service) openCheckout(ctx context.Context, d donation.Donation, a payment.Attempt) (string, error) {
	session, errCall := s.gateway.CreateCheckout(ctx, a.StripeAccount, a.IdempotencyKey, a.Params)
	switch {
	case errors.Is(errCall, payment.ErrUnknownObject): // of what the request names, such as the account
		errCall = errors.Join(payment.ErrRefused, errCall)
	case errCall != nil && !errors.Is(errCall, payment.ErrRefused):
		return "", errCall
	}
	var next string
	err := s.db.InTx(ctx, database.Tenant(d.OrgID), func(tx database.Tx) error {
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		if err := answerAttempt(ctx, tx, a, session, s.now()); err != nil { // of a refused request nothing can come: the next try gets a fresh one
			return err
		}
		if session.ID != "" {
			queueStripeObject(tx, session.ID, d.OrgID, d.ID.UUID, s.now())
		}
		newest, err := newestAttempt(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		switch {
		case settled(d, newest):
			next = a.Params.SuccessURL
			return nil
		case newest.ID == a.ID && newest.State.Open():
			next = session.URL
		}
		d.Settle(donation.Facts{Attempt: newest.State}, s.now())
		return saveStatus(ctx, tx, d)
	})
	switch {
	case err != nil:
		return "", errors.Join(errCall, fmt.Errorf("keep checkout of donation %s: %w", d.ID, err))
	case next != "":
		return next, nil
	case errCall != nil:
		return "", errCall
	}
	return "", fmt.Errorf("checkout of donation %s was replaced: %w", d.ID, payment.ErrUnavailable)
}

func (s *Service) thanksURL(org account.Organization, c campaign.Campaign, d donation.Donation) string {
	return s.publicURL.JoinPath("give", org.Slug, c.Slug, "thanks", d.Reference).String()
}

// ThanksFor finds a card gift by its reference for a thank-you page, with the reason its card was declined, if it was. It returns
// donation.ErrNotFound for any other reference. The page never decides anything: only Stripe's events do.
func (s *Service) ThanksFor(ctx context.Context, orgSlug, reference string) (d donation.Donation, declineCode string, err error) {
	org, err := s.organizations.OrganizationBySlug(ctx, orgSlug)
	if err != nil {
		return d, "", donation.ErrNotFound
	}
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		if d, err = donationByReference(ctx, r, reference); err != nil {
			return err
		}
		if d.Method != donation.Card {
			return donation.ErrNotFound
		}
		a, err := newestAttempt(ctx, r, d.ID)
		declineCode = a.DeclineCode
		return err
	})
	return d, declineCode, err
}

// Refresh fetches the state of a donation's payment from Stripe and applies it, without waiting for an event.
func (s *Service) Refresh(ctx context.Context, org, donationID uuid.UUID) error {
	return s.reconcile(ctx, org, id.From[donation.Donation](donationID), false)
}
