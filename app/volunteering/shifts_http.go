package volunteering

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// shiftRoutes registers the operations on shifts.
func (s *Service) shiftRoutes(api *web.API) {
	op := func(id, method, path, summary string, p account.Permission) web.Op {
		return web.Op{ID: id, Method: method, Path: path, Summary: summary, Tag: tag, Permission: p}
	}
	web.Handle(api, op("list-shifts", http.MethodGet, "/shifts", "Shifts, the soonest first", account.VolunteersRead), s.shiftPage)
	web.Handle(api, op("get-shift", http.MethodGet, "/shifts/{id}", "One shift with its roster and what was told about it", account.VolunteersRead), s.getShift)
	preview := op("preview-shifts", http.MethodPost, "/opportunities/{id}/shifts/preview", "See which shifts a plan would make", account.VolunteersManage)
	preview.Errors = []int{http.StatusConflict}
	web.Handle(api, preview, s.previewShifts)
	plan := op("plan-shifts", http.MethodPost, "/opportunities/{id}/shifts", "Plan a shift, or a series of them", account.VolunteersManage)
	plan.Description = "A series is made half a year ahead; the rest follows as time goes by. Its times are those of the clock at the place, whatever daylight saving does."
	plan.Status, plan.Idempotent, plan.Errors = http.StatusCreated, true, []int{http.StatusConflict}
	web.Handle(api, plan, s.planShifts)
	change := op("change-shift", http.MethodPatch, "/shifts/{id}", "Change a shift, or it and those that follow", account.VolunteersManage)
	change.Description = "Everybody who has a place or waits is told what changed. zone and window stay when left out. Changed alone, a shift of a series no longer follows it. " +
		"Changed with those that follow, they begin a series of their own; when one of them cannot be changed, none is, and the answer names it."
	change.Errors = []int{http.StatusConflict}
	web.Handle(api, change, s.changeShift)
	cancel := op("cancel-shift", http.MethodPost, "/shifts/{id}/cancel", "Call a shift off, or it and those that follow", account.VolunteersManage)
	cancel.Description = "Everybody who has a place or waits is told why. Those that follow take their series with them: it makes no more."
	cancel.Errors = []int{http.StatusConflict}
	web.Handle(api, cancel, s.cancelShift)
	week := op("copy-week", http.MethodPost, "/shifts/copy-week", "Plan in one week what another has", account.VolunteersManage)
	week.Description = "Shifts that were called off are not copied, and what the week has already at the same time is left as it is. Nobody is signed up."
	week.Idempotent, week.Errors = true, []int{http.StatusConflict}
	web.Handle(api, week, s.copyWeek)
}

// ShiftView is a shift in a list. How full it is stands in fill and, in numbers, in free, taken, waiting and over.
type ShiftView struct {
	ID                  uuid.UUID             `json:"id" format:"uuid"`
	OpportunityID       uuid.UUID             `json:"opportunity_id" format:"uuid"`
	OpportunityTitle    string                `json:"opportunity_title"`
	Role                string                `json:"role"`
	SeriesID            *uuid.UUID            `json:"series_id,omitempty" format:"uuid"`
	Detached            bool                  `json:"detached" doc:"Changed by itself: changes of its series pass it by."`
	Title               string                `json:"title" doc:"What tells it from others of the opportunity; may be empty."`
	MeetingPoint        string                `json:"meeting_point"`
	StartsLocal         string                `json:"starts_local" doc:"What the clock of the place shows, such as 2026-11-22T09:00."`
	EndsLocal           string                `json:"ends_local"`
	Zone                string                `json:"zone"`
	StartsAt            time.Time             `json:"starts_at"`
	EndsAt              time.Time             `json:"ends_at"`
	Places              int                   `json:"places"`
	Free                int                   `json:"free"`
	Taken               int                   `json:"taken" doc:"Places held, confirmed, offered or used."`
	Waiting             int                   `json:"waiting"`
	Over                int                   `json:"over" doc:"Of those taken, how many staff let in beyond the places."`
	Fill                volunteer.Fill        `json:"fill" enum:"empty,short,filling,full,cancelled"`
	OpensAt             *time.Time            `json:"opens_at,omitempty" doc:"Left out: sign-up is open at once."`
	ClosesAt            time.Time             `json:"closes_at" doc:"The sign-up cut-off."`
	CancelUntil         time.Time             `json:"cancel_until" doc:"Until when volunteers cancel by themselves."`
	OpensBeforeHours    *int                  `json:"opens_before_hours,omitempty"`
	ClosesBeforeMinutes int                   `json:"closes_before_minutes"`
	CancelBeforeMinutes int                   `json:"cancel_before_minutes"`
	Status              volunteer.ShiftStatus `json:"status" enum:"open,cancelled"`
	CancelReason        string                `json:"cancel_reason"`
	Version             int                   `json:"version" doc:"Send it back with a change."`
}

func shiftView(s ShiftLine) ShiftView {
	return ShiftView{
		ID: s.ID.UUID, OpportunityID: s.OpportunityID.UUID, OpportunityTitle: s.OpportunityTitle, Role: s.Role, SeriesID: s.SeriesID, Detached: s.Detached,
		Title: s.Title, MeetingPoint: s.MeetingPoint, StartsLocal: s.StartsLocal.String(), EndsLocal: s.EndsLocal.String(), Zone: s.Zone, StartsAt: s.StartsAt,
		EndsAt: s.EndsAt, Places: s.Places, Free: s.Free(), Taken: s.Taken, Waiting: s.Waiting, Over: s.Over, Fill: s.Fill(), OpensAt: s.OpensAt, ClosesAt: s.ClosesAt,
		CancelUntil: s.CancelUntil, OpensBeforeHours: s.Window.OpensBeforeHours, ClosesBeforeMinutes: s.Window.ClosesBeforeMinutes,
		CancelBeforeMinutes: s.Window.CancelBeforeMinutes, Status: s.Status, CancelReason: s.CancelReason, Version: s.Version,
	}
}

func shiftViews(lines []ShiftLine) []ShiftView {
	views := make([]ShiftView, len(lines))
	for i, l := range lines {
		views[i] = shiftView(l)
	}
	return views
}

type shiftPageOutput struct{ Body web.PageOf[ShiftView] }

func (s *Service) shiftPage(ctx context.Context, in *struct {
	web.PageInput
	From          time.Time `query:"from" doc:"Only shifts that start then or later."`
	To            time.Time `query:"to" doc:"Only shifts that start before."`
	OpportunityID string    `query:"opportunity_id" format:"uuid"`
	Role          string    `query:"role" maxLength:"60"`
	Unfilled      bool      `query:"unfilled" doc:"Only open shifts with a free place."`
}) (*shiftPageOutput, error) {
	f := ShiftFilter{From: in.From, To: in.To, Role: in.Role, Unfilled: in.Unfilled, Limit: in.Limit}
	var err error
	if in.OpportunityID != "" {
		if f.OpportunityID, err = id.Parse[volunteer.Opportunity](in.OpportunityID); err != nil {
			return nil, fault.Invalid("opportunity_id", "id.invalid", "This is not an id.")
		}
	}
	if f.After, f.AfterID, err = web.DecodeTimeCursor(in.Cursor, uuid.Parse); err != nil {
		return nil, err
	}
	page, more, err := s.ListShifts(ctx, f)
	if err != nil {
		return nil, err
	}
	return &shiftPageOutput{web.PageBy(page, more, shiftView, func(l ShiftLine) string { return web.EncodeTimeCursor(l.StartsAt, l.ID.String()) })}, nil
}

// ShiftNoticeView is something that was told about a shift.
type ShiftNoticeView struct {
	ID          uuid.UUID              `json:"id" format:"uuid"`
	Message     string                 `json:"message" doc:"Of whoever did it."`
	Cancelled   bool                   `json:"cancelled"`
	Differences []volunteer.Difference `json:"differences" doc:"What changed, in the clock of the place."`
	Told        int                    `json:"told" doc:"How many sign-ups it concerned."`
	ByName      string                 `json:"by_name" doc:"Empty when nobody of the staff did it."`
	CreatedAt   time.Time              `json:"created_at"`
}

// ShiftDetailView is a shift with everything around it.
type ShiftDetailView struct {
	ShiftView
	Opportunity OpportunityView   `json:"opportunity"`
	SignUps     []SignUpView      `json:"sign_ups" doc:"The roster in the order in which people came, with those whose sign-up ended."`
	Asks        []askView         `json:"asks" doc:"Who was asked to help, and what they said."`
	Notices     []ShiftNoticeView `json:"notices" doc:"What was told about it, the newest first."`
}

func shiftDetailView(d ShiftDetail) (ShiftDetailView, error) {
	asked, err := answerCover(d.Asked, nil)
	if err != nil {
		return ShiftDetailView{}, err
	}
	v := ShiftDetailView{
		ShiftView: shiftView(d.ShiftLine), Opportunity: opportunityView(d.Opportunity), SignUps: signUpViewsOf(d.SignUps), Asks: asked.Body.Asks,
		Notices: make([]ShiftNoticeView, len(d.Notices)),
	}
	for i, n := range d.Notices {
		v.Notices[i] = ShiftNoticeView{
			ID: n.ID.UUID, Message: n.Message, Cancelled: n.Item.Cancelled, Differences: append([]volunteer.Difference{}, n.Item.Differences...),
			Told: len(n.Item.SignUpIDs), ByName: n.ByName, CreatedAt: n.CreatedAt,
		}
	}
	return v, nil
}

// ShiftPath names a shift. Exported, as huma leaves out what is embedded and is not.
type ShiftPath struct {
	ID id.ID[volunteer.Shift] `path:"id" format:"uuid"`
}

type shiftDetailOutput struct{ Body ShiftDetailView }

func (s *Service) getShift(ctx context.Context, in *ShiftPath) (*shiftDetailOutput, error) {
	d, err := s.FindShift(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	v, err := shiftDetailView(d)
	return &shiftDetailOutput{v}, err
}

// ShiftFields is what staff say about a shift.
type ShiftFields struct {
	Title        string        `json:"title,omitempty"`
	MeetingPoint string        `json:"meeting_point,omitempty"`
	StartsLocal  string        `json:"starts_local" example:"2026-11-22T09:00" doc:"What the clock of the place shows, such as 2026-11-22T09:00."`
	EndsLocal    string        `json:"ends_local" example:"2026-11-22T12:00"`
	Zone         string        `json:"zone,omitempty" doc:"IANA name; left out: that of the opportunity, or of the shift that is changed."`
	Places       int           `json:"places"`
	Window       *WindowFields `json:"window,omitempty" doc:"Left out: that of the opportunity, or of the shift that is changed."`
}

func (f ShiftFields) details() (volunteer.ShiftDetails, error) {
	starts, errStarts := wallField("starts_local", f.StartsLocal)
	ends, errEnds := wallField("ends_local", f.EndsLocal)
	d := volunteer.ShiftDetails{Title: f.Title, MeetingPoint: f.MeetingPoint, StartsLocal: starts, EndsLocal: ends, Zone: f.Zone, Places: f.Places}
	if f.Window != nil {
		w := f.Window.window()
		d.Window = &w
	}
	return d, fault.Join(errStarts, errEnds)
}

func wallField(field, value string) (volunteer.Wall, error) {
	w, err := volunteer.ParseWall(value)
	if err != nil {
		return w, volunteer.ErrWall.With(field)
	}
	return w, nil
}

// PlanFields is what staff say about a shift that may repeat.
type PlanFields struct {
	ShiftFields
	Repeat string `json:"repeat,omitempty" maxLength:"300" doc:"A rule of RFC 5545 without a start, such as FREQ=WEEKLY;BYDAY=SA;COUNT=10; by the day, week, month or year."`
}

type planInput struct {
	OpportunityPath
	Body PlanFields
}

// OccurrenceView is a shift that a plan would make.
type OccurrenceView struct {
	StartsLocal string    `json:"starts_local"`
	EndsLocal   string    `json:"ends_local"`
	StartsAt    time.Time `json:"starts_at"`
	EndsAt      time.Time `json:"ends_at"`
}

type previewOutput struct {
	Body struct {
		Items []OccurrenceView `json:"items" doc:"What is made at once."`
		Total int              `json:"total" doc:"How many shifts the plan makes in all; of one that goes on, how many at once."`
		Ends  bool             `json:"ends" doc:"false: it goes on, and the rest is made as time goes by."`
	}
}

func (s *Service) previewShifts(ctx context.Context, in *planInput) (*previewOutput, error) {
	d, err := in.Body.details()
	if err != nil {
		return nil, err
	}
	p, err := s.PreviewShifts(ctx, in.ID, d, in.Body.Repeat)
	if err != nil {
		return nil, err
	}
	out := &previewOutput{}
	out.Body.Items, out.Body.Total, out.Body.Ends = make([]OccurrenceView, len(p.Shifts)), p.Total, p.Ends
	for i, shift := range p.Shifts {
		out.Body.Items[i] = OccurrenceView{shift.StartsLocal.String(), shift.EndsLocal.String(), shift.StartsAt, shift.EndsAt}
	}
	return out, nil
}

type shiftsOutput struct {
	Body struct {
		Items []ShiftView `json:"items"`
	}
}

func (s *Service) planShifts(ctx context.Context, in *planInput) (*shiftsOutput, error) {
	d, err := in.Body.details()
	if err != nil {
		return nil, err
	}
	made, err := s.PlanShifts(ctx, in.ID, d, in.Body.Repeat)
	if err != nil {
		return nil, err
	}
	out := &shiftsOutput{}
	out.Body.Items = shiftViews(made)
	return out, nil
}

type shiftOutput struct{ Body ShiftView }

func shiftAnswer(line ShiftLine, err error) (*shiftOutput, error) {
	if err != nil {
		return nil, err
	}
	return &shiftOutput{shiftView(line)}, nil
}

func (s *Service) changeShift(ctx context.Context, in *struct {
	ShiftPath
	Body struct {
		ShiftFields
		Version int    `json:"version" minimum:"1" doc:"The version you read."`
		Scope   Scope  `json:"scope,omitempty" enum:"one,following" default:"one"`
		Message string `json:"message,omitempty" maxLength:"2000" doc:"In the mail to everybody on it."`
	}
}) (*shiftOutput, error) {
	d, err := in.Body.details()
	if err != nil {
		return nil, err
	}
	return shiftAnswer(s.ChangeShift(ctx, in.ID, ShiftChange{Version: in.Body.Version, Details: d, Scope: in.Body.Scope, Message: in.Body.Message}))
}

func (s *Service) cancelShift(ctx context.Context, in *struct {
	ShiftPath
	Body struct {
		Scope   Scope  `json:"scope,omitempty" enum:"one,following" default:"one"`
		Reason  string `json:"reason,omitempty" maxLength:"500" doc:"Shown wherever the shift is."`
		Message string `json:"message,omitempty" maxLength:"2000" doc:"In the mail to everybody on it."`
	}
}) (*shiftOutput, error) {
	return shiftAnswer(s.CancelShift(ctx, in.ID, in.Body.Scope, in.Body.Reason, in.Body.Message))
}

type copyWeekOutput struct {
	Body struct {
		Made    int `json:"made"`
		Skipped int `json:"skipped" doc:"Called off, or there already."`
	}
}

func (s *Service) copyWeek(ctx context.Context, in *struct {
	Body struct {
		From          day.Day    `json:"from" format:"date" doc:"A Monday."`
		To            day.Day    `json:"to" format:"date" doc:"A Monday."`
		OpportunityID *uuid.UUID `json:"opportunity_id,omitempty" format:"uuid" doc:"Left out: of every opportunity."`
	}
}) (*copyWeekOutput, error) {
	var only id.ID[volunteer.Opportunity]
	if in.Body.OpportunityID != nil {
		only = id.From[volunteer.Opportunity](*in.Body.OpportunityID)
	}
	out := &copyWeekOutput{}
	var err error
	out.Body.Made, out.Body.Skipped, err = s.CopyWeek(ctx, in.Body.From, in.Body.To, only)
	return out, err
}
