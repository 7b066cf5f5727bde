package reporting

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/person"
)

// Routes registers the operations of reporting.
func (s *Service) Routes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "today", Method: http.MethodGet, Path: "/today", Summary: "What to do, and how the day went", Tag: "Reports", Permission: account.DonationsRead,
	}, s.showToday)
	web.Handle(api, web.Op{
		ID: "donation-trail", Method: http.MethodGet, Path: "/donations/{id}/trail", Summary: "Bookings, receipts, mails and changes of a gift", Tag: "Donations", Permission: account.DonationsRead,
	}, s.showTrail)
	web.Handle(api, web.Op{
		ID: "person-summary", Method: http.MethodGet, Path: "/people/{id}/summary", Summary: "Sums of a person's giving", Tag: "People", Permission: account.DonationsRead,
	}, s.showSummary)
	web.Handle(api, web.Op{
		ID: "person-timeline", Method: http.MethodGet, Path: "/people/{id}/timeline", Summary: "What happened with a person, newest first", Tag: "People", Permission: account.PeopleRead,
	}, s.showTimeline)
	s.promiseRoutes(api)
	s.volunteerRoutes(api)
}

// ByID names one thing. Exported, as huma leaves out what is embedded and is not.
type ByID struct {
	ID string `path:"id" format:"uuid"`
}

func (in ByID) uuid(missing error) (uuid.UUID, error) {
	u, err := uuid.Parse(in.ID)
	if err != nil {
		return uuid.Nil, missing
	}
	return u, nil
}

type summaryView struct {
	Lifetime    web.Money `json:"lifetime" doc:"Gifts less what was given back, without fee cover"`
	ThisYear    web.Money `json:"this_year"`
	Average     web.Money `json:"average"`
	GiftCount   int64     `json:"gift_count"`
	FirstGiftOn day.Day   `json:"first_gift_on" format:"date"`
	LastGiftOn  day.Day   `json:"last_gift_on" format:"date"`
}

type personPromisesView struct {
	Plans   int64     `json:"plans" doc:"Open ones"`
	Monthly web.Money `json:"monthly" doc:"What the plans that are not paused come to a month"`
	Pledges int64     `json:"pledges" doc:"Open ones"`
	Pledged web.Money `json:"pledged" doc:"Total of the open pledges"`
	Paid    web.Money `json:"paid" doc:"Of the open pledges"`
	Owed    web.Money `json:"owed" doc:"Of the open pledges"`
	Late    web.Money `json:"late" doc:"Of plans and pledges: what failed, or whose date passed"`
}

type summaryOutput struct {
	Body struct {
		Items    []summaryView        `json:"items" doc:"One per currency, the largest first; empty for someone who never gave"`
		Promises []personPromisesView `json:"promises" doc:"One per currency; empty for someone without an open plan or pledge"`
	}
}

func (s *Service) showSummary(ctx context.Context, in *ByID) (*summaryOutput, error) {
	who, err := in.uuid(person.ErrNotFound)
	if err != nil {
		return nil, err
	}
	sums, promised, err := s.Summary(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &summaryOutput{}
	out.Body.Items, out.Body.Promises = make([]summaryView, len(sums)), make([]personPromisesView, len(promised))
	for i, sum := range sums {
		out.Body.Items[i] = summaryView{
			Lifetime: money.New(sum.Lifetime, sum.Currency), ThisYear: money.New(sum.ThisYear, sum.Currency), Average: money.New(sum.Lifetime/max(sum.GiftCount, 1), sum.Currency),
			GiftCount: sum.GiftCount, FirstGiftOn: sum.FirstGiftOn, LastGiftOn: sum.LastGiftOn,
		}
	}
	for i, p := range promised {
		of := func(minor int64) web.Money { return money.New(minor, p.Currency) }
		out.Body.Promises[i] = personPromisesView{p.Plans, of(p.Monthly), p.Pledges, of(p.Pledged), of(p.Paid), of(p.Owed), of(p.Late)}
	}
	return out, nil
}

type timelineInput struct {
	ByID
	web.PageInput
}

type momentView struct {
	Kind       string     `json:"kind" enum:"gift,refund,receipt,mail,change,promise,shift,hours,help"`
	ID         string     `json:"id"`
	At         time.Time  `json:"at"`
	Title      string     `json:"title" doc:"Of a change or a promise: what was done, such as promise.paused; of an offer of help: how its message begins"`
	State      string     `json:"state" doc:"Of a promise: plan or pledge; of a shift: how the person stands to it; of an offer of help: open or answered"`
	Amount     *web.Money `json:"amount,omitempty"`
	DonationID string     `json:"donation_id,omitempty"`
	PromiseID  string     `json:"promise_id,omitempty"`
	ShiftID    string     `json:"shift_id,omitempty"`
	StartsAt   *time.Time `json:"starts_at,omitempty" doc:"Of a shift"`
	Minutes    int        `json:"minutes,omitempty" doc:"Of hours"`
	People     int        `json:"people,omitempty" doc:"How many gave the hours, or come to the shift, the person included"`
}

type timelineOutput struct{ Body web.PageOf[momentView] }

func (s *Service) showTimeline(ctx context.Context, in *timelineInput) (*timelineOutput, error) {
	who, err := in.uuid(person.ErrNotFound)
	if err != nil {
		return nil, err
	}
	before, beforeID, err := web.DecodeTimeCursor(in.Cursor, uuid.Parse)
	if err != nil {
		return nil, err
	}
	moments, err := s.Timeline(ctx, who, before, beforeID, in.Limit+1)
	if err != nil {
		return nil, err
	}
	moments, more := web.Cut(moments, in.Limit)
	return &timelineOutput{web.PageBy(moments, more, momentOf, func(m Moment) string { return web.EncodeTimeCursor(m.At, m.ID.String()) })}, nil
}

func momentOf(m Moment) momentView {
	return momentView{
		Kind: m.Kind, ID: m.ID.String(), At: m.At, Title: m.Title, State: m.State, Amount: m.Amount(), DonationID: web.IDText(m.Donation),
		PromiseID: web.IDText(m.Promise), ShiftID: web.IDText(m.Shift), StartsAt: m.StartsAt, Minutes: m.Minutes, People: m.People,
	}
}
