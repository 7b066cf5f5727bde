package pledging

import (
	"context"
	"errors"
	"net/http"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// payView is the page behind a mailed link, on which one instalment is paid. Whoever holds the link sees what it asks for, and no more of
// the donor than the first name.
type payView struct {
	Org     web.OrganizationView
	Kept    promise.Kept
	Part    promise.Instalment
	Cover   money.Money // of it, for the card fee
	Count   int         // of a pledge: how many parts there are
	Outlook promise.Outlook
	State   string              // pay, confirming, busy, paid, nothing, closed
	Save    bool                // the card used there can be kept for the payments that follow
	Next    *promise.Instalment // of a pledge, to be paid after this one
	Today   day.Day
	Problem string
	Path    string
}

// payPage never decides whether something was paid: it shows what the card gateway has told us so far, and asks again.
func (s *Service) payPage(ctx context.Context, r web.Request) (web.View, error) {
	org, of, err := s.payLink(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	return s.paying(ctx, org, of, r.Query("state") == "returned", nil)
}

func (s *Service) payLink(ctx context.Context, r web.Request) (account.Organization, id.ID[promise.Instalment], error) {
	org, err := s.organizations.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return org, id.ID[promise.Instalment]{}, err
	}
	of, err := s.openPayLink(org, r.Param("token"))
	return org, of, err
}

func (s *Service) paying(ctx context.Context, org account.Organization, of id.ID[promise.Instalment], returned bool, cause error) (web.View, error) {
	k, err := s.keptOf(ctx, org, of)
	if err != nil {
		return web.View{}, err
	}
	i := k.Instalment(of)
	if i == nil { // older than the part of a plan that is read
		return web.View{}, promise.ErrNotFound
	}
	now := s.now()
	v := payView{
		Org: web.ViewOrganization(org), Kept: k, Part: *i, Cover: money.New(i.CoverMinor, i.Amount.Currency), Count: max(i.N, parts(k.Promise)),
		Outlook: k.OutlookOf(i, now), State: payState(k.Promise, *i), Today: dateOf(k.Promise, now),
		Path: s.payPath(org, of.UUID), Problem: fault.MessageOf(cause),
	}
	if returned && v.State == "pay" {
		v.State = "confirming"
	}
	if v.State == "pay" {
		v.Next = nextAfter(k.Promise, *i)
		v.Save = k.Method == promise.ByCard && (k.Kind == promise.Plan || v.Next != nil)
	}
	view := waiting(web.View{
		Template: "pay", Data: &v, Title: payTitle(v.State), Org: web.AppearanceOf(org), NoIndex: true, Cache: privately,
		Header: http.Header{"Referrer-Policy": {"no-referrer"}},
	}, v.State == "confirming" || v.State == "busy")
	if cause != nil {
		view.Status = http.StatusConflict
		if fault.KindOf(cause) == fault.KindUnavailable {
			view.Status = http.StatusServiceUnavailable
		}
	}
	return view, nil
}

func payState(p promise.Promise, i promise.Instalment) string {
	switch {
	case i.State == promise.Paid:
		return "paid"
	case !p.Status.Open() || !i.State.Open():
		return "closed"
	case i.Amount.Minor == 0:
		return "nothing"
	case i.State.InFlight(), i.State == promise.Due && p.Method == promise.ByCard:
		return "busy"
	}
	return "pay"
}

// parts is how many payments a promise was to have; 0 without an end.
func parts(p promise.Promise) int {
	if p.Schedule.Count == nil {
		return 0
	}
	return *p.Schedule.Count
}

func payTitle(state string) string {
	switch state {
	case "paid":
		return "Thank you"
	case "confirming", "busy":
		return "Confirming your payment"
	case "closed", "nothing":
		return "Nothing to pay"
	}
	return "Pay your gift"
}

// nextAfter is the first instalment of a pledge after another that is still to be paid.
func nextAfter(p promise.Promise, i promise.Instalment) *promise.Instalment {
	for k := range p.Instalments {
		if next := &p.Instalments[k]; next.N > i.N && next.State.Open() && next.Amount.Minor > 0 {
			return next
		}
	}
	return nil
}

// postPay sends the donor to Stripe's page.
func (s *Service) postPay(ctx context.Context, r web.Request) (web.View, error) {
	org, of, err := s.payLink(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	address, err := s.OpenPayPage(ctx, org, of, r.Form("save_card") != "", s.payURL(org, of.UUID)+"?state=returned")
	switch {
	case err == nil:
		return web.View{Redirect: address, Cache: "no-store"}, nil
	case errors.Is(err, donation.ErrAlreadyPaid), errors.Is(err, promise.ErrClosed), errors.Is(err, promise.ErrInstalment):
		return web.View{Redirect: s.payPath(org, of.UUID)}, nil // the page says how it stands now
	case fault.KindOf(err) == fault.KindConflict, fault.KindOf(err) == fault.KindUnavailable:
		return s.paying(ctx, org, of, false, err)
	}
	return web.View{}, err
}
