package volunteering

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

func (s *Service) credentialRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-credential-kinds", Method: http.MethodGet, Path: "/credential-kinds", Summary: "List what opportunities can ask for, by name",
		Tag: volunteeringTag, Permission: account.VolunteersRead,
	}, s.listCredentialKinds)
	web.Handle(api, web.Op{
		ID: "create-credential-kind", Method: http.MethodPost, Path: "/credential-kinds", Summary: "Add a sort of credential", Tag: volunteeringTag,
		Permission: account.VolunteersManage, Status: http.StatusCreated,
	}, s.createCredentialKind)
	web.Handle(api, web.Op{
		ID: "change-credential-kind", Method: http.MethodPatch, Path: "/credential-kinds/{id}", Summary: "Change a sort of credential", Tag: volunteeringTag,
		Description: "Fields that are left out stay. Credentials of an archived sort still count; nobody chooses it anew.",
		Permission:  account.VolunteersManage,
	}, s.changeCredentialKind)
	web.Handle(api, web.Op{
		ID: "add-credential", Method: http.MethodPost, Path: "/people/{id}/credentials", Summary: "Record a credential of a person", Tag: volunteeringTag,
		Permission: account.VolunteersManage, Status: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, s.addCredentialOp)
	web.Handle(api, web.Op{
		ID: "confirm-credential", Method: http.MethodPost, Path: "/credentials/{id}/confirm", Summary: "Note that staff have seen a credential",
		Tag: volunteeringTag, Permission: account.VolunteersManage,
	}, s.confirmCredential)
	web.Handle(api, web.Op{
		ID: "remove-credential", Method: http.MethodDelete, Path: "/credentials/{id}", Summary: "Remove a credential", Tag: volunteeringTag,
		Permission: account.VolunteersManage, Status: http.StatusNoContent,
	}, s.removeCredential)
}

// credentialKindView is a sort of credential.
type credentialKindView struct {
	ID          uuid.UUID `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description" doc:"What it is and where to get it."`
	ValidMonths int       `json:"valid_months" doc:"How long a new one holds unless it says otherwise; 0: for ever."`
	Archived    bool      `json:"archived"`
}

type credentialKindOutput struct{ Body credentialKindView }

func answerKind(k volunteer.CredentialKind, err error) (*credentialKindOutput, error) {
	if err != nil {
		return nil, err
	}
	return &credentialKindOutput{viewOfKind(k)}, nil
}

func viewOfKind(k volunteer.CredentialKind) credentialKindView {
	return credentialKindView{ID: k.ID.UUID, Name: k.Name, Description: k.Description, ValidMonths: k.ValidMonths, Archived: k.Archived}
}

type credentialKindPageOutput struct {
	Body web.PageOf[credentialKindView]
}

func (s *Service) listCredentialKinds(ctx context.Context, in *struct {
	web.PageInput
	Archived bool `query:"archived" doc:"Also those that are no longer used."`
}) (*credentialKindPageOutput, error) {
	after := ""
	parts, err := web.DecodeCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if parts != nil {
		after = parts[0]
	}
	kinds, more, err := s.CredentialKinds(ctx, KindFilter{Archived: in.Archived, After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &credentialKindPageOutput{web.PageBy(kinds, more, viewOfKind, func(k volunteer.CredentialKind) string { return web.EncodeCursor(k.Name) })}, nil
}

func (s *Service) createCredentialKind(ctx context.Context, in *struct {
	Body struct {
		Name        string `json:"name" maxLength:"120"`
		Description string `json:"description,omitempty" maxLength:"2000"`
		ValidMonths int    `json:"valid_months,omitempty" minimum:"0" maximum:"600"`
	}
}) (*credentialKindOutput, error) {
	return answerKind(s.CreateCredentialKind(ctx, KindDetails{in.Body.Name, in.Body.Description, in.Body.ValidMonths}))
}

func (s *Service) changeCredentialKind(ctx context.Context, in *struct {
	ID   id.ID[volunteer.CredentialKind] `path:"id" format:"uuid"`
	Body struct {
		Name        *string `json:"name,omitempty" maxLength:"120"`
		Description *string `json:"description,omitempty" maxLength:"2000"`
		ValidMonths *int    `json:"valid_months,omitempty" minimum:"0" maximum:"600"`
		Archived    *bool   `json:"archived,omitempty"`
	}
}) (*credentialKindOutput, error) {
	b := in.Body
	return answerKind(s.ReviseCredentialKind(ctx, in.ID, KindPatch{Name: b.Name, Description: b.Description, ValidMonths: b.ValidMonths, Archived: b.Archived}))
}

// credentialView is what a person has to show.
type credentialView struct {
	ID        uuid.UUID `json:"id"`
	KindID    uuid.UUID `json:"kind_id"`
	KindName  string    `json:"kind_name"`
	IssuedOn  string    `json:"issued_on" format:"date"`
	ExpiresOn *string   `json:"expires_on" format:"date" doc:"The last day on which it holds; null: for ever."`
	Confirmed bool      `json:"confirmed" doc:"Staff have seen it."`
	Standing  string    `json:"standing" enum:"valid,expired,unconfirmed" doc:"Today."`
	Note      string    `json:"note"`
}

func viewOfCredential(h Held) credentialView {
	return credentialView{
		ID: h.ID.UUID, KindID: h.KindID, KindName: h.KindName, IssuedOn: h.IssuedOn.String(), ExpiresOn: writtenDay(h.ExpiresOn), Confirmed: h.Confirmed,
		Standing: string(h.Standing), Note: h.Note,
	}
}

type credentialOutput struct{ Body credentialView }

func answerCredential(h Held, err error) (*credentialOutput, error) {
	if err != nil {
		return nil, err
	}
	return &credentialOutput{viewOfCredential(h)}, nil
}

func (s *Service) addCredentialOp(ctx context.Context, in *struct {
	VolunteerPath
	Body struct {
		KindID    id.ID[volunteer.CredentialKind] `json:"kind_id" format:"uuid"`
		IssuedOn  string                          `json:"issued_on" format:"date"`
		ExpiresOn string                          `json:"expires_on,omitempty" doc:"A date; left out or empty: as long as its sort holds."`
		Note      string                          `json:"note,omitempty" maxLength:"500"`
		Confirmed bool                            `json:"confirmed,omitempty" doc:"Staff have seen it."`
	}
}) (*credentialOutput, error) {
	b := in.Body
	issued, errIssued := readDay("issued_on", b.IssuedOn)
	expires, errExpires := readDay("expires_on", b.ExpiresOn)
	if err := fault.Join(errIssued, errExpires); err != nil {
		return nil, err
	}
	return answerCredential(s.AddCredential(ctx, in.ID, CredentialInput{
		KindID: b.KindID, Details: volunteer.CredentialDetails{IssuedOn: issued, ExpiresOn: expires, Note: b.Note}, Confirmed: b.Confirmed,
	}))
}

// credentialPath names a credential.
type credentialPath struct {
	ID id.ID[volunteer.Credential] `path:"id" format:"uuid"`
}

func (s *Service) confirmCredential(ctx context.Context, in *credentialPath) (*credentialOutput, error) {
	return answerCredential(s.ConfirmCredential(ctx, in.ID))
}

func (s *Service) removeCredential(ctx context.Context, in *credentialPath) (*web.Empty, error) {
	return nil, s.RemoveCredential(ctx, in.ID)
}
