package people

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/person"
)

// Routes registers the operations on people and the one that lets supporters in.
func (s *Service) Routes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-people", Method: http.MethodGet, Path: "/people", Summary: "List people, the newest first", Tag: "People",
		Permission: account.PeopleRead,
	}, s.listPeople)
	web.Handle(api, web.Op{
		ID: "create-person", Method: http.MethodPost, Path: "/people", Summary: "Add a person", Tag: "People",
		Permission: account.PeopleWrite, Status: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, s.createPerson)
	web.Handle(api, web.Op{
		ID: "get-person", Method: http.MethodGet, Path: "/people/{id}", Summary: "Read a person", Tag: "People", Permission: account.PeopleRead,
	}, s.getPerson)
	web.Handle(api, web.Op{
		ID: "change-person", Method: http.MethodPatch, Path: "/people/{id}", Summary: "Change a person", Tag: "People",
		Description: "Send the version you read. When someone else changed the person meanwhile the answer is 409 person.changed.",
		Permission:  account.PeopleWrite, Errors: []int{http.StatusConflict},
	}, s.changePerson)
	web.Handle(api, web.Op{
		ID: "record-consent", Method: http.MethodPut, Path: "/people/{id}/consents/{channel}",
		Summary: "Record what a person allows", Tag: "People", Permission: account.PeopleWrite,
		Description: "Every answer is kept; the newest of a channel counts from now on.",
	}, s.recordConsent)
	web.Handle(api, web.Op{
		ID: "anonymise-person", Method: http.MethodPost, Path: "/people/{id}/anonymise", Summary: "Take away what tells who a person is", Tag: "People",
		Description: "Cannot be undone. Names, addresses, cards and mails go; regular gifts and pledges end; gifts and receipts stay in the books.",
		Permission:  account.PeopleErase, Status: http.StatusNoContent, Errors: []int{http.StatusConflict},
	}, s.anonymisePerson)
	web.Handle(api, web.Op{
		ID: "request-supporter-link", Method: http.MethodPost, Path: "/public/supporter-links", Summary: "Mail a supporter their link",
		Description: "The answer is the same whether or not the organization knows the address. A link works once, within 15 minutes.",
		Tag:         "Supporters", Permission: web.Public, Status: http.StatusAccepted, Errors: []int{http.StatusTooManyRequests},
	}, s.requestSupporterLink)
}

// PersonSummary is a person in a list. It is exported because embedded in other answers.
type PersonSummary struct {
	ID           string    `json:"id" format:"uuid"`
	DisplayName  string    `json:"display_name" doc:"The name, else the e-mail address."`
	FirstName    string    `json:"first_name"`
	LastName     string    `json:"last_name"`
	Email        string    `json:"email" doc:"Empty when unknown."`
	Phone        string    `json:"phone"`
	City         string    `json:"city"`
	DoNotContact bool      `json:"do_not_contact"`
	CreatedAt    time.Time `json:"created_at"`
}

type personDetail struct {
	PersonSummary
	Version      int             `json:"version" doc:"Send it back with a change."`
	AddressLine1 string          `json:"address_line1"`
	AddressLine2 string          `json:"address_line2"`
	Region       string          `json:"region"`
	PostalCode   string          `json:"postal_code"`
	Country      string          `json:"country" doc:"ISO 3166-1 alpha-2, or empty."`
	Employer     string          `json:"employer"`
	Anonymised   bool            `json:"anonymised" doc:"The record names nobody any more and cannot be changed."`
	UpdatedAt    time.Time       `json:"updated_at"`
	Consents     []consentDetail `json:"consents" doc:"The newest answer per channel. A channel that is missing was never asked about and must not be used."`
}

type consentDetail struct {
	Channel string    `json:"channel" enum:"email,phone,text,post"`
	Granted bool      `json:"granted"`
	Source  string    `json:"source" enum:"giving_page,supporter_page,staff,import"`
	Wording string    `json:"wording"`
	At      time.Time `json:"at"`
}

type personOutput struct{ Body personDetail }

type listPeopleInput struct {
	web.PageInput
	Search string `query:"search" maxLength:"100" doc:"Words of the name or e-mail address, at least two characters; every word must match."`
}

type listPeopleOutput struct{ Body web.PageOf[PersonSummary] }

func (s *Service) listPeople(ctx context.Context, in *listPeopleInput) (*listPeopleOutput, error) {
	at, last, err := web.DecodeTimeCursor(in.Cursor, id.Parse[person.Person])
	if err != nil {
		return nil, err
	}
	found, more, err := s.List(ctx, Page{Search: in.Search, Before: Position{CreatedAt: at, ID: last}, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &listPeopleOutput{web.PageBy(found, more, summaryOf, func(p person.Person) string { return web.EncodeTimeCursor(p.CreatedAt, p.ID.String()) })}, nil
}

// PersonFields is what can be written of a person. It is exported because embedded in inputs.
type PersonFields struct {
	FirstName    *string `json:"first_name,omitempty" maxLength:"100"`
	LastName     *string `json:"last_name,omitempty" maxLength:"100"`
	Email        *string `json:"email,omitempty" maxLength:"254"`
	Phone        *string `json:"phone,omitempty" maxLength:"40"`
	AddressLine1 *string `json:"address_line1,omitempty" maxLength:"200"`
	AddressLine2 *string `json:"address_line2,omitempty" maxLength:"200"`
	City         *string `json:"city,omitempty" maxLength:"100"`
	Region       *string `json:"region,omitempty" maxLength:"100"`
	PostalCode   *string `json:"postal_code,omitempty" maxLength:"20"`
	Country      *string `json:"country,omitempty" maxLength:"2"`
	Employer     *string `json:"employer,omitempty" maxLength:"200"`
}

func (f PersonFields) patch() person.Patch {
	return person.Patch{
		FirstName: f.FirstName, LastName: f.LastName, Email: f.Email, Phone: f.Phone, AddressLine1: f.AddressLine1,
		AddressLine2: f.AddressLine2, City: f.City, Region: f.Region, PostalCode: f.PostalCode, Country: f.Country, Employer: f.Employer,
	}
}

func (f PersonFields) details() person.Details {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return person.Details{
		FirstName: text(f.FirstName), LastName: text(f.LastName), Email: text(f.Email), Phone: text(f.Phone),
		AddressLine1: text(f.AddressLine1), AddressLine2: text(f.AddressLine2), City: text(f.City), Region: text(f.Region),
		PostalCode: text(f.PostalCode), Country: text(f.Country), Employer: text(f.Employer),
	}
}

type createPersonInput struct {
	Body struct {
		PersonFields
	}
}

func (s *Service) createPerson(ctx context.Context, in *createPersonInput) (*personOutput, error) {
	return detailOf(s.Create(ctx, in.Body.details()))
}

type personInput struct {
	ID id.ID[person.Person] `path:"id" format:"uuid"`
}

func (s *Service) getPerson(ctx context.Context, in *personInput) (*personOutput, error) {
	return detailOf(s.Find(ctx, in.ID))
}

type changePersonInput struct {
	ID   id.ID[person.Person] `path:"id" format:"uuid"`
	Body struct {
		PersonFields
		DoNotContact *bool `json:"do_not_contact,omitempty"`
		Version      int   `json:"version" minimum:"1" doc:"The version you read."`
	}
}

func (s *Service) changePerson(ctx context.Context, in *changePersonInput) (*personOutput, error) {
	patch := in.Body.patch()
	patch.DoNotContact = in.Body.DoNotContact
	return detailOf(s.Change(ctx, in.ID, in.Body.Version, patch))
}

func (s *Service) anonymisePerson(ctx context.Context, in *struct {
	ID id.ID[person.Person] `path:"id" format:"uuid"`
}) (*web.Empty, error) {
	return nil, s.Anonymise(ctx, in.ID)
}

type recordConsentInput struct {
	ID      id.ID[person.Person] `path:"id" format:"uuid"`
	Channel string               `path:"channel" enum:"email,phone,text,post"`
	Body    struct {
		Granted bool   `json:"granted"`
		Wording string `json:"wording,omitempty" maxLength:"500" doc:"The sentence the person agreed to, or how they said so."`
	}
}

func (s *Service) recordConsent(ctx context.Context, in *recordConsentInput) (*personOutput, error) {
	return detailOf(s.Consent(ctx, in.ID, person.Answer{
		Channel: person.Channel(in.Channel), Granted: in.Body.Granted, Source: person.FromStaff, Wording: in.Body.Wording,
	}))
}

type requestSupporterLinkInput struct {
	Body struct {
		Organization string `json:"organization" minLength:"1" maxLength:"40" doc:"The organization's slug."`
		Email        string `json:"email" minLength:"3" maxLength:"254"`
	}
}

func (s *Service) requestSupporterLink(ctx context.Context, in *requestSupporterLinkInput) (*web.Empty, error) {
	return &web.Empty{}, s.RequestLink(ctx, LinkRequest{OrgSlug: in.Body.Organization, Email: in.Body.Email, IP: web.CallerOf(ctx).IP})
}

func summaryOf(p person.Person) PersonSummary {
	return PersonSummary{
		ID: p.ID.String(), DisplayName: p.DisplayName(), FirstName: p.FirstName, LastName: p.LastName, Email: p.EmailAddress(),
		Phone: p.Phone, City: p.City, DoNotContact: p.DoNotContact, CreatedAt: p.CreatedAt,
	}
}

func detailOf(r Record, err error) (*personOutput, error) {
	if err != nil {
		return nil, err
	}
	body := personDetail{
		PersonSummary: summaryOf(r.Person), Version: r.Version, AddressLine1: r.AddressLine1, AddressLine2: r.AddressLine2, Region: r.Region,
		PostalCode: r.PostalCode, Country: r.Country, Employer: r.Employer, Anonymised: r.AnonymisedAt != nil, UpdatedAt: r.UpdatedAt, Consents: []consentDetail{},
	}
	for _, channel := range person.Channels {
		if c, answered := r.Consents[channel]; answered {
			body.Consents = append(body.Consents, consentDetail{
				Channel: string(c.Channel), Granted: c.Granted, Source: string(c.Source), Wording: c.Wording, At: c.At,
			})
		}
	}
	return &personOutput{Body: body}, nil
}
