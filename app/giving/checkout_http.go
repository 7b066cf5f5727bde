package giving

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/actor"
	"tributary/domain/donation"
	"tributary/domain/payment"
)

func (s *Service) checkoutRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "start-checkout", Method: http.MethodPost, Path: "/public/checkouts", Summary: "Send a giving form; answers where to pay", Tag: "Giving",
		Description: "The same form_token with the same content is one gift, however often it is sent.",
		Permission:  web.Public, Status: http.StatusCreated, MaxBody: 16 << 10,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, s.startCheckout)
	web.Handle(api, web.Op{
		ID: "get-public-donation", Method: http.MethodGet, Path: "/public/donations/{org}/{reference}", Summary: "State of a gift, for who holds its reference", Tag: "Giving",
		Permission: web.Public, RateLimit: &web.Limit{N: 300, Window: 10 * time.Minute},
	}, s.getPublicDonation)
	web.Handle(api, web.Op{
		ID: "receive-stripe-event", Method: http.MethodPost, Path: "/webhooks/stripe", Summary: "Where Stripe sends its events", Tag: "Stripe",
		Permission: web.Public, MaxBody: 1 << 20, Errors: []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge},
	}, s.receiveEvent)
}

type checkoutInput struct {
	Body struct {
		Organization string              `json:"organization" maxLength:"40"`
		Campaign     string              `json:"campaign" maxLength:"60"`
		Amount       web.Money           `json:"amount" doc:"The gift, without cover"`
		CoverFee     bool                `json:"cover_fee,omitempty"`
		FirstName    string              `json:"first_name,omitempty" maxLength:"1000"`
		LastName     string              `json:"last_name,omitempty" maxLength:"1000"`
		Email        string              `json:"email" maxLength:"1000"`
		Visibility   donation.Visibility `json:"visibility,omitempty" enum:"name_and_amount,name,anonymous"`
		Comment      string              `json:"comment,omitempty" maxLength:"4000"`
		EmailConsent bool                `json:"email_consent,omitempty"`
		Frequency    donation.Frequency  `json:"frequency,omitempty" enum:"once,monthly"`
		Zone         string              `json:"zone,omitempty" maxLength:"60" doc:"The donor's time zone, for the mornings of a monthly gift"`
		FormToken    string              `json:"form_token" format:"uuid"`
	}
}

type checkoutOutput struct {
	Body struct {
		Reference   string `json:"reference"`
		RedirectURL string `json:"redirect_url"`
	}
}

func (s *Service) startCheckout(ctx context.Context, in *checkoutInput) (*checkoutOutput, error) {
	b := in.Body
	token, err := uuid.Parse(b.FormToken)
	if err != nil {
		return nil, donation.ErrFormToken
	}
	started, err := s.StartCheckout(ctx, donation.CheckoutRequest{
		OrgSlug: b.Organization, CampaignSlug: b.Campaign, Amount: b.Amount, CoverFee: b.CoverFee, FirstName: b.FirstName, LastName: b.LastName,
		Email: b.Email, Visibility: b.Visibility, Comment: b.Comment, EmailConsent: b.EmailConsent, Frequency: b.Frequency, Zone: b.Zone, FormToken: token, IP: web.CallerOf(ctx).IP,
	})
	if err != nil {
		return nil, err
	}
	out := &checkoutOutput{}
	out.Body.Reference, out.Body.RedirectURL = started.Reference, started.RedirectURL
	return out, nil
}

type publicDonationOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Status    donation.Status `json:"status"`
		Amount    web.Money       `json:"amount"`
		Cover     web.Money       `json:"cover"`
		Total     web.Money       `json:"total"`
		CreatedAt time.Time       `json:"created_at"`
	}
}

func (s *Service) getPublicDonation(ctx context.Context, in *struct {
	Org       string `path:"org" maxLength:"40"`
	Reference string `path:"reference" maxLength:"40"`
}) (*publicDonationOutput, error) {
	d, _, err := s.ThanksFor(ctx, in.Org, in.Reference)
	if err != nil {
		return nil, err
	}
	out := &publicDonationOutput{CacheControl: "no-store"}
	out.Body.Status, out.Body.Amount, out.Body.Cover = d.Status, d.Amount, d.Cover()
	out.Body.Total, out.Body.CreatedAt = d.Total(), d.InitiatedAt
	return out, nil
}

type eventInput struct {
	Signature string `header:"Stripe-Signature"`
	RawBody   []byte `contentType:"application/json"`
}

// receiveEvent answers 400 for what Stripe did not sign, and 5xx for what should be sent again.
func (s *Service) receiveEvent(ctx context.Context, in *eventInput) (*web.Empty, error) {
	err := s.Receive(ctx, in.RawBody, in.Signature)
	if errors.Is(err, payment.ErrBadSignature) {
		return nil, &web.Problem{
			Type: "about:blank", Title: http.StatusText(http.StatusBadRequest), Status: http.StatusBadRequest, Detail: payment.ErrBadSignature.Message,
			Code: payment.ErrBadSignature.Code, RequestID: actor.From(ctx).RequestID,
		}
	}
	return nil, err
}
