package causes

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/cause"
)

func (s *Service) registryRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "search-registry", Method: http.MethodGet, Path: "/registry", Summary: "Search the registry of charities, by name", Tag: "Registry",
		Description: "The IRS Exempt Organizations Business Master File. Subordinates of a group exemption are listed with their own EIN.",
		Permission:  account.OrganizationRead,
	}, s.searchRegistry)
	web.Handle(api, web.Op{
		ID: "get-registry-claim", Method: http.MethodGet, Path: "/registry/claim", Summary: "Read the entry the organization has claimed",
		Tag: "Registry", Permission: account.OrganizationRead, Errors: []int{http.StatusNotFound},
	}, s.getClaim)
	web.Handle(api, web.Op{
		ID: "claim-registry-entry", Method: http.MethodPost, Path: "/registry/claim", Summary: "Claim the organization's own entry",
		Description: "Sets the organization's EIN and legal name. Read the warnings: an entry whose gifts are not deductible can be claimed.",
		Tag:         "Registry", Permission: account.OrganizationManage, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.claimEntry)
	web.Handle(api, web.Op{
		ID: "release-registry-claim", Method: http.MethodDelete, Path: "/registry/claim", Summary: "Let go of the claimed entry",
		Tag: "Registry", Permission: account.OrganizationManage, Errors: []int{http.StatusNotFound},
	}, s.releaseClaim)
}

// RegistryEntry is an organization of the registry. It is exported because embedded in other answers.
type RegistryEntry struct {
	EIN           string `json:"ein" doc:"With its dash: 01-0631747." example:"01-0631747"`
	Name          string `json:"name"`
	SortName      string `json:"sort_name" doc:"Second line of the name: chapter, lodge, doing business as."`
	CareOf        string `json:"care_of"`
	City          string `json:"city"`
	State         string `json:"state"`
	ZIP           string `json:"zip" doc:"Empty for a foreign address."`
	Subsection    string `json:"subsection" doc:"What the exemption rests on." example:"501(c)(3)"`
	Deductible    bool   `json:"deductible" doc:"Contributions are deductible, by law or by treaty."`
	Deductibility string `json:"deductibility" doc:"The same in words."`
	Ruling        string `json:"ruling" doc:"Month of the ruling letter, or empty." example:"2002-07"`
	Status        string `json:"status" doc:"Where the exemption stands, in words."`
	Subordinate   bool   `json:"subordinate" doc:"Exempt through a parent's group exemption."`
	Removed       bool   `json:"removed" doc:"Gone from the newest file of the IRS; it cannot be claimed."`
}

type registryHitBody struct {
	RegistryEntry
	Claimed bool `json:"claimed" doc:"An organization on this platform has claimed it."`
}

type claimBody struct {
	RegistryEntry
	VerifiedAt time.Time `json:"verified_at"`
	Warnings   []string  `json:"warnings" doc:"What to know before promising anything to donors; empty when nothing stands out."`
}

type searchRegistryInput struct {
	web.PageInput
	Search string `query:"search" maxLength:"100" doc:"Words of the name, or the first digits of the EIN, with or without dash."`
	EIN    string `query:"ein" maxLength:"12" doc:"The whole EIN, with or without dash, instead of a search."`
}

type searchRegistryOutput struct {
	Body web.PageOf[registryHitBody]
}

func (s *Service) searchRegistry(ctx context.Context, in *searchRegistryInput) (*searchRegistryOutput, error) {
	page := RegistryPage{Search: in.Search, Limit: in.Limit}
	if in.EIN != "" {
		ein, err := cause.ParseEIN(in.EIN)
		if err != nil {
			return nil, err
		}
		page.Search = ein.Digits()
	}
	after, err := web.DecodeCursor(in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	if after != nil {
		ein, err := cause.ParseEIN(after[1])
		if err != nil {
			return nil, web.ErrCursor
		}
		page.After = RegistryPosition{Name: after[0], EIN: ein}
	}
	hits, more, err := s.SearchRegistry(ctx, page)
	if err != nil {
		return nil, err
	}
	return &searchRegistryOutput{web.PageBy(hits, more, hitOf, func(h RegistryHit) string { return web.EncodeCursor(h.Name, h.EIN.Digits()) })}, nil
}

func hitOf(h RegistryHit) registryHitBody {
	return registryHitBody{RegistryEntry: entryOf(h.RegistryEntry), Claimed: h.Claimed}
}

type claimOutput struct{ Body claimBody }

func (s *Service) getClaim(ctx context.Context, _ *web.Empty) (*claimOutput, error) {
	return claimAnswer(s.Claimed(ctx))
}

type claimEntryInput struct {
	Body struct {
		EIN string `json:"ein" minLength:"9" maxLength:"12" doc:"With or without dash."`
	}
}

func (s *Service) claimEntry(ctx context.Context, in *claimEntryInput) (*claimOutput, error) {
	ein, err := cause.ParseEIN(in.Body.EIN)
	if err != nil {
		return nil, err
	}
	return claimAnswer(s.ClaimEntry(ctx, ein))
}

func (s *Service) releaseClaim(ctx context.Context, _ *web.Empty) (*web.Empty, error) {
	return &web.Empty{}, s.ReleaseClaim(ctx)
}

func claimAnswer(c Claim, err error) (*claimOutput, error) {
	if err != nil {
		return nil, err
	}
	warnings := c.Warnings()
	if warnings == nil {
		warnings = []string{}
	}
	return &claimOutput{Body: claimBody{RegistryEntry: entryOf(c.RegistryEntry), VerifiedAt: c.VerifiedAt, Warnings: warnings}}, nil
}

func entryOf(e cause.RegistryEntry) RegistryEntry {
	return RegistryEntry{
		EIN: e.EIN.String(), Name: e.Name, SortName: e.SortName, CareOf: e.CareOf(), City: e.City, State: e.State, ZIP: e.PostalCode(),
		Subsection: e.SubsectionText(), Deductible: e.Deductible(), Deductibility: e.DeductibilityText(), Ruling: e.RulingText(),
		Status: e.StatusText(), Subordinate: e.Subordinate(), Removed: e.RemovedAt != nil,
	}
}
