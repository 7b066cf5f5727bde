package pledging

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// Faults of the page's forms.
var (
	errMonths = fault.Invalid("months", "promise.months", "Choose how long.")
	errUntil  = fault.Invalid("until", "promise.until", "Write the date as YYYY-MM-DD.")
)

// byDate is the choice of somebody who writes the date until which to pause.
const byDate = "date"

func (s *Service) postPause(ctx context.Context, org account.Organization, k promise.Kept, r web.Request) error {
	version, err := versionOf(r)
	if err != nil {
		return err
	}
	until, err := pausedUntil(r, k.Promise, s.now())
	if err != nil {
		return err
	}
	_, err = s.Pause(ctx, org.ID.UUID, k.ID, version, until)
	return err
}

// pausedUntil is the end of the pause that the form asks for.
func pausedUntil(r web.Request, p promise.Promise, now time.Time) (day.Day, error) {
	if r.Form("months") == byDate {
		until, err := day.Parse(r.Form("until"))
		if err != nil {
			return until, errUntil
		}
		return until, nil
	}
	months, err := strconv.Atoi(r.Form("months"))
	if err != nil || months < 1 || months > 12 {
		return day.Day{}, errMonths
	}
	return pausedFor(p, months, now), nil
}

func (s *Service) postResume(ctx context.Context, org account.Organization, k promise.Kept, r web.Request) error {
	version, err := versionOf(r)
	if err != nil {
		return err
	}
	_, err = s.Resume(ctx, org.ID.UUID, k.ID, version)
	return err
}

func (s *Service) postSkip(ctx context.Context, org account.Organization, k promise.Kept, r web.Request) error {
	version, err := versionOf(r)
	if err != nil {
		return err
	}
	_, err = s.Skip(ctx, org.ID.UUID, k.ID, version)
	return err
}

func (s *Service) postAmount(ctx context.Context, org account.Organization, k promise.Kept, r web.Request) error {
	version, err := versionOf(r)
	if err != nil {
		return err
	}
	amount, err := money.Parse(r.Form("amount"), k.Amount.Currency)
	if err != nil {
		return fault.Blame(err, "amount")
	}
	_, err = s.ChangeAmount(ctx, org.ID.UUID, k.ID, version, amount, r.Form("cover_fee") != "")
	return err
}

func (s *Service) postDay(ctx context.Context, org account.Organization, k promise.Kept, r web.Request) error {
	version, err := versionOf(r)
	if err != nil {
		return err
	}
	wanted, err := strconv.Atoi(r.Form("day"))
	if err != nil {
		return promise.ErrDay
	}
	_, err = s.ChangeDay(ctx, org.ID.UUID, k.ID, version, wanted)
	return err
}

// postCard sends the donor to Stripe's page on which another card is saved.
func (s *Service) postCard(ctx context.Context, r web.Request) (web.View, error) {
	org, k, away, err := s.mine(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	address, err := s.StartSetup(ctx, org, k.Promise, s.supporterURL(org, k.ID)+"?card=saving")
	if err != nil {
		return s.refused(ctx, org, k, r, err)
	}
	return web.View{Redirect: address, Cache: "no-store"}, nil
}

// cancelView is the page that asks whether to end a plan or pledge.
type cancelView struct {
	Org     web.OrganizationView
	Kept    promise.Kept
	Each    money.Money
	Outlook promise.Outlook // what would come if it was not cancelled
	Moving  bool            // a payment is under way and is not stopped
	Reason  string
	Errors  map[string]string
	Problem string
	Path    string
}

func (s *Service) cancelPage(ctx context.Context, r web.Request) (web.View, error) {
	org, k, away, err := s.mine(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	if !k.Status.Open() {
		return web.View{Redirect: supporterPath(org, k.ID)}, nil
	}
	return s.cancelling(org, k, "", nil), nil
}

func (s *Service) cancelling(org account.Organization, k promise.Kept, reason string, cause error) web.View {
	now := s.now()
	v := cancelView{
		Org: web.ViewOrganization(org), Kept: k, Each: k.Each(), Outlook: k.Promise.Outlook(now),
		Moving: moving(k.Promise), Reason: reason, Errors: web.FieldErrors(cause), Path: supporterPath(org, k.ID),
	}
	view := web.View{Template: "supporter_cancel", Title: "Cancel", Org: web.AppearanceOf(org), NoIndex: true, Cache: privately}
	if cause != nil {
		view.Status = http.StatusUnprocessableEntity
	}
	if v.Errors == nil {
		v.Errors = map[string]string{}
		if cause != nil {
			v.Problem, view.Status = fault.MessageOf(cause), http.StatusConflict
		}
	}
	view.Data = &v
	return view
}

func (s *Service) postCancel(ctx context.Context, r web.Request) (web.View, error) {
	org, k, away, err := s.mine(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	reason := r.Form("reason")
	_, err = s.Cancel(ctx, org.ID.UUID, k.ID, 0, reason) // whatever was changed meanwhile: who cancels means to end it
	switch {
	case err == nil:
		return web.View{Redirect: supporterPath(org, k.ID) + "?done=cancel"}, nil
	case errors.Is(err, promise.ErrClosed): // pressed twice
		return web.View{Redirect: supporterPath(org, k.ID)}, nil
	case fault.KindOf(err) == fault.KindInvalid, fault.KindOf(err) == fault.KindConflict:
		return s.cancelling(org, k, reason[:min(len(reason), 2000)], err), nil
	}
	return web.View{}, err
}
