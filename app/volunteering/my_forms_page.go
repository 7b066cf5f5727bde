package volunteering

import (
	"context"
	"errors"
	"net/http"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// mySignUpView is the page on which a volunteer gives one place back, or swaps it.
type mySignUpView struct {
	Org     web.OrganizationView
	My      myShift
	Targets []swapView
	Wanted  string // of the targets
	Reason  string
	Party   string // typed
	Errors  map[string]string
	Problem string
	Ended   bool
	Late    bool // only the contact can help
	List    string
}

// swapView is a shift that can be had instead.
type swapView struct {
	ID         id.ID[volunteer.Shift]
	When, Part string
	Free, Of   int
}

func (s *Service) mySignUpPage(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	of, err := id.Parse[volunteer.SignUp](r.Param("signup"))
	if err != nil {
		return web.View{}, volunteer.ErrSignUp
	}
	return s.signUpForms(ctx, org, of, mySignUpView{})
}

func (s *Service) signUpForms(ctx context.Context, org account.Organization, of id.ID[volunteer.SignUp], v mySignUpView) (web.View, error) {
	line, err := s.MySignUp(ctx, of)
	if err != nil {
		return web.View{}, err
	}
	now := s.now()
	v.Org, v.My, v.List = web.ViewOrganization(org), s.mineOf(org, line.SignUpLine), myShiftsPath(org)
	v.Ended = line.Shift.Status == volunteer.Cancelled || !line.Shift.EndsAt.After(now) || !line.Status.Active()
	v.Late = !v.Ended && !v.My.CanCancel
	if v.Errors == nil {
		v.Errors = map[string]string{}
	}
	if v.My.CanCancel && line.Status != volunteer.Offered && !v.Ended {
		if most := max(line.Party, min(line.Together, line.Shift.Places)); most > 1 {
			v.My.Most = most
		}
	}
	if v.My.CanSwap && !v.Ended {
		targets, err := s.SwapTargets(ctx, of)
		if err != nil {
			return web.View{}, err
		}
		for _, t := range targets {
			v.Targets = append(v.Targets, swapView{t.ID, whenInWords(t, now), t.Title, t.Free(), t.Places})
		}
	}
	return s.ownPage(org, "my_shift", line.Opportunity.Title, &v), nil
}

// signUpAct does what a form of the page asks for.
type signUpAct func(ctx context.Context, of id.ID[volunteer.SignUp], r web.Request) error

// onMySignUp answers a form about one sign-up: the change, then My shifts, which says what was done; or the page again with the reason why not.
func (s *Service) onMySignUp(doing string, act signUpAct) web.PageHandler {
	return func(ctx context.Context, r web.Request) (web.View, error) {
		org, away, err := s.volunteersOwn(ctx, r)
		if err != nil || away != nil {
			return orView(away), err
		}
		of, err := id.Parse[volunteer.SignUp](r.Param("signup"))
		if err != nil {
			return web.View{}, volunteer.ErrSignUp
		}
		cause := act(ctx, of, r)
		if cause == nil {
			return web.View{Redirect: myShiftsPath(org) + "?done=" + doing}, nil
		}
		status := refusedStatus(cause)
		if errors.Is(cause, volunteer.ErrShift) { // the shift to swap to was taken off meanwhile
			status = http.StatusConflict
		}
		if status == 0 {
			return web.View{}, cause
		}
		v := mySignUpView{Wanted: clip(r.Form("to")), Reason: clipBlock(r.Form("reason")), Party: clip(r.Form("party")), Errors: web.FieldErrors(cause)}
		if v.Errors == nil {
			v.Problem = fault.MessageOf(cause)
		}
		page, err := s.signUpForms(ctx, org, of, v)
		page.Status = status
		return page, err
	}
}

// refusedStatus is the status of a page that says why something was not done; 0 for what is no refusal.
func refusedStatus(cause error) int {
	switch fault.KindOf(cause) {
	case fault.KindInvalid:
		return http.StatusUnprocessableEntity
	case fault.KindConflict:
		return http.StatusConflict
	case fault.KindRateLimited:
		return http.StatusTooManyRequests
	case fault.KindUnavailable:
		return http.StatusServiceUnavailable
	case fault.KindUnauthenticated, fault.KindForbidden, fault.KindNotFound, fault.KindPrecondition, "":
	}
	return 0
}

func clipBlock(s string) string { return s[:min(len(s), 2000)] }

func (s *Service) actCancel(ctx context.Context, of id.ID[volunteer.SignUp], r web.Request) error {
	_, err := s.WithdrawSelf(ctx, of, r.Form("reason"))
	return err
}

func (s *Service) actPass(ctx context.Context, of id.ID[volunteer.SignUp], _ web.Request) error {
	_, err := s.WithdrawSelf(ctx, of, "")
	return err
}

func (s *Service) actAccept(ctx context.Context, of id.ID[volunteer.SignUp], _ web.Request) error {
	_, err := s.AcceptSelf(ctx, of)
	return err
}

func (s *Service) actParty(ctx context.Context, of id.ID[volunteer.SignUp], r web.Request) error {
	party, err := partyIn(r.Form("party"))
	if err != nil {
		return err
	}
	_, err = s.ResizeSelf(ctx, of, party)
	return err
}

var errSwapNothing = fault.Invalid("to", "sign_up.swap_nothing", "Choose the shift you would rather take.")

func (s *Service) actSwap(ctx context.Context, of id.ID[volunteer.SignUp], r web.Request) error {
	to, err := id.Parse[volunteer.Shift](r.Form("to"))
	if err != nil {
		return errSwapNothing
	}
	_, err = s.SwapSelf(ctx, of, to)
	return err
}

// myCertificate is the certificate of service of the volunteer who asks.
func (s *Service) myCertificate(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	from, errFrom := dateIn("from", r.Query("from"))
	to, errTo := dateIn("to", r.Query("to"))
	if err := fault.Join(errFrom, errTo); err != nil {
		return s.hoursWith(ctx, org, myHoursView{}, err)
	}
	pdf, err := s.CertificateSelf(ctx, from, to)
	if err != nil && refusedStatus(err) != 0 {
		return s.hoursWith(ctx, org, myHoursView{}, err)
	}
	if err != nil {
		return web.View{}, err
	}
	return web.View{
		Body: pdf, ContentType: "application/pdf", Cache: "private, no-store",
		Header: http.Header{"Content-Disposition": {`attachment; filename="certificate-of-service.pdf"`}},
	}, nil
}

// dateIn reads a typed date; nothing typed is none.
func dateIn(field, typed string) (day.Day, error) {
	if typed == "" {
		return day.Day{}, nil
	}
	d, err := day.Parse(typed)
	if err != nil {
		return d, fault.Invalid(field, "date.unreadable", "Write the date as YYYY-MM-DD.")
	}
	return d, nil
}
