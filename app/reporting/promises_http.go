package reporting

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/money"
	"tributary/domain/promise"
)

func (s *Service) promiseRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "promises-forecast", Method: http.MethodGet, Path: "/promises/forecast", Summary: "What plans and pledges should bring, by month", Tag: "Promises",
		Permission: account.DonationsRead, Description: "By calendar month and currency, from this month on: instalments that exist and those that the schedules " +
			"of plans bring later. Paused plans count from when they resume; lapsed ones and those that wait for another card do not. What is late is no part of any month.",
	}, s.showForecast)
	web.Handle(api, web.Op{
		ID: "promises-attention", Method: http.MethodGet, Path: "/promises/attention", Summary: "Late and failing instalments, longest due first", Tag: "Promises",
		Permission: account.DonationsRead,
	}, s.listAttention)
}

type forecastInput struct {
	Months int `query:"months" minimum:"1" maximum:"24" default:"12"`
}

type expectedView struct {
	Amount web.Money `json:"amount"`
	Count  int64     `json:"count" doc:"Payments"`
}

type forecastMonthView struct {
	Month    string       `json:"month" example:"2027-01"`
	Currency string       `json:"currency"`
	Plans    expectedView `json:"plans"`
	Pledges  expectedView `json:"pledges"`
}

type forecastOutput struct {
	Body struct {
		Months []forecastMonthView `json:"months" doc:"Every month in every currency that anything is promised in; without fee cover"`
		Late   []expectedView      `json:"late" doc:"One per currency: what should have come already"`
	}
}

func (s *Service) showForecast(ctx context.Context, in *forecastInput) (*forecastOutput, error) {
	f, err := s.Forecast(ctx, in.Months)
	if err != nil {
		return nil, err
	}
	out := &forecastOutput{}
	out.Body.Months, out.Body.Late = make([]forecastMonthView, len(f.Months)), make([]expectedView, len(f.Late))
	for i, m := range f.Months {
		out.Body.Months[i] = forecastMonthView{Month: m.Month.String()[:len("2006-01")], Currency: m.Currency, Plans: viewExpected(m.Plans), Pledges: viewExpected(m.Pledges)}
	}
	for i, sum := range f.Late {
		out.Body.Late[i] = viewExpected(sum)
	}
	return out, nil
}

func viewExpected(s Sum) expectedView { return expectedView{money.New(s.Minor, s.Currency), s.Count} }

type latePromiseView struct {
	PromiseID    string        `json:"promise_id"`
	InstalmentID string        `json:"instalment_id"`
	Reference    string        `json:"reference"`
	Kind         promise.Kind  `json:"kind" enum:"plan,pledge"`
	DonorName    string        `json:"donor_name"`
	PersonID     string        `json:"person_id"`
	Amount       web.Money     `json:"amount" doc:"What the donor would pay, fee cover included"`
	DueOn        day.Day       `json:"due_on" format:"date"`
	LateDays     int           `json:"late_days" doc:"Days since it was due"`
	State        promise.State `json:"state" enum:"scheduled,due,requires_action,retry_wait,failed"`
	DeclineCode  string        `json:"decline_code" doc:"As the card's bank gave it; empty when nothing was declined"`
	Why          string        `json:"why" doc:"Why it is not paid, in words"`
	WhatNext     string        `json:"what_next" doc:"What happens by itself, and when, in words"`
	Action       Action        `json:"action" enum:"card_link,charge,remind,look" doc:"The one thing to do about it: mail a link for another card, charge now, remind, or look"`
}

type latePromisesOutput struct{ Body web.PageOf[latePromiseView] }

func (s *Service) listAttention(ctx context.Context, in *web.PageInput) (*latePromisesOutput, error) {
	after, afterID, err := decodeDayCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := s.ListLate(ctx, after, afterID, in.Limit+1)
	if err != nil {
		return nil, err
	}
	rows, more := web.Cut(rows, in.Limit)
	now := s.now()
	view := func(l Late) latePromiseView {
		return latePromiseView{
			PromiseID: l.PromiseID.String(), InstalmentID: l.InstalmentID.String(), Reference: l.Reference, Kind: l.Kind,
			DonorName: donation.Donor{FirstName: l.FirstName, LastName: l.LastName}.Name(), PersonID: web.IDText(l.PersonID), Amount: money.New(l.Minor, l.Currency),
			DueOn: l.DueOn, LateDays: l.Days(now), State: l.State, DeclineCode: l.DeclineCode, Why: l.Why(), WhatNext: l.WhatNext(now), Action: l.Action(now),
		}
	}
	return &latePromisesOutput{web.PageBy(rows, more, view, func(l Late) string { return web.EncodeCursor(l.DueOn.String(), l.InstalmentID.String()) })}, nil
}

func decodeDayCursor(cursor string) (day.Day, uuid.UUID, error) {
	parts, err := web.DecodeCursor(cursor, 2)
	if err != nil || parts == nil {
		return day.Day{}, uuid.Nil, err
	}
	after, errDay := day.Parse(parts[0])
	id, errID := uuid.Parse(parts[1])
	if errDay != nil || errID != nil {
		return day.Day{}, uuid.Nil, web.ErrCursor
	}
	return after, id, nil
}
