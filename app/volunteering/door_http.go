package volunteering

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// doorRoutes registers what happens on the day of a shift.
func (s *Service) doorRoutes(api *web.API) {
	op := func(id, method, path, summary string) web.Op {
		return web.Op{ID: id, Method: method, Path: path, Summary: summary, Tag: "Volunteering", Permission: account.VolunteersManage}
	}
	board := op("get-door", http.MethodGet, "/door", "The board of a day at the door")
	board.Description = "The shifts that touch a date where they take place, today's when none is given, and how everybody stands to them: whoever has a place, waits, came, or no longer comes. At most 200 shifts; more says that there are others."
	board.Errors = []int{http.StatusNotFound}
	web.Handle(api, board, s.getDoor)
	code := op("find-door-code", http.MethodGet, "/door/code/{code}", "Whose QR code it is, and their shifts of today")
	web.Handle(api, code, s.findDoorCode)
	check := op("check-sign-up", http.MethodPost, "/sign-ups/{id}/check", "Check somebody in or out, note a no-show, or undo")
	check.Description = "A device sends what it noted when it can, with its own clock's time of then and of now: only the difference counts. The same note may come again. " +
		"Coming without a place gives one, beyond the places when none is free. Checking out records the hours, pending; undoing it takes them back unless they were decided. A no-show frees the place at once."
	check.Idempotent = true
	web.Handle(api, check, s.checkSignUp)
	walkIn := op("check-in-walk-in", http.MethodPost, "/shifts/{id}/walk-ins", "Check in somebody who comes without having signed up")
	walkIn.Description = "Found by e-mail address, or made. Rules that stand against it are overruled and recorded."
	walkIn.Status, walkIn.Idempotent = http.StatusCreated, true
	web.Handle(api, walkIn, s.checkInWalkIn)
}

// DoorShiftView is a shift on the board.
type DoorShiftView struct {
	ID               string                `json:"id" format:"uuid"`
	OpportunityID    string                `json:"opportunity_id" format:"uuid"`
	OpportunityTitle string                `json:"opportunity_title"`
	Role             string                `json:"role"`
	Title            string                `json:"title"`
	MeetingPoint     string                `json:"meeting_point"`
	StartsLocal      volunteer.Wall        `json:"starts_local" doc:"What the clock at the place shows."`
	EndsLocal        volunteer.Wall        `json:"ends_local"`
	Zone             string                `json:"zone"`
	StartsAt         time.Time             `json:"starts_at"`
	EndsAt           time.Time             `json:"ends_at"`
	Places           int                   `json:"places"`
	Free             int                   `json:"free"`
	Taken            int                   `json:"taken"`
	Waiting          int                   `json:"waiting"`
	Over             int                   `json:"over" doc:"Of those taken, how many staff let in beyond the places."`
	Fill             volunteer.Fill        `json:"fill" enum:"empty,short,filling,full,cancelled"`
	Status           volunteer.ShiftStatus `json:"status" enum:"open,cancelled"`
}

func doorShiftOf(b BoardShift) DoorShiftView {
	return DoorShiftView{
		ID: b.ID.String(), OpportunityID: b.OpportunityID.String(), OpportunityTitle: b.Opportunity.Title, Role: b.Opportunity.Role, Title: b.Title,
		MeetingPoint: b.MeetingPoint, StartsLocal: b.StartsLocal, EndsLocal: b.EndsLocal, Zone: b.Zone, StartsAt: b.StartsAt, EndsAt: b.EndsAt,
		Places: b.Places, Free: b.Free(), Taken: b.Taken, Waiting: b.Waiting, Over: b.Over, Fill: b.Fill(), Status: b.Shift.Status,
	}
}

// DoorView is how one person stands to one shift.
type DoorView struct {
	SignUpID     string                 `json:"sign_up_id" format:"uuid"`
	ShiftID      string                 `json:"shift_id" format:"uuid"`
	PersonID     string                 `json:"person_id" format:"uuid"`
	Name         string                 `json:"name"`
	EmailHint    string                 `json:"email_hint" doc:"To tell two of one name apart: a…@example.org"`
	PhoneHint    string                 `json:"phone_hint" doc:"The last digits."`
	Status       volunteer.SignUpStatus `json:"status" enum:"confirmed,offered,in,done,waiting,no_show,cancelled,lapsed"`
	Source       volunteer.Source       `json:"source" enum:"public,staff,walk_in,swap,cover"`
	StartsLocal  volunteer.Wall         `json:"starts_local" doc:"When the shift starts, by the clock at the place."`
	CheckedInAt  *time.Time             `json:"checked_in_at,omitempty"`
	CheckedOutAt *time.Time             `json:"checked_out_at,omitempty"`
	LateMinutes  *int                   `json:"late_minutes,omitempty" doc:"Of whoever came after the start."`
	Party        int                    `json:"party" doc:"How many come on the sign-up, the person included."`
	Over         bool                   `json:"over" doc:"Some have a place beyond the places."`
	Overrides    []string               `json:"overrides" doc:"The rules that staff overruled."`
	NoShowNote   string                 `json:"no_show_note"`
	Missing      []string               `json:"missing" doc:"What the shift asks for and the person has not shown."`
	Version      int                    `json:"version"`
}

func doorViewOf(l DoorLine) DoorView {
	v := DoorView{
		SignUpID: l.ID.String(), ShiftID: l.ShiftID.String(), PersonID: l.PersonID.String(), Name: l.Name, EmailHint: emailHint(l.Email), PhoneHint: phoneHint(l.Phone),
		Status: l.SignUp.Status, Source: l.Source, StartsLocal: l.Shift.StartsLocal, CheckedInAt: l.CheckedInAt, CheckedOutAt: l.CheckedOutAt, Party: l.Party, Over: l.Over > 0,
		Overrides: append([]string{}, l.Overrides...), NoShowNote: l.NoShowNote, Missing: append([]string{}, l.Missing...), Version: l.Version,
	}
	if late := int(l.Late() / time.Minute); late > 0 {
		v.LateMinutes = &late
	}
	return v
}

func doorViewsOf(lines []DoorLine) []DoorView {
	views := make([]DoorView, len(lines))
	for i, l := range lines {
		views[i] = doorViewOf(l)
	}
	return views
}

// emailHint is enough of an address to tell two people of one name apart on a screen that others see.
func emailHint(email string) string {
	name, host, found := strings.Cut(email, "@")
	if !found || name == "" {
		return ""
	}
	return string([]rune(name)[:1]) + "…@" + host
}

// phoneHint is the end of a number.
func phoneHint(phone string) string {
	digits := []rune(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone))
	if len(digits) < 6 {
		return ""
	}
	return "… " + string(digits[len(digits)-3:])
}

type doorInput struct {
	Day     string `query:"day" format:"date" doc:"Today when absent."`
	ShiftID string `query:"shift_id" format:"uuid" doc:"Only this shift, whenever it is."`
}

type doorOutput struct {
	Body struct {
		ServerNow time.Time       `json:"server_now"`
		Day       day.Day         `json:"day" format:"date"`
		Shifts    []DoorShiftView `json:"shifts" doc:"The first to start first."`
		People    []DoorView      `json:"people" doc:"In the order of the shifts, then by name."`
		More      bool            `json:"more" doc:"There are more shifts than are shown: ask by shift_id."`
	}
}

func (s *Service) getDoor(ctx context.Context, in *doorInput) (*doorOutput, error) {
	on, err := web.OptionalDay("day", in.Day)
	if err != nil {
		return nil, err
	}
	var shift id.ID[volunteer.Shift]
	if in.ShiftID != "" {
		if shift, err = id.Parse[volunteer.Shift](in.ShiftID); err != nil {
			return nil, fault.Invalid("shift_id", "id.invalid", "This is not an id.")
		}
	}
	board, err := s.Door(ctx, on, shift)
	if err != nil {
		return nil, err
	}
	out := &doorOutput{}
	out.Body.ServerNow, out.Body.Day, out.Body.More, out.Body.People = board.Now, board.Day, board.More, doorViewsOf(board.People)
	out.Body.Shifts = make([]DoorShiftView, len(board.Shifts))
	for i, b := range board.Shifts {
		out.Body.Shifts[i] = doorShiftOf(b)
	}
	return out, nil
}

type doorCodeInput struct {
	Code string `path:"code" maxLength:"100"`
}

type doorCodeOutput struct {
	Body struct {
		PersonID string     `json:"person_id" format:"uuid"`
		Name     string     `json:"name"`
		SignUps  []DoorView `json:"sign_ups"`
	}
}

func (s *Service) findDoorCode(ctx context.Context, in *doorCodeInput) (*doorCodeOutput, error) {
	a, err := s.ByCode(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	out := &doorCodeOutput{}
	out.Body.PersonID, out.Body.Name, out.Body.SignUps = a.PersonID.String(), a.Name, doorViewsOf(a.SignUps)
	return out, nil
}

// TriedInput tells how late a repeated request is.
type TriedInput struct {
	SentAt time.Time `query:"sent_at" doc:"When this very try is sent, by the clock of the device. The body's stays that of the first try, as an Idempotency-Key stands for one body."`
}

// moment is when something happened, by what the device says of the first try and of this one.
func (in TriedInput) moment(happened, sent time.Time) ClientMoment {
	if !in.SentAt.IsZero() {
		sent = in.SentAt
	}
	return ClientMoment{HappenedAt: happened, SentAt: sent}
}

type checkInput struct {
	TriedInput
	ID   string `path:"id" format:"uuid"`
	Body struct {
		Action     DoorAction `json:"action" enum:"in,out,undo,no_show,count" doc:"count says how many came of a party that is there or was."`
		Undoes     DoorAction `json:"undoes,omitempty" enum:"in,out,no_show" doc:"What an undo takes back. Named, it is taken back once, however often it is sent; otherwise the last note is."`
		HappenedAt time.Time  `json:"happened_at" doc:"By the clock of the device."`
		SentAt     time.Time  `json:"sent_at" doc:"When the device sends this, by the same clock."`
		Note       string     `json:"note,omitempty" maxLength:"500" doc:"Of a no-show."`
		Party      int        `json:"party,omitempty" minimum:"0" maximum:"50" doc:"Of in and count: how many came, the person included; left out: as many as signed up. An older note does not change the number."`
	}
}

type doorViewOutput struct{ Body DoorView }

func (s *Service) checkSignUp(ctx context.Context, in *checkInput) (*doorViewOutput, error) {
	of, err := id.Parse[volunteer.SignUp](in.ID)
	if err != nil {
		return nil, volunteer.ErrSignUp
	}
	b := in.Body
	line, err := s.Check(ctx, of, Check{Action: b.Action, Undoes: b.Undoes, Note: b.Note, Party: b.Party, Moment: in.moment(b.HappenedAt, b.SentAt)})
	if err != nil {
		return nil, err
	}
	return &doorViewOutput{doorViewOf(line)}, nil
}

type walkInInput struct {
	TriedInput
	ID   string `path:"id" format:"uuid"`
	Body struct {
		FirstName  string    `json:"first_name,omitempty" maxLength:"100"`
		LastName   string    `json:"last_name,omitempty" maxLength:"100"`
		Email      string    `json:"email,omitempty" maxLength:"254"`
		Phone      string    `json:"phone,omitempty" maxLength:"40"`
		Party      int       `json:"party,omitempty" minimum:"0" maximum:"50" doc:"How many came, the person included; left out: one."`
		HappenedAt time.Time `json:"happened_at" doc:"By the clock of the device."`
		SentAt     time.Time `json:"sent_at" doc:"When the device sends this, by the same clock."`
	}
}

func (s *Service) checkInWalkIn(ctx context.Context, in *walkInInput) (*doorViewOutput, error) {
	shift, err := id.Parse[volunteer.Shift](in.ID)
	if err != nil {
		return nil, volunteer.ErrShift
	}
	b := in.Body
	line, err := s.WalkIn(ctx, shift, WalkIn{
		FirstName: b.FirstName, LastName: b.LastName, Email: b.Email, Phone: b.Phone, Party: b.Party, Key: web.CallerOf(ctx).IdempotencyKey,
		Moment: in.moment(b.HappenedAt, b.SentAt),
	})
	if err != nil {
		return nil, err
	}
	return &doorViewOutput{doorViewOf(line)}, nil
}
