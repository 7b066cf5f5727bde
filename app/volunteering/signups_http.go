package volunteering

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

func (s *Service) signUpRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-refusals", Method: http.MethodGet, Path: "/shifts/{id}/check", Summary: "List what stands against signing a person up", Tag: "Volunteering",
		Description: "Asks the same rules, in the same order, as signing up. Without a person only the shift is asked.",
		Permission:  account.VolunteersManage, Errors: []int{http.StatusConflict},
	}, s.checkSigningUp)
	web.Handle(api, web.Op{
		ID: "sign-up-person", Method: http.MethodPost, Path: "/shifts/{id}/sign-ups", Summary: "Sign a person up for a shift", Tag: "Volunteering",
		Description: "Give the id of a person, or a name and address: whoever has the address is found, else the person is made. When a rule stands against it " +
			"the answer is 409 with the code of the first that is not overruled, such as sign_up.full. Every rule that is overruled must be named; it is " +
			"recorded with the note.",
		Permission: account.VolunteersManage, Status: http.StatusCreated, Idempotent: true, Errors: []int{http.StatusConflict},
	}, s.signUpPerson)
	web.Handle(api, web.Op{
		ID: "withdraw-sign-up", Method: http.MethodPost, Path: "/sign-ups/{id}/withdraw", Summary: "Take a person off a shift, or out of the line", Tag: "Volunteering",
		Description: "The person is told, with the reason. The place goes to the first in line.",
		Permission:  account.VolunteersManage, Errors: []int{http.StatusConflict},
	}, s.withdrawSignUp)
	web.Handle(api, web.Op{
		ID: "move-sign-up", Method: http.MethodPost, Path: "/sign-ups/{id}/move", Summary: "Move a person on the waitlist", Tag: "Volunteering",
		Permission: account.VolunteersManage, Errors: []int{http.StatusConflict},
	}, s.moveSignUp)
	web.Handle(api, web.Op{
		ID: "resize-sign-up", Method: http.MethodPost, Path: "/sign-ups/{id}/party", Summary: "Say how many people come on a sign-up", Tag: "Volunteering",
		Description: "Fewer free their places at once. More take free places, and what is missing is let in beyond the places, which is recorded.",
		Permission:  account.VolunteersManage, Errors: []int{http.StatusConflict},
	}, s.resizeSignUp)
}

// SignUpPersonView is whose a sign-up is. Exported, as huma names schemas by it.
type SignUpPersonView struct {
	ID    uuid.UUID `json:"id" format:"uuid"`
	Name  string    `json:"name"`
	Email string    `json:"email" doc:"Empty when unknown."`
	Phone string    `json:"phone"`
}

// SignUpView is a sign-up as staff see it on a roster.
type SignUpView struct {
	ID            uuid.UUID         `json:"id" format:"uuid"`
	ShiftID       uuid.UUID         `json:"shift_id" format:"uuid"`
	Person        *SignUpPersonView `json:"person,omitempty" doc:"Left out while a place is only held: nobody has confirmed the mail yet."`
	RequestedName string            `json:"requested_name" doc:"How whoever chose a place that is still held calls themselves."`
	Status        string            `json:"status" enum:"held,confirmed,offered,in,done,waiting,no_show,cancelled,lapsed"`
	Source        string            `json:"source" enum:"public,staff,walk_in,swap,cover"`
	Position      int               `json:"position" doc:"On the waitlist, from 1; 0 for whoever is not on it."`
	HoldUntil     *time.Time        `json:"hold_until" doc:"Of held and offered places."`
	Party         int               `json:"party" doc:"How many come, the person included: so many places it takes."`
	Over          int               `json:"over" doc:"How many of them staff let in beyond the shift's places."`
	Overrides     []string          `json:"overrides" doc:"Rules that staff overruled."`
	OverrideNote  string            `json:"override_note"`
	CheckedInAt   *time.Time        `json:"checked_in_at"`
	CheckedOutAt  *time.Time        `json:"checked_out_at"`
	NoShowNote    string            `json:"no_show_note"`
	EndedBy       string            `json:"ended_by" doc:"Who cancelled it: volunteer, staff or system; empty for any other."`
	EndReason     string            `json:"end_reason"`
	CreatedAt     time.Time         `json:"created_at"`
	Version       int               `json:"version"`
}

func signUpViewOf(l RosterLine) SignUpView {
	v := SignUpView{
		ID: l.ID.UUID, ShiftID: l.ShiftID.UUID, RequestedName: l.RequestedName, Status: string(l.Status), Source: string(l.Source), Position: l.Position,
		HoldUntil: l.HoldUntil, Party: l.Party, Over: l.Over, Overrides: written(l.Overrides), OverrideNote: l.OverrideNote, CheckedInAt: l.CheckedInAt,
		CheckedOutAt: l.CheckedOutAt, NoShowNote: l.NoShowNote, EndedBy: string(l.EndedBy), EndReason: l.EndReason, CreatedAt: l.CreatedAt, Version: l.Version,
	}
	if l.Person != nil {
		v.Person = &SignUpPersonView{ID: l.Person.ID.UUID, Name: l.Person.DisplayName(), Email: l.Person.EmailAddress(), Phone: l.Person.Phone}
	}
	return v
}

func signUpViewsOf(lines []RosterLine) []SignUpView {
	views := make([]SignUpView, len(lines))
	for i, l := range lines {
		views[i] = signUpViewOf(l)
	}
	return views
}

type signUpOutput struct{ Body SignUpView }

func answerSignUp(l RosterLine, err error) (*signUpOutput, error) {
	if err != nil {
		return nil, err
	}
	return &signUpOutput{signUpViewOf(l)}, nil
}

type signUpRefusal struct {
	Rule        string `json:"rule" enum:"already_signed_up,ended,not_yet_open,cut_off,party,full,overlap,requirement,locked_out"`
	Message     string `json:"message" doc:"In words for the volunteer: which rule, and what to do."`
	Overridable bool   `json:"overridable" doc:"Whether staff may overrule it by name."`
}

type checkSignUpOutput struct {
	Body struct {
		Refusals []signUpRefusal `json:"refusals" doc:"In the order in which they are asked; none: welcome."`
	}
}

func (s *Service) checkSigningUp(ctx context.Context, in *struct {
	ID       id.ID[volunteer.Shift] `path:"id" format:"uuid"`
	PersonID string                 `query:"person_id" format:"uuid"`
	Party    int                    `query:"party" minimum:"0" maximum:"50" doc:"How many come, the person included; left out: one."`
}) (*checkSignUpOutput, error) {
	var who id.ID[person.Person]
	if in.PersonID != "" {
		var err error
		if who, err = id.Parse[person.Person](in.PersonID); err != nil {
			return nil, person.ErrNotFound
		}
	}
	refusals, err := s.CheckSignUp(ctx, in.ID, who.UUID, in.Party)
	if err != nil {
		return nil, err
	}
	out := &checkSignUpOutput{}
	out.Body.Refusals = make([]signUpRefusal, len(refusals))
	for i, f := range refusals {
		out.Body.Refusals[i] = signUpRefusal{string(f.Rule), f.Message, f.Rule.Overridable()}
	}
	return out, nil
}

// SignUpNewcomer is a person whom staff sign up by name. Exported, as huma names schemas by it.
type SignUpNewcomer struct {
	FirstName string `json:"first_name" maxLength:"100"`
	LastName  string `json:"last_name,omitempty" maxLength:"100"`
	Email     string `json:"email,omitempty" maxLength:"254"`
	Phone     string `json:"phone,omitempty" maxLength:"40"`
}

type signUpPersonInput struct {
	ID   id.ID[volunteer.Shift] `path:"id" format:"uuid"`
	Body struct {
		PersonID *id.ID[person.Person] `json:"person_id,omitempty" format:"uuid"`
		Person   *SignUpNewcomer       `json:"person,omitempty" doc:"Without person_id: who it is."`
		Party    int                   `json:"party,omitempty" minimum:"0" maximum:"50" doc:"How many come, the person included; left out: one."`
		Wait     bool                  `json:"wait,omitempty" doc:"Put the person in line when the shift is full."`
		Override []string              `json:"override,omitempty" maxItems:"8" enum:"ended,not_yet_open,cut_off,party,full,overlap,requirement,locked_out" doc:"The rules to overrule, each by name."`
		Note     string                `json:"note,omitempty" maxLength:"500" doc:"Why they are overruled."`
		Tell     bool                  `json:"tell,omitempty" doc:"Mail the person."`
	}
}

func (s *Service) signUpPerson(ctx context.Context, in *signUpPersonInput) (*signUpOutput, error) {
	how := StaffSignUp{Party: in.Body.Party, Wait: in.Body.Wait, Note: in.Body.Note, Tell: in.Body.Tell}
	for _, rule := range in.Body.Override {
		how.Override = append(how.Override, volunteer.Rule(rule))
	}
	switch {
	case in.Body.PersonID != nil:
		how.PersonID = in.Body.PersonID.UUID
	case in.Body.Person != nil:
		p := in.Body.Person
		how.NewPerson = person.Details{FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Phone: p.Phone}
	}
	return answerSignUp(s.SignUpPerson(ctx, in.ID, how))
}

// SignUpPath names one sign-up. Exported, as huma leaves out what is embedded and is not.
type SignUpPath struct {
	ID id.ID[volunteer.SignUp] `path:"id" format:"uuid"`
}

func (s *Service) withdrawSignUp(ctx context.Context, in *struct {
	SignUpPath
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"The person is told."`
	}
}) (*signUpOutput, error) {
	return answerSignUp(s.WithdrawByStaff(ctx, in.ID, in.Body.Reason))
}

func (s *Service) moveSignUp(ctx context.Context, in *struct {
	SignUpPath
	Body struct {
		Position int `json:"position" minimum:"1" maximum:"10000" doc:"From 1, the next who is offered a place."`
	}
}) (*signUpOutput, error) {
	return answerSignUp(s.MoveInLine(ctx, in.ID, in.Body.Position))
}

func (s *Service) resizeSignUp(ctx context.Context, in *struct {
	SignUpPath
	Body struct {
		Party int `json:"party" minimum:"1" maximum:"50" doc:"The person included."`
	}
}) (*signUpOutput, error) {
	return answerSignUp(s.ResizeByStaff(ctx, in.ID, in.Body.Party))
}
