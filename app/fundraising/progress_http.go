package fundraising

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
)

func (s *Service) publicRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "get-campaign-progress", Method: http.MethodGet, Path: "/public/campaigns/{organization}/{slug}/progress",
		Summary: "Read how far a campaign has come", Tag: tag, Permission: web.Public,
		Description: "For pages that show a live total. Send the answer's ETag as If-None-Match: an unchanged total answers 304 without a body.",
	}, s.getProgress)
	web.Handle(api, web.Op{
		ID: "preview-campaign", Method: http.MethodPost, Path: "/campaigns/preview", Summary: "Render a campaign's page before it is saved", Tag: tag,
		Permission: account.CampaignsManage, Produces: "text/html",
	}, s.previewCampaign(api.Pages()))
}

type progressInput struct {
	Organization string `path:"organization" maxLength:"60"`
	Slug         string `path:"slug" maxLength:"60"`
	IfNoneMatch  string `header:"If-None-Match" maxLength:"200"`
}

type progressOutput struct {
	Status       int
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         progressView
}

type progressView struct {
	Raised    web.Money        `json:"raised"`
	Goal      web.Money        `json:"goal" doc:"Zero: no goal is shown."`
	Percent   int64            `json:"percent"`
	GiftCount int64            `json:"gift_count"`
	Pledged   web.Money        `json:"pledged" doc:"Still owed of open pledges; no part of raised."`
	Ended     bool             `json:"ended"`
	Recent    []recentGiftView `json:"recent" doc:"The newest gifts, as their givers chose to show them."`
}

type recentGiftView struct {
	Name    string     `json:"name" doc:"Empty: anonymous."`
	Amount  *web.Money `json:"amount" doc:"Null: not shown."`
	Comment string     `json:"comment"`
	At      time.Time  `json:"at"`
}

func (s *Service) getProgress(ctx context.Context, in *progressInput) (*progressOutput, error) {
	st, err := s.Standing(ctx, in.Organization, in.Slug)
	if err != nil {
		return nil, err
	}
	view := progressView{
		Raised: st.Progress.Raised, Goal: st.Progress.Goal, Percent: st.Progress.Percent(), GiftCount: st.Progress.Gifts,
		Pledged: st.Progress.Pledged,
		Ended:   stateOf(st, false) == "ended", Recent: make([]recentGiftView, len(st.Recent)),
	}
	for i, g := range st.Recent {
		view.Recent[i] = recentGiftView{g.Name, g.Amount, g.Comment, g.At}
	}
	tag, err := etagOf(view)
	if err != nil {
		return nil, err
	}
	out := &progressOutput{Status: http.StatusOK, ETag: tag, CacheControl: "public, max-age=2", Body: view}
	if in.IfNoneMatch == tag || in.IfNoneMatch == "W/"+tag {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

func etagOf(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("tag an answer: %w", err)
	}
	return fmt.Sprintf(`"%x"`, sha256.Sum256(b))[:25] + `"`, nil
}

type previewInput struct {
	Body struct {
		CampaignFields
		ID *uuid.UUID `json:"id,omitempty" doc:"The campaign that is being revised; left out for a new one."`
	}
}

func (s *Service) previewCampaign(pages *web.Pages) func(context.Context, *previewInput) (*web.Blob, error) {
	return func(ctx context.Context, in *previewInput) (*web.Blob, error) {
		p, err := in.Body.patch()
		if err != nil {
			return nil, err
		}
		st, err := s.Preview(ctx, in.Body.ID, p)
		if err != nil {
			return nil, err
		}
		v, err := s.campaignView(ctx, st, shown{form: s.emptyForm(st, asked{}), preview: true})
		if err != nil {
			return nil, err
		}
		v.Entry, v.Boot, v.Messages = "", nil, nil // scripts do not run in a preview
		return pages.Render(v), nil
	}
}
