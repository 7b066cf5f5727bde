package access

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/id"
)

func (s *Service) organizationRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "found-organization", Method: http.MethodPost, Path: "/organizations", Summary: "Found an organization and own it", Tag: "Organization",
		Permission: web.SignedIn, Status: http.StatusCreated, Errors: []int{http.StatusConflict, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *foundInput) (*organizationOutput, error) {
		b := in.Body
		return organizationOutputOf(s.Found(ctx, me(ctx), account.OrganizationDetails{
			Name: b.Name, Kind: b.Kind, Slug: b.Slug, Country: b.Country, Zone: b.Zone, Currency: b.Currency,
		}))
	})
	web.Handle(api, web.Op{
		ID: "show-organization", Method: http.MethodGet, Path: "/organization", Summary: "Show the organization's settings", Tag: "Organization",
		Permission: account.OrganizationRead,
	}, func(ctx context.Context, _ *web.Empty) (*organizationOutput, error) {
		return organizationOutputOf(s.Organization(ctx, actor.From(ctx).OrgID))
	})
	web.Handle(api, web.Op{
		ID: "change-organization", Method: http.MethodPatch, Path: "/organization", Summary: "Change the organization's settings",
		Tag: "Organization", Description: "Fields that are left out stay as they are.", Permission: account.OrganizationManage,
	}, func(ctx context.Context, in *organizationPatchInput) (*organizationOutput, error) {
		return organizationOutputOf(s.ChangeOrganization(ctx, account.OrganizationPatch(in.Body)))
	})
}

type foundInput struct {
	Body struct {
		Name     string                   `json:"name" maxLength:"1000" doc:"What the public reads."`
		Kind     account.OrganizationKind `json:"kind" enum:"nonprofit,company"`
		Slug     string                   `json:"slug,omitempty" maxLength:"200" doc:"Its part of web addresses; made from the name when empty."`
		Country  string                   `json:"country,omitempty" maxLength:"10" doc:"ISO 3166-1 alpha-2; US when empty."`
		Zone     string                   `json:"zone,omitempty" maxLength:"100" doc:"IANA time zone; America/New_York when empty."`
		Currency string                   `json:"currency,omitempty" maxLength:"10" doc:"ISO 4217; USD when empty."`
	}
}

type organizationPatchInput struct {
	Body organizationPatch
}

// organizationPatch has the fields of account.OrganizationPatch in the same order, so that one converts to the other.
type organizationPatch struct {
	Name             *string   `json:"name,omitempty"`
	LegalName        *string   `json:"legal_name,omitempty" doc:"What receipts say; fixed once a registry entry is claimed."`
	Email            *string   `json:"email,omitempty"`
	Phone            *string   `json:"phone,omitempty"`
	Website          *string   `json:"website,omitempty"`
	AddressLine1     *string   `json:"address_line1,omitempty"`
	AddressLine2     *string   `json:"address_line2,omitempty"`
	City             *string   `json:"city,omitempty"`
	Region           *string   `json:"region,omitempty" doc:"State or province."`
	PostalCode       *string   `json:"postal_code,omitempty"`
	Country          *string   `json:"country,omitempty"`
	Zone             *string   `json:"zone,omitempty" doc:"IANA time zone; decides dates from now on."`
	BrandColor       *string   `json:"brand_color,omitempty" example:"#0b6b50"`
	ReceiptSignatory *string   `json:"receipt_signatory,omitempty" doc:"Who signs receipts."`
	ReceiptPrefix    *string   `json:"receipt_prefix,omitempty" doc:"Stands before receipt numbers."`
	FiscalYearStart  *int16    `json:"fiscal_year_start,omitempty" doc:"Month, 1 to 12."`
	EmbedOrigins     *[]string `json:"embed_origins,omitempty" maxItems:"100" doc:"Sites that may show the giving form."`
	BookPledges      *bool     `json:"book_pledges,omitempty" doc:"Carry pledges that are made from now on in the ledger as receivable; otherwise a pledge is a memo until money comes."`
}

type organizationOutput struct {
	Body organizationView
}

type organizationView struct {
	ID               id.ID[account.Organization] `json:"id"`
	Slug             string                      `json:"slug"`
	Kind             account.OrganizationKind    `json:"kind" enum:"nonprofit,company"`
	Name             string                      `json:"name"`
	LegalName        string                      `json:"legal_name"`
	EIN              *string                     `json:"ein" doc:"Formatted 00-0000000; null until a registry entry is claimed."`
	EINVerifiedAt    *time.Time                  `json:"ein_verified_at"`
	Email            string                      `json:"email"`
	Phone            string                      `json:"phone"`
	Website          string                      `json:"website"`
	AddressLine1     string                      `json:"address_line1"`
	AddressLine2     string                      `json:"address_line2"`
	City             string                      `json:"city"`
	Region           string                      `json:"region"`
	PostalCode       string                      `json:"postal_code"`
	Country          string                      `json:"country"`
	Zone             string                      `json:"zone"`
	Currency         string                      `json:"currency"`
	BrandColor       string                      `json:"brand_color"`
	ReceiptSignatory string                      `json:"receipt_signatory"`
	ReceiptPrefix    string                      `json:"receipt_prefix"`
	FiscalYearStart  int16                       `json:"fiscal_year_start"`
	EmbedOrigins     []string                    `json:"embed_origins"`
	BookPledges      bool                        `json:"book_pledges" doc:"New pledges are carried in the ledger as receivable."`
}

func organizationOutputOf(o account.Organization, err error) (*organizationOutput, error) {
	if err != nil {
		return nil, err
	}
	return &organizationOutput{Body: organizationView{
		ID: o.ID, Slug: o.Slug, Kind: o.Kind, Name: o.Name, LegalName: o.LegalName, EIN: o.FormattedEIN(), EINVerifiedAt: o.EINVerifiedAt,
		Email: o.Email, Phone: o.Phone, Website: o.Website, AddressLine1: o.AddressLine1, AddressLine2: o.AddressLine2, City: o.City,
		Region: o.Region, PostalCode: o.PostalCode, Country: o.Country, Zone: o.Zone, Currency: o.Currency, BrandColor: o.BrandColor,
		ReceiptSignatory: o.ReceiptSignatory, ReceiptPrefix: o.ReceiptPrefix, FiscalYearStart: o.FiscalYearStart,
		EmbedOrigins: append([]string{}, o.EmbedOrigins...), BookPledges: o.BookPledges,
	}}, nil
}
