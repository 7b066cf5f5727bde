package pledging

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
	"tributary/domain/person"
	"tributary/domain/promise"
)

func (s *Service) pledgeRoutes(api *web.API, act func(name, path, summary string) web.Op) {
	web.Handle(api, web.Op{
		ID: "preview-pledge", Method: http.MethodPost, Path: "/pledges/preview", Summary: "What the parts of a pledge would be", Tag: "Promises",
		Permission: account.DonationsRead,
	}, s.previewPledge)
	web.Handle(api, web.Op{
		ID: "record-pledge", Method: http.MethodPost, Path: "/pledges", Summary: "Record a pledge that a person makes", Tag: "Promises",
		Description: "The person gets a mail with the dates and amounts.",
		Permission:  account.PledgesManage, Status: http.StatusCreated, Idempotent: true,
	}, s.recordPledge)
	onPart := func(name, path, summary string) web.Op {
		return act(name, "instalments/{instalment_id}/"+path, summary)
	}
	web.Handle(api, onPart("charge-instalment", "charge", "Charge an instalment to the saved card now"), s.chargeInstalment)
	web.Handle(api, onPart("remind-of-instalment", "remind", "Remind the donor of an instalment now"), s.remindOfInstalment)
	web.Handle(api, onPart("move-instalment", "move", "Give an instalment of a pledge another date"), s.moveInstalment)
	web.Handle(api, act("reschedule-pledge", "reschedule", "Replace what is left of a pledge by another schedule"), s.reschedulePledge)
	waive := onPart("waive-instalment", "waive", "Forgive an instalment of a pledge")
	waive.Permission = account.PledgesWriteOff
	web.Handle(api, waive, s.waiveInstalment)
	writeOff := act("write-off-pledge", "write-off", "Give up what is left of a pledge")
	writeOff.Permission = account.PledgesWriteOff
	web.Handle(api, writeOff, s.writeOffPledge)
	web.Handle(api, web.Op{
		ID: "preview-public-pledge", Method: http.MethodPost, Path: "/public/pledges/preview", Summary: "What the parts of a pledge would be, for a form", Tag: "Giving",
		Permission: web.Public, MaxBody: 4 << 10, RateLimit: &web.Limit{N: 600, Window: 10 * time.Minute},
	}, s.previewPledge)
	web.Handle(api, web.Op{
		ID: "start-pledge", Method: http.MethodPost, Path: "/public/pledges", Summary: "Send a pledge form; answers where to save a card", Tag: "Giving",
		Description: "The same form_token with the same content is one pledge, however often it is sent. Nothing counts before the card is saved.",
		Permission:  web.Public, Status: http.StatusCreated, MaxBody: 16 << 10,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, s.startPledge)
}

// ScheduleInput is how a pledge is divided. Exported, as huma leaves out what is embedded and is not.
type ScheduleInput struct {
	Count   int          `json:"count" minimum:"1" maximum:"120" doc:"How many instalments."`
	Unit    promise.Unit `json:"unit" enum:"week,month,year"`
	Every   int          `json:"every" minimum:"1" maximum:"12" doc:"Units between two instalments."`
	FirstOn day.Day      `json:"first_on" format:"date"`
}

type previewInput struct {
	Body struct {
		Total web.Money `json:"total"`
		ScheduleInput
	}
}

type previewOutput struct {
	Body struct {
		Items []pledgePart `json:"items"`
	}
}

func (s *Service) previewPledge(_ context.Context, in *previewInput) (*previewOutput, error) {
	b := in.Body
	parts, err := Preview(b.Total, Rearrangement{Unit: b.Unit, Every: b.Every, Count: b.Count, FirstOn: b.FirstOn})
	if err != nil {
		return nil, err
	}
	out := &previewOutput{}
	out.Body.Items = partsOf(parts)
	return out, nil
}

type pledgeInput struct {
	Body struct {
		PersonID string    `json:"person_id" format:"uuid"`
		Total    web.Money `json:"total"`
		ScheduleInput
		FundID     string         `json:"fund_id" format:"uuid"`
		CampaignID *string        `json:"campaign_id,omitempty" format:"uuid"`
		Method     promise.Method `json:"method" enum:"card,link" doc:"card: charged to a saved card on its dates. link: the donor pays by mailed links, or by cheque or transfer."`
		CardID     *string        `json:"card_id,omitempty" format:"uuid" doc:"One of the person's; needed for card."`
		Remind     struct {
			BeforeDays int `json:"before_days,omitempty" minimum:"0" maximum:"60" doc:"Days before an instalment is due of the first reminder."`
			EveryDays  int `json:"every_days,omitempty" minimum:"0" maximum:"60" doc:"Days between reminders; 0: only one."`
			AtMost     int `json:"at_most,omitempty" minimum:"0" maximum:"10" doc:"Reminders per instalment; 0: none."`
		} `json:"remind,omitempty"`
		Note string `json:"note,omitempty" maxLength:"2000"`
	}
}

func (s *Service) recordPledge(ctx context.Context, in *pledgeInput) (*promiseOutput, error) {
	b := in.Body
	details := promise.PledgeDetails{
		Total: b.Total, Count: b.Count, Unit: b.Unit, Every: b.Every, FirstOn: b.FirstOn, Method: b.Method, RemindBeforeDays: b.Remind.BeforeDays,
		RemindEveryDays: b.Remind.EveryDays, RemindAtMost: b.Remind.AtMost, Note: b.Note,
	}
	who, errPerson := id.Parse[person.Person](b.PersonID)
	if errPerson != nil {
		errPerson = promise.ErrPersonNeeded
	}
	details.PersonID = &who.UUID
	var errFund, errCampaign, errCard error
	details.Target.FundID, errFund = web.OptionalID("fund_id", b.FundID)
	details.Target.CampaignID, errCampaign = web.PerhapsID("campaign_id", b.CampaignID)
	details.CardID, errCard = web.PerhapsID("card_id", b.CardID)
	if err := fault.Join(errPerson, errFund, errCampaign, errCard); err != nil {
		return nil, err
	}
	caller := web.CallerOf(ctx)
	d, err := s.Record(ctx, details, donation.RequestOf(caller.IdempotencyKey, caller.IdempotencyHash))
	if err != nil {
		return nil, err
	}
	return &promiseOutput{Body: detailOf(d)}, nil
}

type startInput struct {
	Body struct {
		Organization string    `json:"organization" maxLength:"40"`
		Campaign     string    `json:"campaign" maxLength:"60"`
		Total        web.Money `json:"total"`
		ScheduleInput
		FirstName    string              `json:"first_name,omitempty" maxLength:"1000"`
		LastName     string              `json:"last_name,omitempty" maxLength:"1000"`
		Email        string              `json:"email" maxLength:"1000"`
		Visibility   donation.Visibility `json:"visibility,omitempty" enum:"name_and_amount,name,anonymous"`
		EmailConsent bool                `json:"email_consent,omitempty"`
		Zone         string              `json:"zone,omitempty" maxLength:"100" doc:"The browser's time zone: whose morning charges come in."`
		FormToken    string              `json:"form_token" format:"uuid"`
	}
}

type startOutput struct {
	Body struct {
		Reference   string `json:"reference"`
		RedirectURL string `json:"redirect_url"`
	}
}

func (s *Service) startPledge(ctx context.Context, in *startInput) (*startOutput, error) {
	b := in.Body
	token, err := uuid.Parse(b.FormToken)
	if err != nil {
		return nil, donation.ErrFormToken
	}
	started, err := s.StartPledge(ctx, promise.PledgeRequest{
		OrgSlug: b.Organization, CampaignSlug: b.Campaign, Total: b.Total, Count: b.Count, Unit: b.Unit, Every: b.Every, FirstOn: b.FirstOn,
		FirstName: b.FirstName, LastName: b.LastName, Email: b.Email, Visibility: b.Visibility, EmailConsent: b.EmailConsent, Zone: b.Zone,
		FormToken: token, IP: web.CallerOf(ctx).IP,
	})
	if err != nil {
		return nil, err
	}
	out := &startOutput{}
	out.Body.Reference, out.Body.RedirectURL = started.Reference, started.RedirectURL
	return out, nil
}

// PartID names one instalment of a promise. Exported, as huma leaves out what is embedded and is not.
type PartID struct {
	PromiseID
	InstalmentID id.ID[promise.Instalment] `path:"instalment_id" format:"uuid"`
}

type partInput struct {
	PartID
	Body struct{ Seen }
}

func (s *Service) chargeInstalment(ctx context.Context, in *partInput) (*promiseOutput, error) {
	p, err := s.Charge(ctx, orgOf(ctx), in.ID, in.Body.Version, in.InstalmentID)
	return s.acted(ctx, p, err)
}

func (s *Service) remindOfInstalment(ctx context.Context, in *partInput) (*promiseOutput, error) {
	p, err := s.Remind(ctx, orgOf(ctx), in.ID, in.Body.Version, in.InstalmentID)
	return s.acted(ctx, p, err)
}

type moveInput struct {
	PartID
	Body struct {
		Seen
		DueOn day.Day `json:"due_on" format:"date"`
	}
}

func (s *Service) moveInstalment(ctx context.Context, in *moveInput) (*promiseOutput, error) {
	p, err := s.Move(ctx, orgOf(ctx), in.ID, in.Body.Version, in.InstalmentID, in.Body.DueOn)
	return s.acted(ctx, p, err)
}

type waiveInput struct {
	PartID
	Body struct {
		Seen
		Reason string `json:"reason" maxLength:"500"`
	}
}

func (s *Service) waiveInstalment(ctx context.Context, in *waiveInput) (*promiseOutput, error) {
	p, err := s.Waive(ctx, orgOf(ctx), in.ID, in.Body.Version, in.InstalmentID, in.Body.Reason)
	return s.acted(ctx, p, err)
}

type writeOffInput struct {
	PromiseID
	Body struct {
		Seen
		Reason string `json:"reason" maxLength:"500"`
	}
}

func (s *Service) writeOffPledge(ctx context.Context, in *writeOffInput) (*promiseOutput, error) {
	p, err := s.WriteOff(ctx, orgOf(ctx), in.ID, in.Body.Version, in.Body.Reason)
	return s.acted(ctx, p, err)
}

type rescheduleInput struct {
	PromiseID
	Body struct {
		Seen
		ScheduleInput
	}
}

func (s *Service) reschedulePledge(ctx context.Context, in *rescheduleInput) (*promiseOutput, error) {
	b := in.Body
	p, err := s.Rearrange(ctx, orgOf(ctx), in.ID, b.Version, Rearrangement{Unit: b.Unit, Every: b.Every, Count: b.Count, FirstOn: b.FirstOn})
	return s.acted(ctx, p, err)
}
