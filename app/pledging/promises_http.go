package pledging

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// Routes registers the operations on promises.
func (s *Service) Routes(api *web.API) {
	op := func(id, method, path, summary string, p account.Permission) web.Op {
		return web.Op{ID: id, Method: method, Path: path, Summary: summary, Tag: "Promises", Permission: p}
	}
	web.Handle(api, op("list-promises", http.MethodGet, "/promises", "Regular gifts and pledges, newest first", account.DonationsRead), s.listPromises)
	web.Handle(api, op("get-promise", http.MethodGet, "/promises/{id}", "One regular gift or pledge with its instalments", account.DonationsRead), s.getPromise)
	web.Handle(api, op("list-promises-of-person", http.MethodGet, "/people/{id}/promises", "What a person promised, newest first", account.DonationsRead), s.promisesOfPerson)
	web.Handle(api, op("list-cards-of-person", http.MethodGet, "/people/{id}/cards", "The saved cards of a person", account.DonationsRead), s.cardsOfPerson)
	act := func(name, path, summary string) web.Op {
		o := op(name, http.MethodPost, "/promises/{id}/"+path, summary, account.PledgesManage)
		o.Errors = []int{http.StatusConflict}
		return o
	}
	web.Handle(api, act("pause-promise", "pause", "Leave out every charge of a regular gift before a date"), s.pausePromise)
	web.Handle(api, act("resume-promise", "resume", "End the pause of a regular gift"), s.resumePromise)
	web.Handle(api, act("skip-promise", "skip", "Leave out the next charge of a regular gift"), s.skipPromise)
	web.Handle(api, act("change-promise-amount", "amount", "Change what a regular gift charges"), s.changeAmount)
	web.Handle(api, act("change-promise-day", "day", "Move a regular gift to another day of the month"), s.changeDay)
	web.Handle(api, act("cancel-promise", "cancel", "End a regular gift or a pledge"), s.cancelPromise)
	web.Handle(api, act("ask-for-card", "card-link", "Mail the donor a link to save another card"), s.askForCard)
	s.pledgeRoutes(api, act)
}

type listInput struct {
	web.PageInput
	Kind       promise.Kind   `query:"kind" enum:"plan,pledge"`
	Status     promise.Status `query:"status" enum:"pending_setup,active,past_due,needs_payment_method,lapsed,completed,written_off,cancelled" doc:"As stored. Without a status, a standing or a search, promises that nobody confirmed yet (pending_setup) are left out."`
	Standing   promise.Status `query:"standing" enum:"pending_setup,active,past_due,needs_payment_method,lapsed,completed,written_off,cancelled,paused,overdue,delinquent" doc:"As it is today."`
	Open       bool           `query:"open" doc:"Only those of which money may still come."`
	Search     string         `query:"search" maxLength:"100" doc:"Part of the reference, the donor's name or e-mail; at least two characters."`
	CampaignID string         `query:"campaign_id" format:"uuid"`
	PersonID   string         `query:"person_id" format:"uuid"`
}

func (in *listInput) filter() (f Filter, err error) {
	f = Filter{Kind: in.Kind, Status: in.Status, Standing: in.Standing, Open: in.Open, Search: in.Search, Limit: in.Limit + 1}
	var errCampaign, errPerson error
	f.CampaignID, errCampaign = web.OptionalID("campaign_id", in.CampaignID)
	f.PersonID, errPerson = web.OptionalID("person_id", in.PersonID)
	if err := fault.Join(errCampaign, errPerson); err != nil {
		return f, err
	}
	f.Before, f.BeforeID, err = web.DecodeTimeCursor(in.Cursor, uuid.Parse)
	return f, err
}

type listOutput struct{ Body web.PageOf[PromiseLine] }

func (s *Service) listPromises(ctx context.Context, in *listInput) (*listOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	lines, err := s.List(ctx, f)
	if err != nil {
		return nil, err
	}
	lines, more := web.Cut(lines, in.Limit)
	return &listOutput{web.PageBy(lines, more, lineOf, func(l Line) string { return web.EncodeTimeCursor(l.CreatedAt, l.ID.String()) })}, nil
}

// SavedCard is a saved card as it may be shown.
type SavedCard struct {
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
}

// NextInstalment is the instalment that comes next.
type NextInstalment struct {
	InstalmentID string        `json:"instalment_id"`
	DueOn        day.Day       `json:"due_on" format:"date"`
	Amount       web.Money     `json:"amount" doc:"What is asked for now, without cover"`
	State        promise.State `json:"state"`
	ActAt        *time.Time    `json:"act_at" nullable:"true" doc:"When something is done about it by itself"`
	DeclineCode  string        `json:"decline_code"`
	DeclineWords string        `json:"decline_words" doc:"Why the last payment did not work; empty when none failed"`
}

type promiseCampaign struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// PromiseLine is a promise in a list.
type PromiseLine struct {
	ID          string           `json:"id"`
	Reference   string           `json:"reference"`
	Kind        promise.Kind     `json:"kind" enum:"plan,pledge"`
	Status      promise.Status   `json:"status" doc:"As stored"`
	Standing    promise.Status   `json:"standing" doc:"As it is today: may also be paused, overdue or delinquent"`
	PersonID    *string          `json:"person_id" nullable:"true"`
	DonorName   string           `json:"donor_name"`
	Amount      web.Money        `json:"amount" doc:"Of each charge of a plan, without cover; of a whole pledge"`
	Cover       web.Money        `json:"cover" doc:"What each charge of a plan adds for the fee"`
	Unit        promise.Unit     `json:"unit" enum:"week,month,year"`
	Every       int              `json:"every"`
	Count       *int             `json:"count" nullable:"true" doc:"Null: until somebody ends it"`
	Method      promise.Method   `json:"method" enum:"card,link"`
	Card        *SavedCard       `json:"card"`
	Next        *NextInstalment  `json:"next"`
	Paid        web.Money        `json:"paid" doc:"Net of refunds, without cover"`
	Owed        web.Money        `json:"owed" doc:"Still to be paid: of a pledge all of it, of a plan what is due next"`
	Campaign    *promiseCampaign `json:"campaign"`
	CauseName   string           `json:"cause_name"`
	FundName    string           `json:"fund_name"`
	PausedUntil *day.Day         `json:"paused_until" nullable:"true" format:"date"`
	CreatedAt   time.Time        `json:"created_at"`
	Version     int              `json:"version" doc:"Send it back with a change"`
}

func lineOf(l Line) PromiseLine {
	v := PromiseLine{
		ID: l.ID.String(), Reference: l.Reference, Kind: l.Kind, Status: l.Status, Standing: l.Standing, DonorName: l.DonorName(), Amount: l.Amount,
		Cover: l.Cover(), Unit: l.Schedule.Unit, Every: l.Schedule.Every, Count: l.Schedule.Count, Method: l.Method, Paid: l.Received(), Owed: l.Owed(),
		CauseName: l.CauseName, FundName: l.FundName, PausedUntil: l.PausedUntil, CreatedAt: l.CreatedAt, Version: l.Version,
	}
	if l.PersonID != nil {
		who := l.PersonID.String()
		v.PersonID = &who
	}
	if l.CardBrand != nil {
		v.Card = &SavedCard{Brand: *l.CardBrand, Last4: *l.CardLast4, ExpMonth: *l.CardExpMonth, ExpYear: *l.CardExpYear}
	}
	if l.CampaignID != nil && l.CampaignTitle != nil {
		v.Campaign = &promiseCampaign{ID: l.CampaignID.String(), Title: *l.CampaignTitle}
	}
	if i := l.Waiting(); i != nil {
		v.Next = &NextInstalment{
			InstalmentID: i.ID.String(), DueOn: i.DueOn, Amount: i.Amount, State: i.State, ActAt: i.ActAt, DeclineCode: i.DeclineCode,
			DeclineWords: reasonWords(i.DeclineCode),
		}
	}
	return v
}

type instalmentView struct {
	ID           string        `json:"id"`
	N            int           `json:"n"`
	DueOn        day.Day       `json:"due_on" format:"date"`
	Planned      web.Money     `json:"planned" doc:"As the schedule set it"`
	Amount       web.Money     `json:"amount" doc:"What is asked for now; of a closed one, what closed it"`
	Paid         web.Money     `json:"paid" doc:"Net of refunds, without cover"`
	State        promise.State `json:"state"`
	Attempt      int           `json:"attempt"`
	Tries        int           `json:"tries" doc:"Declines so far"`
	DeclineCode  string        `json:"decline_code"`
	DeclineWords string        `json:"decline_words"`
	Reason       string        `json:"reason" doc:"Why it was left out, forgiven or is owed again: skipped, paused, missed, reopened, or a person's words"`
	ActAt        *time.Time    `json:"act_at" nullable:"true"`
	DonationID   *string       `json:"donation_id" nullable:"true" doc:"The gift that collects it"`
	Reminders    int           `json:"reminders"`
	RemindedAt   *time.Time    `json:"reminded_at" nullable:"true"`
}

type pledgePart struct {
	N      int       `json:"n"`
	DueOn  day.Day   `json:"due_on" format:"date"`
	Amount web.Money `json:"amount"`
}

type promiseReminders struct {
	BeforeDays int `json:"before_days"`
	EveryDays  int `json:"every_days"`
	AtMost     int `json:"at_most"`
}

type promiseDetail struct {
	PromiseLine
	DonorEmail  string           `json:"donor_email"`
	Zone        string           `json:"zone" doc:"Whose morning its payments come in"`
	Remind      promiseReminders `json:"remind"`
	Note        string           `json:"note"`
	ClosedBy    string           `json:"closed_by" doc:"Who ended it: login, token, supporter or system; empty while it is open"`
	CloseReason string           `json:"close_reason"`
	Instalments []instalmentView `json:"instalments" doc:"All of a pledge, the newest of a plan"`
	Upcoming    []pledgePart     `json:"upcoming" doc:"The next charges of a plan"`
}

type promiseOutput struct{ Body promiseDetail }

func detailOf(d Detail) promiseDetail {
	v := promiseDetail{
		PromiseLine: lineOf(d.Line), DonorEmail: d.DonorEmail, Zone: d.Zone, Remind: promiseReminders{d.RemindBeforeDays, d.RemindEveryDays, d.RemindAtMost},
		Note: d.Note, ClosedBy: d.ClosedBy, CloseReason: d.CloseReason, Instalments: make([]instalmentView, len(d.Instalments)), Upcoming: partsOf(d.Upcoming),
	}
	for k, i := range d.Instalments {
		v.Instalments[k] = instalmentView{
			ID: i.ID.String(), N: i.N, DueOn: i.DueOn, Planned: web.Money{Minor: i.PlannedMinor, Currency: i.Amount.Currency}, Amount: i.Amount,
			Paid: web.Money{Minor: i.PaidMinor, Currency: i.Amount.Currency}, State: i.State, Attempt: i.Attempt, Tries: i.Tries, DeclineCode: i.DeclineCode,
			DeclineWords: reasonWords(i.DeclineCode), Reason: i.Reason, ActAt: i.ActAt, Reminders: i.Reminders, RemindedAt: i.RemindedAt,
		}
		if i.DonationID != nil {
			gift := i.DonationID.String()
			v.Instalments[k].DonationID = &gift
		}
	}
	return v
}

func partsOf(parts []promise.Part) []pledgePart {
	views := make([]pledgePart, len(parts))
	for k, p := range parts {
		views[k] = pledgePart{p.N, p.DueOn, p.Amount}
	}
	return views
}

// PromiseID names one promise. Exported, as huma leaves out what is embedded and is not.
type PromiseID struct {
	ID id.ID[promise.Promise] `path:"id" format:"uuid"`
}

func (s *Service) getPromise(ctx context.Context, in *PromiseID) (*promiseOutput, error) {
	d, err := s.Find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &promiseOutput{Body: detailOf(d)}, nil
}

func (s *Service) promisesOfPerson(ctx context.Context, in *struct {
	ID   id.ID[person.Person] `path:"id" format:"uuid"`
	Open bool                 `query:"open" doc:"Only those of which money may still come."`
}) (*listOutput, error) {
	lines, err := s.ListOfPerson(ctx, in.ID.UUID, in.Open)
	if err != nil {
		return nil, err
	}
	return &listOutput{web.PageBy(lines, false, lineOf, nil)}, nil
}

type personCard struct {
	ID string `json:"id"`
	SavedCard
}

type cardsOutput struct{ Body web.PageOf[personCard] }

func (s *Service) cardsOfPerson(ctx context.Context, in *struct {
	ID id.ID[person.Person] `path:"id" format:"uuid"`
}) (*cardsOutput, error) {
	cards, err := s.ListCards(ctx, in.ID.UUID)
	if err != nil {
		return nil, err
	}
	views := make([]personCard, len(cards))
	for k, c := range cards {
		views[k] = personCard{c.ID.String(), SavedCard{c.Brand, c.Last4, c.ExpMonth, c.ExpYear}}
	}
	return &cardsOutput{Body: web.Page(views, "")}, nil
}

// acted answers an action with what it made of the promise.
func (s *Service) acted(ctx context.Context, p promise.Promise, err error) (*promiseOutput, error) {
	if err != nil {
		return nil, err
	}
	return s.getPromise(ctx, &PromiseID{p.ID})
}

func orgOf(ctx context.Context) uuid.UUID { return actor.From(ctx).OrgID }

// Seen is the version that whoever acts has seen. Exported, as huma leaves out what is embedded and is not.
type Seen struct {
	Version int `json:"version" minimum:"1" doc:"The version you read."`
}

type plainInput struct {
	PromiseID
	Body struct{ Seen }
}

type pauseInput struct {
	PromiseID
	Body struct {
		Seen
		Until day.Day `json:"until" format:"date" doc:"The first date that is charged again, if it is one of the gift's."`
	}
}

func (s *Service) pausePromise(ctx context.Context, in *pauseInput) (*promiseOutput, error) {
	p, err := s.Pause(ctx, orgOf(ctx), in.ID, in.Body.Version, in.Body.Until)
	return s.acted(ctx, p, err)
}

func (s *Service) resumePromise(ctx context.Context, in *plainInput) (*promiseOutput, error) {
	p, err := s.Resume(ctx, orgOf(ctx), in.ID, in.Body.Version)
	return s.acted(ctx, p, err)
}

func (s *Service) skipPromise(ctx context.Context, in *plainInput) (*promiseOutput, error) {
	p, err := s.Skip(ctx, orgOf(ctx), in.ID, in.Body.Version)
	return s.acted(ctx, p, err)
}

type amountInput struct {
	PromiseID
	Body struct {
		Seen
		Amount   web.Money `json:"amount" doc:"The gift, without cover"`
		CoverFee bool      `json:"cover_fee,omitempty" doc:"Add what the card is estimated to cost."`
	}
}

func (s *Service) changeAmount(ctx context.Context, in *amountInput) (*promiseOutput, error) {
	p, err := s.ChangeAmount(ctx, orgOf(ctx), in.ID, in.Body.Version, in.Body.Amount, in.Body.CoverFee)
	return s.acted(ctx, p, err)
}

type dayInput struct {
	PromiseID
	Body struct {
		Seen
		Day int `json:"day" minimum:"1" maximum:"31" doc:"Of the month; in a shorter one, its last."`
	}
}

func (s *Service) changeDay(ctx context.Context, in *dayInput) (*promiseOutput, error) {
	p, err := s.ChangeDay(ctx, orgOf(ctx), in.ID, in.Body.Version, in.Body.Day)
	return s.acted(ctx, p, err)
}

type cancelInput struct {
	PromiseID
	Body struct {
		Seen
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

func (s *Service) cancelPromise(ctx context.Context, in *cancelInput) (*promiseOutput, error) {
	p, err := s.Cancel(ctx, orgOf(ctx), in.ID, in.Body.Version, in.Body.Reason)
	return s.acted(ctx, p, err)
}

func (s *Service) askForCard(ctx context.Context, in *plainInput) (*promiseOutput, error) {
	p, err := s.AskForCard(ctx, orgOf(ctx), in.ID, in.Body.Version)
	return s.acted(ctx, p, err)
}
