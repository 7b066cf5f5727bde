package pledging

import (
	"context"
	"net/http"
	"regexp"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// pledgeView is the page that somebody comes back to who pledged on a public form and saved a card. It shows what the holder of the
// reference typed, the e-mail address only in part.
type pledgeView struct {
	Org     web.OrganizationView
	Kept    promise.Kept
	State   string // kept, confirming, unsaved, ended
	Count   int
	Outlook promise.Outlook
	Email   string // masked
	Problem string
	Path    string
}

var pledgeReference = regexp.MustCompile(`^[A-Za-z0-9-]{4,40}$`)

func (s *Service) pledgePage(ctx context.Context, r web.Request) (web.View, error) {
	org, k, err := s.referred(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	return s.pledged(ctx, org, k, nil)
}

func (s *Service) referred(ctx context.Context, r web.Request) (account.Organization, promise.Kept, error) {
	org, err := s.organizations.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return org, promise.Kept{}, err
	}
	if !pledgeReference.MatchString(r.Param("reference")) {
		return org, promise.Kept{}, promise.ErrNotFound
	}
	k, err := s.keptAs(ctx, org, r.Param("reference"))
	if err == nil && k.Kind != promise.Pledge {
		err = promise.ErrNotFound
	}
	return org, k, err
}

func (s *Service) pledged(ctx context.Context, org account.Organization, k promise.Kept, cause error) (web.View, error) {
	v := pledgeView{
		Org: web.ViewOrganization(org), Kept: k, State: "kept", Count: parts(k.Promise), Outlook: k.Promise.Outlook(s.now()), Email: account.MaskEmail(k.DonorEmail),
		Problem: fault.MessageOf(cause), Path: pledgePath(org, k.Reference),
	}
	title := "Thank you"
	switch {
	case !k.Status.Open():
		v.State, title = "ended", "Your pledge"
	case k.Status == promise.PendingSetup:
		v.State, title = "confirming", "Saving your card"
		saving, err := s.saving(ctx, k.Promise)
		if err != nil {
			return web.View{}, err
		}
		if saving != payment.AttemptOpen && saving != payment.AttemptCreated && saving != payment.AttemptSucceeded {
			v.State, title = "unsaved", "Your card was not saved"
		}
	}
	view := waiting(web.View{
		Template: "pledge", Data: &v, Title: title, Org: web.AppearanceOf(org), NoIndex: true, Cache: privately,
	}, v.State == "confirming")
	if cause != nil {
		view.Status = http.StatusServiceUnavailable
	}
	return view, nil
}

// postPledge opens Stripe's page once more for a pledge whose card was not saved.
func (s *Service) postPledge(ctx context.Context, r web.Request) (web.View, error) {
	org, k, err := s.referred(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	if k.Status != promise.PendingSetup {
		return web.View{Redirect: pledgePath(org, k.Reference)}, nil
	}
	address, err := s.StartSetup(ctx, org, k.Promise, s.pledgeURL(org, k.Promise))
	switch {
	case err == nil:
		return web.View{Redirect: address, Cache: "no-store"}, nil
	case fault.KindOf(err) == fault.KindUnavailable:
		return s.pledged(ctx, org, k, err)
	}
	return web.View{}, err
}

// pledgePath is where somebody comes back to after saving a card for a pledge.
func pledgePath(org account.Organization, reference string) string {
	return "/promise/" + org.Slug + "/" + reference
}
