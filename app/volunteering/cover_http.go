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

func (s *Service) coverRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "propose-cover", Method: http.MethodGet, Path: "/shifts/{id}/proposals", Summary: "Rank who could cover a shift, and say why",
		Tag: volunteeringTag, Permission: account.VolunteersManage, Errors: []int{http.StatusConflict},
		Description: "People against whom no rule stands come first, then the higher score. Whoever does not want to be asked, has no e-mail address, " +
			"or is set inactive is left out.",
	}, s.proposeCover)
	web.Handle(api, web.Op{
		ID: "ask-to-cover", Method: http.MethodPost, Path: "/shifts/{id}/cover", Summary: "Ask people by mail to cover a shift", Tag: volunteeringTag,
		Description: "The first yes gets the place. When one of the people must not be asked, nobody is.",
		Permission:  account.VolunteersManage, Status: http.StatusCreated, Idempotent: true,
	}, s.askToCover)
	web.Handle(api, web.Op{
		ID: "list-cover", Method: http.MethodGet, Path: "/shifts/{id}/cover", Summary: "List who was asked to cover a shift, and what they said",
		Tag: volunteeringTag, Permission: account.VolunteersRead,
	}, s.listCover)
}

// proposalView is somebody who could cover a shift.
type proposalView struct {
	PersonID  uuid.UUID     `json:"person_id"`
	Name      string        `json:"name"`
	Score     int           `json:"score"`
	Eligible  bool          `json:"eligible" doc:"No rule stands against them."`
	Reasons   []becauseView `json:"reasons"`
	Obstacles []string      `json:"obstacles" doc:"The rules that stand against them now."`
	AskedAt   *time.Time    `json:"asked_at" doc:"When they were last asked about this shift."`
	Answer    string        `json:"answer" doc:"What they said then; empty when they were not asked."`
}

// becauseView is one reason for proposing somebody, or against it.
type becauseView struct {
	Code   string   `json:"code" doc:"skills, available, unavailable, near, same_town, same_postal_code, same_role, experienced, reliable, no_shows, asked_lately or a rule."`
	Points int      `json:"points" doc:"What it adds to the score."`
	Number int      `json:"number" doc:"Skills, kilometres, shifts, hours, percent or days, by code."`
	Words  []string `json:"words" doc:"Of skills: which."`
}

type proposalsOutput struct {
	Body struct {
		Items      []proposalView `json:"items"`
		Considered int            `json:"considered" doc:"Volunteers who were weighed; the best of them are in items."`
		More       bool           `json:"more" doc:"There are more volunteers than were weighed."`
	}
}

// coverPath names a shift.
type coverPath struct {
	ID id.ID[volunteer.Shift] `path:"id" format:"uuid"`
}

func (s *Service) proposeCover(ctx context.Context, in *struct {
	ID    id.ID[volunteer.Shift] `path:"id" format:"uuid"`
	Limit int                    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (*proposalsOutput, error) {
	found, err := s.Propose(ctx, in.ID, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &proposalsOutput{}
	out.Body.Items, out.Body.Considered, out.Body.More = []proposalView{}, found.Considered, found.More
	for _, p := range found.Items {
		view := proposalView{
			PersonID: p.PersonID, Name: p.Name, Score: p.Score, Eligible: p.Eligible(), Reasons: []becauseView{}, Obstacles: []string{},
			AskedAt: p.AskedAt, Answer: string(p.Answer),
		}
		for _, b := range p.Reasons {
			view.Reasons = append(view.Reasons, becauseView{b.Code, b.Points, b.Number, written(b.Words)})
		}
		for _, rule := range p.Obstacles {
			view.Obstacles = append(view.Obstacles, string(rule))
		}
		out.Body.Items = append(out.Body.Items, view)
	}
	return out, nil
}

// askView is a question to one person about a shift.
type askView struct {
	ID         uuid.UUID   `json:"id"`
	Person     askedPerson `json:"person"`
	Answer     string      `json:"answer" enum:"asked,yes,no,too_late,hindered"`
	AskedAt    time.Time   `json:"asked_at"`
	AnsweredAt *time.Time  `json:"answered_at"`
	Reasons    []string    `json:"reasons" doc:"Why this person was proposed, as codes."`
	Message    string      `json:"message"`
}

type askedPerson struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Email string    `json:"email"`
}

type coverOutput struct {
	Body struct {
		Asks []askView `json:"asks"`
	}
}

func answerCover(asked []AskedPerson, err error) (*coverOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &coverOutput{}
	out.Body.Asks = []askView{}
	for _, a := range asked {
		p := person.Person{FirstName: a.FirstName, LastName: a.LastName, Email: a.Email}
		out.Body.Asks = append(out.Body.Asks, askView{
			ID: a.ID.UUID, Person: askedPerson{a.PersonID, p.DisplayName(), p.EmailAddress()}, Answer: string(a.Answer), AskedAt: a.CreatedAt,
			AnsweredAt: a.AnsweredAt, Reasons: written(a.Reasons), Message: a.Message,
		})
	}
	return out, nil
}

func (s *Service) askToCover(ctx context.Context, in *struct {
	ID   id.ID[volunteer.Shift] `path:"id" format:"uuid"`
	Body struct {
		PersonIDs []uuid.UUID `json:"person_ids" minItems:"1" maxItems:"50"`
		Message   string      `json:"message,omitempty" maxLength:"2000"`
	}
}) (*coverOutput, error) {
	return answerCover(s.AskToCover(ctx, in.ID, AskInput{People: in.Body.PersonIDs, Message: in.Body.Message}))
}

func (s *Service) listCover(ctx context.Context, in *coverPath) (*coverOutput, error) {
	return answerCover(s.AskedToCover(ctx, in.ID))
}
