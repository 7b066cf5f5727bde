package causes

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/cause"
	"tributary/domain/id"
)

// Routes registers the operations on causes, funds and the registry.
func (s *Service) Routes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-causes", Method: http.MethodGet, Path: "/causes", Summary: "List causes with their funds", Tag: "Causes",
		Permission: account.CausesRead,
	}, s.listCauses)
	web.Handle(api, web.Op{
		ID: "create-cause", Method: http.MethodPost, Path: "/causes", Summary: "Draft a cause", Tag: "Causes",
		Permission: account.CausesManage, Status: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, s.createCause)
	web.Handle(api, web.Op{
		ID: "change-cause", Method: http.MethodPatch, Path: "/causes/{id}", Summary: "Edit, publish or archive a cause", Tag: "Causes",
		Description: "A cause that live campaigns collect for stays published: the answer is 409 cause.has_live_campaigns.",
		Permission:  account.CausesManage, Errors: []int{http.StatusConflict},
	}, s.changeCause)
	web.Handle(api, web.Op{
		ID: "create-fund", Method: http.MethodPost, Path: "/causes/{id}/funds", Summary: "Add a fund to a cause", Tag: "Causes",
		Permission: account.CausesManage, Status: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, s.createFund)
	web.Handle(api, web.Op{
		ID: "change-fund", Method: http.MethodPatch, Path: "/funds/{id}", Summary: "Rename a fund, close or reopen it", Tag: "Causes",
		Permission: account.CausesManage, Errors: []int{http.StatusConflict},
	}, s.changeFund)
	s.registryRoutes(api)
}

type causeBody struct {
	ID        string     `json:"id" format:"uuid"`
	Slug      string     `json:"slug"`
	Name      string     `json:"name"`
	Summary   string     `json:"summary"`
	Status    string     `json:"status" enum:"draft,published,archived"`
	Funds     []fundBody `json:"funds"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
}

type fundBody struct {
	ID          string `json:"id" format:"uuid"`
	CauseID     string `json:"cause_id" format:"uuid"`
	Code        string `json:"code"`
	Name        string `json:"name"`
	Restriction string `json:"restriction" enum:"unrestricted,purpose,time,endowment"`
	Active      bool   `json:"active" doc:"False: closed for new gifts."`
}

type causeOutput struct{ Body causeBody }

type fundOutput struct{ Body fundBody }

type listCausesOutput struct {
	Body struct {
		Items []causeBody `json:"items"`
	}
}

func (s *Service) listCauses(ctx context.Context, _ *web.Empty) (*listCausesOutput, error) {
	listed, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	out := &listCausesOutput{}
	out.Body.Items = make([]causeBody, 0, len(listed))
	for _, l := range listed {
		out.Body.Items = append(out.Body.Items, causeOf(l))
	}
	return out, nil
}

type createCauseInput struct {
	Body struct {
		Name    string `json:"name" minLength:"1" maxLength:"200"`
		Slug    string `json:"slug,omitempty" maxLength:"60" doc:"Part of its address; made from the name when left out. It never changes."`
		Summary string `json:"summary,omitempty" maxLength:"500"`
	}
}

func (s *Service) createCause(ctx context.Context, in *createCauseInput) (*causeOutput, error) {
	return causeAnswer(s.Create(ctx, cause.Details{Name: in.Body.Name, Slug: in.Body.Slug, Summary: in.Body.Summary}))
}

type changeCauseInput struct {
	ID   id.ID[cause.Cause] `path:"id" format:"uuid"`
	Body struct {
		Name    *string `json:"name,omitempty" maxLength:"200"`
		Summary *string `json:"summary,omitempty" maxLength:"500"`
		Status  *string `json:"status,omitempty" enum:"draft,published,archived"`
	}
}

func (s *Service) changeCause(ctx context.Context, in *changeCauseInput) (*causeOutput, error) {
	return causeAnswer(s.Change(ctx, in.ID, cause.Patch{
		Name: in.Body.Name, Summary: in.Body.Summary, Status: (*cause.Status)(in.Body.Status),
	}))
}

type createFundInput struct {
	ID   id.ID[cause.Cause] `path:"id" format:"uuid"`
	Body struct {
		Code        string `json:"code" minLength:"1" maxLength:"20" doc:"How bookkeeping names it: letters, digits and dashes. It never changes."`
		Name        string `json:"name" minLength:"1" maxLength:"200"`
		Restriction string `json:"restriction" enum:"unrestricted,purpose,time,endowment" doc:"It never changes."`
	}
}

func (s *Service) createFund(ctx context.Context, in *createFundInput) (*fundOutput, error) {
	return fundAnswer(s.AddFund(ctx, in.ID, cause.FundDetails{
		Code: in.Body.Code, Name: in.Body.Name, Restriction: cause.Restriction(in.Body.Restriction),
	}))
}

type changeFundInput struct {
	ID   id.ID[cause.Fund] `path:"id" format:"uuid"`
	Body struct {
		Name   *string `json:"name,omitempty" maxLength:"200"`
		Active *bool   `json:"active,omitempty"`
	}
}

func (s *Service) changeFund(ctx context.Context, in *changeFundInput) (*fundOutput, error) {
	return fundAnswer(s.ChangeFund(ctx, in.ID, cause.FundPatch{Name: in.Body.Name, Active: in.Body.Active}))
}

func causeAnswer(l Listed, err error) (*causeOutput, error) {
	if err != nil {
		return nil, err
	}
	return &causeOutput{Body: causeOf(l)}, nil
}

func causeOf(l Listed) causeBody {
	body := causeBody{
		ID: l.ID.String(), Slug: l.Slug, Name: l.Name, Summary: l.Summary, Status: string(l.Status), Funds: make([]fundBody, 0, len(l.Funds)),
		CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt,
	}
	for _, f := range l.Funds {
		body.Funds = append(body.Funds, fundOf(f))
	}
	return body
}

func fundAnswer(f cause.Fund, err error) (*fundOutput, error) {
	if err != nil {
		return nil, err
	}
	return &fundOutput{Body: fundOf(f)}, nil
}

func fundOf(f cause.Fund) fundBody {
	return fundBody{
		ID: f.ID.String(), CauseID: f.CauseID.String(), Code: f.Code, Name: f.Name, Restriction: string(f.Restriction), Active: f.Active,
	}
}
