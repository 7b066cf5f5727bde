package reporting

import (
	"context"
	"encoding/json"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/donation"
	"tributary/domain/ledger"
	"tributary/domain/money"
)

type bookingView struct {
	ID         string            `json:"id"`
	Kind       ledger.Kind       `json:"kind"`
	SourceType string            `json:"source_type"`
	SourceID   string            `json:"source_id"`
	OccurredAt time.Time         `json:"occurred_at"`
	PostedAt   time.Time         `json:"posted_at"`
	Entries    []bookingLineView `json:"entries"`
}

type bookingLineView struct {
	Account ledger.Account `json:"account"`
	Debit   *web.Money     `json:"debit,omitempty"`
	Credit  *web.Money     `json:"credit,omitempty"`
}

type receiptView struct {
	ID         string     `json:"id"`
	Number     string     `json:"number"`
	IssuedAt   time.Time  `json:"issued_at"`
	VoidedAt   *time.Time `json:"voided_at,omitempty"`
	VoidReason string     `json:"void_reason,omitempty"`
}

type mailView struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Subject   string     `json:"subject"`
	ToEmail   string     `json:"to_email"`
	State     string     `json:"state" enum:"queued,sending,sent,failed"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at,omitempty"`
}

type historyView struct {
	ID        string          `json:"id"`
	At        time.Time       `json:"at"`
	Action    string          `json:"action"`
	ActorKind string          `json:"actor_kind"`
	ActorName string          `json:"actor_name"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
}

type trailOutput struct {
	Body struct {
		Ledger   []bookingView `json:"ledger"`
		Receipts []receiptView `json:"receipts"`
		Messages []mailView    `json:"messages"`
		History  []historyView `json:"history"`
	}
}

func (s *Service) showTrail(ctx context.Context, in *ByID) (*trailOutput, error) {
	donationID, err := in.uuid(donation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	t, err := s.Trail(ctx, donationID)
	if err != nil {
		return nil, err
	}
	out := &trailOutput{}
	out.Body.Ledger, out.Body.Receipts = make([]bookingView, len(t.Bookings)), make([]receiptView, len(t.Receipts))
	out.Body.Messages, out.Body.History = make([]mailView, len(t.Mails)), make([]historyView, len(t.History))
	for i, b := range t.Bookings {
		out.Body.Ledger[i] = bookingOf(b)
	}
	for i, r := range t.Receipts {
		out.Body.Receipts[i] = receiptView{ID: r.ID.String(), Number: r.Number, IssuedAt: r.IssuedAt, VoidedAt: r.VoidedAt, VoidReason: value(r.VoidReason)}
	}
	for i, m := range t.Mails {
		out.Body.Messages[i] = mailView{ID: m.ID.String(), Kind: m.Kind, Subject: m.Subject, ToEmail: m.ToEmail, State: m.State, CreatedAt: m.CreatedAt, SentAt: m.SentAt}
	}
	for i, h := range t.History {
		out.Body.History[i] = historyView{ID: h.ID.String(), At: h.At, Action: h.Action, ActorKind: h.ActorKind, ActorName: value(h.ActorName), Before: h.Before, After: h.After}
	}
	return out, nil
}

func bookingOf(b Booking) bookingView {
	v := bookingView{
		ID: b.ID.String(), Kind: b.Kind, SourceType: b.SourceType, SourceID: b.SourceID, OccurredAt: b.OccurredAt, PostedAt: b.PostedAt, Entries: make([]bookingLineView, len(b.Lines)),
	}
	for i, l := range b.Lines {
		amount := money.New(l.AmountMinor, l.Currency)
		if l.AmountMinor > 0 {
			v.Entries[i] = bookingLineView{Account: l.Account, Debit: &amount}
			continue
		}
		amount = amount.Neg()
		v.Entries[i] = bookingLineView{Account: l.Account, Credit: &amount}
	}
	return v
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

type toThankView struct {
	ID            string    `json:"id"`
	Reference     string    `json:"reference"`
	PersonID      string    `json:"person_id,omitempty"`
	DonorName     string    `json:"donor_name"`
	Amount        web.Money `json:"amount"`
	OccurredAt    time.Time `json:"occurred_at"`
	CampaignTitle string    `json:"campaign_title"`
	Comment       string    `json:"comment"`
	FirstGift     bool      `json:"first_gift" doc:"The donor's first gift ever"`
}

type takenView struct {
	Today     web.Money `json:"today"`
	ThisMonth web.Money `json:"this_month"`
}

type attentionView struct {
	Kind       string    `json:"kind" enum:"review,refund_failed,event_failed,mail_failed,promise_late"`
	DonationID string    `json:"donation_id,omitempty"`
	PromiseID  string    `json:"promise_id,omitempty"`
	Reference  string    `json:"reference"`
	Detail     string    `json:"detail"`
	At         time.Time `json:"at"`
}

type todayOutput struct {
	Body struct {
		ToThank        []toThankView   `json:"to_thank" doc:"The newest gifts nobody thanked for"`
		ToThankCount   int             `json:"to_thank_count" doc:"At most 100"`
		Received       []takenView     `json:"received" doc:"One per currency"`
		NeedsAttention []attentionView `json:"needs_attention" doc:"Newest first, then the late and failing instalments due longest"`

		LatePromisesCount int `json:"late_promises_count" doc:"Late and failing instalments; at most 100"`
	}
}

func (s *Service) showToday(ctx context.Context, _ *web.Empty) (*todayOutput, error) {
	t, err := s.Today(ctx)
	if err != nil {
		return nil, err
	}
	out := &todayOutput{}
	out.Body.ToThankCount, out.Body.LatePromisesCount = t.ToThankCount, t.LateCount
	out.Body.ToThank, out.Body.Received = make([]toThankView, len(t.ToThank)), make([]takenView, len(t.Taken))
	out.Body.NeedsAttention = make([]attentionView, len(t.Attention))
	for i, g := range t.ToThank {
		out.Body.ToThank[i] = toThankView{
			ID: g.ID.String(), Reference: g.Reference, PersonID: web.IDText(g.PersonID), DonorName: donation.Donor{FirstName: g.FirstName, LastName: g.LastName}.Name(),
			Amount: money.New(g.AmountMinor, g.Currency), OccurredAt: g.OccurredAt, CampaignTitle: value(g.CampaignTitle), Comment: g.Comment, FirstGift: g.FirstGift,
		}
	}
	for i, sum := range t.Taken {
		out.Body.Received[i] = takenView{Today: money.New(sum.Today, sum.Currency), ThisMonth: money.New(sum.Month, sum.Currency)}
	}
	for i, a := range t.Attention {
		out.Body.NeedsAttention[i] = attentionView{Kind: a.Kind, DonationID: web.IDText(a.DonationID), PromiseID: web.IDText(a.PromiseID), Reference: a.Reference, Detail: a.Detail, At: a.At}
	}
	return out, nil
}
