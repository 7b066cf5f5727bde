package fundraising

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/campaign"
)

const tag = "Campaigns"

// Routes registers the operations of campaigns.
func (s *Service) Routes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-campaigns", Method: http.MethodGet, Path: "/campaigns", Summary: "List campaigns, the newest first",
		Tag: tag, Permission: account.CampaignsRead,
	}, s.listCampaigns)
	web.Handle(api, web.Op{
		ID: "create-campaign", Method: http.MethodPost, Path: "/campaigns", Summary: "Draft a campaign", Tag: tag,
		Permission: account.CampaignsManage, Status: http.StatusCreated,
	}, s.createCampaign)
	web.Handle(api, web.Op{
		ID: "get-campaign", Method: http.MethodGet, Path: "/campaigns/{id}", Summary: "Read a campaign", Tag: tag, Permission: account.CampaignsRead,
	}, s.getCampaign)
	web.Handle(api, web.Op{
		ID: "revise-campaign", Method: http.MethodPatch, Path: "/campaigns/{id}", Summary: "Change a campaign", Tag: tag,
		Description: "Fields that are left out stay as they are. version is the one last read: when somebody else was faster, the answer is 409.",
		Permission:  account.CampaignsManage, Errors: []int{http.StatusConflict},
	}, s.reviseCampaign)
	web.Handle(api, web.Op{
		ID: "publish-campaign", Method: http.MethodPost, Path: "/campaigns/{id}/publish", Summary: "Open a campaign's page", Tag: tag,
		Permission: account.CampaignsManage, Errors: []int{http.StatusConflict},
	}, s.publishCampaign)
	web.Handle(api, web.Op{
		ID: "end-campaign", Method: http.MethodPost, Path: "/campaigns/{id}/end", Summary: "Close a campaign to gifts", Tag: tag,
		Permission: account.CampaignsManage, Errors: []int{http.StatusConflict},
	}, s.endCampaign)
	web.Handle(api, web.Op{
		ID: "set-campaign-picture", Method: http.MethodPut, Path: "/campaigns/{id}/picture", Summary: "Replace a campaign's picture", Tag: tag,
		Description: "The body is the file itself: JPEG, PNG or WebP, up to 8 MB and 40 megapixels. It is stored anew, without what the camera wrote into it.",
		Permission:  account.CampaignsManage, MaxBody: MaxPictureBytes, Errors: []int{http.StatusRequestEntityTooLarge},
	}, s.setCampaignPicture)
	web.Stream(api, web.Op{
		ID: "watch-campaign", Method: http.MethodGet, Path: "/campaigns/{id}/live", Summary: "Follow a campaign's total as it moves", Tag: tag,
		Permission: account.CampaignsRead,
	}, s.watchCampaign)
	s.publicRoutes(api)
}

// campaignView is a campaign as staff see it.
type campaignView struct {
	ID                  uuid.UUID         `json:"id"`
	Slug                string            `json:"slug"`
	Title               string            `json:"title"`
	Summary             string            `json:"summary"`
	Story               string            `json:"story" doc:"Markdown."`
	Status              campaign.Status   `json:"status" enum:"draft,live,ended"`
	CauseID             uuid.UUID         `json:"cause_id"`
	FundID              uuid.UUID         `json:"fund_id"`
	Goal                web.Money         `json:"goal" doc:"Zero: no goal is shown."`
	Raised              web.Money         `json:"raised" doc:"Derived from the ledger, refunds taken off."`
	Percent             int64             `json:"percent" doc:"Raised of goal, rounded down; beyond 100 when the goal is passed."`
	GiftCount           int64             `json:"gift_count"`
	Pledged             web.Money         `json:"pledged" doc:"Still owed of open pledges; no part of raised."`
	Suggested           []int64           `json:"suggested" doc:"Offered amounts in minor units, ascending."`
	DefaultMinor        int64             `json:"default_minor"`
	ImpactLines         map[string]string `json:"impact_lines" doc:"What an offered amount does, by its minor units."`
	OfferMonthly        bool              `json:"offer_monthly"`
	MonthlySuggested    []int64           `json:"monthly_suggested" doc:"Offered amounts of a monthly gift in minor units, ascending."`
	MonthlyDefaultMinor int64             `json:"monthly_default_minor"`
	OfferPledge         bool              `json:"offer_pledge"`
	OfferFeeCover       bool              `json:"offer_fee_cover"`
	ShowDonors          bool              `json:"show_donors"`
	StartsOn            *string           `json:"starts_on" format:"date"`
	EndsOn              *string           `json:"ends_on" format:"date"`
	PictureURL          string            `json:"picture_url" doc:"Empty: no picture."`
	PictureAlt          string            `json:"picture_alt"`
	PublicURL           string            `json:"public_url"`
	PublishedAt         *time.Time        `json:"published_at"`
	EndedAt             *time.Time        `json:"ended_at"`
	Version             int               `json:"version"`
	CreatedAt           time.Time         `json:"created_at"`
	UpdatedAt           time.Time         `json:"updated_at"`
}

func (s *Service) view(c Counted) campaignView {
	monthly, monthlyChosen := c.Monthly()
	return campaignView{
		ID: c.ID.UUID, Slug: c.Slug, Title: c.Title, Summary: c.Summary, Story: c.Story, Status: c.Status, CauseID: c.CauseID.UUID,
		FundID: c.FundID.UUID, Goal: c.Goal, Raised: c.Progress.Raised, Percent: c.Progress.Percent(), GiftCount: c.Progress.Gifts, Pledged: c.Progress.Pledged,
		Suggested: c.SuggestedMinor, DefaultMinor: c.DefaultMinor, ImpactLines: writeImpact(c.ImpactLines),
		OfferMonthly: c.OfferMonthly, MonthlySuggested: monthly, MonthlyDefaultMinor: monthlyChosen, OfferPledge: c.OfferPledge, OfferFeeCover: c.OfferFeeCover,
		ShowDonors: c.ShowDonors, StartsOn: writeDay(c.StartsOn), EndsOn: writeDay(c.EndsOn), PictureURL: pagePictureURL(c.Campaign),
		PictureAlt: c.PictureAlt, PublicURL: s.campaignURL(c.Organization, c.Campaign), PublishedAt: c.PublishedAt, EndedAt: c.EndedAt,
		Version: c.Version, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

type listInput struct {
	web.PageInput
	Status string `query:"status" enum:"draft,live,ended" doc:"Only campaigns in this status."`
}

type campaignOutput struct {
	Body campaignView
}

type campaignPageOutput struct {
	Body web.PageOf[campaignView]
}

// CampaignPath names a campaign. It is exported because huma passes over embedded structs that are not.
type CampaignPath struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (s *Service) listCampaigns(ctx context.Context, in *listInput) (*campaignPageOutput, error) {
	before, err := readPosition(in.Cursor)
	if err != nil {
		return nil, err
	}
	list, next, err := s.List(ctx, Page{Status: campaign.Status(in.Status), Before: before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	views := make([]campaignView, len(list))
	for i, c := range list {
		views[i] = s.view(c)
	}
	return &campaignPageOutput{web.Page(views, writePosition(next))}, nil
}

func (s *Service) getCampaign(ctx context.Context, in *CampaignPath) (*campaignOutput, error) {
	return s.answer(s.Find(ctx, in.ID))
}

func (s *Service) createCampaign(ctx context.Context, in *struct{ Body CampaignFields }) (*campaignOutput, error) {
	d, err := in.Body.details()
	if err != nil {
		return nil, err
	}
	return s.answer(s.Create(ctx, d))
}

func (s *Service) reviseCampaign(ctx context.Context, in *struct {
	CampaignPath
	Body struct {
		CampaignFields
		Version int `json:"version" minimum:"1" doc:"The version that was last read."`
	}
}) (*campaignOutput, error) {
	p, err := in.Body.patch()
	if err != nil {
		return nil, err
	}
	return s.answer(s.Revise(ctx, in.ID, p, in.Body.Version))
}

func (s *Service) publishCampaign(ctx context.Context, in *CampaignPath) (*campaignOutput, error) {
	return s.answer(s.Publish(ctx, in.ID))
}

func (s *Service) endCampaign(ctx context.Context, in *CampaignPath) (*campaignOutput, error) {
	return s.answer(s.End(ctx, in.ID))
}

func (s *Service) setCampaignPicture(ctx context.Context, in *struct {
	CampaignPath
	RawBody []byte `contentType:"image/*"`
}) (*campaignOutput, error) {
	return s.answer(s.SetPicture(ctx, in.ID, bytes.NewReader(in.RawBody)))
}

func (s *Service) answer(c Counted, err error) (*campaignOutput, error) {
	if err != nil {
		return nil, err
	}
	return &campaignOutput{s.view(c)}, nil
}

// liveView is one event of a campaign's stream.
type liveView struct {
	Raised    web.Money       `json:"raised"`
	Goal      web.Money       `json:"goal"`
	Percent   int64           `json:"percent"`
	GiftCount int64           `json:"gift_count"`
	Pledged   web.Money       `json:"pledged"`
	Status    campaign.Status `json:"status"`
}

func (s *Service) watchCampaign(ctx context.Context, in *CampaignPath, send web.Send) error {
	return s.Watch(ctx, in.ID, func(c Counted) error {
		return send("progress", liveView{c.Progress.Raised, c.Goal, c.Progress.Percent(), c.Progress.Gifts, c.Progress.Pledged, c.Status})
	})
}

func readPosition(cursor string) (*Position, error) {
	at, last, err := web.DecodeTimeCursor(cursor, uuid.Parse)
	if err != nil || at.IsZero() {
		return nil, err
	}
	return &Position{at, last}, nil
}

func writePosition(p *Position) string {
	if p == nil {
		return ""
	}
	return web.EncodeTimeCursor(p.At, p.ID.String())
}
