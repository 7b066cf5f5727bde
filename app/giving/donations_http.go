package giving

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// Routes registers the operations of giving.
func (s *Service) Routes(api *web.API) {
	s.checkoutRoutes(api)
	s.refundRoutes(api)
	s.payoutRoutes(api)
	op := func(id, method, path, summary string, p account.Permission) web.Op {
		return web.Op{ID: id, Method: method, Path: path, Summary: summary, Tag: "Donations", Permission: p}
	}
	web.Handle(api, op("list-donations", http.MethodGet, "/donations", "Gifts, newest first", account.DonationsRead), s.listDonations)
	export := op("export-donations", http.MethodGet, "/donations.csv", "Gifts as CSV", account.DonationsRead)
	export.Produces, export.RateLimit = "text/csv", &web.Limit{N: 30, Window: 10 * time.Minute}
	web.Handle(api, export, s.exportDonations)
	record := op("record-donation", http.MethodPost, "/donations", "Record a gift that came by cheque, cash or transfer", account.DonationsRecord)
	record.Status, record.Idempotent = http.StatusCreated, true
	web.Handle(api, record, s.recordDonation)
	web.Handle(api, op("get-donation", http.MethodGet, "/donations/{id}", "One gift with its money trail", account.DonationsRead), s.getDonation)
	web.Handle(api, op("note-donation", http.MethodPatch, "/donations/{id}", "Change the note on a gift", account.DonationsRecord), s.noteDonation)
	web.Handle(api, op("thank-donation", http.MethodPost, "/donations/{id}/thanks", "Mark a gift as thanked", account.DonationsRecord), s.thankDonation)
	web.Handle(api, op("unthank-donation", http.MethodDelete, "/donations/{id}/thanks", "Take the thanked mark away", account.DonationsRecord), s.unthankDonation)
	deposit := op("deposit-donation", http.MethodPost, "/donations/{id}/deposit", "Record that a cheque or cash went to the bank", account.LedgerReconcile)
	deposit.Idempotent = true
	web.Handle(api, deposit, s.depositDonation)
	bounce := op("bounce-donation", http.MethodPost, "/donations/{id}/bounce", "Record that the bank returned a cheque", account.DonationsRefund)
	bounce.Idempotent = true
	web.Handle(api, bounce, s.bounceDonation)
}

// FilterInput narrows a list of gifts. Exported, as huma leaves out what is embedded and is not.
type FilterInput struct {
	Search     string          `query:"search" maxLength:"100" doc:"Part of the reference, the donor's name or e-mail; at least two characters."`
	Status     donation.Status `query:"status" enum:"draft,awaiting_payment,processing,requires_action,failed,expired,cancelled,succeeded,recorded,partially_refunded,refunded,review" doc:"Only this status."`
	Received   bool            `query:"received" doc:"Only gifts whose money came."`
	Method     donation.Method `query:"method" enum:"card,cheque,cash,bank_transfer,other"`
	CampaignID string          `query:"campaign_id" format:"uuid"`
	PersonID   string          `query:"person_id" format:"uuid"`
	From       string          `query:"from" format:"date" doc:"First day of receipt."`
	To         string          `query:"to" format:"date" doc:"Last day of receipt."`
	ToThank    bool            `query:"to_thank" doc:"Only gifts that nobody thanked for yet."`
}

func (in FilterInput) filter() (Filter, error) {
	f := Filter{Search: in.Search, Method: in.Method, ToThank: in.ToThank}
	if in.Status != "" {
		f.Statuses = []donation.Status{in.Status}
	} else if in.Received {
		f.Statuses = []donation.Status{donation.Succeeded, donation.Recorded, donation.PartiallyRefunded, donation.Refunded}
	}
	var errs [4]error
	f.CampaignID, errs[0] = web.OptionalID("campaign_id", in.CampaignID)
	f.PersonID, errs[1] = web.OptionalID("person_id", in.PersonID)
	f.From, errs[2] = web.OptionalDay("from", in.From)
	f.To, errs[3] = web.OptionalDay("to", in.To)
	return f, fault.Join(errs[:]...)
}

type listInput struct {
	web.PageInput
	FilterInput
}

type campaignRef struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Slug  string `json:"slug"`
}

// LineView is a gift in a list.
type LineView struct {
	ID         string          `json:"id"`
	Reference  string          `json:"reference"`
	PersonID   *string         `json:"person_id" nullable:"true"`
	DonorName  string          `json:"donor_name"`
	Amount     web.Money       `json:"amount" doc:"The gift, without cover"`
	Cover      web.Money       `json:"cover" doc:"What the donor added for the fee"`
	Refunded   web.Money       `json:"refunded" doc:"Given back, cover included"`
	Method     donation.Method `json:"method"`
	Status     donation.Status `json:"status"`
	Campaign   *campaignRef    `json:"campaign"`
	CauseName  string          `json:"cause_name"`
	FundName   string          `json:"fund_name"`
	OccurredAt time.Time       `json:"occurred_at"`
	ReceivedOn *day.Day        `json:"received_on" nullable:"true" format:"date"`
	ThankedAt  *time.Time      `json:"thanked_at" nullable:"true"`
}

func lineOf(l Line) LineView {
	v := LineView{
		ID: l.ID.String(), Reference: l.Reference, DonorName: l.Donation.DonorName(), Amount: l.Amount, Cover: l.Cover(), Refunded: l.Refunded(),
		Method: l.Method, Status: l.Status, CauseName: l.CauseName, FundName: l.FundName, OccurredAt: l.OccurredAt, ReceivedOn: l.ReceivedOn, ThankedAt: l.ThankedAt,
	}
	if l.PersonID != nil {
		person := l.PersonID.String()
		v.PersonID = &person
	}
	if l.CampaignID != nil && l.CampaignTitle != nil {
		v.Campaign = &campaignRef{ID: l.CampaignID.String(), Title: *l.CampaignTitle, Slug: *l.CampaignSlug}
	}
	return v
}

type listOutput struct{ Body web.PageOf[LineView] }

func (s *Service) listDonations(ctx context.Context, in *listInput) (*listOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	f.Limit = in.Limit + 1
	if f.Before, f.BeforeID, err = web.DecodeTimeCursor(in.Cursor, uuid.Parse); err != nil {
		return nil, err
	}
	lines, err := s.List(ctx, f)
	if err != nil {
		return nil, err
	}
	lines, more := web.Cut(lines, in.Limit)
	return &listOutput{web.PageBy(lines, more, lineOf, func(l Line) string { return web.EncodeTimeCursor(l.OccurredAt, l.ID.String()) })}, nil
}

func (s *Service) exportDonations(ctx context.Context, in *struct{ FilterInput }) (*web.Blob, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	if err := s.Exported(ctx, f); err != nil {
		return nil, err
	}
	header := []string{
		"Reference", "Received on", "Donor", "E-mail", "Amount", "Fee cover", "Refunded", "Currency", "Method", "Number", "Status", "Campaign", "Cause", "Fund", "Thanked at", "Note",
	}
	return web.CSV("gifts.csv", header, web.CSVRows(s.Export(ctx, f), csvRow)), nil
}

func csvRow(l Line) []string {
	var received, thanked, campaign string
	if l.ReceivedOn != nil {
		received = l.ReceivedOn.String()
	}
	if l.ThankedAt != nil {
		thanked = l.ThankedAt.UTC().Format(time.RFC3339)
	}
	if l.CampaignTitle != nil {
		campaign = *l.CampaignTitle
	}
	return []string{
		l.Reference, received, l.Donation.DonorName(), l.DonorEmail, l.Amount.Decimal(), l.Cover().Decimal(), l.Refunded().Decimal(), l.Amount.Currency,
		string(l.Method), l.PaymentNumber, string(l.Status), campaign, l.CauseName, l.FundName, thanked, l.Note,
	}
}

type donorInput struct {
	FirstName string `json:"first_name,omitempty" maxLength:"100"`
	LastName  string `json:"last_name,omitempty" maxLength:"100"`
	Email     string `json:"email,omitempty" maxLength:"254"`
}

type recordInput struct {
	Body struct {
		PersonID      *string         `json:"person_id,omitempty" format:"uuid" doc:"Who gave. Without it, donor is found by e-mail or made."`
		Donor         *donorInput     `json:"donor,omitempty"`
		Amount        web.Money       `json:"amount"`
		Method        donation.Method `json:"method" enum:"cheque,cash,bank_transfer,other"`
		FundID        string          `json:"fund_id" format:"uuid"`
		CampaignID    *string         `json:"campaign_id,omitempty" format:"uuid"`
		InstalmentID  *string         `json:"instalment_id,omitempty" format:"uuid" doc:"The instalment of a pledge or regular gift that it pays."`
		ReceivedOn    day.Day         `json:"received_on" format:"date"`
		PaymentNumber string          `json:"payment_number,omitempty" maxLength:"60" doc:"Of the cheque or transfer."`
		Note          string          `json:"note,omitempty" maxLength:"2000"`
		Reference     string          `json:"reference,omitempty" maxLength:"40" doc:"Your own; one is made when absent."`
	}
}

type donationOutput struct{ Body detailView }

func (s *Service) recordDonation(ctx context.Context, in *recordInput) (*donationOutput, error) {
	b := in.Body
	details := donation.Details{Amount: b.Amount, Method: b.Method, ReceivedOn: b.ReceivedOn, PaymentNumber: b.PaymentNumber, Note: b.Note, Reference: b.Reference}
	var errPerson, errFund, errCampaign, errInstalment error
	if b.PersonID != nil {
		var person uuid.UUID
		person, errPerson = web.OptionalID("person_id", *b.PersonID)
		details.PersonID = &person
	} else if b.Donor != nil {
		details.Donor = donation.Donor{FirstName: b.Donor.FirstName, LastName: b.Donor.LastName, Email: b.Donor.Email}
	}
	details.Target.FundID, errFund = web.OptionalID("fund_id", b.FundID)
	details.Target.CampaignID, errCampaign = web.PerhapsID("campaign_id", b.CampaignID)
	details.InstalmentID, errInstalment = web.PerhapsID("instalment_id", b.InstalmentID)
	if err := fault.Join(errPerson, errFund, errCampaign, errInstalment); err != nil {
		return nil, err
	}
	caller := web.CallerOf(ctx)
	details.Request = donation.RequestOf(caller.IdempotencyKey, caller.IdempotencyHash)
	recorded, err := s.Record(ctx, details)
	if err != nil {
		return nil, err
	}
	return &donationOutput{Body: detailOf(recorded)}, nil
}

// ByID names one gift.
type ByID struct {
	ID string `path:"id" format:"uuid"`
}

func (in ByID) donation() (id.ID[donation.Donation], error) {
	u, err := id.Parse[donation.Donation](in.ID)
	if err != nil {
		return u, donation.ErrNotFound
	}
	return u, nil
}

type paymentView struct {
	ChargeID             string               `json:"charge_id"`
	PaymentIntentID      string               `json:"payment_intent_id"`
	Status               payment.ChargeStatus `json:"status"`
	Amount               web.Money            `json:"amount"`
	Fee                  *web.Money           `json:"fee" doc:"Null until Stripe knows it"`
	Net                  *web.Money           `json:"net"`
	Brand                string               `json:"brand"`
	Last4                string               `json:"last4"`
	BalanceTransactionID string               `json:"balance_transaction_id"`
	FailureCode          string               `json:"failure_code"`
	ChargedAt            time.Time            `json:"charged_at"`
}

type attemptView struct {
	N           int                  `json:"n"`
	State       payment.AttemptState `json:"state"`
	SessionID   string               `json:"session_id"`
	DeclineCode string               `json:"decline_code"`
	CreatedAt   time.Time            `json:"created_at"`
}

type detailView struct {
	LineView
	Donor         donorView           `json:"donor"`
	Comment       string              `json:"comment"`
	Visibility    donation.Visibility `json:"visibility"`
	Note          string              `json:"note"`
	PaymentNumber string              `json:"payment_number"`
	ReviewReason  string              `json:"review_reason" doc:"Why money that came is not what was asked for: amount, currency, livemode, second_charge"`
	AtBank        bool                `json:"at_bank" doc:"A cheque or cash that was taken to the bank"`
	Attempts      []attemptView       `json:"attempts"`
	Payments      []paymentView       `json:"payments"`
	Refunds       []refundView        `json:"refunds"`
	Refundable    web.Money           `json:"refundable" doc:"What is left to give back"`
	Pays          *paysView           `json:"pays" doc:"The instalment of a regular gift or pledge that it pays"`
}

type paysView struct {
	PromiseID string       `json:"promise_id"`
	Reference string       `json:"reference"`
	Kind      promise.Kind `json:"kind" enum:"plan,pledge"`
	N         int          `json:"n"`
}

type donorView struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
}

func (s *Service) getDonation(ctx context.Context, in *ByID) (*donationOutput, error) {
	donationID, err := in.donation()
	if err != nil {
		return nil, err
	}
	d, err := s.Find(ctx, donationID)
	if err != nil {
		return nil, err
	}
	return &donationOutput{Body: detailOf(d)}, nil
}

type noteInput struct {
	ByID
	Body struct {
		Note string `json:"note" maxLength:"2000"`
	}
}

func (s *Service) noteDonation(ctx context.Context, in *noteInput) (*web.Empty, error) {
	donationID, err := in.donation()
	if err != nil {
		return nil, err
	}
	return nil, s.Note(ctx, donationID, in.Body.Note)
}

func (s *Service) thankDonation(ctx context.Context, in *ByID) (*web.Empty, error) {
	return s.setThanked(ctx, in, true)
}

func (s *Service) unthankDonation(ctx context.Context, in *ByID) (*web.Empty, error) {
	return s.setThanked(ctx, in, false)
}

func (s *Service) setThanked(ctx context.Context, in *ByID, thanked bool) (*web.Empty, error) {
	donationID, err := in.donation()
	if err != nil {
		return nil, err
	}
	return nil, s.Thank(ctx, donationID, thanked)
}

type depositInput struct {
	ByID
	Body struct {
		On day.Day `json:"on" format:"date" doc:"The day it went to the bank."`
	}
}

func (s *Service) depositDonation(ctx context.Context, in *depositInput) (*web.Empty, error) {
	donationID, err := in.donation()
	if err != nil {
		return nil, err
	}
	return nil, s.Deposit(ctx, donationID, in.Body.On)
}

type bounceInput struct {
	ByID
	Body struct {
		On      day.Day   `json:"on" format:"date" doc:"The day the bank returned it."`
		BankFee web.Money `json:"bank_fee"`
		Note    string    `json:"note,omitempty" maxLength:"2000"`
	}
}

func (s *Service) bounceDonation(ctx context.Context, in *bounceInput) (*web.Empty, error) {
	donationID, err := in.donation()
	if err != nil {
		return nil, err
	}
	return nil, s.Bounce(ctx, donationID, in.Body.On, in.Body.BankFee, in.Body.Note)
}

func detailOf(d Detail) detailView {
	v := detailView{
		LineView: lineOf(d.Line), Donor: donorView{d.DonorFirstName, d.DonorLastName, d.DonorEmail}, Comment: d.Comment, Visibility: d.Visibility,
		Note: d.Note, PaymentNumber: d.PaymentNumber, ReviewReason: d.ReviewReason, AtBank: d.AtBank, Refundable: d.Refundable(),
		Attempts: make([]attemptView, len(d.Attempts)), Payments: make([]paymentView, len(d.Payments)), Refunds: make([]refundView, len(d.Refunds)),
	}
	if p := d.Pays; p != nil {
		v.Pays = &paysView{p.PromiseID.String(), p.Reference, p.Kind, p.N}
	}
	for i, a := range d.Attempts {
		v.Attempts[i] = attemptView{N: a.N, State: a.State, DeclineCode: a.DeclineCode, CreatedAt: a.CreatedAt}
		if a.SessionID != nil {
			v.Attempts[i].SessionID = *a.SessionID
		}
	}
	for i, p := range d.Payments {
		v.Payments[i] = viewOfPayment(p)
	}
	for i, r := range d.Refunds {
		v.Refunds[i] = refundOf(r)
	}
	return v
}
